//! On what terms a session lives, and on which device.

use crate::server::auth::rotation::Policy;

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
