//! Session lifetimes, the device of a sign-in, and how the user proved who they are.

use crate::rules::rotation::Policy;
use freshkey_types::{Millis, UserView};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How long things live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// An access token.
    pub access: Millis,
    /// A session, from its sign-in.
    pub refresh: Millis,
    /// The rules of rotation.
    pub rotation: Policy,
}

/// The device that signs in.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// The client's IP address.
    pub ip: Option<String>,
    /// The device's `User-Agent`.
    pub user_agent: Option<String>,
}

/// How a user proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInMethod {
    /// The first factor.
    pub first: FirstFactor,
    /// The second factor, if there was one.
    pub second: Option<SecondFactor>,
}

/// The first factor of a sign-in. Another way to sign in begins here, and in a file like `steps/passkey.rs` of the
/// server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstFactor {
    /// The password.
    Password,
    /// A code from an email. It replaces the password only for signing in: sensitive calls still ask for the
    /// password.
    MailCode,
    /// A passkey, which is both factors at once.
    Passkey,
    /// Nothing: the throw-away sessions of a realm.
    None,
}

/// The second factor, if two-step sign-in is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// The code of an authenticator app.
    Code,
    /// A recovery code.
    RecoveryCode,
    /// A passkey.
    Passkey,
    /// A trusted device: no second factor was asked for.
    TrustedDevice,
}

impl SignInMethod {
    /// The password alone.
    pub const PASSWORD: Self = Self::by(FirstFactor::Password);
    /// A code from an email alone.
    pub const MAIL_CODE: Self = Self::by(FirstFactor::MailCode);
    /// A passkey.
    pub const PASSKEY: Self = Self::by(FirstFactor::Passkey);
    /// Nothing.
    pub const NONE: Self = Self::by(FirstFactor::None);

    const fn by(first: FirstFactor) -> Self {
        Self { first, second: None }
    }

    /// Adds this second factor.
    #[must_use]
    pub const fn and(self, second: SecondFactor) -> Self {
        Self { second: Some(second), ..self }
    }

    /// Returns the name used in the user's activity.
    pub fn text(self) -> String {
        let first = match self.first {
            FirstFactor::Password => "password",
            FirstFactor::MailCode => "mail_code",
            FirstFactor::Passkey => "passkey",
            FirstFactor::None => "",
        };
        let second = match self.second {
            Some(SecondFactor::Code) => "+code",
            Some(SecondFactor::RecoveryCode) => "+recovery_code",
            Some(SecondFactor::Passkey) => "+passkey",
            Some(SecondFactor::TrustedDevice) => "+trusted_device",
            None => "",
        };
        format!("{first}{second}")
    }

    /// Returns the authentication methods (RFC 8176), separated by spaces. A passkey counts as two: it requires user
    /// verification.
    pub const fn amr(self) -> &'static str {
        use SecondFactor::{Code, Passkey, RecoveryCode, TrustedDevice};
        match (self.first, self.second) {
            (FirstFactor::Password, None | Some(TrustedDevice)) => "pwd",
            (FirstFactor::Password, Some(Code | RecoveryCode)) => "pwd otp mfa",
            (FirstFactor::Password, Some(Passkey)) => "pwd pop mfa",
            (FirstFactor::MailCode, None | Some(TrustedDevice)) => "otp",
            (FirstFactor::MailCode, Some(Code | RecoveryCode)) => "otp mfa",
            (FirstFactor::MailCode, Some(Passkey)) => "otp pop mfa",
            (FirstFactor::Passkey, _) => "pop mfa",
            (FirstFactor::None, _) => "",
        }
    }

    /// Whether this is a full sign-in, which counts for sensitive calls. A code from an email is not, nor is a
    /// trusted device that was not asked for its second step.
    pub fn is_full(self) -> bool {
        match self.first {
            FirstFactor::Password => self.second != Some(SecondFactor::TrustedDevice),
            FirstFactor::Passkey => true,
            FirstFactor::MailCode | FirstFactor::None => false,
        }
    }

    /// Whether a passkey was part of it.
    pub fn has_passkey(self) -> bool {
        self.first == FirstFactor::Passkey || self.second == Some(SecondFactor::Passkey)
    }
}

/// A sign-in in which the user has proven all that is needed.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The id of the session that begins: a UUIDv7.
    pub id: Uuid,
    /// The user who signs in.
    pub user: UserView,
    /// How the user proved it.
    pub method: SignInMethod,
    /// The account's password hash at that time. The session begins only if it is still the same.
    pub password_hash: String,
    /// Whether the cookie outlives the browser session.
    pub remember: bool,
    /// The session that the browser had before.
    pub replaces: Option<Uuid>,
}
