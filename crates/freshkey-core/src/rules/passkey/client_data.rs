//! The browser's part of an answer: `clientDataJSON`.

use super::{CredentialError, RelyingParty};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

/// What the passkey is used for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ceremony {
    Create,
    Get,
}

impl Ceremony {
    const fn text(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// A member that appears twice is an error. Unknown members are ignored (section 5.8.1).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: Option<bool>,
    #[serde(default)]
    top_origin: Option<String>,
}

/// Checks the client data and returns the challenge that it answers.
pub(super) fn read(party: &RelyingParty, ceremony: Ceremony, bytes: &[u8]) -> Result<Vec<u8>, CredentialError> {
    let data: ClientData = serde_json::from_slice(bytes).map_err(|_| CredentialError::Shape)?;
    if data.kind != ceremony.text() {
        return Err(CredentialError::Type);
    }
    if data.origin != party.origin {
        return Err(CredentialError::Origin);
    }
    if data.cross_origin == Some(true) || data.top_origin.is_some() {
        return Err(CredentialError::CrossOrigin);
    }
    URL_SAFE_NO_PAD.decode(data.challenge).map_err(|_| CredentialError::Challenge)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(json: &str) -> Result<Vec<u8>, CredentialError> {
        let party = RelyingParty { id: "ada.test".into(), name: "Ada".into(), origin: "https://ada.test".into() };
        read(&party, Ceremony::Get, json.as_bytes())
    }

    #[test]
    fn it_is_of_this_ceremony_on_this_very_origin_and_in_no_frame_of_another_site() {
        let good = r#"{"type":"webauthn.get","challenge":"AAEC","origin":"https://ada.test","crossOrigin":false}"#;
        assert_eq!(verdict(good), Ok(vec![0, 1, 2]));
        assert_eq!(verdict(&good.replace(r#","crossOrigin":false"#, "")), Ok(vec![0, 1, 2]));
        assert_eq!(verdict(&good.replace('}', r#","new_in_level_4":[1]}"#)), Ok(vec![0, 1, 2]));
        for (from, to, flaw) in [
            ("webauthn.get", "webauthn.create", CredentialError::Type),
            ("webauthn.get", "payment.get", CredentialError::Type),
            ("https://ada.test", "http://ada.test", CredentialError::Origin),
            ("https://ada.test", "https://ada.test:8443", CredentialError::Origin),
            ("https://ada.test", "https://www.ada.test", CredentialError::Origin),
            ("https://ada.test", "https://ada.test/", CredentialError::Origin),
            ("https://ada.test", "https://ada.test.evil.test", CredentialError::Origin),
            ("false", "true", CredentialError::CrossOrigin),
            ("}", r#","topOrigin":"https://evil.test"}"#, CredentialError::CrossOrigin),
            ("AAEC", "AAEC=", CredentialError::Challenge),
            ("AAEC", "AA+C", CredentialError::Challenge),
            ("AAEC", "AAF", CredentialError::Challenge),
            (r#""challenge":"AAEC","#, "", CredentialError::Shape),
            ("}", r#","origin":"https://ada.test"}"#, CredentialError::Shape),
            ("}", r#","crossOrigin":false}"#, CredentialError::Shape),
            ("}", "}x", CredentialError::Shape),
            ("false", "\"false\"", CredentialError::Shape),
        ] {
            assert_eq!(verdict(&good.replace(from, to)), Err(flaw), "{to}");
        }
    }
}
