//! Recovery codes, for a user who has lost every other second step: sixteen characters, 80 bits. Each code works
//! once.

use super::secret_text::Secret;
use aws_lc_rs::{error::Unspecified, rand};

/// The number of codes in a set.
pub const IN_A_SET: usize = 10;
const CHARS: usize = 16;
/// How many characters look the code up in the database. The others are hashed.
const SELECTOR: usize = 4;
/// Omits characters that are easily confused.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A recovery code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveryCode(Secret);

impl RecoveryCode {
    /// Generates a set of new codes with different selectors.
    ///
    /// # Errors
    /// The operating system gave no randomness.
    pub fn set() -> Result<Vec<Self>, Unspecified> {
        let mut set: Vec<Self> = Vec::with_capacity(IN_A_SET);
        while set.len() < IN_A_SET {
            let code = Self::generate()?;
            if set.iter().all(|other| other.selector() != code.selector()) {
                set.push(code);
            }
        }
        Ok(set)
    }

    fn generate() -> Result<Self, Unspecified> {
        let mut bytes = [0; CHARS];
        rand::fill(&mut bytes)?;
        let text: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
        Ok(Self(Secret::new(text)))
    }

    /// Parses a code that a user typed. Ignores case, spaces and hyphens; reads `o` as 0, and `i` and `l` as 1.
    pub fn typed(text: &str) -> Option<Self> {
        let counts = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let read = |c: char| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            c => c,
        };
        let code: String = counts.map(read).collect();
        let known = code.len() == CHARS && code.bytes().all(|byte| ALPHABET.contains(&byte));
        known.then(|| Self(Secret::new(code)))
    }

    /// The characters that look the code up.
    pub fn selector(&self) -> &str {
        &self.0.reveal()[..SELECTOR]
    }

    /// The characters that are hashed.
    pub fn secret(&self) -> &str {
        &self.0.reveal()[SELECTOR..]
    }

    /// The code in groups of four, to show to the user.
    pub fn shown(&self) -> String {
        let chars: Vec<char> = self.0.reveal().chars().collect();
        chars.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_set_is_of_ten_that_are_found_by_different_characters() {
        let set = RecoveryCode::set().expect("randomness");
        let selectors: HashSet<_> = set.iter().map(RecoveryCode::selector).collect();
        assert_eq!((set.len(), selectors.len()), (10, 10));
        for code in set {
            assert_eq!(code.shown().len(), 19);
            assert_eq!(RecoveryCode::typed(&code.shown()), Some(code.clone()));
            assert_eq!(RecoveryCode::typed(&code.shown().to_uppercase().replace('-', " ")), Some(code));
        }
    }

    #[test]
    fn what_is_misread_is_read_as_it_was_meant() {
        let code = RecoveryCode::typed("k7wm-2x9d-hq4t-b010").expect("a code");
        assert_eq!(RecoveryCode::typed(" K7WM 2x9d hq4tbOlo "), Some(code.clone()));
        assert_eq!((code.selector(), code.secret()), ("k7wm", "2x9dhq4tb010"));
        for wrong in ["", "k7wm-2x9d-hq4t", "k7wm-2x9d-hq4t-b0100", "k7wm-2x9d-hq4t-b01u", "k7wm-2x9d-hq4t-b01é"] {
            assert_eq!(RecoveryCode::typed(wrong), None, "{wrong}");
        }
    }
}
