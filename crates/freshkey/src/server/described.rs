//! What a call's description tells those who stand in front of it.

use http::Extensions;
use std::sync::Arc;

/// What is known of a call before it runs: from its [description](super::operations::Operation), which is said once.
#[derive(Clone, Debug, Default)]
pub struct Described {
    /// Who may call.
    pub caller: Caller,
    /// Whose sessions it knows.
    pub realm: Realm,
    /// It tries a password, a code or a link: it counts for the address that it comes from, whatever token comes along.
    pub tries_secret: bool,
    /// The page with its form, for a form that does not name its page.
    pub form_page: Option<&'static str>,
    /// The page to open afterwards, for a form that names none.
    pub leads_to: Option<&'static str>,
    /// The fields that a refused form gives back: all that it reads but secrets.
    pub given_back: Vec<String>,
}

impl Described {
    /// What is known of the call that a request with these extensions makes; of none that there is, nothing.
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
    /// By the refresh cookie.
    Cookie,
    /// By either; nobody is turned away.
    CookieOrBearer,
    /// By the access token.
    Bearer,
    /// The same, and the CSRF token. A form without an access token is known by its cookie.
    BearerAndCsrf,
    /// As the last; or somebody in the middle of a sign-in, by the step that the browser is at.
    BearerOrStep,
}

/// Whose sessions a call knows. A token of the one is none in the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Realm {
    /// Those of accounts.
    #[default]
    Accounts,
    /// The throw-away ones of the lab, which no cookie stands for.
    Lab,
}
