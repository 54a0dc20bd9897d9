//! Closed lists of values, each with its name in answers and in the database, and with a sentence for the user.
//!
//! During an update, this release may meet a name of the next one: in a row, in a notification between instances, or
//! in another server's answer to an open page. Each list has a fallback for unknown names.

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
            /// Returns the value with this name; for a name of a later release, the fallback.
            pub fn known(text: &str) -> Self { match text { $($text => Self::$word,)* _ => Self::$unknown } }
            /// The sentence for the user.
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
    AuditEvent, unknown: Other {
        /// The account was created.
        Registered, "registered", "Account created";
        /// The address was proven to be the user's.
        EmailProven, "email_proven", "Email address confirmed";
        /// The user changed the address.
        EmailChanged, "email_changed", "Email address changed";
        /// A change of the address was undone.
        EmailChangeUndone, "email_change_undone", "Change of the email address undone";
        /// The reader of a security email answered that it was them.
        AlarmAnswered, "alarm_answered", "You told us: it was you";
        /// The reader of a security email answered that it was not them.
        AccountSecured, "account_secured", "You told us that it was not you: the account was put back, and the password turned off";
        /// Somebody requested a password reset by email.
        PasswordResetAsked, "password_reset_asked", "Password reset requested";
        /// The password was reset with the code or link of an email.
        PasswordReset, "password_reset", "Password reset";
        /// A sign-in code was sent by email.
        SignInCodeSent, "sign_in_code_sent", "Sign-in code sent by email";
        /// The user downloaded their data.
        DataExported, "data_exported", "Your data was downloaded";
        /// The user requested the deletion of the account.
        DeletionAsked, "deletion_asked", "Account deletion requested";
        /// The deletion of the account was cancelled.
        DeletionUndone, "deletion_undone", "Account kept: the deletion was called off";
        /// Somebody signed in, or registered.
        SignedIn, "signed_in", "Signed in";
        /// Somebody tried to sign in with a wrong password.
        SignInRefused, "sign_in_refused", "Failed sign-in: wrong password";
        /// The server recovered a refresh whose answer had been lost.
        LostAnswerRecovered, "lost_answer_recovered", "Session recovered after a dropped connection";
        /// A spent refresh token was used again, so the server ended the session.
        RefreshTokenReplayed, "refresh_token_replayed", "Someone used an old copy of your session, so we ended it. Not you? Change your password.";
        /// The user changed the password.
        PasswordChanged, "password_changed", "Password changed";
        /// A signed-in user tried to change the password, but the current one was wrong.
        PasswordChangeRefused, "password_change_refused", "Password not changed: wrong current password";
        /// An administrator started a password reset.
        ResetStartedByAdmin, "reset_started_by_admin", "An administrator sent you an email to choose a new password";
        /// The second step of a sign-in was wrong.
        SecondFactorRefused, "second_factor_refused", "Failed sign-in: right password, wrong second step";
        /// A passkey was not accepted.
        PasskeyRefused, "passkey_refused", "A passkey was not accepted";
        /// A passkey was added.
        PasskeyAdded, "passkey_added", "Passkey added";
        /// A passkey was removed.
        PasskeyRemoved, "passkey_removed", "Passkey removed";
        /// An authenticator app was added.
        TotpAdded, "totp_added", "Authenticator app added";
        /// An authenticator app was removed.
        TotpRemoved, "totp_removed", "Authenticator app removed";
        /// Recovery codes were made.
        RecoveryCodesMade, "recovery_codes_made", "New recovery codes made";
        /// A recovery code was used.
        RecoveryCodeUsed, "recovery_code_used", "Recovery code used";
        /// Two-step sign-in was turned on.
        TwoStepOn, "two_step_on", "Two-step sign-in turned on";
        /// Two-step sign-in was turned off.
        TwoStepOff, "two_step_off", "Two-step sign-in turned off";
        /// A device is trusted: it is no longer asked for the second step.
        DeviceTrusted, "device_trusted", "Device trusted: it is not asked for the second step";
        /// All devices are asked for the second step again.
        DevicesForgotten, "devices_forgotten", "Trusted devices forgotten";
        /// An administrator removed every second step.
        FactorsRemovedByAdmin, "factors_removed_by_admin", "An administrator removed your apps, passkeys and recovery codes";
        /// An administrator changed whether the account requires two-step sign-in.
        TwoStepRequiredByAdmin, "two_step_required_by_admin", "An administrator changed whether your account needs two-step sign-in";
        /// The user confirmed that it is them.
        SteppedUp, "stepped_up", "Confirmed: it's you";
        /// A signed-in user was asked to confirm that it is them, and failed.
        StepUpRefused, "step_up_refused", "Not confirmed: wrong password, code or passkey";
        /// An administrator ended a session.
        SessionEndedByAdmin, "session_ended_by_admin", "An administrator ended your session";
        /// An administrator ended every session.
        SessionsEndedByAdmin, "sessions_ended_by_admin", "An administrator signed you out everywhere";
        /// An administrator disabled the account.
        AccountDisabledByAdmin, "account_disabled_by_admin", "An administrator disabled your account";
        /// An administrator enabled the account again.
        AccountEnabledByAdmin, "account_enabled_by_admin", "An administrator enabled your account again";
        /// An event of a later version of the server.
        Other, "other", "Something else happened";
    }
}

