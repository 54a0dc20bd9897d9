//! Passkeys: the calls to `navigator.credentials`. All of this is a part of its own, which is loaded when a user may
//! need it.
//!
//! Buffers are encoded as base64url here and not by the browser's `toJSON`: some browsers have none, and some
//! password managers return credentials that it refuses. (`parseRequestOptionsFromJSON` is not available everywhere
//! either.)

mod button;
mod offer;

pub use button::{Button, sign_in_button};
pub use offer::{create_quietly, first_offer};

use crate::app::{passkey::NotGiven, types::PasskeyCredential};
use gloo_timers::callback::Timeout;
use js_sys::{Array, ArrayBuffer, Function, JSON, Object, Promise, Reflect, Uint8Array};
use leptos::prelude::window;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

thread_local! {
    /// Aborts the pending request that is not shown in a dialog. There is at most one.
    static WAITING: RefCell<Option<AbortController>> = const { RefCell::new(None) };
}

/// Whether the browser supports passkeys.
pub fn are_known() -> bool {
    class().is_some()
}

/// Whether the browser offers passkeys in a field's autofill.
pub async fn are_autofilled() -> bool {
    let asked = class().and_then(|class| call(&class, "isConditionalMediationAvailable", &[]).ok());
    match asked.and_then(|promise| promise.dyn_into::<Promise>().ok()) {
        Some(promise) => JsFuture::from(promise).await.is_ok_and(|available| available.is_truthy()),
        None => false,
    }
}

/// Creates a passkey with these options and returns a `RegistrationResponseJSON`.
///
/// # Errors
/// No passkey was created.
pub async fn create(options: String) -> Result<PasskeyCredential, NotGiven> {
    made(&ask("create", &options, None).await?)
}

fn made(credential: &JsValue) -> Result<PasskeyCredential, NotGiven> {
    let response = get(credential, "response");
    let made = parts(&response, &["clientDataJSON", "attestationObject"]);
    if let Ok(transports) = call(&response, "getTransports", &[]) {
        set(&made, "transports", &transports);
    }
    written(credential, &made)
}

/// Asks for a passkey with these options, in a dialog, and returns an `AuthenticationResponseJSON`.
///
/// # Errors
/// No passkey was given.
pub async fn request(options: String) -> Result<PasskeyCredential, NotGiven> {
    asserted(&ask("get", &options, None).await?)
}

/// Asks for a passkey in the autofill of a field. Waits at most `at_most` milliseconds, or until another request for
/// a passkey begins.
///
/// # Errors
/// No passkey was given.
pub async fn wait(options: String, at_most: u32) -> Result<PasskeyCredential, NotGiven> {
    let stop = AbortController::new().map_err(|_| NotGiven::Unable)?;
    let (late, ends) = (Rc::new(Cell::new(false)), stop.clone());
    let was_late = Rc::clone(&late);
    let timer = Timeout::new(at_most, move || {
        was_late.set(true);
        ends.abort();
    });
    let given = ask("get", &options, Some(stop)).await;
    drop(timer);
    match given {
        Err(NotGiven::Stopped) if late.get() => Err(NotGiven::Late),
        given => asserted(&given?),
    }
}

/// Aborts the pending request that is not shown in a dialog.
pub fn stop_waiting() {
    if let Some(stop) = WAITING.take() {
        stop.abort();
    }
}

/// Tells the password manager that the server does not know this passkey, which was given with these options.
pub fn is_unknown(options: &str, given: &PasskeyCredential) {
    let (Ok(options), Ok(given)) = (JSON::parse(options), JSON::parse(&given.0)) else { return };
    let said = [("rpId", &get(&options, "rpId")), ("credentialId", &get(&given, "id"))];
    tell("signalUnknownCredential", &object(&said));
}

/// Tells the password manager which passkeys the account has.
pub fn are_all(rp_id: &str, user_handle: &str, credential_ids: &[&str]) {
    let ids: Array = credential_ids.iter().map(|id| JsValue::from(*id)).collect();
    let said = [("rpId", &rp_id.into()), ("userId", &user_handle.into()), ("allAcceptedCredentialIds", &ids.into())];
    tell("signalAllAcceptedCredentials", &object(&said));
}

/// Tells the password manager the account's current address and name.
pub fn is_called(rp_id: &str, user_handle: &str, email: &str, name: &str) {
    let account = [("rpId", &rp_id.into()), ("userId", &user_handle.into())];
    let called = [("name", &email.into()), ("displayName", &name.into())];
    tell("signalCurrentUserDetails", &object(&[account, called].concat()));
}

/// Sends a signal, if the browser supports it. Nothing depends on it.
fn tell(what: &str, said: &JsValue) {
    let Some(class) = class() else { return };
    if let Ok(told) = call(&class, what, std::slice::from_ref(said)).and_then(JsCast::dyn_into::<Promise>) {
        wasm_bindgen_futures::spawn_local(async move { drop(JsFuture::from(told).await) });
    }
}

