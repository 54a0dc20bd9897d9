//! What users read of an error.

use super::{ApiError, Code};
use freshkey_types::{Seconds, paths};
use std::fmt;

impl ApiError {
    /// Returns the text for users above the form that made `call`.
    pub fn above_form(&self, call: &str) -> String {
        match self.wait().filter(|_| call == paths::API_RESEND) {
            // Nothing is locked: the code that was sent before stays good.
            Some(wait) => format!("You can get a new code in {wait}. The last one still works."),
            None => self.to_string(),
        }
    }

    /// Says what is wrong with a code, and how many tries are left.
    pub(super) fn wrong_code(&self) -> String {
        match (&self.reason, self.attempts_left) {
            // It was the right one.
            (Some(_), _) => "This code has run out. Ask for a new one.".to_owned(),
            (None, Some(0)) => format!("{}. No tries left.", self.message),
            (None, Some(1)) => format!("{}. One try left.", self.message),
            (None, Some(left)) => format!("{}. {left} tries left.", self.message),
            (None, None) => self.message.to_string(),
        }
    }

    /// Returns how long to wait for a limit, in words.
    fn wait(&self) -> Option<String> {
        match self.retry_after {
            _ if self.code != Code::RateLimited => None,
            Seconds(1) => Some("a second".to_owned()),
            Seconds(seconds @ 2..=120) => Some(format!("{seconds} seconds")),
            Seconds(seconds @ 121..) => Some(format!("{} minutes", (seconds + 59) / 60)),
            _ => None,
        }
    }
}

/// The text for users. For some codes it says more than the message, which is part of the contract.
impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.wait() {
            Some(wait) => write!(f, "Too many attempts. Try again in {wait}."),
            None if self.code == Code::Internal => f.write_str(Code::Internal.of_a_form()),
            None => f.write_str(&self.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use freshkey_types::StepReason;

    #[test]
    fn a_person_reads_how_long_to_wait() {
        let limited = |seconds| ApiError::from(Code::RateLimited).after(seconds).to_string();
        assert_eq!(limited(Seconds(1)), "Too many attempts. Try again in a second.");
        assert_eq!(limited(Seconds(90)), "Too many attempts. Try again in 90 seconds.");
        assert_eq!(limited(Seconds(301)), "Too many attempts. Try again in 6 minutes.");
        assert_eq!(ApiError::from(Code::RateLimited).message, "Too many requests, please try again later.");
        let too_soon = ApiError::from(Code::RateLimited).after(Seconds(22)).above_form(paths::API_RESEND);
        assert_eq!(too_soon, "You can get a new code in 22 seconds. The last one still works.");
        assert_eq!(ApiError::from(Code::ChallengeOver).above_form(paths::API_RESEND), Code::ChallengeOver.message());
    }

    #[test]
    fn a_person_reads_how_many_tries_are_left() {
        let wrong = |left| ApiError { attempts_left: left, ..Code::InvalidCode.into() };
        assert_eq!(wrong(Some(4)).sentence("code").as_deref(), Some("Wrong code. 4 tries left."));
        assert_eq!(wrong(Some(1)).sentence("code").as_deref(), Some("Wrong code. One try left."));
        assert_eq!(wrong(Some(0)).sentence("code").as_deref(), Some("Wrong code. No tries left."));
        assert_eq!(wrong(None).sentence("code").as_deref(), Some("Wrong code"));
        let run_out = wrong(Some(4)).saying(StepReason::Expired.text());
        assert_eq!(run_out.sentence("code").as_deref(), Some("This code has run out. Ask for a new one."));
        assert_eq!(run_out.message, "Wrong code");
    }
}
