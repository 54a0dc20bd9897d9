//! The access token: a JWT in the shape of RFC 9068, checked as RFC 8725 asks.
//!
//! The parsing in front of the signature check is strict and our own ([`Jws`]), and claims are
//! typed. What is not exactly a token of ours is [`Flaw::Invalid`], without a word about why.

use super::keyring::{KeyRing, Keys};
use crate::rules::{
    json_object,
    jws::{Jws, MAX_BYTES},
};
use crate::store::sessions::LiveSession;
use aws_lc_rs::digest;
use freshkey_types::OwnClaims;
use quick_cache::sync::Cache;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::sync::Arc;
use uuid::Uuid;

/// Verified tokens that are remembered.
const REMEMBERED: usize = 16 * 1024;
/// How far the clock of the instance that issued a token may be ahead of this one's, in seconds.
const CLOCK_AHEAD: u64 = 60;

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
    #[serde(deserialize_with = "as_we_write_it")]
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
    /// When the person last proved who they are: a sign-in or a step-up (RFC 9068, section 2.2.1). Tokens of
    /// earlier releases have neither this nor the methods.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub auth_time: Option<u64>,
    /// By which methods (RFC 8176).
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub amr: Option<Vec<String>>,
    /// When it begins to be good (RFC 7519, section 4.1.5). We issue tokens without it; in one that has
    /// it, it counts.
    #[serde(default, skip_serializing, deserialize_with = "given")]
    pub nbf: Option<u64>,
    /// The app's own.
    #[serde(flatten)]
    pub own: OwnClaims,
}

/// Names that no claim of an app's own may have: ours, and those that the standards give a meaning that is not the
/// app's to give (RFC 7519, section 4.1; RFC 7800; RFC 9068, section 2.2.1).
const NOT_FOR_APPS: [&str; 14] =
    ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "email", "sid", "gen", "cnf", "auth_time", "acr", "amr"];

/// A UUID in the one spelling that we give it, of several that can be read.
fn as_we_write_it<'de, D: Deserializer<'de>>(value: D) -> Result<Uuid, D::Error> {
    let text = String::deserialize(value)?;
    let id = Uuid::parse_str(&text).map_err(D::Error::custom)?;
    if id.to_string() == text { Ok(id) } else { Err(D::Error::custom("another spelling")) }
}

