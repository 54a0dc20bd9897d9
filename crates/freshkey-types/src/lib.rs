//! The types that the server and the browser exchange: secrets, users, sessions, accounts, times, and the closed
//! lists of end reasons and account events. It depends on neither a server nor a browser.

mod accounts;
mod factors;
mod integer;
mod own_claims;
mod password;
pub mod paths;
mod step;
mod step_up;
mod time;
mod words;

pub use accounts::{AccountItem, AccountPage, AccountView, DeletionView, MailView, ProfileView, Role};
pub use factors::{
    Enrolled, FactorsView, PasskeyAnswer, PasskeyCredential, PasskeyItem, PasskeyOptions, RecoveryCodes,
    RecoveryCodesView, TotpAnswer, TotpEnrolment, TotpItem, TwoStepView,
};
pub use integer::Integer;
pub use own_claims::OwnClaims;
pub use password::{PasswordVerdict, Strength};
pub use step::{
    AlarmView, EmailAnswer, RESEND_AFTER, SecondStepWay, SecureStatus, SecureView, SignInAnswer, StepPage, StepStatus,
    StepView,
};
pub use step_up::{StepUpMethod, StepUpView};
pub use time::{Millis, Seconds};
pub use words::{Alarm, AlarmAnswer, AuditEvent, EndReason, StepReason};

use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// A string that must not be shown. Its `Debug` is redacted, it has no `Display`, and a refused form does not send it
/// back.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret(String);

impl Secret {
    /// Returns the secret itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The signed-in user, as every page and `GET /api/me` show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserView {
    /// UUIDv7: the token's `sub`. Unlike an address, it never passes to another user.
    pub id: String,
    /// The address as the user typed it.
    pub email: String,
    /// The name, if one was given.
    pub name: Option<String>,
    /// The role; absent if the user has none, as most do. Calls never rely on it: they ask the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The app's own claims; absent if there are none.
    #[serde(default, skip_serializing_if = "OwnClaims::is_empty")]
    pub claims: OwnClaims,
}

/// The answer to a sign-in, a registration and a refresh (RFC 6749, section 5.1, with our own members beside the
/// standard's).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TokenAnswer {
    /// The access token: a JWT (RFC 9068).
    #[schema(value_type = String)]
    pub access_token: Secret,
    /// Always `Bearer` (RFC 6750).
    pub token_type: String,
    /// The access token's lifetime in seconds.
    #[schema(value_type = u64)]
    pub expires_in: Seconds,
    /// The server's clock, in milliseconds since 1970. A client derives its `sent_at` from it.
    #[schema(value_type = u64)]
    pub server_time: Millis,
    /// Seconds after which a client gives up a refresh and sends it again. An integer, unless the grace period is below
    /// 2 s.
    #[serde(serialize_with = "whole_if_it_is")]
    pub refresh_timeout: f64,
    /// The value of `X-CSRF-Token` in this session's unsafe calls.
    #[schema(value_type = String)]
    pub csrf_token: Secret,
    /// The signed-in user.
    pub user: UserView,
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of seconds, and few")]
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's; and on 32 bits it is not trivial")]
fn whole_if_it_is<S: serde::Serializer>(seconds: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if seconds.fract() == 0.0 { serializer.serialize_u32(*seconds as u32) } else { serializer.serialize_f64(*seconds) }
}

/// The body of `GET` and `POST /api/protected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProtectedView {
    /// A fixed sentence.
    pub message: String,
    /// The user that the access token names.
    pub user: TokenUser,
}

/// What an access token says about its user: all that a protected call knows without asking the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenUser {
    /// The token's `sub`.
    pub id: String,
    /// The token's `email`.
    pub email: String,
}

/// A session in a list of a user's sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionItem {
    /// The session's id.
    pub id: String,
    /// Whether it is the caller's own session.
    pub current: bool,
    /// When it began, in milliseconds since 1970.
    #[schema(value_type = i64)]
    pub created_at: Millis,
    /// Its last refresh, in milliseconds since 1970.
    #[schema(value_type = i64)]
    pub last_seen_at: Millis,
    /// The IP address that it began from.
    pub ip: Option<String>,
    /// Where the IP address probably is: `Berlin, Germany`, or the country alone. Absent if the server does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The browser's `User-Agent` at that time.
    pub user_agent: Option<String>,
}

/// An entry in an account's activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActivityItem {
    /// What happened.
    pub event: AuditEvent,
    /// Whether it happened in the caller's session.
    pub current: bool,
    /// When it happened, in milliseconds since 1970; for counted events, the last time.
    #[schema(value_type = i64)]
    pub at: Millis,
    /// The device's IP address.
    pub ip: Option<String>,
    /// Where the IP address probably is: `Berlin, Germany`, or the country alone. Absent if the server does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The device's `User-Agent`.
    pub user_agent: Option<String>,
    /// How often it happened that day.
    pub count: u32,
    /// How the user signed in: `password`, `mail_code` or `passkey`, and the second step after a `+`, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::from("hunter2".to_owned());
        assert!(!format!("{secret:?}").contains("hunter2"));
    }
}
