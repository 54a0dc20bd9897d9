//! Compact JWS (RFC 7515), read strictly: three parts of canonical base64url, one algorithm per key, no `crit`. Other
//! members of a token's header (`jku`, `jwk`, `x5u`, `x5c`) are ignored: keys come only from our own key ring.

use super::json_object;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, crypto};
use serde::Deserialize;

/// The longest token, in bytes. A longer one is refused unread.
pub const MAX_BYTES: usize = 8 * 1024;

/// A signature algorithm (RFC 7518, section 3.1; RFC 8037, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519. RFC 9864 names it `Ed25519`, but the verifiers in use know `EdDSA`. The key is bound to this name;
    /// the other is not accepted as an alias.
    EdDsa,
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// HMAC with SHA-256. A verifier could also sign, so no key is published.
    Hs256,
}

impl Algorithm {
    /// All algorithms, with their names.
    pub const ALL: [(Self, &str); 3] = [(Self::EdDsa, "EdDSA"), (Self::Es256, "ES256"), (Self::Hs256, "HS256")];

    /// The name used in `alg`, in the settings and in the database.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(algorithm, _)| *algorithm == self).map_or("", |(_, name)| name)
    }

    /// Returns the algorithm with exactly this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, other)| *other == name).map(|(algorithm, _)| *algorithm)
    }

    /// Whether the algorithm has a public key to publish.
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

/// A token that was read but not verified.
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
    // Any `crit` is refused, even null.
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

fn present<'de, D: serde::Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(value).map(|_| true)
}

impl<'a> Jws<'a> {
    /// Reads a token. Returns `None` unless every part is well-formed.
    pub fn parse(token: &'a str) -> Option<Self> {
        if token.len() > MAX_BYTES {
            return None;
        }
        let (message, signature) = token.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        // The decoder accepts only canonical base64url, so each token has one spelling.
        let header: Header = json_object::read(&URL_SAFE_NO_PAD.decode(header).ok()?)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let signed = URL_SAFE_NO_PAD.decode(signature).is_ok_and(|bytes| !bytes.is_empty());
        (signed && !header.crit).then_some(Self { header, message, payload, signature })
    }

    /// The key that the token says it was signed with.
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// The type that the token says it has.
    pub fn typ(&self) -> Option<&str> {
        self.header.typ.as_deref()
    }

    /// Returns the payload, if the token was signed with this key and its algorithm.
    pub fn verify(&self, algorithm: Algorithm, key: &DecodingKey) -> Option<&[u8]> {
        let good = self.header.alg == algorithm.name()
            && crypto::verify(self.signature, self.message.as_bytes(), key, algorithm.library()).unwrap_or(false);
        good.then_some(&self.payload)
    }
}

#[cfg(test)]
mod tests;
