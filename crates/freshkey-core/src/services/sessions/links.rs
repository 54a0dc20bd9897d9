//! The functions that sessions are given when the server starts: what they ask by them, and what they tell.

use super::{Device, Refused, SessionRow, Sessions, Store};
use crate::rules::two_step::RequireMfa;
use freshkey_types::{OwnClaims, UserView};
use futures::future::BoxFuture;
use std::sync::Arc;

/// Finds out what the app claims of a user, each time that an access token is made.
pub type ClaimsOf = Arc<dyn Fn(Store, UserView) -> BoxFuture<'static, Result<OwnClaims, Refused>> + Send + Sync>;

/// Tells the user that a session of theirs was ended, because an old copy of its key was used.
pub type OnReplay = Arc<dyn Fn(&SessionRow, &Device, i64) + Send + Sync>;

impl Sessions {
    /// Has claims of the app's own in its access tokens, and beside its users.
    #[must_use]
    pub fn with_claims(self, claims: Option<ClaimsOf>) -> Self {
        Self { claims, ..self }
    }

    /// Tells users of sessions that ended because an old copy of their key was used.
    #[must_use]
    pub fn telling(self, on_replay: OnReplay) -> Self {
        Self { on_replay: Some(on_replay), ..self }
    }

    /// Requires two-step sign-in of some.
    #[must_use]
    pub fn requiring(self, require_mfa: RequireMfa) -> Self {
        Self { require_mfa, ..self }
    }

    /// The user, with what the app claims of them now.
    ///
    /// # Errors
    /// The app's, in finding that out.
    pub async fn claiming(&self, user: UserView) -> Result<UserView, Refused> {
        match &self.claims {
            None => Ok(user),
            Some(of) => Ok(UserView { claims: of(self.store.clone(), user.clone()).await?, ..user }),
        }
    }
}
