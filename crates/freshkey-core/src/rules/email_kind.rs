//! The kinds of emails.

use serde::{Deserialize, Serialize};

/// The kind of an email that the library sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EmailKind {
    /// To somebody who registers: a code, and a link that finishes the registration in another browser.
    Register,
    /// To an account's address with which somebody tried to register.
    HaveAccount,
    /// A code to sign in with.
    SignInCode,
    /// A code and a link for a new password; only the link if an administrator started it.
    Reset,
    /// A code that proves the user has the account's address.
    EmailProve,
    /// A code sent to the account's new address.
    EmailConfirm,
    /// To an account's address that the user of another account wants to change to.
    EmailWanted,
    /// The address was changed. Sent to the old one.
    EmailChanged,
    /// The address was changed. Sent to the new one.
    EmailNew,
    /// The password was changed.
    PasswordChanged,
    /// Somebody signed in from a device that is new to the account.
    NewDevice,
    /// An old copy of a session's refresh token was used, and the session ended.
    SessionReplayed,
    /// An authenticator app or a passkey was added.
    FactorAdded,
    /// An authenticator app or a passkey was removed.
    FactorRemoved,
    /// Two-step sign-in was turned off.
    TwoStepOff,
    /// Recovery codes were made.
    RecoveryCodesMade,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// The password was right, and the second step was wrong three times.
    SecondStepRefused,
    /// An administrator changed something about the account's second step.
    ByAdmin,
    /// The user's data was downloaded.
    DataExported,
    /// The user asked to delete the account.
    DeletionAsked,
    /// The account was deleted.
    Deleted,
    /// The user said "It was not me": the changes were undone and the password was turned off.
    Secured,
    /// To an address that was removed from the account when the user said "It was not me".
    Undone,
    /// A test email from the operator.
    Test,
}

/// An administrator's action that an email reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByAdmin {
    /// The account must use two-step sign-in.
    Required,
    /// The account need not use two-step sign-in.
    NotRequired,
    /// Every second step was removed.
    FactorsRemoved,
    /// The user must choose a new password.
    ResetStarted,
    /// The user must choose a new password, and the present one no longer works.
    PasswordLocked,
    /// The account is going to be deleted.
    DeletionAsked,
}

const MINUTE_MS: i64 = 60 * 1000;
/// How long an email with a code is worth sending.
const CODE_USEFUL_MS: i64 = 60 * MINUTE_MS;
/// How long a notice is worth sending.
const NOTICE_USEFUL_MS: i64 = 3 * 24 * 60 * MINUTE_MS;

impl EmailKind {
    /// All kinds.
    pub const ALL: [Self; 25] = [
        Self::Register,
        Self::HaveAccount,
        Self::SignInCode,
        Self::Reset,
        Self::EmailProve,
        Self::EmailConfirm,
        Self::EmailWanted,
        Self::EmailChanged,
        Self::EmailNew,
        Self::PasswordChanged,
        Self::NewDevice,
        Self::SessionReplayed,
        Self::FactorAdded,
        Self::FactorRemoved,
        Self::TwoStepOff,
        Self::RecoveryCodesMade,
        Self::RecoveryCodeUsed,
        Self::SecondStepRefused,
        Self::ByAdmin,
        Self::DataExported,
        Self::DeletionAsked,
        Self::Deleted,
        Self::Secured,
        Self::Undone,
        Self::Test,
    ];

    /// Returns the name used in the database, the log and the metrics.
    pub fn text(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::HaveAccount => "have_account",
            Self::SignInCode => "sign_in_code",
            Self::Reset => "reset",
            Self::EmailProve => "email_prove",
            Self::EmailConfirm => "email_confirm",
            Self::EmailWanted => "email_wanted",
            Self::EmailChanged => "email_changed",
            Self::EmailNew => "email_new",
            Self::PasswordChanged => "password_changed",
            Self::NewDevice => "new_device",
            Self::SessionReplayed => "session_replayed",
            Self::FactorAdded => "factor_added",
            Self::FactorRemoved => "factor_removed",
            Self::TwoStepOff => "two_step_off",
            Self::RecoveryCodesMade => "recovery_codes_made",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::SecondStepRefused => "second_step_refused",
            Self::ByAdmin => "by_admin",
            Self::DataExported => "data_exported",
            Self::DeletionAsked => "deletion_asked",
            Self::Deleted => "deleted",
            Self::Secured => "secured",
            Self::Undone => "undone",
            Self::Test => "test",
        }
    }

    /// Returns the kind with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.text() == name)
    }

    /// Whether the email contains a code.
    pub fn has_code(self) -> bool {
        matches!(self, Self::Register | Self::SignInCode | Self::Reset | Self::EmailProve | Self::EmailConfirm)
    }

    /// Whether it is about a session, and not about a change of the account. A second step that was refused began no
    /// session.
    pub fn is_of_session(self) -> bool {
        matches!(self, Self::NewDevice | Self::SessionReplayed | Self::RecoveryCodeUsed)
    }

    /// Returns how long the email is worth sending, in milliseconds.
    pub fn useful_for(self) -> i64 {
        if self.has_code() { CODE_USEFUL_MS } else { NOTICE_USEFUL_MS }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_its_name() {
        for kind in EmailKind::ALL {
            assert_eq!(EmailKind::parse(kind.text()), Some(kind));
        }
        assert_eq!(EmailKind::parse("Register"), None);
    }
}
