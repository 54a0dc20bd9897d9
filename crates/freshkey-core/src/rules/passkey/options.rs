//! The options with which a browser asks for a passkey, as JSON (`WebAuthn`, section 5.1).

use super::{Challenge, PublicKey, RelyingParty};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use freshkey_types::Millis;
use serde_json::{Value, json};

/// How long the browser waits for the user, in milliseconds.
const TIMEOUT: Millis = Millis::from_mins(5);

/// The account for which a passkey is made.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// The user handle by which passkeys know the account: 64 bytes, in base64url.
    pub handle: &'a str,
    /// The email address.
    pub email: &'a str,
    /// The name, if one was given.
    pub name: Option<&'a str>,
}

/// A passkey that the account already has.
#[derive(Clone, Debug)]
pub struct Known {
    /// The credential's id, in base64url.
    pub credential_id: String,
    /// How the authenticator can be reached, in the standard's words, separated by commas.
    pub transports: String,
}

impl Known {
    fn descriptor(&self) -> Value {
        let transports: Vec<_> = self.transports.split(',').filter(|transport| !transport.is_empty()).collect();
        if transports.is_empty() {
            return json!({"type": "public-key", "id": self.credential_id});
        }
        json!({"type": "public-key", "id": self.credential_id, "transports": transports})
    }
}

/// Returns the `PublicKeyCredentialCreationOptionsJSON` for an account that already has these passkeys.
pub fn creation_options(party: &RelyingParty, challenge: &Challenge, account: Account<'_>, has: &[Known]) -> Value {
    let algorithms = PublicKey::ALGORITHMS.map(|algorithm| json!({"type": "public-key", "alg": algorithm}));
    json!({
        "rp": {"id": party.id, "name": party.name},
        "user": {"id": account.handle, "name": account.email, "displayName": account.name.unwrap_or(account.email)},
        "challenge": URL_SAFE_NO_PAD.encode(challenge),
        "pubKeyCredParams": algorithms,
        "timeout": TIMEOUT,
        "excludeCredentials": has.iter().map(Known::descriptor).collect::<Vec<_>>(),
        "authenticatorSelection": {
            "residentKey": "required", "requireResidentKey": true, "userVerification": "required",
        },
        "attestation": "none",
        "extensions": {"credProps": true},
    })
}

/// Returns the `PublicKeyCredentialRequestOptionsJSON`, for any passkey or one of these.
pub fn request_options(party: &RelyingParty, challenge: &Challenge, allowed: Option<&[Known]>) -> Value {
    let mut options = json!({
        "challenge": URL_SAFE_NO_PAD.encode(challenge),
        "rpId": party.id,
        "userVerification": "required",
        "timeout": TIMEOUT,
    });
    if let Some(allowed) = allowed {
        options["allowCredentials"] = allowed.iter().map(Known::descriptor).collect();
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_are_those_of_the_standard() {
        let party = RelyingParty { id: "ada.test".into(), name: "Ada".into(), origin: "https://ada.test".into() };
        let has = [
            Known { credential_id: "AAEC".into(), transports: "hybrid,internal".into() },
            Known { credential_id: "AAED".into(), transports: String::new() },
        ];
        let account = Account { handle: "aGFuZGxl", email: "ada@ada.test", name: None };
        let made = creation_options(&party, &[0; 32], account, &has);
        assert_eq!(made["user"], json!({"id": "aGFuZGxl", "name": "ada@ada.test", "displayName": "ada@ada.test"}));
        assert_eq!(made["pubKeyCredParams"][2], json!({"type": "public-key", "alg": -257}));
        let known = json!({"type": "public-key", "id": "AAEC", "transports": ["hybrid", "internal"]});
        assert_eq!(made["excludeCredentials"], json!([known, {"type": "public-key", "id": "AAED"}]));
        let asked = request_options(&party, &[0; 32], None);
        let all = json!({"challenge": "A".repeat(43), "rpId": "ada.test", "userVerification": "required", "timeout": 300_000});
        assert_eq!(asked, all);
        assert_eq!(request_options(&party, &[0; 32], Some(&has[..1]))["allowCredentials"], json!([known]));
    }
}
