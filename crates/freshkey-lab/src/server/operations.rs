//! The descriptions of the calls.

use crate::app::api;
use freshkey::{
    app::error::Code,
    server::openapi::{Operation, call},
};

/// Returns the descriptions of all calls.
pub(super) fn all() -> Vec<Operation> {
    vec![
        call::<api::Terms>("labTerms", "Whether /lab is live here, and its limits."),
        call::<api::Begin>("labBegin", "Begins a throw-away session.").refuses(&[Code::NotFound]),
        call::<api::Refresh>("labRefresh", "Refreshes a throw-away session.").refuses(&[
            Code::NotFound,
            Code::RefreshTokenNotFound,
            Code::InvalidRefreshToken,
        ]),
        call::<api::Protected>("labProtected", "A protected call, for throw-away sessions."),
        call::<api::ProtectedPost>("labProtectedPost", "The same as a POST, which also needs the CSRF token.")
            .refuses(&[Code::InvalidCsrfToken]),
        call::<api::Check>("labCheck", "What a protected call with this access token would return.")
            .refuses(&[Code::NotFound]),
        call::<api::Bounce>("labBounce", "What the cross-site guard decides about a forged request.")
            .refuses(&[Code::NotFound, Code::Validation]),
        call::<api::Knock>("labKnock", "Counts one more call in a throw-away session's bucket.")
            .refuses(&[Code::NotFound, Code::TokenNotFound]),
    ]
}
