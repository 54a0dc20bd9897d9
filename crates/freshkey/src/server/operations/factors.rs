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
            ..call::<factors::SecondFactor>("secondFactor", "Continues a sign-in with its second step.")
        },
        Operation {
            headers: COOKIE,
            own: &[Code::NotFound],
            ..call::<factors::LoginPasskeyOptions>("loginPasskeyOptions", "The options for requesting a passkey.")
        },
        Operation {
            headers: COOKIE,
            own: &[Code::NotFound, Code::Validation, Code::InvalidPasskey],
            json_only: true,
            also: &[202],
            ..call::<factors::LoginPasskey>("loginPasskey", "Starts a session with a passkey.")
        },
        call::<factors::Factors>("factors", "How well the account is protected, and by which factors."),
        Operation {
            also: &[204],
            ..call::<factors::WaitingTotp>("waitingTotp", "The authenticator app that is being added.")
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
            ..call::<factors::ConfirmTotp>("confirmTotp", "Adds an authenticator app, with its first code.")
        },
        Operation {
            own: &[Code::NotFound, Code::TooMany],
            ..call::<factors::PasskeyCreationOptions>("passkeyCreationOptions", "The options for creating a passkey.")
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
            ..call::<factors::ShownRecoveryCodes>(
                "recoveryCodes",
                "The recovery codes that this session made, for ten minutes.",
            )
        },
        Operation {
            form_page: Some(paths::SECURITY),
            ..call::<factors::RecoveryCodesSaved>(
                "recoveryCodesSaved",
                "Confirms that the user has saved the recovery codes.",
            )
        },
        Operation {
            own: &[Code::Validation, Code::NotFound],
            form_page: Some(paths::SECURITY),
            ..call::<factors::RenameFactor>("renameFactor", "Renames a passkey or an authenticator app.")
        },
        Operation {
            own: &[Code::NotFound, Code::MfaRequired],
            form_page: Some(paths::SECURITY),
            ..call::<factors::RemoveFactor>("removeFactor", "Removes a passkey or an authenticator app.")
        },
        Operation {
            form_page: Some(paths::SECURITY),
            ..call::<factors::ForgetDevices>(
                "forgetDevices",
                "Forgets the trusted devices: each is asked for the second step again.",
            )
        },
    ]
}
