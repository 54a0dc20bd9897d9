//! The kinds of emails. A new one also needs its content (`services/mail/compose.rs`) and its texts
//! (`services/mail/texts`), and an `Alarm` (freshkey-types, `words.rs`) if it asks its reader "Was it you?".

use freshkey_types::Millis;
use serde::{Deserialize, Serialize};

// One list: a kind that stood in one of several would be written, and never sent.
macro_rules! kinds {
    ($(#[$doc:meta])* $list:ident { $($(#[$kind_doc:meta])* $kind:ident, $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $list { $($(#[$kind_doc])* $kind,)* }

        impl $list {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// Returns the name used in the database, the log and the metrics.
            pub const fn text(self) -> &'static str { match self { $(Self::$kind => $text,)* } }

            /// Returns the kind with this name.
            pub fn parse(name: &str) -> Option<Self> { match name { $($text => Some(Self::$kind),)* _ => None } }
        }
    };
}

kinds! {
    /// The kind of an email that the library sends.
    EmailKind {
        /// To somebody who registers: a code, and a link that finishes the registration in another browser.
        Register, "register";
        /// To an account's address with which somebody tried to register.
        HaveAccount, "have_account";
        /// A code to sign in with.
        SignInCode, "sign_in_code";
        /// A code and a link for a new password; only the link if an administrator started it.
        Reset, "reset";
        /// A code that proves the user has the account's address.
        EmailProve, "email_prove";
        /// A code sent to the account's new address.
        EmailConfirm, "email_confirm";
        /// To an account's address that the user of another account wants to change to.
        EmailWanted, "email_wanted";
        /// The address was changed. Sent to the old one.
        EmailChanged, "email_changed";
        /// The address was changed. Sent to the new one.
        EmailNew, "email_new";
        /// The password was changed.
        PasswordChanged, "password_changed";
        /// Somebody signed in from a device that is new to the account.
        NewDevice, "new_device";
        /// An old copy of a session's refresh token was used, and the session ended.
        SessionReplayed, "session_replayed";
        /// An authenticator app or a passkey was added.
        FactorAdded, "factor_added";
        /// An authenticator app or a passkey was removed.
        FactorRemoved, "factor_removed";
        /// Two-step sign-in was turned off.
        TwoStepOff, "two_step_off";
        /// Recovery codes were made.
        RecoveryCodesMade, "recovery_codes_made";
        /// A recovery code was used.
        RecoveryCodeUsed, "recovery_code_used";
        /// The password was right, and the second step was wrong three times.
        SecondStepRefused, "second_step_refused";
        /// An administrator changed something about the account's second step.
        ByAdmin, "by_admin";
        /// The user's data was downloaded.
        DataExported, "data_exported";
        /// The user asked to delete the account.
        DeletionAsked, "deletion_asked";
        /// The account was deleted.
        Deleted, "deleted";
        /// The user said "It was not me": the changes were undone and the password was turned off.
        Secured, "secured";
        /// To an address that was removed from the account when the user said "It was not me".
        Undone, "undone";
        /// A test email from the operator.
        Test, "test";
    }
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

/// How long an email with a code is worth sending.
const CODE_USEFUL: Millis = Millis::from_hours(1);
/// How long a notice is worth sending.
const NOTICE_USEFUL: Millis = Millis::from_days(3);

impl EmailKind {
    /// Whether the email contains a code.
    pub fn has_code(self) -> bool {
        matches!(self, Self::Register | Self::SignInCode | Self::Reset | Self::EmailProve | Self::EmailConfirm)
    }

    /// Whether it is about a session, and not about a change of the account. A second step that was refused began no
    /// session.
    pub fn is_of_session(self) -> bool {
        matches!(self, Self::NewDevice | Self::SessionReplayed | Self::RecoveryCodeUsed)
    }

    /// Returns how long the email is worth sending.
    pub fn useful_for(self) -> Millis {
        if self.has_code() { CODE_USEFUL } else { NOTICE_USEFUL }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_its_name() {
        for kind in EmailKind::ALL {
            assert_eq!(EmailKind::parse(kind.text()), Some(*kind));
        }
        assert_eq!(EmailKind::parse("Register"), None);
    }
}
