//! The operations on second factors, passkeys and recovery codes.

use super::{COOKIE, Operation, call};
use crate::app::{api::factors, error::Code, paths};

pub(super) fn all() -> [Operation; 16] {
    [
        Operation {
            headers: COOKIE,
            own: &[Code::Validation, Code::InvalidCode, Code::InvalidPasskey, Code::ChallengeOver],
            form_page: Some(paths::LOGIN_SECOND_FACTOR),
            also: &[202],
            ..call::<factors::SecondFactor>("secondFactor", "Goes on with a sign-in by its second step.")
        },
        Operation {
            headers: COOKIE,
            own: &[Code::NotFound],
            ..call::<factors::LoginPasskeyOptions>("loginPasskeyOptions", "What a passkey is asked for by.")
        },
        Operation {
            headers: COOKIE,
            own: &[Code::NotFound, Code::Validation, Code::InvalidPasskey],
            json_only: true,
            also: &[202],
            ..call::<factors::LoginPasskey>("loginPasskey", "Starts a session by a passkey.")
        },
        call::<factors::Factors>("factors", "How well the account is protected, and by what."),
        Operation {
            also: &[204],
            ..call::<factors::WaitingTotp>("waitingTotp", "The authenticator app that waits for its first code.")
        },
        Operation {
            status: 201,
            own: &[Code::Validation, Code::TooMany],
            form_page: Some(paths::SECURITY_TOTP),
            ..call::<factors::AddTotp>("addTotp", "Begins to add an authenticator app.")
        },
        Operation {
            headers: COOKIE,
            own: &[Code::Validation, Code::InvalidCode, Code::TooMany],
            form_page: Some(paths::SECURITY_TOTP),
            ..call::<factors::ConfirmTotp>("confirmTotp", "Adds an authenticator app, by its first code.")
        },
        Operation {
            own: &[Code::NotFound, Code::TooMany],
            ..call::<factors::PasskeyCreationOptions>("passkeyCreationOptions", "What a passkey is made by.")
        },
        Operation {
            status: 201,
            headers: COOKIE,
            own: &[Code::NotFound, Code::Validation, Code::InvalidPasskey, Code::TooMany],
            ..call::<factors::AddPasskey>("addPasskey", "Adds a passkey.")
        },
        Operation {
            own: &[Code::Validation, Code::MfaRequired],
            form_page: Some(paths::SECURITY),
            ..call::<factors::SetTwoStep>("setTwoStep", "Turns two-step sign-in on or off.")
        },
        Operation {
            own: &[Code::Validation],
            form_page: Some(paths::SECURITY),
            ..call::<factors::MakeRecoveryCodes>("makeRecoveryCodes", "Makes ten recovery codes.")
        },
        Operation {
            also: &[204],
            ..call::<factors::ShownRecoveryCodes>("recoveryCodes", "Those that this session has made a moment ago.")
        },
        Operation {
            form_page: Some(paths::SECURITY),
            ..call::<factors::RecoveryCodesSaved>("recoveryCodesSaved", "Recovery codes are kept somewhere.")
        },
        Operation {
            own: &[Code::Validation, Code::NotFound],
            form_page: Some(paths::SECURITY),
            ..call::<factors::RenameFactor>("renameFactor", "Gives a passkey or an app another name.")
        },
        Operation {
            own: &[Code::NotFound, Code::MfaRequired],
            form_page: Some(paths::SECURITY),
            ..call::<factors::RemoveFactor>("removeFactor", "Removes a passkey or an app.")
        },
        Operation {
            form_page: Some(paths::SECURITY),
            ..call::<factors::ForgetDevices>("forgetDevices", "Asks every device for the second step again.")
        },
    ]
}
