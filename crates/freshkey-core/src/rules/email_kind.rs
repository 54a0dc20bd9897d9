//! Which emails there are.

/// An email that the library sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EmailKind {
    /// Somebody registers with the address: a code, and a link that finishes it in another browser.
    Register,
    /// Somebody registers with the address of an account.
    HaveAccount,
    /// A code to sign in with.
    SignInCode,
    /// A code and a link for a new password.
    Reset,
    /// A code that proves the address of an account.
    EmailProve,
    /// A code to a new address of an account.
    EmailConfirm,
    /// Somebody wants to change their address to the one of another account.
    EmailWanted,
    /// The password was changed.
    PasswordChanged,
    /// A sign-in from a device that is new to the account.
    NewDevice,
    /// The user wants the account deleted.
    DeletionAsked,
    /// The account was deleted.
    Deleted,
    /// What the operator sends to see whether it works.
    Test,
}

const MINUTE_MS: i64 = 60 * 1000;
/// A mailed code is good for this long after it was asked for, at the most.
const CODE_USEFUL_MS: i64 = 60 * MINUTE_MS;
/// How long a notice is worth sending.
const NOTICE_USEFUL_MS: i64 = 3 * 24 * 60 * MINUTE_MS;

impl EmailKind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Register,
        Self::HaveAccount,
        Self::SignInCode,
        Self::Reset,
        Self::EmailProve,
        Self::EmailConfirm,
        Self::EmailWanted,
        Self::PasswordChanged,
        Self::NewDevice,
        Self::DeletionAsked,
        Self::Deleted,
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
            Self::PasswordChanged => "password_changed",
            Self::NewDevice => "new_device",
            Self::DeletionAsked => "deletion_asked",
            Self::Deleted => "deleted",
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
