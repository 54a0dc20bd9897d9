//! The access token: a JWT in the shape of RFC 9068, checked as RFC 8725 asks.
//!
//! The parser in front of the signature check is strict and our own ([`Jws`]), and claims are typed. Anything that is
//! not exactly one of our tokens is [`TokenError::Invalid`], without further details.

use super::keyring::{KeyRing, Keys};
use crate::rules::{
    json_object,
    jws::{Jws, MAX_BYTES},
};
use crate::store::sessions::LiveSession;
use aws_lc_rs::digest;
use freshkey_types::{Millis, OwnClaims, Seconds};
use quick_cache::sync::Cache;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::sync::Arc;
use uuid::Uuid;

/// How many verified tokens are remembered.
const REMEMBERED: usize = 16 * 1024;
/// How far the clock of the instance that issued a token may be ahead of this one's.
const CLOCK_AHEAD: Seconds = Seconds(60);

/// The claims of an access token. Times are in seconds since 1970 (RFC 7519).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The issuer.
    pub iss: String,
    /// The audience.
    pub aud: String,
    /// The user's id.
    pub sub: String,
    /// The user's address, as it was typed.
    pub email: String,
    /// The session's id.
    #[serde(deserialize_with = "as_we_write_it")]
    pub sid: Uuid,
    /// The generation of the refresh token that it was issued with.
    #[serde(rename = "gen")]
    pub generation: u32,
    /// The token's own id.
    pub jti: String,
    /// When it was issued.
    #[serde(deserialize_with = "time")]
    pub iat: Seconds,
    /// When it expires.
    #[serde(deserialize_with = "time")]
    pub exp: Seconds,
    /// When the user last proved who they are, by a sign-in or a step-up (RFC 9068, section 2.2.1). Tokens of earlier
    /// releases have neither this nor `amr`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given_time")]
    pub auth_time: Option<Seconds>,
    /// The methods by which they did (RFC 8176).
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub amr: Option<Vec<String>>,
    /// When it becomes valid (RFC 7519, section 4.1.5). Our tokens don't have it; if a token does, it is respected.
    #[serde(default, skip_serializing, deserialize_with = "given_time")]
    pub nbf: Option<Seconds>,
    /// The app's own claims.
    #[serde(flatten)]
    pub own: OwnClaims,
}

/// Names that an app may not use for its claims: the library's, and those that the standards define (RFC 7519,
/// section 4.1; RFC 7800; RFC 9068, section 2.2.1).
const NOT_FOR_APPS: [&str; 14] =
    ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "email", "sid", "gen", "cnf", "auth_time", "acr", "amr"];

/// Reads a UUID, but only in the spelling in which we write it.
fn as_we_write_it<'de, D: Deserializer<'de>>(value: D) -> Result<Uuid, D::Error> {
    let text = String::deserialize(value)?;
    let id = Uuid::parse_str(&text).map_err(D::Error::custom)?;
    if id.to_string() == text { Ok(id) } else { Err(D::Error::custom("another spelling")) }
}

/// Reads a member that may be missing. If present, it must have the right type: null is refused.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// Reads a time, which is not negative.
fn time<'de, D: Deserializer<'de>>(value: D) -> Result<Seconds, D::Error> {
    u64::deserialize(value).map(|seconds| Seconds(i64::try_from(seconds).unwrap_or(i64::MAX)))
}

/// The same for a time that may be missing.
fn given_time<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Seconds>, D::Error> {
    time(value).map(Some)
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// One of ours, but past its `exp`.
    #[error("the token has expired")]
    Expired,
    /// Anything else.
    #[error("the token is invalid")]
    Invalid,
}

/// Why no token could be signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// No key may sign at the time.
    #[error("there is no key that may sign")]
    NoKey,
    /// The key failed to sign.
    #[error("the key can't sign")]
    Failed,
    /// The claims are not a JSON object.
    #[error("the claims are no JSON object")]
    Claims(#[from] serde_json::Error),
    /// One of the app's claims has a reserved name.
    #[error("an app can't give the claim {0:?} a meaning")]
    NotForApps(String),
    /// The token is longer than verifiers accept.
    #[error("with the app's claims the token has {0} bytes, and more than {MAX_BYTES} are refused")]
    TooLong(usize),
}

/// A token that was verified now, or earlier by this instance.
pub struct Verified {
    /// The token's claims.
    pub claims: Arc<Claims>,
    /// Whether this instance sees the token for the first time.
    pub first_seen: bool,
}

/// A verified token and the key that signed it.
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
    life: Seconds,
    /// By the SHA-256 of the token: a second use costs a look-up, and no token is kept in memory.
    verified: Cache<[u8; 32], Known>,
}

impl AccessTokens {
    /// Creates the service. It signs with the current key of `keys`, and verifies with any of them. A token lives for
    /// `life`.
    pub fn new(keys: Arc<Keys>, issuer: String, audience: String, life: Seconds) -> Self {
        Self { keys, issuer, audience, life, verified: Cache::new(REMEMBERED) }
    }

