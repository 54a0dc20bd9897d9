//! Passkeys (`WebAuthn` Level 3): what a browser and an authenticator send, and what of it is believed.
//!
//! Of our own, and not of `webauthn-rs`: that one verifies no Ed25519, keeps challenges on the server, and refuses a
//! passkey that becomes a synced one. docs/security.md says more.

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

/// The longest id of a credential, in bytes (`WebAuthn`, section 4).
const CREDENTIAL_ID_BYTES: usize = 1023;

/// What is wrong with a credential. It goes to the log, and not into the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It is no JSON of a credential, or no base64url.
    Shape,
    /// It was made for something else: `type`.
    Type,
    /// It answers no challenge of ours, not one for this browser, or one that is over.
    Challenge,
    /// The challenge was answered before.
    Used,
    /// It was made on another site.
    Origin,
    /// It was made in a frame of another site.
    CrossOrigin,
    /// It is for another relying party.
    RelyingParty,
    /// Nobody was there.
    Presence,
    /// Nobody was verified, by a PIN or a finger.
    Verification,
    /// The flags contradict each other.
    Flags,
    /// Bytes are missing, too many, or not in their canonical form.
    Encoding,
    /// The key is for no algorithm of ours, or none at all.
    Key,
    /// The attestation is neither whole nor empty.
    Attestation,
    /// No account has it.
    Unknown,
    /// Some account has it already.
    Taken,
    /// It was removed, and may come back.
    Removed,
    /// It is of another account than it says, or than is asked for.
    UserHandle,
    /// The signature is not by its key.
    Signature,
    /// The signature counter has not risen: there may be a copy.
    Counter,
    /// The account is disabled.
    Disabled,
}

impl Flaw {
    /// The name in the log.
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

/// Who passkeys are made for.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    /// The domain.
    pub id: String,
    /// What browsers show.
    pub name: String,
    /// Where passkeys are made and used, exactly.
    pub origin: String,
}

impl RelyingParty {
    fn is_hash(&self, hash: &[u8]) -> bool {
        digest(&SHA256, self.id.as_bytes()).as_ref() == hash
    }
}

/// A passkey that was made: all that is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPasskey {
    /// The challenge that it answers.
    pub challenge: Vec<u8>,
    /// The credential's id, in base64url.
    pub credential_id: String,
    /// Its key.
    pub public_key: PublicKey,
    /// The signature counter; 0 where there is none.
    pub sign_count: u32,
    /// Whether it is on other devices, too.
    pub backup: Backup,
    /// How the authenticator is reached, in words of the standard.
    pub transports: Vec<&'static str>,
    /// The authenticator's model, as a UUID.
    pub aaguid: String,
}

impl NewPasskey {
    /// Reads a `RegistrationResponseJSON` and verifies all that does not depend on the challenge.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(party: &RelyingParty, credential: &Value) -> Result<Self, Flaw> {
        let json = json::Registration::read(credential)?;
        let challenge = client_data::read(party, Ceremony::Create, &json.client_data)?;
        let bytes = attestation::authenticator_data(&json.attestation)?;
        let data = AuthenticatorData::read(&bytes)?;
        data.check(party)?;
        let made = data.credential.ok_or(Flaw::Flags)?;
        if URL_SAFE_NO_PAD.encode(&made.id) != json.id {
            return Err(Flaw::Shape);
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

/// The use of a passkey.
#[derive(Debug)]
pub struct Assertion {
    /// The challenge that it answers.
    pub challenge: Vec<u8>,
    /// The credential's id, in base64url.
    pub credential_id: String,
    /// The account that it says to be of, in base64url.
    pub user_handle: Option<String>,
    /// The signature counter; 0 where there is none.
    pub sign_count: u32,
    /// Whether it is on other devices, too.
    pub backup: Backup,
    signed: Vec<u8>,
    signature: Vec<u8>,
}

impl Assertion {
    /// Reads an `AuthenticationResponseJSON` and verifies all that depends neither on the challenge nor on the key.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(party: &RelyingParty, credential: &Value) -> Result<Self, Flaw> {
        let json = json::Authentication::read(credential)?;
        let challenge = client_data::read(party, Ceremony::Get, &json.client_data)?;
        let data = AuthenticatorData::read(&json.authenticator_data)?;
        data.check(party)?;
        if data.credential.is_some() {
            return Err(Flaw::Flags);
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
    /// [`Flaw::Signature`].
    pub fn verify(&self, key: &PublicKey) -> Result<(), Flaw> {
        if key.verifies(&self.signed, &self.signature) { Ok(()) } else { Err(Flaw::Signature) }
    }
}
