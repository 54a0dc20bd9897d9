//! The secrets in an email: a code, and the token of a link. Both are functions of their challenge and a key, and are
//! stored nowhere. A copy of the database, with the emails waiting in it, opens nothing.

use super::mac::MacKey;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// Digits of a code: 26 bits (OWASP ASVS 6.5.4 asks for 20), and a challenge allows five tries.
pub const CODE_DIGITS: usize = 8;
const CODES: u32 = 100_000_000;
/// The first byte of every link token. Another layout gets another version.
const VERSION: u8 = 1;
const ID: usize = 16;

/// What a link is for. A token works for one purpose only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Finishes a registration.
    Register,
    /// Sets a new password.
    Reset,
    /// Lets the reader say whether they did what an email reports.
    Secure,
}

impl LinkPurpose {
    const fn byte(self) -> u8 {
        match self {
            Self::Register => 1,
            Self::Reset => 2,
            Self::Secure => 3,
        }
    }

    const fn of(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Register),
            2 => Some(Self::Reset),
            3 => Some(Self::Secure),
            _ => None,
        }
    }
}

/// The key that makes the codes and links.
pub struct MailedSecrets(MacKey);

impl MailedSecrets {
    /// Creates the key from a MAC key.
    pub fn new(key: MacKey) -> Self {
        Self(key)
    }

    /// Returns the code in the challenge's email with this number: eight digits.
    pub fn code(&self, challenge: Uuid, number: i64) -> String {
        digits(self.0.sign(&message(challenge, number)).as_ref())
    }

    /// Returns whether `code` is the code in that email, also one made with the previous key.
    pub fn is_code(&self, challenge: Uuid, number: i64, code: &str) -> bool {
        self.0.signatures(&message(challenge, number)).any(|mac| digits(mac.as_ref()) == code)
    }

    /// Returns the token of the challenge's link.
    pub fn link(&self, purpose: LinkPurpose, challenge: Uuid) -> String {
        let head = head(purpose, challenge);
        URL_SAFE_NO_PAD.encode([head.as_slice(), self.0.sign(&head).as_ref()].concat())
    }

    /// Returns the purpose and the challenge of a genuine token. A forged token never reaches the database.
    pub fn read_link(&self, token: &str) -> Option<(LinkPurpose, Uuid)> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (head, mac) = bytes.split_first_chunk::<{ 2 + ID }>()?;
        if head[0] != VERSION || !self.0.verify(head, mac) {
            return None;
        }
        Some((LinkPurpose::of(head[1])?, Uuid::from_slice(&head[2..]).ok()?))
    }
}

/// Reads a code that a person typed or pasted. Ignores everything that is not a digit; `None` if the number of digits
/// is wrong.
pub fn typed_code(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (digits.len() == CODE_DIGITS).then_some(digits)
}

fn head(purpose: LinkPurpose, challenge: Uuid) -> [u8; 2 + ID] {
    let mut head = [0; 2 + ID];
    (head[0], head[1]) = (VERSION, purpose.byte());
    head[2..].copy_from_slice(challenge.as_bytes());
    head
}

/// The message of a code's MAC. No link's head begins like this.
fn message(challenge: Uuid, number: i64) -> Vec<u8> {
    [b"code".as_slice(), challenge.as_bytes(), &number.to_be_bytes()].concat()
}

/// Makes a code from a MAC. All codes are equally likely: numbers beyond the last complete range of codes are
/// skipped. All eight numbers of a MAC are skipped once in 10¹³ times.
fn digits(mac: &[u8]) -> String {
    let number = |chunk: &[u8]| chunk.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let even = mac.chunks_exact(4).map(number).find(|number| *number < u32::MAX / CODES * CODES);
    format!("{:08}", even.unwrap_or_default() % CODES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secrets(present: u8, previous: Option<u8>) -> MailedSecrets {
        MailedSecrets::new(MacKey::new(&[present; 32], previous.map(|byte| [byte; 32]).as_ref()))
    }

    proptest! {
        #[test]
        fn a_code_is_eight_digits_and_its_emails_alone(id: u128, number in 1..100_i64) {
            let (secrets, id) = (secrets(1, None), Uuid::from_u128(id));
            let code = secrets.code(id, number);
            prop_assert_eq!(typed_code(&code), Some(code.clone()));
            prop_assert!(secrets.is_code(id, number, &code));
            prop_assert!(!secrets.is_code(id, number + 1, &code));
            prop_assert!(!secrets.is_code(Uuid::from_u128(id.as_u128() ^ 1), number, &code));
            prop_assert!(self::secrets(2, Some(1)).is_code(id, number, &code), "made with the key of before");
            prop_assert!(!self::secrets(2, None).is_code(id, number, &code));
        }

        #[test]
        fn a_link_is_for_one_purpose_and_can_t_be_forged(id: u128, byte in 0..50_usize, bit in 0..8_u8) {
            let (secrets, id) = (secrets(1, None), Uuid::from_u128(id));
            let token = secrets.link(LinkPurpose::Reset, id);
            prop_assert_eq!(secrets.read_link(&token), Some((LinkPurpose::Reset, id)));
            let mut bytes = URL_SAFE_NO_PAD.decode(&token).expect("base64url");
            bytes[byte] ^= 1 << bit;
            prop_assert_eq!(secrets.read_link(&URL_SAFE_NO_PAD.encode(bytes)), None);
        }
    }

    #[test]
    fn a_pasted_line_is_a_code() {
        for text in ["1234 5678", "Your code is 1234-5678.", "12345678"] {
            assert_eq!(typed_code(text).as_deref(), Some("12345678"), "{text}");
        }
        for text in ["", "1234567", "123456789", "١٢٣٤٥٦٧٨"] {
            assert_eq!(typed_code(text), None, "{text}");
        }
    }
}
