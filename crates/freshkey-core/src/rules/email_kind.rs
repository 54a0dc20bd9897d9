//! Which emails there are.

use serde::{Deserialize, Serialize};

/// An email that the library sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EmailKind {
    /// Somebody registers with the address: a code, and a link that finishes it in another browser.
    Register,
    /// Somebody registers with the address of an account.
    HaveAccount,
    /// A code to sign in with.
    SignInCode,
    /// A code and a link for a new password; the link alone, where an administrator began it.
    Reset,
    /// A code that proves the address of an account.
    EmailProve,
    /// A code to a new address of an account.
    EmailConfirm,
    /// Somebody wants to change their address to the one of another account.
    EmailWanted,
    /// The address was changed: to the old one.
    EmailChanged,
    /// The address was changed: to the new one.
    EmailNew,
    /// The password was changed.
    PasswordChanged,
    /// A sign-in from a device that is new to the account.
    NewDevice,
    /// An old copy of a session's key was used, and the session ended.
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
    /// The password was right, and the second step wrong three times.
    SecondStepRefused,
    /// An administrator changed something about the second step.
    ByAdmin,
    /// The user's data was downloaded.
    DataExported,
    /// The user wants the account deleted.
    DeletionAsked,
    /// The account was deleted.
    Deleted,
    /// Somebody said that it was not them: the account was put back, and its password turned off.
    Secured,
    /// To an address that was taken off an account by that.
    Undone,
    /// What the operator sends to see whether it works.
    Test,
}

/// What an administrator did that an email tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByAdmin {
    /// The account needs two-step sign-in.
    Required,
    /// It does not.
    NotRequired,
    /// Every second step was removed.
    FactorsRemoved,
    /// The user is to choose another password.
    ResetStarted,
    /// The same, and the present one works no more.
    PasswordLocked,
    /// The account is going to be deleted.
    DeletionAsked,
}

const MINUTE_MS: i64 = 60 * 1000;
/// A mailed code is good for this long after it was asked for, at the most.
const CODE_USEFUL_MS: i64 = 60 * MINUTE_MS;
/// How long a notice is worth sending.
const NOTICE_USEFUL_MS: i64 = 3 * 24 * 60 * MINUTE_MS;

impl EmailKind {
    /// All of them.
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

    /// Its name: in the database, the log and the metrics.
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

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.text() == name)
    }

    /// Whether a code stands in it.
    pub fn has_code(self) -> bool {
        matches!(self, Self::Register | Self::SignInCode | Self::Reset | Self::EmailProve | Self::EmailConfirm)
    }

    /// Whether it tells of a session, and not of a change of the account. A second step that was refused began none.
    pub fn is_of_session(self) -> bool {
        matches!(self, Self::NewDevice | Self::SessionReplayed | Self::RecoveryCodeUsed)
    }

    /// How long it is worth sending, in milliseconds.
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
