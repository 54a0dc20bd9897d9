//! The texts of the library's emails, in each language. An app can replace any of them.

mod de;
mod en;
mod es;
mod fr;

use crate::rules::language::Language;
use freshkey_types::Millis;

/// The texts of one language. `{brand}` is the app's name, `{host}` the site's host, `{code}` a code.
///
/// An app writes its own texts as a functional update, so that a new text of the library breaks nothing:
/// `Texts { register_heading: "Come in", ..Texts::EN }`.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the name says which email it is of, and Texts::EN says the rest")]
pub struct Texts {
    pub code_subject: &'static str,
    /// `{minutes}` is how long it works.
    pub code_use: &'static str,
    /// For a code that works in any browser in which the user is signed in.
    pub code_use_in_account: &'static str,
    pub code_warning: &'static str,
    pub code_not_you: &'static str,
    pub minute: &'static str,
    /// `{n}` is the number.
    pub minutes: &'static str,
    pub fact_device: &'static str,
    /// With `{browser}` and `{system}`.
    pub device: &'static str,
    pub fact_time: &'static str,
    pub fact_ip: &'static str,
    pub fact_place: &'static str,
    pub months: [&'static str; 12],
    /// With `{day}`, `{month}`, `{year}` and `{time}`.
    pub time: &'static str,
    pub reason_entered: &'static str,
    pub reason_account: &'static str,

    pub register_heading: &'static str,
    pub register_text: &'static str,
    pub register_link: &'static str,
    pub register_button: &'static str,
    pub have_account_subject: &'static str,
    pub have_account_text: &'static str,
    pub have_account_not_you: &'static str,
    pub sign_in_button: &'static str,
    pub forgot_link: &'static str,
    pub sign_in_heading: &'static str,
    pub sign_in_text: &'static str,
    pub reset_heading: &'static str,
    pub reset_text: &'static str,
    pub reset_link: &'static str,
    pub reset_button: &'static str,
    pub reset_started_subject: &'static str,
    pub reset_started_text: &'static str,
    pub password_locked_text: &'static str,
    /// `{minutes}` is how long it works.
    pub reset_started_link: &'static str,
    pub reset_started_doubt: &'static str,
    pub email_prove_heading: &'static str,
    pub email_prove_text: &'static str,
    pub email_confirm_heading: &'static str,
    pub email_confirm_text: &'static str,
    pub email_wanted_subject: &'static str,
    pub email_wanted_text: &'static str,
    pub email_changed_subject: &'static str,
    pub email_changed_text: &'static str,
    pub email_new_subject: &'static str,
    pub email_new_text: &'static str,
    pub password_changed_subject: &'static str,
    pub password_changed_text: &'static str,
    pub new_device_subject: &'static str,
    pub new_device_text: &'static str,
    pub session_replayed_subject: &'static str,
    pub session_replayed_text: &'static str,
    pub passkey_added_subject: &'static str,
    pub totp_added_subject: &'static str,
    pub factor_added_text: &'static str,
    pub passkey_removed_subject: &'static str,
    pub totp_removed_subject: &'static str,
    pub factor_removed_text: &'static str,
    pub two_step_off_subject: &'static str,
    pub two_step_off_text: &'static str,
    pub recovery_codes_made_subject: &'static str,
    pub recovery_codes_made_text: &'static str,
    pub recovery_code_used_subject: &'static str,
    /// `{left}` is how many are left.
    pub recovery_code_used_text: &'static str,
    pub second_step_refused_subject: &'static str,
    pub second_step_refused_text: &'static str,
    pub by_admin_subject: &'static str,
    pub two_step_required_text: &'static str,
    pub two_step_not_required_text: &'static str,
    pub factors_removed_text: &'static str,
    pub data_exported_subject: &'static str,
    pub data_exported_text: &'static str,
    pub deletion_asked_subject: &'static str,
    /// `{until}` is when.
    pub deletion_asked_text: &'static str,
    /// `{until}` is when.
    pub deletion_by_admin_text: &'static str,
    pub deleted_subject: &'static str,
    pub deleted_text: &'static str,
    pub secured_subject: &'static str,
    pub secured_text: &'static str,
    pub undone_subject: &'static str,
    pub undone_text: &'static str,
    pub undo_text: &'static str,
    /// For a change that somebody else made, perhaps for the user.
    pub undo_unasked_text: &'static str,
    /// `{until}` is when.
    pub undo_until: &'static str,
    pub undo_button: &'static str,
    pub no_undo_text: &'static str,
    pub test_subject: &'static str,
    pub test_text: &'static str,
}

impl Texts {
    /// Returns the library's texts in this language.
    pub fn of(language: Language) -> Self {
        match language {
            Language::En => Self::EN,
            Language::De => Self::DE,
            Language::Fr => Self::FR,
            Language::Es => Self::ES,
        }
    }

