//! Compact JWS (RFC 7515), read strictly: three parts of canonical base64url, one algorithm per
//! key, no `crit`. Whatever is in a token's header besides (`jku`, `jwk`, `x5u`, `x5c`) is never
//! followed: keys come from our own ring.

use super::json_object;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, crypto};
use serde::Deserialize;

/// A token over this many bytes is refused unread.
pub const MAX_BYTES: usize = 8 * 1024;

/// An algorithm (RFC 7518, section 3.1; RFC 8037, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519. RFC 9864 would have it called so; the verifiers in the field know `EdDSA`. Bound
    /// to the key: the other name is no alias.
    EdDsa,
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// HMAC with SHA-256: whoever verifies could sign as well, so nothing is published.
    Hs256,
}

impl Algorithm {
    /// All of them, with their names.
    pub const ALL: [(Self, &str); 3] = [(Self::EdDsa, "EdDSA"), (Self::Es256, "ES256"), (Self::Hs256, "HS256")];

    /// The name in `alg`, in the settings and in the database.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(algorithm, _)| *algorithm == self).map_or("", |(_, name)| name)
    }

    /// The algorithm of exactly that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, other)| *other == name).map(|(algorithm, _)| *algorithm)
    }

    /// Whether there is a public key to publish.
    pub fn has_public_key(self) -> bool {
        self != Self::Hs256
    }

    pub(super) fn library(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::Hs256 => jsonwebtoken::Algorithm::HS256,
        }
    }
}

/// A token that was read, and not verified.
pub struct Jws<'a> {
    header: Header,
    message: &'a str,
    payload: Vec<u8>,
    signature: &'a str,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    // Present at all, be it null: refused.
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

fn present<'de, D: serde::Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(value).map(|_| true)
}

impl<'a> Jws<'a> {
    /// Reads a token; none if it is not well-formed in every part.
    pub fn parse(token: &'a str) -> Option<Self> {
        if token.len() > MAX_BYTES {
            return None;
        }
        let (message, signature) = token.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        // The decoder takes what is canonical and nothing else: one token has one spelling.
        let header: Header = json_object::read(&URL_SAFE_NO_PAD.decode(header).ok()?)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let signed = URL_SAFE_NO_PAD.decode(signature).is_ok_and(|bytes| !bytes.is_empty());
        (signed && !header.crit).then_some(Self { header, message, payload, signature })
    }

    /// The key that it says it was signed with.
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// What it says it is.
    pub fn typ(&self) -> Option<&str> {
        self.header.typ.as_deref()
    }

    /// The payload, if the token was signed with this key, by this key's algorithm.
    pub fn verify(&self, algorithm: Algorithm, key: &DecodingKey) -> Option<&[u8]> {
        let good = self.header.alg == algorithm.name()
            && crypto::verify(self.signature, self.message.as_bytes(), key, algorithm.library()).unwrap_or(false);
        good.then_some(&self.payload)
    }
}

#[cfg(test)]
mod tests;
