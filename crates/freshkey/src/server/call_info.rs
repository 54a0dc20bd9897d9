//! What the guards know about a call before it runs.

use http::Extensions;
use std::sync::Arc;

/// What is known about a call before it runs. It is derived from the call's
/// [description](super::operations::Operation).
#[derive(Clone, Debug, Default)]
pub struct CallInfo {
    /// Who may call.
    pub caller: Caller,
    /// The realm whose sessions the call accepts; `None` for those of accounts. A token of one realm is invalid in every
    /// other.
    pub realm: Option<&'static str>,
    /// The call tries a password, a code or a link. It counts for the address that it comes from, whatever token it
    /// carries.
    pub tries_secret: bool,
    /// The page with the call's form, for a form that does not name its page.
    pub form_page: Option<&'static str>,
    /// The page to open afterwards, for a form that names none.
    pub leads_to: Option<&'static str>,
    /// The fields that a refused form gets back: all that the call reads, except secrets.
    pub given_back: Vec<String>,
}

impl CallInfo {
    /// Returns what is known about the call that the request makes; the default if there is no such call.
    pub fn of(extensions: &Extensions) -> Arc<Self> {
        extensions.get::<Arc<Self>>().cloned().unwrap_or_default()
    }
}

/// Who may call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Caller {
    /// Anybody.
    #[default]
    Anybody,
    /// A client with the refresh cookie.
    Cookie,
    /// A client with either token; nobody is refused.
    CookieOrBearer,
    /// A client with an access token.
    Bearer,
    /// A client with an access token and the CSRF token. A form without an access token is known by its cookie.
    BearerAndCsrf,
    /// The same; or a user in the middle of a sign-in, known by the browser's current step.
    BearerOrStep,
}
