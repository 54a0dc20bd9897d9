//! The root secret and the keys derived from it (HKDF-SHA256, RFC 5869). The operator keeps one secret, and a key for
//! one purpose never works for another.

use crate::{
    data_folder::{self, SECRET_FILE},
    rules::{mac::MacKey, seal::SealKey},
};
use aws_lc_rs::{
    error::Unspecified,
    hkdf::{HKDF_SHA256, Prk, Salt},
    rand,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use std::{
    borrow::Cow,
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// The minimum length of a root secret, in bytes.
pub const MIN_BYTES: usize = 32;

/// The operator's secret or the generated one and, if given, the previous one.
pub struct RootSecret {
    // Boxed, because the start passes it from step to step.
    present: Box<Prk>,
    previous: Option<Box<Prk>>,
}

/// What a derived key is for.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// The MAC in refresh tokens.
    RefreshToken,
    /// The MAC that is the CSRF token.
    Csrf,
    /// The MAC in device tokens.
    Device,
    /// The values that mark a browser as trusted.
    Trust,
    /// The digests of email addresses.
    AccountDigest,
    /// Sealing the signing keys in the database.
    SigningKeys,
    /// Sealing the data of challenges.
    Challenges,
    /// The codes and links in emails.
    MailedSecrets,
    /// Sealing the seeds of authenticator apps.
    Factors,
    /// The MAC in browser tokens.
    Browser,
    /// The MAC in the challenges of passkeys.
    PasskeyChallenges,
    /// The MAC in the refresh tokens of the realm with this name.
    Realm(&'static str),
}

impl Purpose {
    fn label(self) -> Cow<'static, [u8]> {
        Cow::Borrowed(match self {
            Self::RefreshToken => b"freshkey/refresh-token/v1",
            Self::Csrf => b"freshkey/csrf/v1",
            Self::Device => b"freshkey/device/v1",
            Self::Trust => b"freshkey/trust/v1",
            Self::AccountDigest => b"freshkey/account-digest/v1",
            Self::SigningKeys => b"freshkey/signing-keys/v1",
            Self::Challenges => b"freshkey/challenges/v1",
            Self::MailedSecrets => b"freshkey/mailed-secrets/v1",
            Self::Factors => b"freshkey/factors/v1",
            Self::Browser => b"freshkey/browser/v1",
            Self::PasskeyChallenges => b"freshkey/passkey-challenges/v1",
            Self::Realm(name) => return format!("freshkey/realm/{name}/v1").into_bytes().into(),
        })
    }
}

impl RootSecret {
    /// Parses a secret: at least [`MIN_BYTES`] bytes in hex or base64 (either alphabet).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = hex(text)
            .or_else(|| STANDARD.decode(text).ok())
            .or_else(|| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok())?;
        (bytes.len() >= MIN_BYTES).then(|| Self::from_bytes(&bytes))
    }

    /// Reads the secret in `folder`, or creates it at the first start (folder 0700, file 0600).
    ///
    /// # Errors
    /// The folder or the file can't be created or read, or the file holds no secret.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        data_folder::make(folder)?;
        let file = folder.join(SECRET_FILE);
        if let Some(secret) = Self::read(&file)? {
            return Ok(secret);
        }
        // Two first starts at once must agree on one secret, so they take turns by a lock. The lock goes with the
        // process that holds it. (A hard link would work without a lock, where the file system has them.)
        let turn = private_file().create(true).truncate(false).open(folder.join(format!("{SECRET_FILE}.lock")))?;
        turn.lock()?;
        match Self::read(&file)? {
            Some(secret) => Ok(secret),
            None => Self::generate(folder, &file),
        }
    }

    /// Reads the secret from the file, if the file exists.
    fn read(file: &Path) -> io::Result<Option<Self>> {
        match fs::read_to_string(file) {
            Ok(text) => Self::parse(&text).map(Some).ok_or_else(|| {
                io::Error::new(io::ErrorKind::InvalidData, format!("{} holds no secret", file.display()))
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a new secret completely or not at all: a crash leaves no half of it.
    fn generate(folder: &Path, file: &Path) -> io::Result<Self> {
        let mut bytes = [0; MIN_BYTES];
        rand::fill(&mut bytes).map_err(|_| io::Error::other("no randomness"))?;
        let draft = folder.join(format!("{SECRET_FILE}.new"));
        let mut handle = private_file().create(true).truncate(true).open(&draft)?;
        let text = URL_SAFE_NO_PAD.encode(bytes);
        handle.write_all(text.as_bytes())?;
        handle.sync_all()?;
        fs::rename(&draft, file)?;
        Self::parse(&text).ok_or_else(|| io::Error::other("no secret was made"))
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        Self { present: Box::new(Salt::new(HKDF_SHA256, b"").extract(bytes)), previous: None }
    }

    /// Puts this secret in the place of `previous`. What `previous` signed or sealed stays valid.
    #[must_use]
    pub fn after(self, previous: Option<Self>) -> Self {
        Self { previous: previous.map(|previous| previous.present), ..self }
    }

    /// Derives the 256-bit key for a purpose.
    pub fn derive(&self, purpose: Purpose) -> [u8; 32] {
        expand(&self.present, purpose)
    }

    /// Derives the key for a purpose from the previous secret.
    pub fn derive_previous(&self, purpose: Purpose) -> Option<[u8; 32]> {
        self.previous.as_ref().map(|previous| expand(previous, purpose))
    }

    /// Returns the sealing key for a purpose, with the previous one.
    ///
    /// # Errors
    /// The library does not accept the key.
    pub fn seal_key(&self, purpose: Purpose) -> Result<SealKey, Unspecified> {
        SealKey::new(&self.derive(purpose), self.derive_previous(purpose).as_ref())
    }

    /// Returns the MAC key for a purpose, with the previous one.
    pub fn mac_key(&self, purpose: Purpose) -> MacKey {
        MacKey::new(&self.derive(purpose), self.derive_previous(purpose).as_ref())
    }
}

#[expect(clippy::expect_used, reason = "32 bytes are within the 8160 of HKDF-SHA256")]
fn expand(secret: &Prk, purpose: Purpose) -> [u8; 32] {
    let mut key = [0; 32];
    secret
        .expand(&[&purpose.label()], HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut key))
        .expect("32 bytes are within the limit");
    key
}

fn private_file() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let hex = text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex.then(|| (0..text.len()).step_by(2).filter_map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_secret_is_32_bytes_at_least_in_hex_or_base64() {
        for good in ["00".repeat(32), STANDARD.encode([7; 32]), URL_SAFE_NO_PAD.encode([255; 40])] {
            assert!(RootSecret::parse(&format!("{good}\n")).is_some(), "{good}");
        }
        for bad in [String::new(), "00".repeat(31), STANDARD.encode([7; 31]), "not base64!".repeat(9)] {
            assert!(RootSecret::parse(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn purposes_have_different_keys_and_the_same_secret_the_same_ones() {
        let (one, two) = (RootSecret::from_bytes(&[1; 32]), RootSecret::from_bytes(&[1; 32]));
        assert_eq!(one.derive(Purpose::Csrf), two.derive(Purpose::Csrf));
        assert_ne!(one.derive(Purpose::Csrf), one.derive(Purpose::RefreshToken));
        assert_ne!(one.derive(Purpose::Csrf), one.derive(Purpose::Realm("csrf")));
        assert_ne!(one.derive(Purpose::Realm("one")), one.derive(Purpose::Realm("other")));
    }

    #[test]
    fn a_generated_secret_is_kept_and_private() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let first = RootSecret::in_folder(&data).expect("made");
        let again = RootSecret::in_folder(&data).expect("read");
        assert_eq!(first.derive(Purpose::Csrf), again.derive(Purpose::Csrf));
        let mode = |path: &Path| fs::metadata(path).expect("metadata").permissions().mode() & 0o777;
        assert_eq!((mode(&data), mode(&data.join(SECRET_FILE))), (0o700, 0o600));
    }

    #[test]
    fn first_starts_at_once_agree_on_one_secret() {
        let folder = tempfile::tempdir().expect("a folder");
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let data = folder.path().to_owned();
                std::thread::spawn(move || RootSecret::in_folder(&data).expect("a secret").derive(Purpose::Csrf))
            })
            .collect();
        let mut keys: Vec<[u8; 32]> = starts.into_iter().map(|start| start.join().expect("it starts")).collect();
        keys.dedup();
        assert_eq!(keys.len(), 1);
    }
}
