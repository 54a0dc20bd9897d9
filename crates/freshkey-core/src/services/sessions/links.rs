//! Callbacks that are given to the sessions when the server starts.

use super::{Device, SessionError, SessionRow, Sessions, Store};
use crate::rules::two_step::RequireMfa;
use freshkey_types::{Millis, OwnClaims, UserView};
use futures::future::BoxFuture;
use std::sync::Arc;

/// Returns the app's claims for a user. Called each time an access token is made.
pub type ClaimsOf = Arc<dyn Fn(Store, UserView) -> BoxFuture<'static, Result<OwnClaims, SessionError>> + Send + Sync>;

/// Tells the user that their session ended because an old copy of its refresh token was used.
pub type OnReplay = Arc<dyn Fn(&SessionRow, &Device, Millis) + Send + Sync>;

impl Sessions {
    /// Adds the app's own claims to access tokens and users.
    #[must_use]
    pub fn with_claims(self, claims: Option<ClaimsOf>) -> Self {
        Self { claims, ..self }
    }

    /// Tells users about sessions that ended because an old copy of their refresh token was used.
    #[must_use]
    pub fn with_replay_hook(self, on_replay: OnReplay) -> Self {
        Self { on_replay: Some(on_replay), ..self }
    }

    /// Sets which users must have two-step sign-in.
    #[must_use]
    pub fn requiring(self, require_mfa: RequireMfa) -> Self {
        Self { require_mfa, ..self }
    }

    /// Returns the user with the app's present claims.
    ///
    /// # Errors
    /// The app failed to determine the claims.
    pub async fn with_own_claims(&self, user: UserView) -> Result<UserView, SessionError> {
        match &self.claims {
            None => Ok(user),
            Some(of) => Ok(UserView { claims: of(self.store.clone(), user.clone()).await?, ..user }),
        }
    }
}
