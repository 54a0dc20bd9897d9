//! A service that trusts Freshkey's access tokens: it verifies them with the public key set, and
//! asks nobody.
//!
//! ```sh
//! ISSUER=http://localhost:3000 TOKEN=eyJ… cargo run --example verify
//! ```

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{AlgorithmParameters, Jwk, JwkSet},
};
use serde::Deserialize;
use std::{
    env,
    error::Error,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// How long the key set is good for, as its `Cache-Control` says: a key that was withdrawn must not
/// be trusted for longer.
const KEEP: Duration = Duration::from_mins(5);
/// An unknown `kid` has the set fetched again, but not more often than this: anybody can make one up.
const COOL_DOWN: Duration = Duration::from_secs(30);

/// Who calls.
#[derive(Debug, Deserialize)]
pub struct Caller {
    /// The user's id: never given to anybody else.
    pub sub: String,
    /// The user's address, which may change.
    pub email: String,
}

/// Verifies the tokens of one issuer.
pub struct Verifier {
    issuer: String,
    keys: Mutex<Option<Kept>>,
}

struct Kept {
    fetched: Instant,
    keys: JwkSet,
}

impl Verifier {
    /// Trusts this issuer, which is also the audience.
    pub fn new(issuer: String) -> Self {
        Self { issuer, keys: Mutex::new(None) }
    }

    /// Returns who calls, if the token is good at `now`.
    ///
    /// # Errors
    /// The token is refused, or the key set can't be fetched.
    pub async fn verify(&self, token: &str, now: Instant) -> Result<Caller, Box<dyn Error>> {
        let header = decode_header(token)?;
        if !matches!(header.typ.as_deref(), Some("at+jwt" | "application/at+jwt")) {
            return Err("not an access token".into());
        }
        let key = self.key(header.kid.as_deref().ok_or("no kid")?, now).await?;
        // The key says which algorithm, not the token.
        let algorithm = match key.algorithm {
            AlgorithmParameters::OctetKeyPair(_) => Algorithm::EdDSA,
            AlgorithmParameters::EllipticCurve(_) => Algorithm::ES256,
            _ => return Err("a key of another kind".into()),
        };
        let mut validation = Validation::new(algorithm);
        validation.leeway = 0;
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        Ok(decode(token, &DecodingKey::from_jwk(&key)?, &validation)?.claims)
    }

    /// The key that `kid` names. Callers that need the set while it is fetched wait for it.
    async fn key(&self, kid: &str, now: Instant) -> Result<Jwk, Box<dyn Error>> {
        let mut kept = self.keys.lock().await;
        if let Some(Kept { fetched, keys }) = &*kept {
            let age = now.duration_since(*fetched);
            match keys.find(kid) {
                Some(key) if age < KEEP => return Ok(key.clone()),
                None if age < COOL_DOWN => return Err("an unknown key".into()),
                _ => {}
            }
        }
        let answer = reqwest::get(format!("{}/.well-known/jwks.json", self.issuer)).await?;
        let keys: JwkSet = answer.error_for_status()?.json().await?;
        let key = keys.find(kid).cloned();
        *kept = Some(Kept { fetched: now, keys });
        Ok(key.ok_or("an unknown key")?)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let verifier = Verifier::new(env::var("ISSUER")?);
    let caller = verifier.verify(&env::var("TOKEN")?, Instant::now()).await?;
    println!("{} is {}", caller.sub, caller.email);
    Ok(())
}
