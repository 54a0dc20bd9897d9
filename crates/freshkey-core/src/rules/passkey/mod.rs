//! Passkeys (`WebAuthn` Level 3): what a browser and an authenticator send, and how it is verified.
//!
//! This is our own code and not `webauthn-rs`, which verifies no Ed25519, keeps challenges on the server, and refuses
//! a passkey that becomes a synced one. docs/security.md says more.

mod attestation;
mod authenticator_data;
mod cbor;
mod challenge;
mod client_data;
mod counter;
mod json;
mod options;
mod provider;
mod public_key;
#[cfg(test)]
mod vectors;

pub use authenticator_data::Backup;
pub use challenge::{Bound, Challenge, ChallengeKey};
pub use counter::counter_is_ignored;
pub use options::{Account, Known, creation_options, request_options};
pub use provider::provider;
pub use public_key::PublicKey;

use authenticator_data::AuthenticatorData;
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use client_data::Ceremony;
use serde_json::Value;

/// The longest credential id, in bytes (`WebAuthn`, section 4).
const CREDENTIAL_ID_BYTES: usize = 1023;

/// What is wrong with a credential. It is logged, and not sent to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialError {
    /// It is not the JSON of a credential, or has invalid base64url.
    Shape,
    /// It was made for another ceremony: `type`.
    Type,
    /// Its challenge is not ours, is for another browser or user, or has expired.
    Challenge,
    /// The challenge was answered before.
    Used,
    /// It was made on another site.
    Origin,
    /// It was made in a frame on another site.
    CrossOrigin,
    /// It is for another relying party.
    RelyingParty,
    /// The user was not present.
    Presence,
    /// The user was not verified by a PIN or a fingerprint.
    Verification,
    /// The flags contradict each other.
    Flags,
    /// Bytes are missing, left over, or not in canonical form.
    Encoding,
    /// The key is invalid, or its algorithm is not one of ours.
    Key,
    /// The attestation is incomplete and not empty.
    Attestation,
    /// No account has this passkey.
    Unknown,
    /// An account already has this passkey.
    Taken,
    /// It was removed, but the removal may still be undone.
    Removed,
    /// It belongs to another account than it says, or than was asked for.
    UserHandle,
    /// The signature is not by the passkey's key.
    Signature,
    /// The signature counter has not increased: there may be a copy.
    Counter,
    /// The account is disabled.
    Disabled,
}

impl CredentialError {
    /// The name used in the log.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Shape => "shape",
            Self::Type => "type",
            Self::Challenge => "challenge",
            Self::Used => "used",
            Self::Origin => "origin",
            Self::CrossOrigin => "cross_origin",
            Self::RelyingParty => "relying_party",
            Self::Presence => "presence",
            Self::Verification => "verification",
            Self::Flags => "flags",
            Self::Encoding => "encoding",
            Self::Key => "key",
            Self::Attestation => "attestation",
            Self::Unknown => "unknown",
            Self::Taken => "taken",
            Self::Removed => "removed",
            Self::UserHandle => "user_handle",
            Self::Signature => "signature",
            Self::Counter => "counter",
            Self::Disabled => "disabled",
        }
    }
}

/// The site that passkeys are made for.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    /// The domain.
    pub id: String,
    /// The name that browsers show.
    pub name: String,
    /// The exact origin on which passkeys are made and used.
    pub origin: String,
}

impl RelyingParty {
    fn is_hash(&self, hash: &[u8]) -> bool {
        digest(&SHA256, self.id.as_bytes()).as_ref() == hash
    }
}

/// A new passkey: everything that is stored about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPasskey {
    /// The challenge that it answers.
    pub challenge: Vec<u8>,
    /// The credential's id, in base64url.
    pub credential_id: String,
    /// The public key.
    pub public_key: PublicKey,
    /// The signature counter; 0 if the authenticator has none.
    pub sign_count: u32,
    /// Whether it is also on other devices.
    pub backup: Backup,
    /// How the authenticator can be reached, in the standard's words.
    pub transports: Vec<&'static str>,
    /// The authenticator's model, as a UUID.
    pub aaguid: String,
}

impl NewPasskey {
    /// Reads a `RegistrationResponseJSON` and verifies everything that does not depend on the challenge.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(party: &RelyingParty, credential: &Value) -> Result<Self, CredentialError> {
        let json = json::Registration::read(credential)?;
        let challenge = client_data::read(party, Ceremony::Create, &json.client_data)?;
        let bytes = attestation::authenticator_data(&json.attestation)?;
        let data = AuthenticatorData::read(&bytes)?;
        data.check(party)?;
        let made = data.credential.ok_or(CredentialError::Flags)?;
        if URL_SAFE_NO_PAD.encode(&made.id) != json.id {
            return Err(CredentialError::Shape);
        }
        Ok(Self {
            challenge,
            credential_id: json.id,
            public_key: made.key,
            sign_count: data.sign_count,
            backup: data.backup,
            transports: json.transports,
            aaguid: made.aaguid,
        })
    }
}

/// A sign-in with a passkey.
#[derive(Debug)]
pub struct Assertion {
    /// The challenge that it answers.
    pub challenge: Vec<u8>,
    /// The credential's id, in base64url.
    pub credential_id: String,
    /// The account that it says it belongs to, in base64url.
    pub user_handle: Option<String>,
    /// The signature counter; 0 if the authenticator has none.
    pub sign_count: u32,
    /// Whether it is also on other devices.
    pub backup: Backup,
    signed: Vec<u8>,
    signature: Vec<u8>,
}

impl Assertion {
    /// Reads an `AuthenticationResponseJSON` and verifies everything that depends neither on the challenge nor on the
    /// key.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(party: &RelyingParty, credential: &Value) -> Result<Self, CredentialError> {
        let json = json::Authentication::read(credential)?;
        let challenge = client_data::read(party, Ceremony::Get, &json.client_data)?;
        let data = AuthenticatorData::read(&json.authenticator_data)?;
        data.check(party)?;
        if data.credential.is_some() {
            return Err(CredentialError::Flags);
        }
        let mut signed = json.authenticator_data;
        signed.extend_from_slice(digest(&SHA256, &json.client_data).as_ref());
        Ok(Self {
            challenge,
            credential_id: json.id,
            user_handle: json.user_handle,
            sign_count: data.sign_count,
            backup: data.backup,
            signed,
            signature: json.signature,
        })
    }

    /// Verifies that it was signed by this key.
    ///
    /// # Errors
    /// [`CredentialError::Signature`].
    pub fn verify(&self, key: &PublicKey) -> Result<(), CredentialError> {
        if key.verifies(&self.signed, &self.signature) { Ok(()) } else { Err(CredentialError::Signature) }
    }
}
