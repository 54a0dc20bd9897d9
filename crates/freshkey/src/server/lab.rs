//! The sessions that `/lab` demonstrates live: throw-away sessions that follow the same rules in the same code, in a
//! database of their own.
//!
//! The threat: a visitor who starts a session without signing in gets something that could pass for a sign-in. The
//! choice: the lab's [`Sessions`] are a separate instance with a separate database, so that they can't reach any
//! account or real session, and no login, list or command line can reach theirs. The lab's access tokens name the lab
//! as their audience, which neither our own calls nor another service accepts (RFC 8725, section 3.9); its refresh
//! tokens are MACs under a key of their own.

mod steps;

pub(crate) use steps::{begin, bounce, check, knock, refresh, terms};

use super::{
    auth::{
        access_token::AccessTokens,
        csrf::CsrfKey,
        keyring::Keys,
        refresh_token::RefreshTokenKey,
        root_secret::{Purpose, RootSecret},
        rotation::Policy,
        sessions::{Lifetimes, Sessions},
    },
    bearer,
    clock::Clock,
    limits::LimitedAction,
    settings::{Database, LAB_DATABASE, Settings},
    start_error::StartError,
    state::Lab,
    store::{Store, StoreError},
};
use freshkey_core::causes::with_causes;
use http::HeaderMap;
use std::{sync::Arc, time::Duration};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// A throw-away session ends after this many milliseconds, even if it is used.
const LIFE: i64 = 10 * 60 * 1000;
/// The grace period in milliseconds, short so that the visitor need not wait for it.
const GRACE: i64 = 2000;
/// The rate limit that visitors try out.
const BUCKET: LimitedAction = LimitedAction::new("lab", 6, Duration::from_secs(18));
/// The limit of all visitors together: each session that begins has to be stored.
const BEGUN: LimitedAction = LimitedAction::new("lab-begin", 600, Duration::from_mins(1));
const CLEAN_UP_EVERY: Duration = Duration::from_mins(1);

/// Opens the lab and starts the tasks that write for it. It shares the signing keys, so that the published keys verify
/// its tokens.
///
/// # Errors
/// Its database can't be used.
pub async fn open(
    settings: &Settings,
    secret: &RootSecret,
    keys: Arc<Keys>,
    now: i64,
) -> Result<(Lab, [JoinHandle<()>; 2]), StartError> {
    let database = Database::Sqlite(settings.data.folder.join(LAB_DATABASE));
    let unusable = |error| StartError::Database { database: database.to_string(), error };
    let store = Store::open(&database).await.map_err(unusable)?;
    let rotation = Policy { grace_period: GRACE, idle: LIFE, lost_answer_recovery: true };
    let lifetimes = Lifetimes { access: LIFE, refresh: LIFE, rotation };
    let tokens = AccessTokens::new(keys, settings.issuer(), settings.http.lab_audience(), LIFE.unsigned_abs() / 1000);
    let refresh_tokens = RefreshTokenKey::new(secret.mac_key(Purpose::Lab));
    let csrf = CsrfKey::new(secret.mac_key(Purpose::Csrf));
    let (sessions, writing) =
        Sessions::open(store.clone(), lifetimes, refresh_tokens, csrf, tokens, now).await.map_err(unusable)?;
    Ok((Lab { sessions, store }, writing))
}

/// Returns the throw-away session that a request counts for, by an access token that may have expired: the equivalent
/// of a refresh, which counts for the session that its cookie names.
pub fn session(lab: &Lab, headers: &HeaderMap, now: i64) -> Option<Uuid> {
    let claims = lab.sessions.access_tokens.read(&bearer::bearer(headers).ok()?, now)?;
    let begun = i64::try_from(claims.iat).ok()?.saturating_mul(1000);
    (now < begun.saturating_add(LIFE)).then_some(claims.sid)
}

/// Runs for ever: deletes throw-away users and all their data when their time is over.
pub async fn clean_up(store: Store, clock: Clock) {
    loop {
        tokio::time::sleep(CLEAN_UP_EVERY).await;
        if let Err(error) = clean_up_now(&store, clock.now()).await {
            tracing::warn!(event = "clean_up_delayed", error = %with_causes(&error));
        }
    }
}

/// Deletes the users whose time is over at `now`.
///
/// # Errors
/// The database failed.
pub async fn clean_up_now(store: &Store, now: i64) -> Result<(), StoreError> {
    while store.delete_throw_away_users(now - LIFE).await? {}
    Ok(())
}
