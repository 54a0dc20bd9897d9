//! `freshkey keys`: the keys that sign access tokens.

use super::{
    Failure, json,
    table::{table, time},
};
use crate::server::{
    auth::keyring::{self, KeyStatus, Keys, State},
    clock::Clock,
    open::open_store,
    settings::{ServeArgs, Settings},
};
use clap::Subcommand;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
    /// Print JSON, for scripts.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) settings: ServeArgs,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// List the keys.
    List,
    /// Add the next key. It is published now, and signs once every verifier can know it.
    Rotate {
        /// Also withdraw every other key, because one has leaked. A running server refuses their tokens within ten
        /// seconds, which costs each browser a refresh; other services refuse them when they fetch the key set again,
        /// within five minutes.
        #[arg(long)]
        revoke: bool,
    },
}

impl Command {
    pub(super) async fn run(self, mut settings: Settings, as_json: bool) -> Result<String, Failure> {
        let (store, secret) = open_store(&mut settings).await?;
        let (life, now) = (settings.sessions.access, Clock::system().now());
        if let Self::Rotate { revoke } = self {
            let algorithm = keyring::in_use(&store).await?.unwrap_or(settings.tokens.algorithm);
            let keys = Keys::open(store.clone(), &secret, algorithm, life, now).await?;
            if revoke { keys.revoke(now).await? } else { keys.rotate(now).await? }
        }
        let status = keyring::status(&store, now).await?;
        store.close().await;
        show(&status, as_json)
    }
}

fn show(keys: &[KeyStatus], as_json: bool) -> Result<String, Failure> {
    if as_json {
        return json(&keys);
    }
    let row = |key: &KeyStatus| {
        let state = match key.state {
            State::Waits => format!("signs from {}", time(key.signs_from)),
            State::Signs => "signs".to_owned(),
            State::Verifies => "verifies only".to_owned(),
        };
        [key.kid.clone(), key.algorithm.clone(), state]
    };
    Ok(table(["KEY", "ALGORITHM", "STATE"], keys.iter().map(row)))
}
