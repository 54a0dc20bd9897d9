//! `freshkey sessions`: lists who is signed in, and ends sessions.

use super::{
    Failure, find, json,
    table::{table, time},
};
use crate::server::{
    clock::Clock,
    settings::{ServeArgs, Settings},
    store::{Store, account_changes::Changed},
};
use clap::Subcommand;
use serde_json::json;
use uuid::Uuid;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Sessions,
    /// Print JSON, for scripts.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) settings: ServeArgs,
}

#[derive(Subcommand)]
pub(super) enum Sessions {
    /// List the active sessions, newest first.
    List {
        /// Only list those of the account with this address.
        email: Option<String>,
        /// The maximum number to list.
        #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(i64).range(1..))]
        most: i64,
    },
    /// End a session, or all sessions of a user. Their access ends within a second.
    #[group(required = true, multiple = false)]
    End {
        /// The id of the session to end.
        id: Option<Uuid>,
        /// End all sessions of the user with this address.
        #[arg(long, value_name = "EMAIL")]
        user: Option<String>,
    },
}

impl Sessions {
    pub(super) async fn run(self, store: &Store, settings: &Settings, as_json: bool) -> Result<String, Failure> {
        match self {
            Self::List { email, most } => list(store, settings, email.as_deref(), most, as_json).await,
            Self::End { id, user } => end(store, id, user.as_deref(), as_json).await,
        }
    }
}

async fn list(
    store: &Store,
    settings: &Settings,
    email: Option<&str>,
    most: i64,
    as_json: bool,
) -> Result<String, Failure> {
    let user = match email {
        Some(email) => Some(find(store, email).await?.id),
        None => None,
    };
    let (now, idle) = (Clock::system().now(), settings.sessions.rotation.idle);
    let sessions = store.sessions_in_use(user.as_deref(), now, idle, most).await?;
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
    let none = |id: Uuid| Failure::Refused(format!("no session {id}, or it is over"));
    let (user, session) = match (user, id) {
        (Some(email), _) => (find(store, email).await?.id, None),
        (None, Some(id)) => (store.session(id).await?.ok_or_else(|| none(id))?.user.id, Some(id)),
        (None, None) => return Err(Failure::Refused("name a session, or a user".to_owned())),
    };
    let ended = match store.end_sessions_by(None, &user, session, now).await? {
        Changed::Done(ended) => ended,
        _ => Vec::new(),
    };
    if let (Some(id), true) = (session, ended.is_empty()) {
        return Err(none(id));
    }
    if as_json { json(&json!({"ended": ended})) } else { Ok(format!("{} sessions ended\n", ended.len())) }
}
