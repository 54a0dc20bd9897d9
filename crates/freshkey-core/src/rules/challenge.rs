//! A challenge: the state of a flow of several calls, from the first call to the last. This module says how long a
//! challenge lives, and how long the codes in its emails do.

use freshkey_types::{self as types, Millis, StepReason};

/// How many wrong codes a challenge accepts.
pub const ATTEMPTS: i64 = 5;
/// How long the user waits before asking for another email.
pub const RESEND_AFTER: Millis = Millis::from_secs(types::RESEND_AFTER.0);
/// The longest a code works after it was requested, however late its email was sent.
const LONGEST: Millis = Millis::from_hours(1);
/// A code's life is divided into this many parts. The mail server's delay is rounded up to a whole part.
const PARTS: i64 = 100;

/// How long an authenticator app waits for its first code, and how long recovery codes are shown.
const TEN_MINUTES: Millis = Millis::from_mins(10);

/// What a challenge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeKind {
    /// Creates an account.
    Register,
    /// Replaces a forgotten password.
    Reset,
    /// Signs in with a code from an email.
    SignIn,
    /// A signed-in user proves that they have their address.
    Prove,
    /// A signed-in user proves that they have the new address of their account.
    Email,
    /// The second step of a sign-in. It has no email.
    SecondFactor,
    /// Keeps an account that is about to be deleted. It has no email.
    Keep,
    /// Sets up a required second step. It has no email.
    Enrol,
    /// An authenticator app waits for its first code. It has no email.
    Totp,
    /// Recovery codes are shown to the session that made them. It has no email.
    RecoveryCodes,
}

impl ChallengeKind {
    const ALL: [Self; 10] = [
        Self::Register,
        Self::Reset,
        Self::SignIn,
        Self::Prove,
        Self::Email,
        Self::SecondFactor,
        Self::Keep,
        Self::Enrol,
        Self::Totp,
        Self::RecoveryCodes,
    ];

    /// Returns the name used in the database and in addresses.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Reset => "reset",
            Self::SignIn => "sign_in",
            Self::Prove => "prove",
            Self::Email => "email",
            Self::SecondFactor => "second_factor",
            Self::Keep => "keep",
            Self::Enrol => "enrol",
            Self::Totp => "totp",
            Self::RecoveryCodes => "recovery_codes",
        }
    }

    /// Returns the kind with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.text() == text)
    }
}

/// How long challenges and codes live.
#[derive(Clone, Copy, Debug)]
pub struct ChallengeLifetimes {
    /// A code, counted from when the mail server accepted its email; also a challenge.
    pub code: Millis,
    /// A registration and its link.
    pub register: Millis,
}

impl ChallengeLifetimes {
    /// Returns how long a challenge of this kind lives.
    pub const fn of(self, kind: ChallengeKind) -> Millis {
        match kind {
            ChallengeKind::Register => self.register,
            // The page states this time.
            ChallengeKind::Totp | ChallengeKind::RecoveryCodes => TEN_MINUTES,
            ChallengeKind::Reset
            | ChallengeKind::SignIn
            | ChallengeKind::Prove
            | ChallengeKind::Email
            | ChallengeKind::SecondFactor
            | ChallengeKind::Keep
            | ChallengeKind::Enrol => self.code,
        }
    }

    /// Returns how long an email requested now can be useful, at most.
    pub fn of_email(self, kind: ChallengeKind) -> Millis {
        let life = self.of(kind);
        life.max(LONGEST)
    }
}

/// An email of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emailed {
    /// The number of the email within its challenge, from 1.
    pub number: i64,
    /// When it was requested.
    pub asked_at: Millis,
    /// When the mail server accepted it, if it did.
    pub sent_at: Option<Millis>,
}

impl Emailed {
    /// Returns when the code stops working, as far as is known at `now`. A mail server that is down does not use up
    /// the code's life.
    ///
    /// The mail server's delay is rounded up to hundredths of the code's life. Otherwise the end of a step would
    /// reveal whether an email was sent (after a second or two, as usual) or never will be.
    pub fn code_ends(self, life: Millis, now: Millis) -> Millis {
        // The mail server may have accepted it just now, and that is not stored yet.
        let took = self.sent_at.unwrap_or(now) - self.asked_at;
        let part = (life / PARTS).max(Millis(1));
        let counted = part * took.max(Millis(1)).div_ceil(part);
        self.asked_at + (counted + life).min(LONGEST.max(life))
    }
}