/// Calls the browser, which allows one request at a time. `options` are JSON. Without `unseen` the browser shows a
/// dialog at once. With `unseen` it asks in a field's autofill or not at all, until the controller aborts it.
async fn ask(what: &str, options: &str, unseen: Option<AbortController>) -> Result<JsValue, NotGiven> {
    stop_waiting();
    let arguments = Object::new();
    set(&arguments, "publicKey", &read(options).ok_or(NotGiven::Unable)?);
    if let Some(stop) = unseen {
        set(&arguments, "mediation", &"conditional".into());
        set(&arguments, "signal", &stop.signal());
        WAITING.set(Some(stop));
    }
    let credentials = get(&window().navigator(), "credentials");
    let asked = call(&credentials, what, &[arguments.into()]).and_then(JsCast::dyn_into::<Promise>);
    let given = match asked {
        Ok(promise) => JsFuture::from(promise).await,
        Err(error) => Err(error),
    };
    match given {
        Ok(credential) if credential.is_object() => Ok(credential),
        Ok(_) => Err(NotGiven::Refused),
        Err(error) => Err(match get(&error, "name").as_string().as_deref() {
            // The user closed the dialog, or it timed out; the browser does not say which.
            Some("NotAllowedError") => NotGiven::Refused,
            Some("AbortError") => NotGiven::Stopped,
            Some("InvalidStateError") => NotGiven::There,
            _ => NotGiven::Unable,
        }),
    }
}

fn asserted(credential: &JsValue) -> Result<PasskeyCredential, NotGiven> {
    let response = get(credential, "response");
    written(credential, &parts(&response, &["clientDataJSON", "authenticatorData", "signature", "userHandle"]))
}

/// Returns these buffers of a response as base64url, leaving out those that are missing.
fn parts(response: &JsValue, names: &[&str]) -> JsValue {
    let texts = Object::new();
    for name in names {
        if let Some(text) = base64url(&get(response, name)) {
            set(&texts, name, &text.into());
        }
    }
    texts.into()
}

fn written(credential: &JsValue, response: &JsValue) -> Result<PasskeyCredential, NotGiven> {
    let id = JsValue::from(base64url(&get(credential, "rawId")).ok_or(NotGiven::Unable)?);
    let members = [("id", &id), ("rawId", &id), ("type", &"public-key".into()), ("response", response)];
    text(&object(&members)).map(PasskeyCredential).ok_or(NotGiven::Unable)
}

fn object(members: &[(&str, &JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        set(&object, name, value);
    }
    object.into()
}

fn text(value: &JsValue) -> Option<String> {
    JSON::stringify(value).ok()?.as_string()
}

/// Parses options for the browser: turns base64url strings into bytes.
fn read(text: &str) -> Option<JsValue> {
    let options = JSON::parse(text).ok()?;
    to_bytes(&options, "challenge")?;
    let user = get(&options, "user");
    if user.is_object() {
        to_bytes(&user, "id")?;
    }
    for list in ["allowCredentials", "excludeCredentials"] {
        let list = get(&options, list);
        if Array::is_array(&list) {
            Array::from(&list).iter().try_for_each(|known| to_bytes(&known, "id"))?;
        }
    }
    Some(options)
}

fn to_bytes(object: &JsValue, name: &str) -> Option<()> {
    let bytes = bytes(&get(object, name).as_string()?)?;
    set(object, name, &Uint8Array::from(bytes.as_slice()));
    Some(())
}

pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut kept, mut bits) = (Vec::with_capacity(text.len() * 3 / 4), 0_u32, 0);
    for letter in text.bytes() {
        let six = ALPHABET.iter().position(|known| *known == letter)?;
        kept = (kept << 6 | u32::try_from(six).ok()?) & 0xFFF;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(kept >> bits & 0xFF).ok()?);
        }
    }
    Some(bytes)
}

/// Encodes a buffer; `None` if the value is not a buffer.
pub(super) fn base64url(buffer: &JsValue) -> Option<String> {
    let bytes = Uint8Array::new(buffer.dyn_ref::<ArrayBuffer>()?).to_vec();
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 2);
    for three in bytes.chunks(3) {
        let number =
            three.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            text.push(char::from(ALPHABET[number >> (18 - 6 * place) & 63]));
        }
    }
    Some(text)
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn class() -> Option<JsValue> {
    Some(get(&window(), "PublicKeyCredential")).filter(JsValue::is_function)
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn set(object: &JsValue, name: &str, value: &JsValue) {
    // Setting a property of a plain object can't fail.
    let _ = Reflect::set(object, &name.into(), value);
}

fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let function: Function = get(object, name).dyn_into()?;
    function.apply(object, &arguments.iter().collect())
}
