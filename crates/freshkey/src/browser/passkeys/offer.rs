//! Creates a passkey right after a sign-in by password. A browser that filled in the password may create one without
//! asking, and tells the user afterwards (`WebAuthn` L3, `mediation: "conditional"` on creation).

use super::{NotGiven, PasskeyCredential, Promise, ask, call, class, get, made};
use gloo_storage::{LocalStorage, Storage};
use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

/// The storage key that records that this browser was asked.
const ASKED: &str = "passkey-offered";

/// Whether the browser can create one like this and has not been asked before.
pub async fn first_offer() -> bool {
    let capabilities = class().and_then(|class| call(&class, "getClientCapabilities", &[]).ok());
    let Some(Ok(capabilities)) = capabilities.map(JsCast::dyn_into::<Promise>) else { return false };
    let can = JsFuture::from(capabilities).await.is_ok_and(|known| get(&known, "conditionalCreate").is_truthy());
    // `raw` panics if there is no storage.
    if !can || !window().local_storage().is_ok_and(|storage| storage.is_some()) {
        return false;
    }
    let storage = LocalStorage::raw();
    matches!(storage.get_item(ASKED), Ok(None)) && storage.set_item(ASKED, "1").is_ok()
}

/// Creates a passkey with these options without a dialog and returns a `RegistrationResponseJSON`.
///
/// # Errors
/// No passkey was created.
pub async fn create_quietly(options: String) -> Result<PasskeyCredential, NotGiven> {
    let stop = AbortController::new().map_err(|_| NotGiven::Unable)?;
    made(&ask("create", &options, Some(stop)).await?)
}
