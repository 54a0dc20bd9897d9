//! The tokens of a session that was begun or refreshed.

use super::{IssuedTokens, SessionError, Sessions};
use crate::{rules::refresh_token::RefreshToken, services::access_token::Subject, store::sessions::LiveSession};
use freshkey_types::{Millis, Seconds};

impl Sessions {
    /// Issues the tokens. An access token never outlives its session (RFC 9700, section 4.14.2).
    pub(super) async fn grant(
        &self,
        mut session: LiveSession,
        set_cookie: bool,
        now: Millis,
    ) -> Result<IssuedTokens, SessionError> {
        session.user = self.with_own_claims(session.user).await?;
        let session_end = session.expires_at.min(session.refreshed_at + self.lifetimes.rotation.idle);
        let iat = now.whole_seconds();
        let exp = (iat + self.lifetimes.access.whole_seconds()).min(session_end.whole_seconds());
        let generation = u32::try_from(session.generation).unwrap_or(u32::MAX);
        let subject = Subject::of(&session, generation);
        let access_token = self.access_tokens.sign(&subject, iat, exp)?;
        let cookie = set_cookie.then(|| self.refresh_tokens.encode(RefreshToken { session: session.id, generation }));
        Ok(IssuedTokens {
            access_token,
            expires_in: (exp - iat).max(Seconds::ZERO),
            cookie,
            max_age: (session.expires_at - now).whole_seconds(),
            session,
        })
    }
}
