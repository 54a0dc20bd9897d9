//! The operations on the caller's own account, and on those of others.

use super::{COOKIE, Operation, SIGNED_OUT, call};
use crate::app::{
    api::{admin, profile, step_up},
    error::Code,
    paths,
};

pub(super) fn own() -> [Operation; 9] {
    [
        call::<step_up::StepUpStatus>("stepUpStatus", "Whether sensitive calls need a confirmation first."),
        Operation {
            headers: COOKIE,
            form_page: Some(paths::STEP_UP),
            own: &[Code::Validation, Code::InvalidRefreshToken, Code::StaleRequest],
            ..call::<step_up::ConfirmIdentity>("stepUp", "Confirms that it is you; a refresh as well.")
        },
        call::<profile::Profile>("profile", "The caller's own account."),
        Operation {
            own: &[Code::Validation],
            ..call::<profile::UpdateName>("updateName", "Changes the name; an empty one takes it away.")
        },
        Operation {
            status: 202,
            also: &[200],
            own: &[Code::Validation, Code::EmailTaken],
            leads_to: Some(paths::PROFILE),
            ..call::<profile::ChangeEmail>(
                "changeEmail",
                "Changes the address, once its code is typed; without mail at once: 200.",
            )
        },
        Operation {
            own: &[Code::Validation],
            ..call::<profile::ChangePassword>(
                "changePassword",
                "Changes the password, and ends the user's other sessions.",
            )
        },
        Operation {
            own: &[Code::Validation],
            ..call::<profile::ChooseLanguage>("chooseLanguage", "Chooses the language of the caller's emails.")
        },
        call::<profile::ExportData>("exportData", "What is kept of the caller, as a file."),
        Operation {
            headers: SIGNED_OUT,
            own: &[Code::Forbidden],
            leads_to: Some(paths::LOGIN),
            ..call::<profile::DeleteAccount>("deleteAccount", "Deletes the account later; signing in keeps it.")
        },
    ]
}

/// For administrators: any other caller gets 404.
pub(super) fn others() -> [Operation; 10] {
    let action = |operation| Operation { own: &[Code::Validation, Code::NotFound], ..operation };
    [
        Operation {
            own: &[Code::NotFound],
            ..call::<admin::Accounts>("accounts", "Finds accounts, the newest first.")
        },
        action(call::<admin::Account>("account", "One account, as administrators see it.")),
        Operation {
            own: &[Code::Validation, Code::NotFound, Code::Forbidden],
            ..call::<admin::DisableAccount>("disableAccount", "Disables an account, and ends its sessions.")
        },
        action(call::<admin::EnableAccount>("enableAccount", "Enables an account again.")),
        action(call::<admin::SignAccountOut>("signAccountOut", "Ends every session of an account.")),
        Operation {
            status: 202,
            ..action(call::<admin::StartReset>("startReset", "Has the user of an account choose another password."))
        },
        Operation {
            own: &[Code::Validation, Code::NotFound, Code::Forbidden],
            ..call::<admin::RequireTwoStep>("requireTwoStep", "Says whether an account needs two-step sign-in.")
        },
        Operation {
            own: &[Code::Validation, Code::NotFound, Code::Forbidden],
            ..call::<admin::RemoveFactors>("removeFactors", "Removes every second step of an account.")
        },
        Operation { own: &[Code::NotFound], ..call::<admin::Mail>("mail", "How the emails do.") },
        action(call::<admin::EndSession>("endSession", "Ends a session, whoever's it is.")),
    ]
}
