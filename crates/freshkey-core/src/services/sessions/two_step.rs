//! Sessions of accounts that must have two-step sign-in now, but don't.

use super::{LiveSession, SessionError, Sessions};
use crate::request_span::record_user;
use freshkey_types::{EndReason, Millis, Role};

impl Sessions {
    /// Whether the account must have two-step sign-in and does not, and the session did not begin with a passkey.
    pub(super) fn lacks_second_step(&self, session: &LiveSession) -> bool {
        let is_admin = session.user.role.as_ref() == Some(&Role::ADMIN);
        let lacking = session.two_step.is_lacking(self.require_mfa, is_admin);
        lacking && !session.authentication.began.split(' ').any(|method| method == "pop")
    }

    /// Names the user of the refreshed session in the request's log lines. Ends the session if its account must have
    /// two-step sign-in now and does not: the next sign-in sets it up.
    pub(super) async fn require_second_step(&self, session: &LiveSession, now: Millis) -> Result<(), SessionError> {
        record_user(&session.user.id);
        if !self.lacks_second_step(session) {
            return Ok(());
        }
        self.end(session.id, EndReason::FactorsChanged, now).await?;
        Err(SessionError::Over(EndReason::FactorsChanged))
    }
}
