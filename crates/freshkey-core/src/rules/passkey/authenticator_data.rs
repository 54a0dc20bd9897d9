//! The data that the authenticator signs (`WebAuthn`, section 6.1).

use super::{CREDENTIAL_ID_BYTES, CredentialError, PublicKey, RelyingParty, cbor};
use uuid::Uuid;

const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const CREDENTIAL: u8 = 1 << 6;
const EXTENSIONS: u8 = 1 << 7;

/// Whether a passkey is also on other devices of its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Whether it can be copied to other devices.
    pub eligible: bool,
    /// Whether it has been copied.
    pub done: bool,
}

pub(super) struct AuthenticatorData {
    party_hash: [u8; 32],
    flags: u8,
    pub(super) sign_count: u32,
    pub(super) backup: Backup,
    /// The new passkey, in a registration.
    pub(super) credential: Option<Credential>,
}

pub(super) struct Credential {
    pub(super) aaguid: String,
    pub(super) id: Vec<u8>,
    pub(super) key: PublicKey,
}

impl AuthenticatorData {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, CredentialError> {
        let (party_hash, bytes) = bytes.split_first_chunk().ok_or(CredentialError::Encoding)?;
        let (&flags, bytes) = bytes.split_first().ok_or(CredentialError::Encoding)?;
        let (count, bytes) = bytes.split_first_chunk().ok_or(CredentialError::Encoding)?;
        let (credential, rest) = match flags & CREDENTIAL {
            0 => (None, bytes),
            _ => Credential::split(bytes).map(|(credential, rest)| (Some(credential), rest))?,
        };
        let is_whole = match flags & EXTENSIONS {
            0 => rest.is_empty(),
            _ => cbor::read_canonical(rest).is_some_and(|extensions| extensions.is_map()),
        };
        if !is_whole {
            return Err(CredentialError::Encoding);
        }
        let backup = Backup { eligible: flags & BACKUP_ELIGIBLE != 0, done: flags & BACKED_UP != 0 };
        let sign_count = u32::from_be_bytes(*count);
        Ok(Self { party_hash: *party_hash, flags, sign_count, backup, credential })
    }

    /// Checks that the data was made for our site, with the user present and verified.
    pub(super) fn check(&self, party: &RelyingParty) -> Result<(), CredentialError> {
        if !party.is_hash(&self.party_hash) {
            return Err(CredentialError::RelyingParty);
        }
        if self.flags & PRESENT == 0 {
            return Err(CredentialError::Presence);
        }
        if self.flags & VERIFIED == 0 {
            return Err(CredentialError::Verification);
        }
        if self.backup.done && !self.backup.eligible { Err(CredentialError::Flags) } else { Ok(()) }
    }
}

impl Credential {
    fn split(bytes: &[u8]) -> Result<(Self, &[u8]), CredentialError> {
        let (aaguid, bytes) = bytes.split_first_chunk().ok_or(CredentialError::Encoding)?;
        let (length, bytes) = bytes.split_first_chunk().ok_or(CredentialError::Encoding)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (id, bytes) = bytes.split_at_checked(length).ok_or(CredentialError::Encoding)?;
        if !(1..=CREDENTIAL_ID_BYTES).contains(&length) {
            return Err(CredentialError::Encoding);
        }
        let (key, rest) = PublicKey::split(bytes)?;
        Ok((Self { aaguid: Uuid::from_bytes(*aaguid).to_string(), id: id.to_vec(), key }, rest))
    }
}
