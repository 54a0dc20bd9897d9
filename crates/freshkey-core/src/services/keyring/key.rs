//! A signing key, and how it is stored: sealed (AES-256-GCM) under a key derived from the root secret, and bound to
//! its `kid`. A copy of the database can't sign anything.

use super::{KeyError, algorithm};
use crate::{
    root_secret::{Purpose, RootSecret},
    rules::{jws::Algorithm, seal::SealKey},
    store::keys::KeyRow,
};
use aws_lc_rs::{
    digest,
    error::Unspecified,
    hmac, rand,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use serde::Serialize;
use std::sync::Arc;

const SECRET_BYTES: usize = 32;

/// A key that is ready for use.
pub struct Key {
    /// The RFC 7638 thumbprint.
    pub kid: Arc<str>,
    /// The only algorithm that it is for.
    pub algorithm: Algorithm,
    private: PrivateKey,
    /// The header, the first part of every token that it signs.
    header: String,
    /// The key that verifies.
    pub decoding: DecodingKey,
    /// The public key, if it is published.
    pub public: Option<PublicJwk>,
}

/// Parsed once: a library that parses it at each use spends more time on that than on the signature.
enum PrivateKey {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Secret(Box<hmac::Key>),
}

impl Key {
    /// Signs this payload as a compact JWS (RFC 7515, section 3.1) of type `at+jwt` (RFC 9068).
    ///
    /// # Errors
    /// See [`Key::sign`].
    pub fn token(&self, payload: &[u8]) -> Result<String, Unspecified> {
        let mut token = format!("{}.{}", self.header, encode(payload));
        let signature = self.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// Returns a signature in the form used in tokens (RFC 7518, section 3; RFC 8037, section 3.1), as bytes.
    ///
    /// # Errors
    /// The operating system gave no randomness, which ECDSA needs.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        Ok(match &self.private {
            PrivateKey::Ed25519(pair) => pair.try_sign(message)?.as_ref().to_vec(),
            PrivateKey::P256(pair) => pair.sign(&rand::SystemRandom::new(), message)?.as_ref().to_vec(),
            PrivateKey::Secret(key) => hmac::sign(key, message).as_ref().to_vec(),
        })
    }
}

/// A public key as it is published (RFC 7517, section 4; RFC 7518, section 6.2; RFC 8037, section 2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicJwk {
    kty: &'static str,
    crv: &'static str,
    x: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    kid: Arc<str>,
    alg: &'static str,
    r#use: &'static str,
}

/// Seals private keys and opens them, also those that the previous root secret sealed.
pub(super) struct Seal(SealKey);

impl Seal {
    pub(super) fn new(secret: &RootSecret) -> Result<Self, KeyError> {
        secret.seal_key(Purpose::SigningKeys).map(Self).map_err(KeyError::unusable)
    }

    /// Generates a key. Returns its `kid` and the sealed text.
    pub(super) fn generate(&self, algorithm: Algorithm) -> Result<(String, String), KeyError> {
        let private = generate(algorithm)?;
        let kid = PrivateKey::read(algorithm, &private)?.material(&private)?.thumbprint();
        let sealed = self.seal(&kid, private)?;
        Ok((kid, sealed))
    }

    fn seal(&self, kid: &str, private: Vec<u8>) -> Result<String, KeyError> {
        self.0.seal(kid, private).map_err(KeyError::unusable)
    }

    pub(super) fn open(&self, row: &KeyRow) -> Result<Key, KeyError> {
        let algorithm = algorithm(row)?;
        let private = self.0.open(&row.kid, &row.sealed).ok_or(KeyError::Sealed)?;
        PrivateKey::read(algorithm, &private)?.into_key(&row.kid, &private)
    }

    /// Reseals a key with the present secret, if the previous one sealed it.
    pub(super) fn anew(&self, row: &KeyRow) -> Result<Option<String>, KeyError> {
        self.0.open_previous(&row.kid, &row.sealed).map(|private| self.seal(&row.kid, private)).transpose()
    }
}

fn generate(algorithm: Algorithm) -> Result<Vec<u8>, KeyError> {
    let random = rand::SystemRandom::new();
    let private = match algorithm {
        Algorithm::EdDsa => Ed25519KeyPair::generate_pkcs8(&random).map(|pair| pair.as_ref().to_vec()),
        Algorithm::Es256 => {
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).map(|pair| pair.as_ref().to_vec())
        }
        Algorithm::Hs256 => {
            let mut secret = vec![0; SECRET_BYTES];
            rand::fill(&mut secret).map(|()| secret)
        }
    };
    private.map_err(KeyError::unusable)
}

