//! The access token: a JWT in the shape of RFC 9068, checked as RFC 8725 asks.
//!
//! The parsing in front of the signature check is strict and our own: the size, three parts of
//! canonical base64url, one algorithm per key, typed claims. What is not exactly a token of ours
//! is [`Flaw::Invalid`], without a word about why.

use super::keyring::KeyRing;
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Header, crypto};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// A token over this many bytes is refused unread.
pub const MAX_BYTES: usize = 8 * 1024;
/// Verified tokens that are remembered.
const REMEMBERED: usize = 16 * 1024;
/// How far another instance's clock may be ahead, in seconds.
const CLOCK_AHEAD: u64 = 5;

/// What an access token says. Times are seconds since 1970 (RFC 7519).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The issuer.
    pub iss: String,
    /// The audience.
    pub aud: String,
    /// The user's id.
    pub sub: String,
    /// The user's address as typed.
    pub email: String,
    /// The session's id.
    pub sid: Uuid,
    /// The generation of the refresh token that this came with.
    #[serde(rename = "gen")]
    pub generation: u32,
    /// The token's own id.
    pub jti: String,
    /// When it was issued.
    pub iat: u64,
    /// When it ends.
    pub exp: u64,
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Ours, and past its `exp`.
    Expired,
    /// Anything else.
    Invalid,
}

/// A token that was verified now, or earlier by this instance.
pub struct Verified {
    /// What it says.
    pub claims: Arc<Claims>,
    /// Whether this instance sees it for the first time.
    pub first_seen: bool,
}

/// Signs and verifies access tokens.
pub struct AccessTokens {
    ring: KeyRing,
    issuer: String,
    audience: String,
    /// Seconds.
    life: u64,
    /// By SHA-256 of the token: the second use costs a look-up, and no token lies in memory.
    verified: Cache<[u8; 32], Arc<Claims>>,
}

/// The members of a header that we look at; others are ignored (`jku`, `jwk`, `x5u` are never
/// followed).
#[derive(Deserialize)]
struct StrictHeader {
    alg: String,
    kid: String,
    typ: String,
    crit: Option<serde::de::IgnoredAny>,
}

impl AccessTokens {
    /// Signs with the current key of `ring`; verifies with any of them.
    /// A token lives for `life` seconds.
    pub fn new(ring: KeyRing, issuer: String, audience: String, life: u64) -> Self {
        Self { ring, issuer, audience, life, verified: Cache::new(REMEMBERED) }
    }

    /// The keys.
    pub fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// A new token for the session.
    ///
    /// # Errors
    /// The key can't sign.
    pub fn sign(&self, session: &Subject<'_>, iat: u64, exp: u64) -> Result<String, jsonwebtoken::errors::Error> {
        let key = self.ring.current();
        let mut header = Header::new(jsonwebtoken::Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(key.kid.clone());
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: session.user.to_owned(),
            email: session.email.to_owned(),
            sid: session.session,
            generation: session.generation,
            jti: Uuid::now_v7().to_string(),
            iat,
            exp,
        };
        jsonwebtoken::encode(&header, &claims, &key.encoding)
    }

    /// What the token says, if it is one of ours and still good at `now_ms`.
    ///
    /// # Errors
    /// See [`Flaw`].
    pub fn verify(&self, token: &str, now_ms: i64) -> Result<Verified, Flaw> {
        if token.len() > MAX_BYTES {
            return Err(Flaw::Invalid);
        }
        let name = fingerprint(token);
        let (claims, first_seen) = match self.verified.get(&name) {
            Some(claims) => (claims, false),
            None => (Arc::new(self.verify_signature(token).ok_or(Flaw::Invalid)?), true),
        };
        let now = u64::try_from(now_ms / 1000).unwrap_or_default();
        if claims.iss != self.issuer || claims.aud != self.audience || claims.iat > now + CLOCK_AHEAD {
            return Err(Flaw::Invalid);
        }
        // A life that was shortened is shorter for tokens of before as well.
        if now >= claims.exp.min(claims.iat.saturating_add(self.life)) {
            return Err(Flaw::Expired);
        }
        if first_seen {
            self.verified.insert(name, Arc::clone(&claims));
        }
        Ok(Verified { claims, first_seen })
    }

    /// Verifies the token anew the next time.
    pub fn forget(&self, token: &str) {
        self.verified.remove(&fingerprint(token));
    }

    fn verify_signature(&self, token: &str) -> Option<Claims> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let header: StrictHeader = part(header)?;
        let (key, algorithm, name) = self.ring.find(&header.kid)?;
        let ours = header.alg == name && header.crit.is_none() && is_access_token(&header.typ);
        // Canonical, like the other parts: one token has one spelling.
        let canonical = URL_SAFE_NO_PAD.decode(signature).is_ok();
        if !ours || !canonical || !crypto::verify(signature, message.as_bytes(), &key.decoding, algorithm).ok()? {
            return None;
        }
        part(claims)
    }
}

/// Whom a token is for.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The user's id.
    pub user: &'a str,
    /// The user's address as typed.
    pub email: &'a str,
    /// The session.
    pub session: Uuid,
    /// The session's generation.
    pub generation: u32,
}

/// RFC 8725, section 3.11; a type without a slash is under `application/` (RFC 7515, section
/// 4.1.9).
fn is_access_token(typ: &str) -> bool {
    typ.eq_ignore_ascii_case("at+jwt") || typ.eq_ignore_ascii_case("application/at+jwt")
}

fn part<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

fn fingerprint(token: &str) -> [u8; 32] {
    let mut name = [0; 32];
    name.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    name
}
