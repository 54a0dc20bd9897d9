//! The public key of a passkey, as COSE (RFC 9053) writes it. In canonical form, each kind of key is a fixed sequence
//! of bytes around its numbers, so it is compared with that.

use super::CredentialError;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

const ES256_X: &[u8] = &[0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
const ES256_Y: &[u8] = &[0x22, 0x58, 0x20];
const ED25519_X: &[u8] = &[0xA4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20];
const RS256_N: &[u8] = &[0xA4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20, 0x59];
/// 65537, as every authenticator uses.
const RS256_E: &[u8] = &[0x21, 0x43, 0x01, 0x00, 0x01];

/// The bytes of an RSA key: 2048 to 4096 bits.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=512;

/// A public key that verifies signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    kind: Kind,
    /// The COSE key.
    cose: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// An uncompressed point.
    Es256([u8; 65]),
    Ed25519([u8; 32]),
    Rs256(Vec<u8>),
}

impl PublicKey {
    /// The numbers of the algorithms, in order of preference.
    pub const ALGORITHMS: [i64; 3] = [-7, -8, -257];

    /// Splits the bytes into the key at their beginning and the rest.
    pub(super) fn split(bytes: &[u8]) -> Result<(Self, &[u8]), CredentialError> {
        let (kind, rest) = read(bytes).ok_or(CredentialError::Key)?;
        let key = Self { kind, cose: bytes[..bytes.len() - rest.len()].to_vec() };
        if key.is_a_key() { Ok((key, rest)) } else { Err(CredentialError::Key) }
    }

    /// Parses a key from the database.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (kind, rest) = read(&bytes)?;
        rest.is_empty().then_some(Self { kind, cose: bytes })
    }

    /// Returns the key as the database stores it.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.cose)
    }

    /// Returns the number of the key's algorithm (RFC 9053).
    pub const fn algorithm(&self) -> i64 {
        match self.kind {
            Kind::Es256(_) => -7,
            Kind::Ed25519(_) => -8,
            Kind::Rs256(_) => -257,
        }
    }

    /// Returns whether the signature is by this key and of the message.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.kind {
            Kind::Es256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature).is_ok()
            }
            Kind::Ed25519(x) => UnparsedPublicKey::new(&ED25519, x).verify(message, signature).is_ok(),
            Kind::Rs256(n) => RsaPublicKeyComponents { n: n.as_slice(), e: &[1, 0, 1][..] }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
        }
    }

    /// Whether the key is valid: its point is on the curve, or its modulus is one.
    fn is_a_key(&self) -> bool {
        use aws_lc_rs::signature::ParsedPublicKey;
        match &self.kind {
            Kind::Es256(point) => ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).is_ok(),
            Kind::Ed25519(x) => ParsedPublicKey::new(&ED25519, x).is_ok(),
            Kind::Rs256(n) => n.last().is_some_and(|byte| byte % 2 == 1),
        }
    }
}

fn read(bytes: &[u8]) -> Option<(Kind, &[u8])> {
    if let Some(bytes) = bytes.strip_prefix(ES256_X) {
        let (x, bytes) = bytes.split_first_chunk::<32>()?;
        let (y, rest) = bytes.strip_prefix(ES256_Y)?.split_first_chunk::<32>()?;
        let mut point = [4; 65];
        point[1..33].copy_from_slice(x);
        point[33..].copy_from_slice(y);
        return Some((Kind::Es256(point), rest));
    }
    if let Some(bytes) = bytes.strip_prefix(ED25519_X) {
        let (x, rest) = bytes.split_first_chunk::<32>()?;
        return Some((Kind::Ed25519(*x), rest));
    }
    let (length, bytes) = bytes.strip_prefix(RS256_N)?.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (n, bytes) = bytes.split_at_checked(length)?;
    // A number has no leading zeros, and one of 2048 bits has its first bit set.
    let first = *n.first()?;
    let long_enough = if length == *RSA_BYTES.start() { first >= 0x80 } else { first != 0 };
    (RSA_BYTES.contains(&length) && long_enough).then_some(())?;
    Some((Kind::Rs256(n.to_vec()), bytes.strip_prefix(RS256_E)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The point of the standard's first test vector.
    fn es256() -> Vec<u8> {
        let half = |text: &str| -> Vec<u8> {
            (0..64).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
        };
        let x = half("afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61");
        let y = half("930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220");
        [ES256_X, &x, ES256_Y, &y].concat()
    }

    fn rs256(bytes: usize, first: u8, last: u8) -> Vec<u8> {
        let mut n = vec![0xA5; bytes];
        (n[0], n[bytes - 1]) = (first, last);
        let length = u16::try_from(bytes).expect("short").to_be_bytes();
        [RS256_N, &length, &n, RS256_E].concat()
    }

    #[test]
    fn a_key_comes_back_from_the_database_as_it_went() {
        for bytes in [es256(), rs256(256, 0x80, 1), rs256(512, 0x80, 1)] {
            let (key, rest) = PublicKey::split(&bytes).expect("a key");
            assert!(rest.is_empty());
            assert_eq!(PublicKey::parse(&key.text()), Some(key));
        }
        let followed = [es256(), vec![0xA0]].concat();
        assert_eq!(PublicKey::split(&followed).map(|(key, rest)| (key.algorithm(), rest)), Ok((-7, &[0xA0][..])));
    }

    #[test]
    fn rsa_has_2048_to_4096_bits() {
        for (bytes, first, fits) in [
            (255, 0xFF, false),
            (256, 0x7F, false),
            (256, 0x80, true),
            (257, 0, false),
            (512, 0xFF, true),
            (513, 1, false),
        ] {
            assert_eq!(PublicKey::split(&rs256(bytes, first, 1)).is_ok(), fits, "{bytes} bytes, the first {first}");
        }
        assert!(PublicKey::split(&rs256(256, 0x80, 2)).is_err(), "no modulus is even");
    }

    #[test]
    fn a_point_off_the_curve_another_curve_and_another_algorithm_are_no_keys() {
        let mut off = es256();
        off[20] ^= 1;
        let mut curve = es256();
        curve[6] = 2;
        let mut algorithm = es256();
        algorithm[4] = 0x38;
        let mut es384 = ES256_X.to_vec();
        es384[4..6].copy_from_slice(&[0x38, 0x22]);
        for bad in [off, curve, algorithm, es384, es256()[..76].to_vec(), Vec::new(), vec![0xA5]] {
            assert!(PublicKey::split(&bad).is_err(), "{bad:02X?}");
        }
    }
}
