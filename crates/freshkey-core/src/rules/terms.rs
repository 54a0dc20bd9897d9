//! On what terms a session lives, and on which device.

use crate::rules::rotation::Policy;
use freshkey_types::UserView;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How long things live, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// An access token.
    pub access: i64,
    /// A session, from its sign-in on.
    pub refresh: i64,
    /// The rules of rotation.
    pub rotation: Policy,
}

/// The device that signs in.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// Its address.
    pub ip: Option<String>,
    /// What it calls itself.
    pub user_agent: Option<String>,
}

/// How a person proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInMethod {
    /// First.
    pub first: FirstFactor,
    /// And then, if they did.
    pub second: Option<SecondFactor>,
}

/// How a sign-in begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstFactor {
    /// By the password.
    Password,
    /// By a code from an email. It stands for the password and for nothing else: sensitive calls ask for that.
    MailCode,
    /// By a passkey, which is both steps at once.
    Passkey,
    /// Not at all: the throw-away sessions of the lab.
    None,
}

/// How it goes on, where two-step sign-in is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// By the code of an authenticator app.
    Code,
    /// By a recovery code.
    RecoveryCode,
    /// By a passkey.
    Passkey,
    /// The device is trusted: nothing was asked for.
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

    /// The same, and then by this.
    #[must_use]
    pub const fn and(self, second: SecondFactor) -> Self {
        Self { second: Some(second), ..self }
    }

    /// Its name in the activity.
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

    /// The authentication methods (RFC 8176), with spaces between them. A passkey is both: it is asked for with user
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

    /// Whether it is a full sign-in, which counts for sensitive calls: neither by an emailed code, nor on a device that
    /// was not asked for its second step.
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

/// A sign-in whose password was verified.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The id of the session that begins: a UUIDv7.
    pub id: Uuid,
    /// Who signs in.
    pub user: UserView,
    /// How they proved it.
    pub method: SignInMethod,
    /// The hash that the password was verified against.
    pub password_hash: String,
    /// Whether the cookie outlives the browser.
    pub remember: bool,
    /// The session that the browser had until now.
    pub replaces: Option<Uuid>,
}
