//! Parses a JSON Web Token (RFC 7519) to show it. It verifies nothing.

use std::fmt;

/// The three parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// The encoded header.
    pub header_text: String,
    /// The encoded payload.
    pub payload_text: String,
    /// The encoded signature.
    pub signature_text: String,
    /// The header's JSON.
    pub header: String,
    /// The payload's JSON.
    pub payload: String,
    /// The signature.
    pub signature: Vec<u8>,
}

impl Token {
    /// Parses `text`; returns `None` if it is not a token.
    pub fn take_apart(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        Some(Self {
            header: text_of(header)?,
            payload: text_of(payload)?,
            signature: base64url(signature)?,
            header_text: header.to_owned(),
            payload_text: payload.to_owned(),
            signature_text: signature.to_owned(),
        })
    }

    /// Returns the signing input (RFC 7515, section 5.1).
    pub fn signed(&self) -> String {
        format!("{}.{}", self.header_text, self.payload_text)
    }

    /// Returns the token with another header and payload, both JSON, and the old signature: what a forger without the
    /// key can do.
    #[must_use]
    pub fn forged(&self, header: String, payload: String) -> Self {
        Self {
            header_text: encode(header.as_bytes()),
            payload_text: encode(payload.as_bytes()),
            signature_text: self.signature_text.clone(),
            header,
            payload,
            signature: self.signature.clone(),
        }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.header_text, self.payload_text, self.signature_text)
    }
}

fn text_of(part: &str) -> Option<String> {
    String::from_utf8(base64url(part)?).ok()
}

/// Formats JSON with each member of an object on its own line. It works on the text and changes only white space:
/// [`compact`] undoes it.
pub fn pretty(json: &str) -> String {
    let (mut text, mut depth, mut lists) = (String::with_capacity(json.len() * 2), 0_usize, 0);
    for (letter, is_quoted) in letters(json) {
        match letter {
            _ if is_quoted => {}
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                begin_line(&mut text, depth);
            }
            '[' => lists += 1,
            ']' => lists -= 1,
            _ => {}
        }
        text.push(letter);
        match letter {
            _ if is_quoted => {}
            '{' => begin_line(&mut text, depth),
            ',' if lists == 0 => begin_line(&mut text, depth),
            ':' => text.push(' '),
            _ => {}
        }
    }
    text
}

fn begin_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
}

/// Removes the white space between the tokens of a JSON text.
pub fn compact(json: &str) -> String {
    letters(json)
        .filter(|(letter, is_quoted)| *is_quoted || !letter.is_ascii_whitespace())
        .map(|(letter, _)| letter)
        .collect()
}

/// Returns the characters of a JSON text, and whether each is inside a string.
fn letters(json: &str) -> impl Iterator<Item = (char, bool)> {
    let (mut is_open, mut is_escaped) = (false, false);
    json.chars().map(move |letter| {
        let is_quoted = is_open || letter == '"';
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = is_open,
            '"' => is_open = !is_open,
            _ => {}
        }
        (letter, is_quoted)
    })
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Decodes base64url without padding (RFC 4648, section 5).
pub fn base64url(text: &str) -> Option<Vec<u8>> {
    if text.len() % 4 == 1 {
        return None;
    }
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::with_capacity(text.len() * 3 / 4));
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    Some(bytes)
}

fn encode(bytes: &[u8]) -> String {
    let letters = bytes.chunks(3).flat_map(|chunk| {
        let bits = chunk.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - chunk.len()));
        (0..=chunk.len()).map(move |at| char::from(ALPHABET[bits >> (18 - 6 * at) & 63]))
    });
    letters.collect()
}
