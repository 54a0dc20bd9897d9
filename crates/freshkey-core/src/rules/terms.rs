//! On what terms a session lives, and on which device.

use crate::rules::rotation::Policy;
use freshkey_types::UserView;
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

/// How a person proved who they are when a session began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInMethod {
    /// By the password.
    Password,
    /// By a code from an email. It stands for the password and for nothing else: sensitive calls ask for that.
    MailCode,
    /// Not at all: the throw-away sessions of the lab.
    None,
}

impl SignInMethod {
    /// The authentication methods (RFC 8176), with spaces between them.
    pub const fn amr(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::MailCode => "otp",
            Self::None => "",
        }
    }

    /// Whether it is a full sign-in, which counts for sensitive calls.
    pub const fn is_full(self) -> bool {
        matches!(self, Self::Password)
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
