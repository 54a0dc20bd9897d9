//! `freshkey sessions`: who is signed in, and how to end it.

use super::{
    Failure, address, find, json, open,
    table::{table, time},
};
use crate::{
    app::types::EndReason,
    server::{
        auth::email::Email,
        clock::Clock,
        settings::{ServeArgs, Settings},
        store::Store,
    },
};
use clap::Subcommand;
use serde_json::json;
use uuid::Uuid;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Sessions,
    /// Answer in JSON, for scripts.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) settings: ServeArgs,
}

#[derive(Subcommand)]
pub(super) enum Sessions {
    /// List the sessions that are not over, the newest first.
    List {
        /// Those of this address only.
        email: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(i64).range(1..))]
        most: i64,
    },
    /// End a session, or all of a user's: their access ends within a second.
    #[group(required = true, multiple = false)]
    End {
        /// The session's id.
        id: Option<Uuid>,
        /// All of the user's with this address.
        #[arg(long, value_name = "EMAIL")]
        user: Option<String>,
    },
}

impl Sessions {
    pub(super) async fn run(self, settings: &Settings, as_json: bool) -> Result<String, Failure> {
        let store = open(settings).await?;
        let said = match self {
            Self::List { email, most } => list(&store, settings, email.as_deref(), most, as_json).await,
            Self::End { id, user } => end(&store, id, user.as_deref(), as_json).await,
        };
        store.close().await;
        said
    }
}

async fn list(
    store: &Store,
    settings: &Settings,
    email: Option<&str>,
    most: i64,
    as_json: bool,
) -> Result<String, Failure> {
    let email = email.map(address).transpose()?;
    let (now, idle) = (Clock::system().now(), settings.sessions.rotation.idle);
    let sessions = store.sessions_in_use(email.as_ref().map(Email::key), now, idle, most).await?;
    if as_json {
        return json(&sessions);
    }
    let rows = sessions.into_iter().map(|session| {
        let (begun, seen) = (time(session.created_at), time(session.refreshed_at));
        [session.id, session.email, begun, seen, session.ip.unwrap_or_default(), session.user_agent.unwrap_or_default()]
    });
    Ok(table(["ID", "EMAIL", "BEGUN", "LAST SEEN", "ADDRESS", "BROWSER"], rows))
}

async fn end(store: &Store, id: Option<Uuid>, user: Option<&str>, as_json: bool) -> Result<String, Failure> {
    let now = Clock::system().now();
    let mut ended = Vec::new();
    if let Some(email) = user {
        let user = find(store, email).await?;
        ended = store.end_sessions_of(&user.id, EndReason::Revoked, now).await?;
    } else if let Some(id) = id {
        if !store.end_session(id, EndReason::Revoked, now).await? {
            return Err(Failure::Refused(format!("no session {id}, or it is over")));
        }
        ended.push(id);
    }
    if as_json { json(&json!({"ended": ended})) } else { Ok(format!("{} sessions ended\n", ended.len())) }
}