impl AuditEvent {
    /// Whether strangers, or a bad network, can make it happen any number of times: such events are
    /// counted by the day, so that they hide nothing else.
    pub const fn repeats(self) -> bool {
        matches!(
            self,
            Self::SignInRefused
                | Self::PasswordChangeRefused
                | Self::StepUpRefused
                | Self::SecondFactorRefused
                | Self::PasskeyRefused
                | Self::LostAnswerRecovered
                | Self::PasswordResetAsked
                | Self::SignInCodeSent
        )
    }

    /// Whether an administrator did it, or the operator.
    pub const fn is_by_admin(self) -> bool {
        matches!(
            self,
            Self::ResetStartedByAdmin
                | Self::FactorsRemovedByAdmin
                | Self::TwoStepRequiredByAdmin
                | Self::SessionEndedByAdmin
                | Self::SessionsEndedByAdmin
                | Self::AccountDisabledByAdmin
                | Self::AccountEnabledByAdmin
        )
    }
}

words! {
    /// Why a session ended.
    EndReason, unknown: Revoked {
        /// This browser signed out, or signed in anew.
        SignedOut, "signed_out", "You're signed out.";
        /// It was ended from another device, or by an administrator.
        Revoked, "revoked", "You were signed out from another device, or by an administrator.";
        /// It was unused for longer than the idle lifetime.
        Idle, "idle", "You were signed out after a period of inactivity.";
        /// It was older than the absolute lifetime.
        Expired, "expired", "Your session expired.";
        /// A spent refresh token was used again: somebody has a copy.
        Replay, "replay", "We signed you out to protect you: someone used an old copy of your session.";
        /// The password was changed.
        PasswordChanged, "password_changed", "Your password was changed. Sign in with the new one.";
        /// The address was changed.
        EmailChanged, "email_changed", "The email address was changed. Sign in with the new one.";
        /// The factors of the account were changed.
        FactorsChanged, "factors_changed", "The second step of your sign-in was changed. Sign in again.";
        /// The reader of a security email answered that it was not them.
        Secured, "secured", "We signed you out to protect the account. Choose a new password.";
        /// The account was disabled.
        Disabled, "disabled", "This account has been disabled.";
        /// The user requested the deletion of the account.
        Deleted, "deleted", "Your account is going to be deleted. Sign in to keep it.";
    }
}

words! {
    /// Why a step of a flow is over.
    StepReason, unknown: Expired {
        /// It has expired.
        Expired, "expired", "This has expired.";
        /// It was completed.
        Used, "used", "This was used already.";
        /// There were too many wrong codes.
        Attempts, "attempts", "Too many wrong codes.";
        /// Another step replaced it.
        Replaced, "replaced", "This was replaced by a newer step.";
    }
}

// Each has the name of the email's kind (`EmailKind` in freshkey-core).
words! {
    /// What a security email reports, and its link can undo.
    Alarm, unknown: Other {
        /// The address was changed.
        EmailChanged, "email_changed", "The email address of your account was changed.";
        /// The password was changed.
        PasswordChanged, "password_changed", "The password of your account was changed.";
        /// Somebody signed in from a device that is new to the account.
        NewDevice, "new_device", "Somebody signed in to your account from a new device.";
        /// An old copy of a session was used.
        SessionReplayed, "session_replayed", "Somebody used an old copy of one of your sessions, so we ended it.";
        /// An authenticator app or a passkey was added.
        FactorAdded, "factor_added", "A passkey or an authenticator app was added to your account.";
        /// An authenticator app or a passkey was removed.
        FactorRemoved, "factor_removed", "A passkey or an authenticator app was removed from your account.";
        /// Two-step sign-in was turned off.
        TwoStepOff, "two_step_off", "Two-step sign-in was turned off for your account.";
        /// Recovery codes were made.
        RecoveryCodesMade, "recovery_codes_made", "New recovery codes were made for your account.";
        /// A recovery code was used.
        RecoveryCodeUsed, "recovery_code_used", "Somebody signed in to your account with a recovery code.";
        /// The password was right, but the second step was wrong three times.
        SecondStepRefused, "second_step_refused", "Somebody knows your password, and was stopped at the second step.";
        /// An administrator changed the account.
        ByAdmin, "by_admin", "An administrator changed your account.";
        /// The user's data was downloaded.
        DataExported, "data_exported", "Somebody downloaded all your data.";
        /// The user requested the deletion of the account.
        DeletionAsked, "deletion_asked", "Somebody asked us to delete your account.";
        /// A report of a later version of the server.
        Other, "other", "Something happened to your account.";
    }
}

words! {
    /// The answer of the reader of a security email.
    AlarmAnswer, unknown: Me {
        /// It was them.
        Me, "me", "It was me";
        /// It was not them.
        NotMe, "not_me", "It was not me";
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
        assert_eq!(serde_json::from_str("\"of_a_later_version\"").ok(), Some(AuditEvent::Other));
    }

    /// Every documented value is sent and stored under its documented name.
    fn check(schema: impl Serialize, sent: impl Fn(&str) -> Option<Value>) {
        let words = to_value(schema).expect("JSON")["enum"].as_array().expect("a list of words").clone();
        assert!(words.len() >= 4);
        for word in words {
            assert_eq!(sent(word.as_str().expect("a word")), Some(word));
        }
    }

    #[test]
    fn a_word_is_the_same_in_answers_in_the_database_and_in_the_description() {
        check(AuditEvent::schema(), |text| to_value(AuditEvent::known(text)).ok());
        check(EndReason::schema(), |text| to_value(EndReason::known(text)).ok());
        check(StepReason::schema(), |text| to_value(StepReason::known(text)).ok());
        check(Alarm::schema(), |text| to_value(Alarm::known(text)).ok());
    }
}
