//! Closed lists of what may happen: each with its name in answers and in the database, and with what
//! the person is told.
//!
//! During an update, a name of the next version reaches this one: in a row, in a notice between
//! instances, in the answer of another server to a page that is still open. Each list says what such a
//! name is taken for.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

macro_rules! words {
    ($(#[$doc:meta])* $list:ident, unknown: $unknown:ident { $($(#[$word_doc:meta])* $word:ident, $text:literal, $sentence:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $list { $($(#[$word_doc])* $word,)* }

        impl $list {
            /// The name in answers and in the database.
            pub const fn text(self) -> &'static str { match self { $(Self::$word => $text,)* } }
            /// What `text` names; for a name of a later version, what that is taken for.
            pub fn known(text: &str) -> Self { match text { $($text => Self::$word,)* _ => Self::$unknown } }
            /// What the person is told.
            pub const fn sentence(self) -> &'static str { match self { $(Self::$word => $sentence,)* } }
        }

        impl<'de> Deserialize<'de> for $list {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(|text| Self::known(&text))
            }
        }
    };
}

words! {
    /// Something that happened to an account.
    Happened, unknown: Other {
        /// The account was made.
        Registered, "registered", "Account created";
        /// Somebody read an email to the address.
        EmailProven, "email_proven", "Email address confirmed";
        /// Somebody asked for another password by email.
        PasswordResetAsked, "password_reset_asked", "Password reset requested";
        /// The password was reset by an email.
        PasswordReset, "password_reset", "Password reset";
        /// A code to sign in with was sent by email.
        SignInCodeSent, "sign_in_code_sent", "Sign-in code sent by email";
        /// The user downloaded what is kept of them.
        DataExported, "data_exported", "Your data was downloaded";
        /// The user wants the account deleted.
        DeletionAsked, "deletion_asked", "Account deletion requested";
        /// The user wants the account after all.
        DeletionUndone, "deletion_undone", "Account kept: the deletion was called off";
        /// Somebody signed in, or registered.
        SignedIn, "signed_in", "Signed in";
        /// Somebody had the address right and the password wrong.
        SignInRefused, "sign_in_refused", "Failed sign-in: wrong password";
        /// A refresh whose answer had been lost was answered again.
        LostAnswerRecovered, "lost_answer_recovered", "Session recovered after a dropped connection";
        /// A spent refresh token came back: the session was ended.
        RefreshTokenReplayed, "refresh_token_replayed", "Someone used an old copy of your session, so we ended it. Not you? Change your password.";
        /// The user chose another password.
        PasswordChanged, "password_changed", "Password changed";
        /// Somebody who is signed in wanted another password, and had the current one wrong.
        PasswordChangeRefused, "password_change_refused", "Password not changed: wrong current password";
        /// An administrator had a new password asked for.
        ResetStartedByAdmin, "reset_started_by_admin", "An administrator sent you an email to choose a new password";
        /// The user confirmed that it is them.
        SteppedUp, "stepped_up", "Confirmed with the password";
        /// Somebody who is signed in was asked for the password, and had it wrong.
        StepUpRefused, "step_up_refused", "Not confirmed: wrong password";
        /// An administrator ended a session.
        SessionEndedByAdmin, "session_ended_by_admin", "An administrator ended your session";
        /// An administrator ended every session.
        SessionsEndedByAdmin, "sessions_ended_by_admin", "An administrator signed you out everywhere";
        /// An administrator disabled the account.
        AccountDisabledByAdmin, "account_disabled_by_admin", "An administrator disabled your account";
        /// An administrator enabled the account again.
        AccountEnabledByAdmin, "account_enabled_by_admin", "An administrator enabled your account again";
        /// Something that a later version of the server noted.
        Other, "other", "Something else happened";
    }
}

impl Happened {
    /// Whether strangers, or a bad network, can make it happen any number of times: such events are
    /// counted by the day, so that they hide nothing else.
    pub const fn repeats(self) -> bool {
        matches!(
            self,
            Self::SignInRefused
                | Self::PasswordChangeRefused
                | Self::StepUpRefused
                | Self::LostAnswerRecovered
                | Self::PasswordResetAsked
                | Self::SignInCodeSent
        )
    }
}

words! {
    /// Why a session is over.
    EndReason, unknown: Revoked {
        /// By this browser: a sign-out, or a new sign-in.
        SignedOut, "signed_out", "You're signed out.";
        /// From elsewhere.
        Revoked, "revoked", "You were signed out from another device, or by an administrator.";
        /// Unused for longer than the idle lifetime.
        Idle, "idle", "You were signed out after a period of inactivity.";
        /// Older than the absolute lifetime.
        Expired, "expired", "Your session expired.";
        /// A spent refresh token came back: somebody has a copy.
        Replay, "replay", "We signed you out to protect you: someone used an old copy of your session.";
        /// The password was changed.
        PasswordChanged, "password_changed", "Your password was changed. Sign in with the new one.";
        /// The account was disabled.
        Disabled, "disabled", "This account has been disabled.";
        /// The user wants the account deleted.
        Deleted, "deleted", "Your account is going to be deleted. Sign in to keep it.";
    }
}

words! {
    /// Why a step of a flow is over.
    StepReason, unknown: Expired {
        /// Its time is over.
        Expired, "expired", "This has expired.";
        /// It was finished.
        Used, "used", "This was used already.";
        /// Too many wrong codes.
        Attempts, "attempts", "Too many wrong codes.";
        /// Something else took its place.
        Replaced, "replaced", "This was replaced by a newer step.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, to_value};
    use utoipa::PartialSchema;

    #[test]
    fn a_name_has_one_spelling_and_a_later_versions_name_is_no_error() {
        assert_eq!(serde_json::to_string(&EndReason::PasswordChanged).ok().as_deref(), Some("\"password_changed\""));
        assert_eq!(serde_json::from_str("\"password_changed\"").ok(), Some(EndReason::PasswordChanged));
        assert_eq!(serde_json::from_str("\"moved\"").ok(), Some(EndReason::Revoked));
        assert_eq!(serde_json::from_str("\"passkey_added\"").ok(), Some(Happened::Other));
    }

    /// Every word that is described is sent so, and kept so.
    fn check(schema: impl Serialize, sent: impl Fn(&str) -> Option<Value>) {
        let words = to_value(schema).expect("JSON")["enum"].as_array().expect("a list of words").clone();
        assert!(words.len() >= 4);
        for word in words {
            assert_eq!(sent(word.as_str().expect("a word")), Some(word));
        }
    }

    #[test]
    fn a_word_is_the_same_in_answers_in_the_database_and_in_the_description() {
        check(Happened::schema(), |text| to_value(Happened::known(text)).ok());
        check(EndReason::schema(), |text| to_value(EndReason::known(text)).ok());
        check(StepReason::schema(), |text| to_value(StepReason::known(text)).ok());
    }
}
