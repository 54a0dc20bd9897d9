//! A credential as JSON (`WebAuthn`, section 5.1): `RegistrationResponseJSON` and `AuthenticationResponseJSON`.
//! Members that we don't need, and those that browsers add, are ignored.

use super::{CREDENTIAL_ID_BYTES, CredentialError};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// How an authenticator can be reached (section 5.8.4).
const TRANSPORTS: [&str; 6] = ["usb", "nfc", "ble", "smart-card", "hybrid", "internal"];

pub(super) struct Registration {
    pub(super) id: String,
    pub(super) client_data: Vec<u8>,
    pub(super) attestation: Vec<u8>,
    pub(super) transports: Vec<&'static str>,
}

pub(super) struct Authentication {
    pub(super) id: String,
    pub(super) client_data: Vec<u8>,
    pub(super) authenticator_data: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) user_handle: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credential<Response> {
    id: String,
    #[serde(default)]
    raw_id: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    response: Response,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attested {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    attestation_object: String,
    #[serde(default)]
    transports: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asserted {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    signature: String,
    #[serde(default)]
    user_handle: Option<String>,
}

impl Registration {
    pub(super) fn read(value: &Value) -> Result<Self, CredentialError> {
        let (id, response) = credential::<Attested>(value)?;
        Ok(Self {
            id,
            client_data: bytes(&response.client_data)?,
            attestation: bytes(&response.attestation_object)?,
            transports: TRANSPORTS.into_iter().filter(|known| response.transports.iter().any(|t| t == known)).collect(),
        })
    }
}

impl Authentication {
    pub(super) fn read(value: &Value) -> Result<Self, CredentialError> {
        let (id, response) = credential::<Asserted>(value)?;
        Ok(Self {
            id,
            client_data: bytes(&response.client_data)?,
            authenticator_data: bytes(&response.authenticator_data)?,
            signature: bytes(&response.signature)?,
            // Some browsers send an empty text for none.
            user_handle: response.user_handle.filter(|handle| !handle.is_empty()),
        })
    }
}

fn credential<Response: DeserializeOwned>(value: &Value) -> Result<(String, Response), CredentialError> {
    let Credential { id, raw_id, kind, response } =
        Credential::deserialize(value).map_err(|_| CredentialError::Shape)?;
    let length = bytes(&id)?.len();
    let is_one = (1..=CREDENTIAL_ID_BYTES).contains(&length) && raw_id.is_none_or(|raw| raw == id);
    if is_one && kind == "public-key" { Ok((id, response)) } else { Err(CredentialError::Shape) }
}

fn bytes(text: &str) -> Result<Vec<u8>, CredentialError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| CredentialError::Shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_credential_has_one_id_and_its_parts_are_base64url() {
        let good = json!({"id": "AAEC", "rawId": "AAEC", "type": "public-key", "authenticatorAttachment": "platform",
            "clientExtensionResults": {}, "response": {"clientDataJSON": "e30", "attestationObject": "oA",
            "transports": ["internal", "carrier-pigeon", "hybrid", "internal"], "publicKeyAlgorithm": -7}});
        let read = Registration::read(&good).expect("a credential");
        assert_eq!((read.id.as_str(), read.transports), ("AAEC", vec!["hybrid", "internal"]));
        for (pointer, other) in [
            ("/rawId", json!("AAED")),
            ("/id", json!("")),
            ("/id", json!("AAEC==")),
            ("/id", json!("A".repeat(1400))),
            ("/type", json!("password")),
            ("/response", json!(null)),
            ("/response/clientDataJSON", json!("+/+/")),
            ("/response/attestationObject", json!([160])),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(pointer).expect("a member") = other;
            assert!(Registration::read(&bad).is_err(), "{pointer}");
        }
        assert!(Authentication::read(&good).is_err());
    }
}
