//! An authenticator and the browser before it, of which every part can be bent.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub const PRESENT: u8 = 1;
pub const VERIFIED: u8 = 1 << 2;
pub const BACKUP_ELIGIBLE: u8 = 1 << 3;
pub const BACKED_UP: u8 = 1 << 4;
const CREDENTIAL: u8 = 1 << 6;
const EXTENSIONS: u8 = 1 << 7;

enum Key {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

/// One passkey, with what keeps it.
pub struct Authenticator {
    key: Key,
    pub credential_id: Vec<u8>,
    pub handle: Vec<u8>,
    pub count: u32,
    /// What is said of it: that somebody was there and verified, and more.
    pub flags: u8,
    /// Which make it is.
    pub aaguid: [u8; 16],
    origin: String,
}

/// What the authenticator and the browser are about to say.
pub struct Bent {
    /// `clientDataJSON`, as a text.
    pub client_data: String,
    /// Whom it is made for.
    pub rp_id: String,
    pub flags: u8,
    pub count: u32,
    pub handle: Option<Vec<u8>>,
    /// A new passkey's id.
    pub credential_id: Vec<u8>,
    /// A new passkey's key.
    pub cose: Vec<u8>,
    /// What comes after all that.
    pub rest: Vec<u8>,
    /// The attestation's format and statement.
    pub format: String,
    pub statement: Vec<u8>,
    /// What becomes of the attestation object, or of the signature.
    pub last: fn(&mut Vec<u8>),
}

impl Bent {
    /// The browser says something else.
    pub fn replace(&mut self, from: &str, to: &str) {
        assert!(self.client_data.contains(from), "{from} is in {}", self.client_data);
        self.client_data = self.client_data.replace(from, to);
    }
}

/// Nothing is bent.
pub fn straight(_: &mut Bent) {}

impl Authenticator {
    /// A passkey of ES256, that can't be backed up and counts.
    pub fn new(origin: &str) -> Self {
        Self::with(origin, Key::Es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap()))
    }

    /// One of Ed25519.
    pub fn ed25519(origin: &str) -> Self {
        Self::with(origin, Key::EdDsa(Ed25519KeyPair::generate().unwrap()))
    }

    /// One of RSA.
    pub fn rsa(origin: &str) -> Self {
        Self::with(origin, Key::Rs256(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()))
    }

    fn with(origin: &str, key: Key) -> Self {
        let mut credential_id = vec![0; 32];
        aws_lc_rs::rand::fill(&mut credential_id).unwrap();
        let flags = PRESENT | VERIFIED;
        Self { key, credential_id, handle: Vec::new(), count: 0, flags, aaguid: [0; 16], origin: origin.to_owned() }
    }

    /// The credential's id, as it is written.
    pub fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.credential_id)
    }

    /// Makes the passkey by these options: a `RegistrationResponseJSON`.
    pub fn make(&mut self, options: &Value, change: impl FnOnce(&mut Bent)) -> Value {
        self.handle = URL_SAFE_NO_PAD.decode(options["user"]["id"].as_str().unwrap()).unwrap();
        let mut bent = self.bent("webauthn.create", options, options["rp"]["id"].as_str().unwrap());
        bent.flags |= CREDENTIAL;
        change(&mut bent);
        let mut data = authenticator_data(&bent);
        data.extend(self.aaguid);
        data.extend(u16::try_from(bent.credential_id.len()).unwrap().to_be_bytes());
        data.extend(&bent.credential_id);
        data.extend(&bent.cose);
        data.extend(&bent.rest);
        let mut object = b"\xA3cfmt".to_vec();
        object.extend(text(&bent.format));
        object.extend(b"gattStmt");
        object.extend(&bent.statement);
        object.extend(b"hauthData");
        match u8::try_from(data.len()) {
            Ok(length) => object.extend([0x58, length]),
            Err(_) => object.extend([&[0x59], u16::try_from(data.len()).unwrap().to_be_bytes().as_slice()].concat()),
        }
        object.extend(data);
        (bent.last)(&mut object);
        let id = URL_SAFE_NO_PAD.encode(&bent.credential_id);
        json!({"id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": true}},
            "response": {"clientDataJSON": URL_SAFE_NO_PAD.encode(bent.client_data),
                "attestationObject": URL_SAFE_NO_PAD.encode(object), "transports": ["internal", "hybrid"]}})
    }

    /// Uses the passkey by these options: an `AuthenticationResponseJSON`.
    pub fn get(&mut self, options: &Value, change: impl FnOnce(&mut Bent)) -> Value {
        let mut bent = self.bent("webauthn.get", options, options["rpId"].as_str().unwrap());
        change(&mut bent);
        let mut data = authenticator_data(&bent);
        data.extend(&bent.rest);
        let signed = [data.as_slice(), digest(&SHA256, bent.client_data.as_bytes()).as_ref()].concat();
        let mut signature = self.sign(&signed);
        (bent.last)(&mut signature);
        let id = self.id();
        json!({"id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {"clientDataJSON": URL_SAFE_NO_PAD.encode(bent.client_data),
                "authenticatorData": URL_SAFE_NO_PAD.encode(data), "signature": URL_SAFE_NO_PAD.encode(signature),
                "userHandle": bent.handle.map(|handle| URL_SAFE_NO_PAD.encode(handle))}})
    }

    fn bent(&self, kind: &str, options: &Value, rp_id: &str) -> Bent {
        let (challenge, origin) = (options["challenge"].as_str().unwrap(), &self.origin);
        Bent {
            client_data: format!(
                r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false}}"#
            ),
            rp_id: rp_id.to_owned(),
            flags: self.flags,
            count: self.count,
            handle: Some(self.handle.clone()),
            credential_id: self.credential_id.clone(),
            cose: self.cose(),
            rest: Vec::new(),
            format: "none".to_owned(),
            statement: vec![0xA0],
            last: |_| {},
        }
    }

    fn cose(&self) -> Vec<u8> {
        match &self.key {
            Key::Es256(key) => {
                let (x, y) = key.public_key().as_ref()[1..].split_at(32);
                [b"\xA5\x01\x02\x03\x26\x20\x01\x21\x58\x20", x, b"\x22\x58\x20", y].concat()
            }
            Key::EdDsa(key) => {
                [b"\xA4\x01\x01\x03\x27\x20\x06\x21\x58\x20".as_slice(), key.public_key().as_ref()].concat()
            }
            Key::Rs256(key) => {
                let n = key.public_key().modulus().big_endian_without_leading_zero();
                let length = u16::try_from(n.len()).unwrap().to_be_bytes();
                [b"\xA4\x01\x03\x03\x39\x01\x00\x20\x59".as_slice(), &length, n, b"\x21\x43\x01\x00\x01"].concat()
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.key {
            Key::Es256(key) => key.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Key::EdDsa(key) => key.sign(message).as_ref().to_vec(),
            Key::Rs256(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
                signature
            }
        }
    }
}

/// The authenticator's extensions: they say that there are some.
pub fn extensions(bent: &mut Bent, cbor: &[u8]) {
    bent.flags |= EXTENSIONS;
    bent.rest = cbor.to_vec();
}

fn authenticator_data(bent: &Bent) -> Vec<u8> {
    let mut data = digest(&SHA256, bent.rp_id.as_bytes()).as_ref().to_vec();
    data.push(bent.flags);
    data.extend(bent.count.to_be_bytes());
    data
}

/// A short text in CBOR.
fn text(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    assert!(length < 24);
    [&[0x60 + length], text.as_bytes()].concat()
}
