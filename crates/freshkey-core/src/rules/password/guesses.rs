//! The first guesses of an attacker: passwords from breaches, those with a few digits or signs around them, rows of
//! keys, repetitions, and dates.
//!
//! A list alone is not enough: `Password123!` is on none, because composition rules made people choose it. So the
//! changes that people make to a common password to satisfy such rules are undone first.
//!
//! `zxcvbn` is not used: of the 3,000 most frequent passwords with 8 characters in Pwned Passwords it rates 164 as
//! good, so the list would still be needed. A text of 32 signs that each stand for several letters costs it a tenth
//! of a second, in a call that is open to anybody.

use std::sync::LazyLock;

/// The list, sorted. The file beside it names its source.
static COMMON: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("common.txt").lines().collect());
/// Longer passwords are on no attacker's list.
const LONGEST: usize = 32;
/// Up to this many digits and signs around a common password still make it the same password.
const DECORATION: usize = 5;
/// The shortest sequence of neighbouring keys that counts as a row.
const SHORTEST_ROW: usize = 5;
/// The alphabet, and keyboards in English, German and French.
const ROWS: &[&str] = &[
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789012345678901234567890123",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
];

/// Returns whether `folded` is one of the first guesses.
pub(super) fn is_first(folded: &str) -> bool {
    if folded.chars().count() > LONGEST {
        return false;
    }
    let without_signs = folded.trim_matches(|c: char| !c.is_alphanumeric());
    let letters = folded.trim_matches(|c: char| !c.is_alphabetic());
    is_date(folded)
        || [folded, without_signs, letters].into_iter().any(|core| {
            let decoration = folded.chars().count() - core.chars().count();
            decoration <= DECORATION && (is_known(core) || repeated(core).is_some_and(is_repetition))
        })
}

fn is_known(text: &str) -> bool {
    is_common(text) || is_row(text)
}

fn is_common(text: &str) -> bool {
    COMMON.binary_search(&text).is_ok()
}

/// Whether the characters are neighbours in a row, in either direction.
fn is_row(text: &str) -> bool {
    let backwards: String = text.chars().rev().collect();
    text.chars().count() >= SHORTEST_ROW && ROWS.iter().any(|row| row.contains(text) || row.contains(&backwards))
}

/// Whether the text is a date of the last or this century, with its parts in any order and anything between them.
fn is_date(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    if digits.len() != 8 || text.chars().any(char::is_alphabetic) {
        return false;
    }
    let number = |part: &[u32]| part.iter().fold(0, |number, digit| number * 10 + digit);
    let is = |year: &[u32], month: &[u32], day: &[u32]| {
        (1900..2100).contains(&number(year)) && (1..=12).contains(&number(month)) && (1..=31).contains(&number(day))
    };
    let (first, second, year) = (&digits[..2], &digits[2..4], &digits[4..]);
    is(year, second, first) || is(year, first, second) || is(&digits[..4], &digits[4..6], &digits[6..])
}

/// Returns the unit that `text` repeats at least twice. The last repetition may be cut short.
fn repeated(text: &str) -> Option<&str> {
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let units = starts.iter().take(starts.len() / 2 + 1).skip(1);
    units.copied().find(|at| text.starts_with(&text[*at..])).map(|at| &text[..at])
}

/// Whether repeating this unit makes it no stronger.
fn is_repetition(unit: &str) -> bool {
    unit.chars().count() <= 4 || is_known(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order() {
        assert!(COMMON.is_sorted_by(|one, next| one < next));
        assert!(COMMON.len() == 27_476);
        for word in COMMON.iter() {
            assert!(is_common(word), "{word}");
            assert!(
                word.len() >= 5 && word.bytes().all(|byte| matches!(byte, b' '..=b'~') && !byte.is_ascii_uppercase())
            );
        }
        for none in ["", " ", "\n", "password\n", "zzzzzzzzzzzzzz", "\u{e4}", "!", "passwort-und-mehr"] {
            assert!(!is_common(none), "{none:?}");
        }
    }

    #[test]
    fn what_people_do_to_a_common_password_makes_no_other_one_of_it() {
        for bad in [
            "password",
            "password1",
            "password123!",
            "password2024!",
            "!password!",
            "1password",
            "p@ssw0rd!!",
            "iloveyou1",
            "football1",
            "monkey12!",
            "dragon2025",
            "qwerty123!",
            "abc123!!",
            "12345678!",
            "letmein!!",
            "trustno1",
            "princess99",
            "passwordpassword",
            "monkeymonkey",
            "footballfootball!",
        ] {
            assert!(is_first(bad), "{bad}");
        }
    }

    #[test]
    fn rows_and_repetitions() {
        for bad in [
            "abcdefgh",
            "hgfedcba",
            "12345678",
            "87654321",
            "1234567890",
            "9876543210",
            "01234567890123",
            "qwertyui",
            "iuytrewq",
            "asdfghjkl",
            "qwertzui",
            "zxcvbnm!",
            "qazwsxedc",
            "1qaz2wsx3edc",
            "1q2w3e4r5t6y",
            "aaaaaaaa",
            "abababab",
            "12312312",
            "abcabcabc!",
            "........",
            "\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}",
        ] {
            assert!(is_first(bad), "{bad}");
        }
    }

    #[test]
    fn dates() {
        for bad in ["01022010", "31.12.1999", "12/31/1999", "1999-12-31", "20240229"] {
            assert!(is_first(bad), "{bad}");
        }
        for good in ["41133010", "01023010", "born 31.12.1999", "0102201"] {
            assert!(!is_first(good), "{good}");
        }
    }

    #[test]
    fn others_are_none_of_it() {
        for good in [
            "correct horse battery staple",
            "a quiet brown horse",
            "xkwqzvbn",
            "my password is long",
            "password-manager",
            "horse-battery",
            "plumdriftwagons",
            "tr0ub4dor&3",
            "0x5f3759dfbeef",
            "kjwhegfuytqwbrx",
        ] {
            assert!(!is_first(good), "{good}");
        }
        assert!(!is_first(&"a".repeat(64)), "nobody tries that");
    }
}
