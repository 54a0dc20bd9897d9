//! Checks a token's signature as any other service would: with the published key and the browser's own cryptography.

use super::bare;
use crate::app::types::Checked;
use freshkey::{
    app::{
        error::{ApiError, Code},
        token::Token,
    },
    browser::json,
};
use js_sys::{Array, JSON, Object};
use leptos::prelude::window;
use serde::Deserialize;
use serde_json::{Value, json};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, RequestCache};

const JWKS: &str = "/.well-known/jwks.json";

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// Checks the signature.
///
/// # Errors
/// The key set could not be loaded.
pub async fn check(token: &Token) -> Result<Checked, ApiError> {
    // This runs at each keystroke; the browser caches the key set for as long as its headers allow.
    let request = bare(JWKS).cache(RequestCache::Default).build().map_err(|_| Code::BadRequest)?;
    let response = request.send().await.map_err(|_| Code::Unreachable)?;
    let body = response.text().await.map_err(|_| Code::Unreachable)?;
    let set: KeySet = json::from_str(&body).map_err(|_| Code::Unreachable)?;
    let header: Value = json::from_str(&token.header).map_err(|_| Code::InvalidToken)?;
    let Some(key) = set.keys.iter().find(|key| key["kid"] == header["kid"]) else {
        return Ok(Checked::NoKey);
    };
    // The key determines the algorithm, never the token (RFC 8725, section 3.1).
    let (import, verify) = match key["alg"].as_str() {
        Some("EdDSA") => (json!({"name": "Ed25519"}), json!({"name": "Ed25519"})),
        Some("ES256") => (json!({"name": "ECDSA", "namedCurve": "P-256"}), json!({"name": "ECDSA", "hash": "SHA-256"})),
        _ => return Ok(Checked::Unable),
    };
    // Drops `alg`, because browsers disagree on its value for Ed25519, and `use`, which WebKit rejects.
    let mut key = key.clone();
    if let Some(members) = key.as_object_mut() {
        members.retain(|name, _| !matches!(name.as_str(), "alg" | "use"));
    }
    Ok(match verified(token, &key, &import, &verify).await {
        Ok(true) => Checked::Good,
        Ok(false) => Checked::Bad,
        Err(_) => Checked::Unable,
    })
}

async fn verified(token: &Token, key: &Value, import: &Value, verify: &Value) -> Result<bool, JsValue> {
    let subtle = window().crypto()?.subtle();
    let usages = Array::of1(&"verify".into());
    let key = subtle.import_key_with_object("jwk", &object(key)?, &object(import)?, false, &usages)?;
    let key: CryptoKey = JsFuture::from(key).await?.unchecked_into();
    let good = subtle.verify_with_object_and_u8_array_and_u8_array(
        &object(verify)?,
        &key,
        &token.signature,
        token.signed().as_bytes(),
    )?;
    Ok(JsFuture::from(good).await?.is_truthy())
}

fn object(value: &Value) -> Result<Object, JsValue> {
    JSON::parse(&value.to_string()).map(JsCast::unchecked_into)
}