    /// The keys.
    pub fn keys(&self) -> &Arc<Keys> {
        &self.keys
    }

    /// Signs a new token for the session, valid from `iat` to `exp`.
    ///
    /// # Errors
    /// See [`SigningError`].
    pub fn sign(&self, session: &Subject<'_>, iat: Seconds, exp: Seconds) -> Result<String, SigningError> {
        // `iat` is rounded down to the second, so the key is chosen by the second's last millisecond.
        let last = iat.to_millis().saturating_add(Millis(999));
        let key = self.keys.signer(last).ok_or(SigningError::NoKey)?;
        if let Some(name) = session.own.names().find(|name| NOT_FOR_APPS.contains(name)) {
            return Err(SigningError::NotForApps(name.to_owned()));
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
        let token = key.token(&payload).map_err(|_| SigningError::Failed)?;
        if token.len() > MAX_BYTES { Err(SigningError::TooLong(token.len())) } else { Ok(token) }
    }

    /// Verifies a token and returns its claims, if it is one of ours and still valid at `now`.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub fn verify(&self, token: &str, now: Millis) -> Result<Verified, TokenError> {
        if token.len() > MAX_BYTES {
            return Err(TokenError::Invalid);
        }
        let name = fingerprint(token);
        let ring = self.keys.ring();
        // A token verified with a key that is gone is no longer valid.
        let (known, first_seen) = match self.verified.get(&name) {
            Some(known) => (ring.find(&known.kid, now).map(|_| known), false),
            None => (verify_signature(&ring, token, now), true),
        };
        let known = known.ok_or(TokenError::Invalid)?;
        let claims = &known.claims;
        let now = now.whole_seconds().max(Seconds::ZERO);
        let begins = claims.nbf.map_or(claims.iat, |nbf| nbf.max(claims.iat));
        if claims.iss != self.issuer || claims.aud != self.audience || begins > now + CLOCK_AHEAD {
            return Err(TokenError::Invalid);
        }
        // If the setting for the life was shortened, it also applies to older tokens.
        if now >= claims.exp.min(claims.iat.saturating_add(self.life)) {
            return Err(TokenError::Expired);
        }
        let claims = Arc::clone(claims);
        if first_seen {
            self.verified.insert(name, known);
        }
        Ok(Verified { claims, first_seen })
    }

    /// Returns the claims of one of our tokens, even if it has expired. They tell for whom to count a call, not what
    /// the call may do.
    pub fn read(&self, token: &str, now: Millis) -> Option<Arc<Claims>> {
        let known = (token.len() <= MAX_BYTES).then(|| verify_signature(&self.keys.ring(), token, now))??;
        (known.claims.iss == self.issuer && known.claims.aud == self.audience).then_some(known.claims)
    }

    /// Forgets the token, so that it is verified again at its next use.
    pub fn forget(&self, token: &str) {
        self.verified.remove(&fingerprint(token));
    }
}

fn verify_signature(ring: &KeyRing, token: &str, now: Millis) -> Option<Known> {
    let token = Jws::parse(token)?;
    let key = ring.find(token.kid()?, now)?;
    if !is_access_token(token.typ()?) {
        return None;
    }
    let claims: Claims = json_object::read(token.verify(key.algorithm, &key.decoding)?)?;
    if claims.sub.is_empty() {
        return None;
    }
    Some(Known { claims: Arc::new(claims), kid: Arc::clone(&key.kid) })
}

/// The session and user that a token is for.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The user's id.
    pub user: &'a str,
    /// The user's address, as it was typed.
    pub email: &'a str,
    /// The session.
    pub session: Uuid,
    /// The session's generation.
    pub generation: u32,
    /// When the user last proved who they are.
    pub auth_time: Seconds,
    /// The methods by which they did, separated by spaces.
    pub amr: &'a str,
    /// The app's own claims.
    pub own: &'a OwnClaims,
}

impl<'a> Subject<'a> {
    /// The subject of this session's token of this generation.
    pub fn of(session: &'a LiveSession, generation: u32) -> Self {
        let LiveSession { id, authentication, user, .. } = session;
        Self {
            user: &user.id,
            email: &user.email,
            session: *id,
            generation,
            auth_time: authentication.at.whole_seconds(),
            amr: &authentication.amr,
            own: &user.claims,
        }
    }
}

/// Whether `typ` is an access token's (RFC 8725, section 3.11). A type without a slash is under `application/` (RFC
/// 7515, section 4.1.9).
fn is_access_token(typ: &str) -> bool {
    typ.eq_ignore_ascii_case("at+jwt") || typ.eq_ignore_ascii_case("application/at+jwt")
}

fn fingerprint(token: &str) -> [u8; 32] {
    let mut name = [0; 32];
    name.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    name
}