/// What is known about a challenge's end.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChallengeState {
    /// When its own time is over, not counting its emails.
    pub expires_at: Millis,
    /// How many wrong codes were tried.
    pub attempts: i64,
    /// When it was finished.
    pub finished_at: Option<Millis>,
    /// Another reason why it is over.
    pub over: Option<StepReason>,
}

impl ChallengeState {
    /// Returns why the challenge is over at `now`, if it is. It does not end before the code of its last email.
    pub fn over(self, emails: &[Emailed], lifetimes: ChallengeLifetimes, now: Millis) -> Option<StepReason> {
        if self.finished_at.is_some() {
            return Some(StepReason::Used);
        }
        let codes = emails.iter().map(|email| email.code_ends(lifetimes.code, now));
        let ends = codes.fold(self.expires_at, Millis::max);
        self.over.or((now >= ends).then_some(StepReason::Expired))
    }

    /// Returns why a code is no longer accepted at `now`: the reason of [`ChallengeState::over`], or five wrong codes.
    pub fn over_for_codes(self, emails: &[Emailed], lifetimes: ChallengeLifetimes, now: Millis) -> Option<StepReason> {
        self.over(emails, lifetimes, now).or((self.attempts >= ATTEMPTS).then_some(StepReason::Attempts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIFETIMES: ChallengeLifetimes =
        ChallengeLifetimes { code: Millis::from_mins(10), register: Millis::from_days(1) };

    #[test]
    fn a_code_lives_from_the_moment_at_which_the_mail_server_took_its_email() {
        let now = Millis::ZERO;
        let late = Emailed { number: 1, asked_at: now, sent_at: Some(Millis(1_800_000)) };
        assert_eq!(late.code_ends(LIFETIMES.code, now), Millis(2_400_000));
        let later = Emailed { sent_at: Some(Millis(3_500_000)), ..late };
        assert_eq!(later.code_ends(LIFETIMES.code, now), LONGEST);
        let waiting = Emailed { sent_at: None, ..late };
        assert_eq!(waiting.code_ends(LIFETIMES.code, Millis(1_000_000)), Millis(1_602_000));
        assert_eq!(waiting.code_ends(LIFETIMES.code, LONGEST), LONGEST);
    }

    #[test]
    fn the_end_of_a_step_does_not_tell_whether_its_email_was_sent() {
        // A decoy is finished a little earlier than an email would be.
        let decoy = Emailed { number: 1, asked_at: Millis(7), sent_at: Some(Millis(7 + 40)) };
        for took in [1, 80, 1_500, 6_000] {
            let sent = Emailed { sent_at: Some(Millis(7 + took)), ..decoy };
            let ends = |email: Emailed| email.code_ends(LIFETIMES.code, Millis::ZERO);
            assert_eq!(ends(sent), ends(decoy), "{took} ms");
        }
    }

    proptest! {
        #[test]
        fn no_challenge_ends_before_its_last_code(
            asked in 0..4_000_000_i64, wait in proptest::option::of(0..4_000_000_i64), now in 0..9_000_000_i64,
        ) {
            let email = Emailed { number: 1, asked_at: Millis(asked), sent_at: wait.map(|wait| Millis(asked + wait)) };
            let now = Millis(now);
            let course = ChallengeState { expires_at: LIFETIMES.code, ..ChallengeState::default() };
            if now < email.code_ends(LIFETIMES.code, now) {
                prop_assert_eq!(course.over(&[email], LIFETIMES, now), None);
            } else if now >= course.expires_at {
                prop_assert_eq!(course.over(&[email], LIFETIMES, now), Some(StepReason::Expired));
            }
        }

        #[test]
        fn what_is_over_stays_over(first in 0..9_000_000_i64, later in 0..9_000_000_i64, attempts in 0..9_i64) {
            let (first, later) = (Millis(first), Millis(later));
            let email = Emailed { number: 1, asked_at: Millis::ZERO, sent_at: None };
            let course = ChallengeState { expires_at: LIFETIMES.code, attempts, ..ChallengeState::default() };
            if course.over_for_codes(&[email], LIFETIMES, first).is_some() {
                prop_assert!(course.over_for_codes(&[email], LIFETIMES, first + later).is_some());
            }
            prop_assert_eq!(course.over(&[], LIFETIMES, first).is_some(), first >= LIFETIMES.code);
        }
    }
}
