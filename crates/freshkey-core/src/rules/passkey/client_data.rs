//! The browser's part of an answer: `clientDataJSON`.

use super::{Flaw, RelyingParty};
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
pub(super) fn read(party: &RelyingParty, ceremony: Ceremony, bytes: &[u8]) -> Result<Vec<u8>, Flaw> {
    let data: ClientData = serde_json::from_slice(bytes).map_err(|_| Flaw::Shape)?;
    if data.kind != ceremony.text() {
        return Err(Flaw::Type);
    }
    if data.origin != party.origin {
        return Err(Flaw::Origin);
    }
    if data.cross_origin == Some(true) || data.top_origin.is_some() {
        return Err(Flaw::CrossOrigin);
    }
    URL_SAFE_NO_PAD.decode(data.challenge).map_err(|_| Flaw::Challenge)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(json: &str) -> Result<Vec<u8>, Flaw> {
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
            ("webauthn.get", "webauthn.create", Flaw::Type),
            ("webauthn.get", "payment.get", Flaw::Type),
            ("https://ada.test", "http://ada.test", Flaw::Origin),
            ("https://ada.test", "https://ada.test:8443", Flaw::Origin),
            ("https://ada.test", "https://www.ada.test", Flaw::Origin),
            ("https://ada.test", "https://ada.test/", Flaw::Origin),
            ("https://ada.test", "https://ada.test.evil.test", Flaw::Origin),
            ("false", "true", Flaw::CrossOrigin),
            ("}", r#","topOrigin":"https://evil.test"}"#, Flaw::CrossOrigin),
            ("AAEC", "AAEC=", Flaw::Challenge),
            ("AAEC", "AA+C", Flaw::Challenge),
            ("AAEC", "AAF", Flaw::Challenge),
            (r#""challenge":"AAEC","#, "", Flaw::Shape),
            ("}", r#","origin":"https://ada.test"}"#, Flaw::Shape),
            ("}", r#","crossOrigin":false}"#, Flaw::Shape),
            ("}", "}x", Flaw::Shape),
            ("false", "\"false\"", Flaw::Shape),
        ] {
            assert_eq!(verdict(&good.replace(from, to)), Err(flaw), "{to}");
        }
    }
}
