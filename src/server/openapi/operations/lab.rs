//! The operations behind `/lab`.

use super::{Answer, Caller, Operation, get, post};
use crate::app::error::Code;

pub(super) fn lab() -> [Operation; 7] {
    let (answer, view) = (Answer::One("LabAnswer"), Answer::One("ProtectedView"));
    [
        get("/api/lab", "labTerms", "Whether /lab is live here, and on what terms.", Answer::One("LabTerms")),
        Operation {
            body: &[("life", "integer", false)],
            own: &[Code::NotFound],
            ..post("/api/lab/begin", "labBegin", "Begins a throw-away session.", answer)
        },
        Operation {
            body: &[("refresh_token", "string", false)],
            own: &[Code::NotFound, Code::RefreshTokenNotFound, Code::InvalidRefreshToken],
            ..post("/api/lab/refresh", "labRefresh", "Refreshes a throw-away session.", answer)
        },
        Operation {
            caller: Caller::Bearer,
            ..get("/api/lab/protected", "labProtected", "A protected call, for throw-away sessions.", view)
        },
        Operation {
            caller: Caller::Bearer,
            own: &[Code::InvalidCsrfToken],
            ..post("/api/lab/protected", "labProtectedPost", "The same, as a sensitive operation would be.", view)
        },
        Operation {
            body: &[("forgery", "string", false)],
            own: &[Code::NotFound, Code::Validation],
            ..post(
                "/api/lab/bounce",
                "labBounce",
                "What the guard against other sites makes of a forgery.",
                Answer::One("LabBounce"),
            )
        },
        Operation {
            status: 204,
            own: &[Code::NotFound, Code::TokenNotFound],
            ..post("/api/lab/knock", "labKnock", "Counts one more in a throw-away session's bucket.", Answer::Nothing)
        },
    ]
}
