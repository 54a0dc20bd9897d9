//! The results of using a token.

use crate::{
    services::access_token::{SigningError, TokenError},
    store::{
        StoreError,
        sessions::{LiveSession, SessionRow},
    },
};
use freshkey_types::{EndReason, Seconds};

/// A session that was begun or refreshed.
#[derive(Clone, Debug)]
pub struct IssuedTokens {
    /// The access token.
    pub access_token: String,
    /// Its life.
    pub expires_in: Seconds,
    /// The new value of the refresh cookie, if the browser should get one.
    pub cookie: Option<String>,
    /// The remaining lifetime of the session.
    pub max_age: Seconds,
    /// The session.
    pub session: LiveSession,
}

/// The state of a refresh token, found without using it.
#[derive(Debug)]
pub enum SessionStatus {
    /// A refresh would accept it.
    Live(SessionRow),
    /// Its session is over.
    Over(EndReason),
    /// A refresh would end its session.
    Replay(SessionRow),
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The session is over.
    #[error("the session is over: {}", .0.text())]
    Over(EndReason),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password was changed, or the account disabled, after the password was verified.
    #[error("the password is no longer the user's, or the account is disabled")]
    Credentials,
    /// The row changed under every attempt.
    #[error("the session changed at every attempt")]
    Contended,
    /// The access token could not be signed.
    #[error("the access token could not be signed")]
    Signing(#[from] SigningError),
}

/// Why an access token is refused.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The token is invalid or expired.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Its session is over.
    #[error("the session is over: {}", .0.text())]
    SessionEnded(EndReason),
    /// The database was needed, and it failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
