//! The test vectors of the standard (`WebAuthn` Level 3, section "Test Vectors").

use super::{authenticator_data::AuthenticatorData, *};
use serde_json::json;

fn party() -> RelyingParty {
    RelyingParty { id: "example.org".into(), name: "Example".into(), origin: "https://example.org".into() }
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("hex");
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
}

fn credential(id: &str, parts: &Value) -> Value {
    let mut response = json!({});
    for part in ["clientDataJSON", "attestationObject", "authenticatorData", "signature"] {
        if parts.get(part).is_some() {
            response[part] = URL_SAFE_NO_PAD.encode(hex(&parts[part])).into();
        }
    }
    json!({"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {}})
}

/// For each vector, what is wrong with the registration and with the authentication. In many, the user was not
/// verified, which alone makes us refuse them.
const VERDICTS: [(&str, Option<CredentialError>, Option<CredentialError>); 15] = [
    ("none-es256", Some(CredentialError::Verification), Some(CredentialError::Verification)),
    ("packed-self-es256", None, Some(CredentialError::Verification)),
    ("none-es256-crossOrigin", Some(CredentialError::CrossOrigin), Some(CredentialError::CrossOrigin)),
    ("none-es256-topOrigin", Some(CredentialError::CrossOrigin), Some(CredentialError::CrossOrigin)),
    ("none-es256-long-credential-id", Some(CredentialError::Verification), None),
    ("packed-es256", None, None),
    ("packed-es384", Some(CredentialError::Key), None),
    ("packed-es512", Some(CredentialError::Key), Some(CredentialError::Verification)),
    ("packed-rs256", None, Some(CredentialError::Verification)),
    ("packed-eddsa", Some(CredentialError::Verification), Some(CredentialError::Verification)),
    ("packed-ed448", Some(CredentialError::Key), None),
    ("tpm-es256", None, None),
    ("android-key-es256", None, Some(CredentialError::Verification)),
    ("apple-es256", Some(CredentialError::Verification), Some(CredentialError::Verification)),
    ("fido-u2f-es256", Some(CredentialError::Verification), Some(CredentialError::Verification)),
];

#[test]
fn the_vectors_of_the_standard_are_read_and_verified() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors.json")).expect("JSON");
    assert_eq!(vectors.len(), VERDICTS.len());
    for (vector, (name, at_registration, at_authentication)) in vectors.iter().zip(VERDICTS) {
        assert_eq!(vector["name"], name);
        let id = URL_SAFE_NO_PAD.encode(hex(&vector["credential_id"]));
        let (made, used) = (&vector["registration"], &vector["authentication"]);
        let read = NewPasskey::read(&party(), &credential(&id, made));
        assert_eq!(read.as_ref().err().copied(), at_registration, "{name}");
        if let Ok(passkey) = &read {
            assert_eq!((&passkey.challenge, &passkey.credential_id), (&hex(&made["challenge"]), &id), "{name}");
        }
        let assertion = Assertion::read(&party(), &credential(&id, used));
        assert_eq!(assertion.as_ref().err().copied(), at_authentication, "{name}");
        if let Ok(assertion) = &assertion {
            assert_eq!(assertion.challenge, hex(&used["challenge"]), "{name}");
        }
        // Apart from our own rules, each key with a supported algorithm verifies its signature and no other.
        let bytes = attestation::authenticator_data(&hex(&made["attestationObject"])).expect(name);
        let Ok(data) = AuthenticatorData::read(&bytes) else {
            assert_eq!(at_registration, Some(CredentialError::Key));
            continue;
        };
        let key = data.credential.expect("a passkey").key;
        let mut signed = hex(&used["authenticatorData"]);
        signed.extend_from_slice(digest(&SHA256, &hex(&used["clientDataJSON"])).as_ref());
        assert!(key.verifies(&signed, &hex(&used["signature"])), "{name}");
        signed[33] ^= 1;
        assert!(!key.verifies(&signed, &hex(&used["signature"])), "{name}");
    }
}
