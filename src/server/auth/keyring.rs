//! The keys that sign access tokens: made at the first start, kept in the database, sealed
//! (AES-256-GCM) under a key derived from the root secret. A copy of the database signs nothing.

use super::root_secret::{Purpose, RootSecret};
use crate::server::store::{Store, StoreError, keys::KeyRow};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    digest,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde::Serialize;

/// The name of the algorithm in `alg` and in the database. RFC 9864 would have `Ed25519`; the
/// verifiers in the field know `EdDSA`. Bound to the key: the other name is no alias.
pub const EDDSA: &str = "EdDSA";

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Sealed under another root secret.
    #[error("the signing keys in the database are sealed with another FRESHKEY_SECRET")]
    Sealed,
    /// The operating system gave no randomness, or a key is damaged.
    #[error("a signing key is unusable")]
    Unusable,
}

/// One key pair.
pub struct SigningKey {
    /// The RFC 7638 thumbprint.
    pub kid: String,
    /// Signs.
    pub encoding: EncodingKey,
    /// Verifies.
    pub decoding: DecodingKey,
    x: String,
}

impl SigningKey {
    fn published(&self) -> PublicJwk<'_> {
        PublicJwk { kty: "OKP", crv: "Ed25519", x: &self.x, kid: &self.kid, alg: EDDSA, r#use: "sig" }
    }
}

/// All keys, the one that signs first.
pub struct KeyRing {
    keys: Vec<SigningKey>,
}

/// A public key as it is published (RFC 7517, RFC 8037).
#[derive(Serialize)]
pub struct PublicJwk<'a> {
    kty: &'static str,
    crv: &'static str,
    x: &'a str,
    kid: &'a str,
    alg: &'static str,
    r#use: &'static str,
}

impl KeyRing {
    /// The keys in the database; makes the first one.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub async fn open(store: &Store, secret: &RootSecret, now: i64) -> Result<Self, KeyError> {
        let seal = Seal::new(secret)?;
        let mut rows = store.signing_keys().await?;
        if rows.is_empty() {
            let fresh = generate(&seal, now)?;
            // Several instances may start at once: the first key stays, all read what stands.
            store.insert_first_signing_key(&fresh).await?;
            rows = store.signing_keys().await?;
        }
        let keys = rows.iter().map(|row| seal.open(row)).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(KeyError::Unusable) } else { Ok(Self { keys }) }
    }

    /// The key that signs.
    pub fn current(&self) -> &SigningKey {
        &self.keys[0]
    }

    /// The key that `kid` names, and its algorithm: the only one it may be used with.
    pub fn find(&self, kid: &str) -> Option<(&SigningKey, Algorithm, &'static str)> {
        self.keys.iter().find(|key| key.kid == kid).map(|key| (key, Algorithm::EdDSA, EDDSA))
    }

    /// The public keys.
    pub fn published(&self) -> Vec<PublicJwk<'_>> {
        self.keys.iter().map(SigningKey::published).collect()
    }
}

fn generate(seal: &Seal, now: i64) -> Result<KeyRow, KeyError> {
    let pkcs8 =
        Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new()).map_err(|_| KeyError::Unusable)?;
    let kid = thumbprint(&public_x(pkcs8.as_ref())?);
    let sealed = seal.close(&kid, pkcs8.as_ref())?;
    Ok(KeyRow { kid, algorithm: EDDSA.to_owned(), sealed, created_at: now })
}

fn public_x(pkcs8: &[u8]) -> Result<String, KeyError> {
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| KeyError::Unusable)?;
    Ok(URL_SAFE_NO_PAD.encode(pair.public_key()))
}

/// RFC 7638 over RFC 8037's required members, in its order, without spaces.
fn thumbprint(x: &str) -> String {
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()))
}

/// Seals private keys, each bound to its `kid`.
struct Seal(RandomizedNonceKey);

impl Seal {
    fn new(secret: &RootSecret) -> Result<Self, KeyError> {
        let key = secret.derive(Purpose::SigningKeys);
        RandomizedNonceKey::new(&AES_256_GCM, &key).map(Self).map_err(|_| KeyError::Unusable)
    }

    fn close(&self, kid: &str, private: &[u8]) -> Result<String, KeyError> {
        let mut text = private.to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::from(kid), &mut text).map_err(|_| KeyError::Unusable)?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_ref().as_slice(), &text].concat()))
    }

    fn open(&self, row: &KeyRow) -> Result<SigningKey, KeyError> {
        let mut bytes = URL_SAFE_NO_PAD.decode(&row.sealed).map_err(|_| KeyError::Sealed)?;
        let (nonce, text) = bytes.split_at_mut_checked(NONCE_LEN).ok_or(KeyError::Sealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| KeyError::Sealed)?;
        let pkcs8 = self.0.open_in_place(nonce, Aad::from(&row.kid), text).map_err(|_| KeyError::Sealed)?;
        let x = public_x(pkcs8)?;
        let decoding = DecodingKey::from_ed_components(&x).map_err(|_| KeyError::Unusable)?;
        Ok(SigningKey { kid: row.kid.clone(), encoding: EncodingKey::from_ed_der(pkcs8), decoding, x })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_is_that_of_rfc_8037_appendix_a_3() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        assert_eq!(thumbprint(x), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_sealed_key_opens_only_with_the_same_secret_and_kid() {
        let secret = |byte: &str| RootSecret::parse(&byte.repeat(32)).expect("a secret");
        let seal = Seal::new(&secret("01")).expect("a seal");
        let row = generate(&seal, 0).expect("a key");
        assert!(seal.open(&row).is_ok());
        assert!(Seal::new(&secret("02")).expect("a seal").open(&row).is_err());
        assert!(seal.open(&KeyRow { kid: "another".to_owned(), ..row }).is_err());
    }
}
