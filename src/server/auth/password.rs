//! What a new password may be (NIST SP 800-63B-4): long enough, no composition rules, nothing made
//! of the person's own address, none of the first that a guesser tries.

use super::email::Email;
use unicode_normalization::UnicodeNormalization;

/// The longest password, in characters after NFC.
pub const MAX_CHARS: usize = 1024;

/// Tried first by every guesser, and long enough to pass for a password. A short list, and no
/// substitute for one of breached passwords.
const COMMON: &[&str] = &[
    "password",
    "password1",
    "password12",
    "password123",
    "passw0rd",
    "12345678",
    "123456789",
    "1234567890",
    "qwertyuiop",
    "qwerty123",
    "qwerty12345",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "trustno1",
    "welcome1",
    "welcome123",
    "letmein1",
    "changeme",
    "11111111",
    "00000000",
    "88888888",
    "123123123",
    "987654321",
    "abcd1234",
    "abc12345",
    "a1b2c3d4",
    "asdfghjkl",
    "q1w2e3r4",
    "zaq12wsx",
    "admin123",
    "administrator",
    "starwars",
    "whatever",
    "computer",
    "internet",
    "samsung1",
    "michelle",
    "jennifer",
    "corvette",
    "maverick",
    "dragon123",
    "monkey123",
    "freshkey",
];

/// The bytes of a password that are hashed: after NFC, so that an accent is one however the
/// keyboard makes it. Otherwise exactly as received (OWASP ASVS 6.2.8).
pub fn normalize(password: &str) -> String {
    password.nfc().collect()
}

/// Checks a new password.
///
/// # Errors
/// The sentence for the person who chose it.
pub fn check_new(password: &str, email: Option<&Email>, min_chars: usize) -> Result<(), String> {
    let password = normalize(password);
    let chars = password.chars().count();
    if chars == 0 {
        return Err("Choose a password.".to_owned());
    }
    if chars < min_chars {
        return Err(format!("Use at least {min_chars} characters."));
    }
    if chars > MAX_CHARS {
        return Err(format!("Use at most {MAX_CHARS} characters."));
    }
    let folded = password.to_lowercase();
    if email.is_some_and(|email| is_made_of(&folded, email)) {
        return Err("Choose one that is not made of your email address.".to_owned());
    }
    if COMMON.contains(&folded.as_str()) || is_one_character(&folded) {
        return Err("This password is among the first that a guesser tries. Choose another.".to_owned());
    }
    Ok(())
}

/// The address, its local part or its domain, and at most four other characters.
fn is_made_of(password: &str, email: &Email) -> bool {
    let key = email.key();
    let (local, domain) = key.rsplit_once('@').unwrap_or((key, ""));
    [key, local, domain]
        .into_iter()
        .filter(|part| part.chars().count() >= 3)
        .any(|part| password.contains(part) && password.chars().count() <= part.chars().count() + 4)
}

fn is_one_character(password: &str) -> bool {
    let mut chars = password.chars();
    chars.next().is_some_and(|first| chars.all(|c| c == first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), String> {
        let email = Email::parse("ada.lovelace@example.com").expect("an address");
        check_new(password, Some(&email), 8)
    }

    #[test]
    fn any_characters_will_do_from_the_minimum_to_the_maximum() {
        for good in ["xkwqzvbn", "correct horse", "ääääöööü", "        x", &"ab".repeat(512)] {
            assert_eq!(check(good), Ok(()), "{good:?}");
        }
        assert!(check("xkwqzvb").is_err());
        assert!(check(&"ab".repeat(513)).is_err());
    }

    #[test]
    fn length_is_counted_after_nfc() {
        assert!(check(&"e\u{301}".repeat(7)).is_err(), "seven characters, fourteen code points");
    }

    #[test]
    fn the_first_guesses_are_refused() {
        for bad in ["password", "PassWord", "12345678", "aaaaaaaaaa", "Ada.Lovelace", "ada.lovelace1!", "example.com"] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
    }
}