/// The members of a key (RFC 7518, section 6).
enum Material {
    Ed25519 { x: String },
    P256 { x: String, y: String },
    Secret { k: String },
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl PrivateKey {
    fn read(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        Ok(match algorithm {
            Algorithm::EdDsa => Self::Ed25519(Ed25519KeyPair::from_pkcs8(bytes).map_err(KeyError::unusable)?),
            Algorithm::Es256 => Self::P256(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes).map_err(KeyError::unusable)?,
            ),
            Algorithm::Hs256 => Self::Secret(Box::new(hmac::Key::new(hmac::HMAC_SHA256, bytes))),
        })
    }

    fn material(&self, bytes: &[u8]) -> Result<Material, KeyError> {
        Ok(match self {
            Self::Ed25519(pair) => Material::Ed25519 { x: encode(pair.public_key().as_ref()) },
            Self::P256(pair) => {
                let no_point = || KeyError::unusable("its public key is no uncompressed point");
                // An uncompressed point (SEC 1, section 2.3.3): 4, x, y.
                let [4, point @ ..] = pair.public_key().as_ref() else { return Err(no_point()) };
                let (x, y) = point.split_at_checked(32).ok_or_else(no_point)?;
                Material::P256 { x: encode(x), y: encode(y) }
            }
            Self::Secret(_) => Material::Secret { k: encode(bytes) },
        })
    }

    fn into_key(self, kid: &str, bytes: &[u8]) -> Result<Key, KeyError> {
        let kid: Arc<str> = kid.into();
        let jwk = |kty, crv, x, y, alg: Algorithm| {
            Some(PublicJwk { kty, crv, x, y, kid: Arc::clone(&kid), alg: alg.name(), r#use: "sig" })
        };
        let (algorithm, decoding, public) = match self.material(bytes)? {
            Material::Ed25519 { x } => (
                Algorithm::EdDsa,
                DecodingKey::from_ed_components(&x),
                jwk("OKP", "Ed25519", x, None, Algorithm::EdDsa),
            ),
            Material::P256 { x, y } => (
                Algorithm::Es256,
                DecodingKey::from_ec_components(&x, &y),
                jwk("EC", "P-256", x, Some(y), Algorithm::Es256),
            ),
            Material::Secret { .. } => (Algorithm::Hs256, Ok(DecodingKey::from_secret(bytes)), None),
        };
        let header = encode(format!(r#"{{"typ":"at+jwt","alg":"{}","kid":"{kid}"}}"#, algorithm.name()).as_bytes());
        Ok(Key { kid, algorithm, private: self, header, decoding: decoding.map_err(KeyError::unusable)?, public })
    }
}

impl Material {
    /// The RFC 7638 thumbprint: the required members, in alphabetical order, without spaces. For a secret key it
    /// reveals nothing: 256 random bits can't be guessed from their hash.
    fn thumbprint(&self) -> String {
        let canonical = match self {
            Self::Ed25519 { x } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#),
            Self::P256 { x, y } => format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#),
            Self::Secret { k } => format!(r#"{{"k":"{k}","kty":"oct"}}"#),
        };
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use freshkey_types::Millis;

    #[test]
    fn thumbprints_are_those_of_the_standards() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".to_owned();
        assert_eq!(Material::Ed25519 { x }.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"); // RFC 8037, A.3
        let (x, y) = ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
        let key = Material::P256 { x: x.to_owned(), y: y.to_owned() }; // RFC 7515, A.3
        assert_eq!(key.thumbprint(), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
    }

    #[test]
    fn a_sealed_key_opens_only_with_the_same_secret_and_kid() {
        let secret = |byte: &str| RootSecret::parse(&byte.repeat(32)).expect("a secret");
        let seal = Seal::new(&secret("01")).expect("a seal");
        for (algorithm, name) in Algorithm::ALL {
            let (kid, sealed) = seal.generate(algorithm).expect("a key");
            let row = KeyRow {
                kid,
                number: 1,
                algorithm: name.to_owned(),
                sealed,
                created_at: Millis::ZERO,
                signs_from: Millis::ZERO,
                longest_life: Millis::ZERO,
                stopped_at: None,
            };
            assert!(seal.open(&row).is_ok(), "{name}");
            assert!(Seal::new(&secret("02")).expect("a seal").open(&row).is_err());
            assert!(seal.open(&KeyRow { kid: "another".to_owned(), ..row.clone() }).is_err());

            let next = Seal::new(&secret("02").after(Some(secret("01")))).expect("a seal");
            let anew = next.anew(&row).expect("it seals").expect("the previous secret sealed it");
            let resealed = KeyRow { sealed: anew, ..row };
            assert!(next.open(&resealed).is_ok() && seal.open(&resealed).is_err());
            assert_eq!(next.anew(&resealed).expect("nothing to do"), None);
        }
    }
}
