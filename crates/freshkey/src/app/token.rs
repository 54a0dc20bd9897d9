//! A JSON Web Token taken apart (RFC 7519): for showing it, not for believing it.

use super::seam;
use serde_json::Value;

/// The three parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// The header, as it travels.
    pub header_text: String,
    /// The payload, as it travels.
    pub payload_text: String,
    /// The signature, as it travels.
    pub signature_text: String,
    /// The header.
    pub header: Value,
    /// The payload.
    pub payload: Value,
    /// The signature.
    pub signature: Vec<u8>,
}

impl Token {
    /// The token that `text` is.
    pub fn take_apart(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        Some(Self {
            header: json(header)?,
            payload: json(payload)?,
            signature: base64url(signature)?,
            header_text: header.to_owned(),
            payload_text: payload.to_owned(),
            signature_text: signature.to_owned(),
        })
    }

    /// What the signature is over (RFC 7515, section 5.1).
    pub fn signed(&self) -> String {
        format!("{}.{}", self.header_text, self.payload_text)
    }

    /// The same token in the name of somebody else, with the signature as it was: what a forger
    /// without the key can do.
    #[must_use]
    pub fn forged(&self) -> Self {
        let mut payload = self.payload.clone();
        payload["email"] = "admin@example.com".into();
        Self { payload_text: encode(payload.to_string().as_bytes()), payload, ..self.clone() }
    }

    /// The member `name` of the header or the payload, as a person reads it.
    pub fn text(part: &Value, name: &str) -> Option<String> {
        let value = part.get(name)?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }
}

fn json(part: &str) -> Option<Value> {
    seam::from_json(str::from_utf8(&base64url(part)?).ok()?).ok()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The bytes that base64url without padding (RFC 4648, section 5) says.
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
