//! One's own account, and those of others.

use super::{Answer, Caller, Operation, PLAIN, get, post};
use crate::app::{error::Code, paths};

pub(super) fn own() -> [Operation; 3] {
    let view = Answer::One("UserView");
    [
        Operation {
            caller: Caller::Bearer,
            ..get("/api/profile", "profile", "The caller's own account.", Answer::One("ProfileView"))
        },
        Operation {
            caller: Caller::BearerAndCsrf,
            body: &[("name", "string", false)],
            own: &[Code::Validation],
            ..post(paths::API_NAME, "updateName", "Changes the name; an empty one takes it away.", view)
        },
        Operation {
            caller: Caller::BearerAndCsrf,
            status: 204,
            body: &[("current_password", "string", true), ("new_password", "string", true)],
            own: &[Code::Validation],
            ..post(
                paths::API_PASSWORD,
                "changePassword",
                "Changes the password, and ends the user's other sessions.",
                Answer::Nothing,
            )
        },
    ]
}

/// Whoever is no administrator finds nothing here.
pub(super) fn others() -> [Operation; 6] {
    [
        Operation {
            caller: Caller::Bearer,
            body: &[("q", "string", false), ("before", "string", false)],
            own: &[Code::NotFound],
            ..get("/api/admin/users", "accounts", "Finds accounts, the newest first.", Answer::One("AccountPage"))
        },
        Operation {
            caller: Caller::Bearer,
            body: &[("id", "string", true)],
            own: &[Code::Validation, Code::NotFound],
            ..get("/api/admin/user", "account", "One account, as administrators see it.", Answer::One("AccountView"))
        },
        Operation {
            own: &[Code::Validation, Code::NotFound, Code::Forbidden],
            ..action(paths::API_DISABLE, "disableAccount", "Disables an account, and ends its sessions.")
        },
        action(paths::API_ENABLE, "enableAccount", "Enables an account again."),
        action(paths::API_SIGN_OUT, "signAccountOut", "Ends every session of an account."),
        action(paths::API_END_SESSION, "endSession", "Ends a session, whoever's it is."),
    ]
}

fn action(path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    Operation {
        caller: Caller::BearerAndCsrf,
        status: 204,
        headers: PLAIN,
        body: &[("id", "string", true)],
        own: &[Code::Validation, Code::NotFound],
        ..post(path, id, summary, Answer::Nothing)
    }
}
