//! Closed lists of what may happen: each with its name in answers and in the database, and with what
//! the person is told.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! words {
    ($(#[$doc:meta])* $list:ident { $($(#[$word_doc:meta])* $word:ident, $text:literal, $sentence:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum $list { $($(#[$word_doc])* #[serde(rename = $text)] $word,)* }

        impl $list {
            /// The name in answers and in the database.
            pub const fn text(self) -> &'static str { match self { $(Self::$word => $text,)* } }
            /// What `text` names.
            pub fn parse(text: &str) -> Option<Self> { match text { $($text => Some(Self::$word),)* _ => None } }
            /// What the person is told.
            pub const fn sentence(self) -> &'static str { match self { $(Self::$word => $sentence,)* } }
        }
    };
}

words! {
    /// Something that happened to an account.
    Happened {
        /// Somebody signed in, or registered.
        SignedIn, "signed_in", "Signed in";
        /// Somebody had the address right and the password wrong.
        SignInRefused, "sign_in_refused", "Sign-in refused: the password was wrong";
        /// A refresh whose answer had been lost was answered again.
        LostAnswerRecovered, "lost_answer_recovered", "Reconnected after a lost answer";
        /// A spent refresh token came back: the session was ended.
        RefreshTokenReplayed, "refresh_token_replayed", "An old copy of a session's key was used, so we ended that session";
        /// The user chose another password.
        PasswordChanged, "password_changed", "Password changed";
        /// Somebody who is signed in wanted another password, and had the current one wrong.
        PasswordChangeRefused, "password_change_refused", "Password not changed: the current one was wrong";
        /// An administrator ended a session.
        SessionEndedByAdmin, "session_ended_by_admin", "An administrator ended your session";
        /// An administrator ended every session.
        SessionsEndedByAdmin, "sessions_ended_by_admin", "An administrator signed you out everywhere";
        /// An administrator disabled the account.
        AccountDisabledByAdmin, "account_disabled_by_admin", "An administrator disabled your account";
        /// An administrator enabled the account again.
        AccountEnabledByAdmin, "account_enabled_by_admin", "An administrator enabled your account again";
    }
}

words! {
    /// Why a session is over.
    EndReason {
        /// By this browser: a sign-out, or a new sign-in.
        SignedOut, "signed_out", "You are signed out.";
        /// From elsewhere.
        Revoked, "revoked", "You were signed out from another device, or by an administrator.";
        /// Unused for longer than the idle lifetime.
        Idle, "idle", "You were signed out because you had not been here for a while.";
        /// Older than the absolute lifetime.
        Expired, "expired", "Your session has run its full time. Please sign in again.";
        /// A spent refresh token came back: somebody has a copy.
        Replay, "replay", "We ended this session to protect you: an old copy of its key was used.";
        /// The password was changed.
        PasswordChanged, "password_changed", "Your password was changed. Sign in with the new one.";
        /// The account was disabled.
        Disabled, "disabled", "This account has been disabled.";
    }
}
