//! The operations on the caller's own account, and on those of others.

use super::{COOKIE, Operation, SIGNED_OUT, call};
use crate::app::{
    api::{admin, profile, step_up},
    error::Code,
    paths,
};

pub(super) fn own() -> [Operation; 9] {
    [
        call::<step_up::StepUpStatus>("stepUpStatus", "Whether sensitive calls need a step-up first."),
        Operation {
            headers: COOKIE,
            form_page: Some(paths::STEP_UP),
            own: &[Code::Validation, Code::InvalidRefreshToken, Code::StaleRequest],
            ..call::<step_up::ConfirmIdentity>(
                "stepUp",
                "Confirms the user's identity (step-up); also refreshes the session.",
            )
        },
        call::<profile::Profile>("profile", "The caller's own account."),
        Operation {
            own: &[Code::Validation],
            ..call::<profile::UpdateName>("updateName", "Changes the name; an empty one removes it.")
        },
        Operation {
            status: 202,
            also: &[200],
            own: &[Code::Validation, Code::EmailTaken],
            leads_to: Some(paths::PROFILE),
            ..call::<profile::ChangeEmail>(
                "changeEmail",
                "Changes the address once its code is confirmed; without mail at once: 200.",
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
            ..call::<profile::ChooseLanguage>("chooseLanguage", "Sets the language of the caller's emails.")
        },
        call::<profile::ExportData>("exportData", "All data about the caller, as a file."),
        Operation {
            headers: SIGNED_OUT,
            own: &[Code::Forbidden],
            leads_to: Some(paths::LOGIN),
            ..call::<profile::DeleteAccount>(
                "deleteAccount",
                "Schedules the account's deletion; signing in before then can keep it.",
            )
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
            ..action(call::<admin::StartReset>(
                "startReset",
                "Requires the user of an account to choose a new password.",
            ))
        },
        Operation {
            own: &[Code::Validation, Code::NotFound, Code::Forbidden],
            ..call::<admin::RequireTwoStep>("requireTwoStep", "Sets whether an account needs two-step sign-in.")
        },
        Operation {
            own: &[Code::Validation, Code::NotFound, Code::Forbidden],
            ..call::<admin::RemoveFactors>("removeFactors", "Removes every second step of an account.")
        },
        Operation { own: &[Code::NotFound], ..call::<admin::Mail>("mail", "The state of outgoing emails.") },
        action(call::<admin::EndSession>("endSession", "Ends any user's session.")),
    ]
}
