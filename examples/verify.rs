//! A service that trusts Freshkey's access tokens: it checks them against the public key set, and
//! asks nobody.
//!
//! ```sh
//! ISSUER=http://localhost:3000 TOKEN=eyJ… cargo run --example verify
//! ```

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{AlgorithmParameters, JwkSet},
};
use serde::Deserialize;
use std::{env, error::Error};

/// Who calls.
#[derive(Debug, Deserialize)]
struct Caller {
    /// The user's id: never given to anybody else.
    sub: String,
    email: String,
}

/// Who calls, if the token is good.
fn verify(token: &str, keys: &JwkSet, issuer: &str) -> Result<Caller, Box<dyn Error>> {
    let header = decode_header(token)?;
    if !matches!(header.typ.as_deref(), Some("at+jwt" | "application/at+jwt")) {
        return Err("not an access token".into());
    }
    let key = keys.find(header.kid.as_deref().ok_or("no kid")?).ok_or("an unknown key")?;
    // The key says which algorithm, not the token.
    let algorithm = match key.algorithm {
        AlgorithmParameters::OctetKeyPair(_) => Algorithm::EdDSA,
        AlgorithmParameters::EllipticCurve(_) => Algorithm::ES256,
        _ => return Err("a key of another kind".into()),
    };
    let mut validation = Validation::new(algorithm);
    validation.leeway = 0;
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    Ok(decode(token, &DecodingKey::from_jwk(key)?, &validation)?.claims)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let issuer = env::var("ISSUER")?;
    // A service keeps the set for the five minutes that it is good for.
    let keys = reqwest::get(format!("{issuer}/.well-known/jwks.json")).await?.json::<JwkSet>().await?;
    let caller = verify(&env::var("TOKEN")?, &keys, &issuer)?;
    println!("{} is {}", caller.sub, caller.email);
    Ok(())
}