    /// Formats a time in UTC, because the reader's time zone is unknown.
    pub(super) fn time(&self, at: Millis) -> String {
        let (year, month, day, hour, minute) = civil(at);
        fill(
            self.time,
            &[
                ("day", &day.to_string()),
                ("month", self.months.get(month - 1).copied().unwrap_or_default()),
                ("year", &year.to_string()),
                ("time", &format!("{hour:02}:{minute:02}")),
            ],
        )
    }

    /// Formats a duration in minutes: the whole ones, at least one.
    pub(super) fn minutes(&self, life: Millis) -> String {
        let n = life.div_euclid(Millis::from_mins(1)).max(1);
        fill(if n == 1 { self.minute } else { self.minutes }, &[("n", &n.to_string())])
    }

    /// Translates a device's name, which is in English: `Firefox on Linux`.
    pub(super) fn device(&self, name: &str) -> String {
        match name.split_once(" on ") {
            Some((browser, system)) => fill(self.device, &[("browser", browser), ("system", system)]),
            None => name.to_owned(),
        }
    }
}

/// Replaces each `{name}` with its value. Values are not expanded again.
pub(super) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let found = after.split_once('}').and_then(|(name, after)| {
            values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value, after))
        });
        let (value, after) = found.unwrap_or(("{", after));
        filled.push_str(value);
        rest = after;
    }
    filled + rest
}

/// Returns year, month, day, hour and minute in UTC (<https://howardhinnant.github.io/date_algorithms.html>,
/// `civil_from_days`).
fn civil(at: Millis) -> (i64, usize, i64, i64, i64) {
    let minutes = at.div_euclid(Millis::from_mins(1));
    let (days, minute) = (minutes.div_euclid(1440), minutes.rem_euclid(1440));
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, usize::try_from(month).unwrap_or(1), day, minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_as_people_of_the_language_say_it() {
        let at = Millis(1_795_474_112_345);
        assert_eq!(Texts::EN.time(at), "23 November 2026, 22:48 UTC");
        assert_eq!(Texts::DE.time(at), "23. November 2026, 22:48 Uhr (UTC)");
        assert_eq!(Texts::FR.time(at), "23 novembre 2026 à 22:48 UTC");
        assert_eq!(Texts::ES.time(at), "23 de noviembre de 2026, 22:48 UTC");
        assert_eq!(Texts::EN.time(Millis::ZERO), "1 January 1970, 00:00 UTC");
        assert_eq!(Texts::EN.time(Millis(1_835_395_199_000)), "28 February 2028, 23:59 UTC");
        assert_eq!(Texts::EN.time(Millis(1_835_395_200_000)), "29 February 2028, 00:00 UTC");
    }

    #[test]
    fn a_value_that_looks_like_a_place_is_left_alone() {
        assert_eq!(fill("{a} and {b}, {c} {", &[("a", "{b}"), ("b", "x")]), "{b} and x, {c} {");
        assert_eq!(Texts::DE.device("Firefox on Linux"), "Firefox unter Linux");
        assert_eq!(Texts::DE.device("curl/8.5.0"), "curl/8.5.0");
    }
}
