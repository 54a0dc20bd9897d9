//! Flows of several calls, in which an email proves that the user has an address. Without mail they don't exist.

use super::{COOKIE, Field, Operation, call};
use crate::app::{api::steps, error::Code, paths};

/// The codes that a call with a code may be refused with.
const BY_CODE: &[Code] = &[Code::NotFound, Code::Validation, Code::InvalidCode, Code::ChallengeOver];
/// The same for a call with a code or a link.
const BY_CODE_OR_LINK: &[Code] =
    &[Code::NotFound, Code::Validation, Code::InvalidCode, Code::ChallengeOver, Code::InvalidLink];
const ASKS: &[Code] = &[Code::NotFound, Code::Validation];

pub(super) fn all(registration: &[Field]) -> [Operation; 13] {
    let asks = |operation| Operation { status: 202, headers: COOKIE, own: ASKS, ..operation };
    let mut all = [
        Operation {
            status: 201,
            headers: COOKIE,
            own: BY_CODE_OR_LINK,
            form_page: Some(paths::REGISTER_CONFIRM),
            also: &[202],
            ..call::<steps::RegisterConfirm>("registerConfirm", "Creates the account, with the email's code or link.")
        },
        Operation {
            status: 202,
            headers: COOKIE,
            own: &[Code::NotFound, Code::ChallengeOver, Code::InvalidCsrfToken],
            ..call::<steps::Resend>("resend", "Sends the email of a step again, with a new code.")
        },
        Operation {
            form_page: Some(paths::LOGIN_CODE),
            ..asks(call::<steps::LoginCode>("loginCode", "Sends a code to sign in with."))
        },
        Operation {
            headers: COOKIE,
            own: BY_CODE,
            form_page: Some(paths::LOGIN_CODE),
            also: &[202],
            ..call::<steps::LoginCodeConfirm>("loginCodeConfirm", "Starts a session with the email's code.")
        },
        Operation {
            form_page: Some(paths::FORGOT),
            ..asks(call::<steps::ForgotPassword>("forgotPassword", "Sends a code and a link for a new password."))
        },
        Operation {
            headers: COOKIE,
            own: BY_CODE_OR_LINK,
            form_page: Some(paths::RESET),
            leads_to: Some(paths::LOGIN),
            ..call::<steps::ResetPassword>("resetPassword", "Changes a forgotten password; signs nobody in.")
        },
        Operation {
            status: 202,
            also: &[204],
            own: &[Code::NotFound],
            leads_to: Some(paths::PROFILE),
            ..call::<steps::ProveEmail>(
                "proveEmail",
                "Sends a code to the caller's address, if it is not proven: else 204.",
            )
        },
        Operation {
            own: BY_CODE,
            ..call::<steps::ConfirmEmail>(
                "confirmEmail",
                "Confirms the caller's address, current or new, with its code.",
            )
        },
        Operation {
            headers: COOKIE,
            own: &[Code::ChallengeOver],
            form_page: Some(paths::LOGIN_KEEP),
            also: &[202],
            ..call::<steps::KeepAccount>("keepAccount", "Cancels the deletion of an account.")
        },
        Operation {
            headers: COOKIE,
            own: &[Code::NotFound, Code::Validation, Code::InvalidLink],
            form_page: Some(paths::SECURE),
            ..call::<steps::Secure>("secure", "Answers whether it was the user that an email told of.")
        },
        Operation {
            also: &[204],
            own: &[Code::NotFound],
            ..call::<steps::Alarm>("alarm", "What the email says whose link the browser opened last.")
        },
        Operation {
            also: &[204],
            own: &[Code::NotFound],
            ..call::<steps::Step>("step", "The newest step of this kind that the browser began.")
        },
        Operation { own: &[Code::NotFound], ..call::<steps::Link>("link", "The link that the browser opened last.") },
    ];
    // If the link is opened in another browser, its page asks for the app's fields.
    all[0].input.extend(registration.iter().cloned().map(|field| Field { required: false, ..field }));
    all
}