/// A member that is of its type where it is there at all: null is none.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Ours, and past its `exp`.
    Expired,
    /// Anything else.
    Invalid,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum NotSigned {
    /// No key may sign at this time.
    #[error("there is no key that may sign")]
    NoKey,
    /// The key can't.
    #[error("the key can't sign")]
    Failed,
    /// The claims are no JSON object.
    #[error("the claims are no JSON object")]
    Claims(#[from] serde_json::Error),
    /// A claim of the app's own has a name that is not for apps.
    #[error("an app can't give the claim {0:?} a meaning")]
    NotForApps(String),
    /// Nobody would take such a token.
    #[error("with the app's claims the token has {0} bytes, and more than {MAX_BYTES} are refused")]
    TooLong(usize),
}

/// A token that was verified now, or earlier by this instance.
pub struct Verified {
    /// What it says.
    pub claims: Arc<Claims>,
    /// Whether this instance sees it for the first time.
    pub first_seen: bool,
}

/// A token that was verified, and the key that it was signed with.
#[derive(Clone)]
struct Known {
    claims: Arc<Claims>,
    kid: Arc<str>,
}

/// Signs and verifies access tokens.
pub struct AccessTokens {
    keys: Arc<Keys>,
    issuer: String,
    audience: String,
    /// Seconds.
    life: u64,
    /// By SHA-256 of the token: the second use costs a look-up, and no token lies in memory.
    verified: Cache<[u8; 32], Known>,
}

impl AccessTokens {
    /// Signs with the current one of `keys`; verifies with any of them.
    /// A token lives for `life` seconds.
    pub fn new(keys: Arc<Keys>, issuer: String, audience: String, life: u64) -> Self {
        Self { keys, issuer, audience, life, verified: Cache::new(REMEMBERED) }
    }

    /// The keys.
    pub fn keys(&self) -> &Arc<Keys> {
        &self.keys
    }

    /// A new token for the session, from `iat` to `exp`.
    ///
    /// # Errors
    /// See [`NotSigned`].
    pub fn sign(&self, session: &Subject<'_>, iat: u64, exp: u64) -> Result<String, NotSigned> {
        // `iat` is the second that has begun.
        let now_ms = i64::try_from(iat.saturating_mul(1000)).unwrap_or(i64::MAX).saturating_add(999);
        let key = self.keys.signer(now_ms).ok_or(NotSigned::NoKey)?;
        if let Some(name) = session.own.names().find(|name| NOT_FOR_APPS.contains(name)) {
            return Err(NotSigned::NotForApps(name.to_owned()));
        }
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
            auth_time: Some(session.auth_time),
            amr: Some(session.amr.split_whitespace().map(str::to_owned).collect()),
            nbf: None,
            own: session.own.clone(),
        };
        let payload = serde_json::to_vec(&claims)?;
        let token = key.token(&payload).map_err(|_| NotSigned::Failed)?;
        if token.len() > MAX_BYTES { Err(NotSigned::TooLong(token.len())) } else { Ok(token) }
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
        let ring = self.keys.ring();
        // A key that is gone takes with it what was verified with it.
        let (known, first_seen) = match self.verified.get(&name) {
            Some(known) => (ring.find(&known.kid, now_ms).map(|_| known), false),
            None => (verify_signature(&ring, token, now_ms), true),
        };
        let known = known.ok_or(Flaw::Invalid)?;
        let claims = &known.claims;
        let now = u64::try_from(now_ms / 1000).unwrap_or_default();
        let begins = claims.nbf.map_or(claims.iat, |nbf| nbf.max(claims.iat));
        if claims.iss != self.issuer || claims.aud != self.audience || begins > now + CLOCK_AHEAD {
            return Err(Flaw::Invalid);
        }
        // A life that was shortened is shorter for tokens of before as well.
        if now >= claims.exp.min(claims.iat.saturating_add(self.life)) {
            return Err(Flaw::Expired);
        }
        let claims = Arc::clone(claims);
        if first_seen {
            self.verified.insert(name, known);
        }
        Ok(Verified { claims, first_seen })
    }

    /// What the token says if it is one of ours, also when it has run out: for whom a call counts, not
    /// what it may do.
    pub fn read(&self, token: &str, now_ms: i64) -> Option<Arc<Claims>> {
        let known = (token.len() <= MAX_BYTES).then(|| verify_signature(&self.keys.ring(), token, now_ms))??;
        (known.claims.iss == self.issuer && known.claims.aud == self.audience).then_some(known.claims)
    }

    /// Verifies the token anew the next time.
    pub fn forget(&self, token: &str) {
        self.verified.remove(&fingerprint(token));
    }
}

fn verify_signature(ring: &KeyRing, token: &str, now_ms: i64) -> Option<Known> {
    let token = Jws::parse(token)?;
    let key = ring.find(token.kid()?, now_ms)?;
    if !is_access_token(token.typ()?) {
        return None;
    }
    let claims: Claims = json_object::read(token.verify(key.algorithm, &key.decoding)?)?;
    if claims.sub.is_empty() {
        return None;
    }
    Some(Known { claims: Arc::new(claims), kid: Arc::clone(&key.kid) })
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
    /// When the user last proved who they are, in seconds since 1970.
    pub auth_time: u64,
    /// By which methods, with spaces between them.
    pub amr: &'a str,
    /// Claims of the app's own.
    pub own: &'a OwnClaims,
}

impl<'a> Subject<'a> {
    /// The user of this session, as the token of this generation names them.
    pub fn of(session: &'a LiveSession, generation: u32) -> Self {
        let LiveSession { id, authentication, user, .. } = session;
        Self {
            user: &user.id,
            email: &user.email,
            session: *id,
            generation,
            auth_time: (authentication.at / 1000).unsigned_abs(),
            amr: &authentication.amr,
            own: &user.claims,
        }
    }
}

/// RFC 8725, section 3.11; a type without a slash is under `application/` (RFC 7515, section
/// 4.1.9).
fn is_access_token(typ: &str) -> bool {
    typ.eq_ignore_ascii_case("at+jwt") || typ.eq_ignore_ascii_case("application/at+jwt")
}

fn fingerprint(token: &str) -> [u8; 32] {
    let mut name = [0; 32];
    name.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    name
}
