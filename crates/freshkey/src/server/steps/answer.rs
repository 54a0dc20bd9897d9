//! A second step, as it comes with a call.

use crate::{
    app::{error::ApiError, types::Secret},
    server::auth::factors::TypedCode,
};
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// What somebody answers.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// By a code.
    Code(TypedCode),
    /// By a passkey (`AuthenticationResponseJSON`).
    Passkey(Value),
}

impl Answer {
    /// What came with a call: a passkey's credential, or else a code.
    ///
    /// # Errors
    /// [`Code::Validation`](crate::app::error::Code), with `code`.
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

    /// What tells it from every other, in this challenge.
    pub(crate) fn digest(&self, challenge: &str) -> String {
        let answer = match self {
            Self::Code(TypedCode::App(code)) => code.clone(),
            Self::Code(TypedCode::Recovery(code)) => code.shown(),
            Self::Passkey(credential) => credential.to_string(),
        };
        digest_of(challenge, &answer)
    }
}

/// A digest of what a step was answered.
pub(crate) fn digest_of(challenge: &str, answer: &str) -> String {
    let digest = digest::digest(&digest::SHA256, format!("{challenge}\n{answer}").as_bytes());
    URL_SAFE_NO_PAD.encode(digest)
}
