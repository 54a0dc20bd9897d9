//! The operations behind `/lab`.

use super::{Caller, Operation, Realm, call};
use crate::app::{api::lab, error::Code};

pub(super) fn lab() -> impl Iterator<Item = Operation> {
    let all = [
        call::<lab::Terms>("labTerms", "Whether /lab is live here, and its limits."),
        Operation { own: &[Code::NotFound], ..call::<lab::Begin>("labBegin", "Begins a throw-away session.") },
        Operation {
            own: &[Code::NotFound, Code::RefreshTokenNotFound, Code::InvalidRefreshToken],
            ..call::<lab::Refresh>("labRefresh", "Refreshes a throw-away session.")
        },
        call::<lab::Protected>("labProtected", "A protected call, for throw-away sessions."),
        Operation {
            // The lab's sessions have no cookie.
            caller: Caller::Bearer,
            own: &[Code::InvalidCsrfToken],
            ..call::<lab::ProtectedPost>("labProtectedPost", "The same as a POST, which also needs the CSRF token.")
        },
        Operation {
            own: &[Code::NotFound],
            ..call::<lab::Check>("labCheck", "What a protected call with this access token would return.")
        },
        Operation {
            own: &[Code::NotFound, Code::Validation],
            ..call::<lab::Bounce>("labBounce", "What the cross-site guard decides about a forged request.")
        },
        Operation {
            own: &[Code::NotFound, Code::TokenNotFound],
            ..call::<lab::Knock>("labKnock", "Counts one more call in a throw-away session's bucket.")
        },
    ];
    all.into_iter().map(|operation| Operation { realm: Realm::Lab, ..operation })
}
