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

/// A sign-in whose password was verified.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The id of the session that begins: a UUIDv7.
    pub id: Uuid,
    /// Who signs in.
    pub user: UserView,
    /// The hash that the password was verified against.
    pub password_hash: String,
    /// Whether the cookie outlives the browser.
    pub remember: bool,
    /// The session that the browser had until now.
    pub replaces: Option<Uuid>,
}
