//! The user's answer in a second step, as a call sends it.

use crate::{
    app::{error::ApiError, types::Secret},
    server::auth::factors::TypedCode,
};
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// The user's answer.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A code.
    Code(TypedCode),
    /// A passkey's response (`AuthenticationResponseJSON`).
    Passkey(Value),
}

impl Answer {
    /// Reads the answer of a call: a passkey's credential, or else a code.
    ///
    /// # Errors
    /// [`Code::Validation`](crate::app::error::Code), for the field `code`.
    pub(crate) fn of(code: Option<&Secret>, credential: Option<Value>) -> Result<Self, ApiError> {
        if let Some(credential) = credential {
            return Ok(Self::Passkey(credential));
        }
        let code = code.map(Secret::reveal).unwrap_or_default();
        let sentence = if code.trim().is_empty() {
            "Enter the code from your app."
        } else {
            "Enter the 6 digits of your app, or a recovery code."
        };
        TypedCode::parse(code).map(Self::Code).ok_or_else(|| ApiError::field("code", sentence))
    }

    /// Returns a digest that tells this answer from every other one to this challenge.
    pub(crate) fn digest(&self, challenge: &str) -> String {
        let answer = match self {
            Self::Code(TypedCode::App(code)) => code.clone(),
            Self::Code(TypedCode::Recovery(code)) => code.shown(),
            Self::Passkey(credential) => credential.to_string(),
        };
        digest_of(challenge, &answer)
    }
}

/// Returns a digest of the answer to a step.
pub(crate) fn digest_of(challenge: &str, answer: &str) -> String {
    let digest = digest::digest(&digest::SHA256, format!("{challenge}\n{answer}").as_bytes());
    URL_SAFE_NO_PAD.encode(digest)
}
