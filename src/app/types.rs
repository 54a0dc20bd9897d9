//! The words both sides speak.

mod accounts;
pub mod lab;

pub use accounts::{AccountItem, AccountPage, AccountView, ProfileView, Role};

use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// A string that must not be shown: its `Debug` is redacted, it has no `Display`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, for the one place that needs it.
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

/// Who is signed in, as every page and `GET /api/me` show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserView {
    /// UUIDv7: the token's `sub`. Never given to anybody else, unlike an address.
    pub id: String,
    /// The address as it was typed at registration.
    pub email: String,
    /// The name, if one was given.
    pub name: Option<String>,
    /// The role; most people have none, and then it is not mentioned. Calls never go by it: they ask
    /// the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// The answer to a login, a registration and a refresh (RFC 6749, section 5.1, with our own
/// members beside the standard's).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TokenAnswer {
    /// The access token: a JWT (RFC 9068).
    #[schema(value_type = String)]
    pub access_token: Secret,
    /// Always `Bearer` (RFC 6750).
    pub token_type: String,
    /// The access token's life in seconds.
    pub expires_in: u64,
    /// The server's clock, in milliseconds since 1970: a client counts its `sent_at` from it.
    pub server_time: u64,
    /// Seconds after which a client gives a refresh up and sends it again: a whole number, but for
    /// a grace below 2 s.
    #[serde(serialize_with = "whole_if_it_is")]
    pub refresh_timeout: f64,
    /// What unsafe calls of this session carry in `X-CSRF-Token`.
    #[schema(value_type = String)]
    pub csrf_token: Secret,
    /// Who is signed in.
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
    /// Whom the access token names.
    pub user: TokenUser,
}

/// What an access token says of its user: all that a protected call knows without a look into
/// the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenUser {
    /// The token's `sub`.
    pub id: String,
    /// The token's `email`.
    pub email: String,
}

/// A session in the list of the user's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionItem {
    /// The session's id.
    pub id: String,
    /// Whether it is the caller's.
    pub current: bool,
    /// When it was begun, in milliseconds since 1970.
    pub created_at: i64,
    /// Its last refresh, in milliseconds since 1970.
    pub last_seen_at: i64,
    /// The address that it was begun from.
    pub ip: Option<String>,
    /// What the browser called itself then.
    pub user_agent: Option<String>,
}

/// Something that happened to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// Somebody signed in, or registered.
    SignedIn,
    /// Somebody had the address right and the password wrong.
    SignInRefused,
    /// A refresh whose answer had been lost was answered again.
    LostAnswerRecovered,
    /// A spent refresh token came back: the session was ended.
    RefreshTokenReplayed,
    /// The user chose another password.
    PasswordChanged,
    /// Somebody who is signed in wanted another password, and had the current one wrong.
    PasswordChangeRefused,
    /// An administrator ended a session.
    SessionEndedByAdmin,
    /// An administrator ended every session.
    SessionsEndedByAdmin,
    /// An administrator disabled the account.
    AccountDisabledByAdmin,
    /// An administrator enabled the account again.
    AccountEnabledByAdmin,
}

impl Happened {
    const ALL: [(Self, &str); 10] = [
        (Self::SignedIn, "signed_in"),
        (Self::SignInRefused, "sign_in_refused"),
        (Self::LostAnswerRecovered, "lost_answer_recovered"),
        (Self::RefreshTokenReplayed, "refresh_token_replayed"),
        (Self::PasswordChanged, "password_changed"),
        (Self::PasswordChangeRefused, "password_change_refused"),
        (Self::SessionEndedByAdmin, "session_ended_by_admin"),
        (Self::SessionsEndedByAdmin, "sessions_ended_by_admin"),
        (Self::AccountDisabledByAdmin, "account_disabled_by_admin"),
        (Self::AccountEnabledByAdmin, "account_enabled_by_admin"),
    ];

    /// The name in answers and in the database.
    pub fn text(self) -> &'static str {
        Self::ALL.iter().find(|(happened, _)| *happened == self).map_or("", |(_, text)| text)
    }

    /// What `text` names.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(happened, _)| *happened)
    }

    /// What the person is told.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::SignedIn => "Signed in",
            Self::SignInRefused => "Sign-in refused: the password was wrong",
            Self::LostAnswerRecovered => "Reconnected after a lost answer",
            Self::RefreshTokenReplayed => "An old copy of a session's key was used, so we ended that session",
            Self::PasswordChanged => "Password changed",
            Self::PasswordChangeRefused => "Password not changed: the current one was wrong",
            Self::SessionEndedByAdmin => "An administrator ended your session",
            Self::SessionsEndedByAdmin => "An administrator signed you out everywhere",
            Self::AccountDisabledByAdmin => "An administrator disabled your account",
            Self::AccountEnabledByAdmin => "An administrator enabled your account again",
        }
    }
}

/// An entry of the user's own activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActivityItem {
    /// What happened.
    pub event: Happened,
    /// Whether it was in the caller's session.
    pub current: bool,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The device's address.
    pub ip: Option<String>,
    /// What the device called itself.
    pub user_agent: Option<String>,
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// By this browser: a sign-out, or a new sign-in.
    SignedOut,
    /// From elsewhere.
    Revoked,
    /// Unused for longer than the idle lifetime.
    Idle,
    /// Older than the absolute lifetime.
    Expired,
    /// A spent refresh token came back: somebody has a copy.
    Replay,
    /// The password was changed.
    PasswordChanged,
    /// The account was disabled.
    Disabled,
}

impl EndReason {
    /// All of them, with their names in the contract and in the database.
    pub const ALL: [(Self, &str); 7] = [
        (Self::SignedOut, "signed_out"),
        (Self::Revoked, "revoked"),
        (Self::Idle, "idle"),
        (Self::Expired, "expired"),
        (Self::Replay, "replay"),
        (Self::PasswordChanged, "password_changed"),
        (Self::Disabled, "disabled"),
    ];

    /// The name in the contract and in the database.
    pub fn text(self) -> &'static str {
        Self::ALL.iter().find(|(reason, _)| *reason == self).map_or("", |(_, text)| text)
    }

    /// The reason that `text` names.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(reason, _)| *reason)
    }

    /// What the person is told.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::SignedOut => "You are signed out.",
            Self::Revoked => "You were signed out from another device.",
            Self::Idle => "You were signed out because you had not been here for a while.",
            Self::Expired => "Your session has run its full time. Please sign in again.",
            Self::Replay => "We ended this session to protect you: an old copy of its key was used.",
            Self::PasswordChanged => "Your password was changed. Sign in with the new one.",
            Self::Disabled => "This account has been disabled.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_one_name_everywhere() {
        for (reason, text) in EndReason::ALL {
            assert_eq!(serde_json::to_string(&reason).ok(), Some(format!("\"{text}\"")));
            assert_eq!(EndReason::parse(text), Some(reason));
        }
    }

    #[test]
    fn what_happened_has_one_name_everywhere() {
        for (happened, text) in Happened::ALL {
            assert_eq!(serde_json::to_string(&happened).ok(), Some(format!("\"{text}\"")));
            assert_eq!(Happened::parse(text), Some(happened));
        }
    }

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::from("hunter2".to_owned());
        assert!(!format!("{secret:?}").contains("hunter2"));
    }
}
