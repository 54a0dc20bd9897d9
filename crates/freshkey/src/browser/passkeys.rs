//! Passkeys: what the browser's `navigator.credentials` is asked, and told. All of it is in a part of its own, which is
//! loaded when somebody may need it.
//!
//! Buffers are written as base64url here and not by the browser's `toJSON`: some have none, and password managers give
//! credentials that it refuses. (Nor is `parseRequestOptionsFromJSON` everywhere.)

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
    /// What ends the question that the person does not see: there is one at a time.
    static WAITING: RefCell<Option<AbortController>> = const { RefCell::new(None) };
}

/// Whether the browser knows passkeys.
pub fn are_known() -> bool {
    class().is_some()
}

/// Whether it offers them in the autofill of a field.
pub async fn are_autofilled() -> bool {
    let asked = class().and_then(|class| call(&class, "isConditionalMediationAvailable", &[]).ok());
    match asked.and_then(|promise| promise.dyn_into::<Promise>().ok()) {
        Some(promise) => JsFuture::from(promise).await.is_ok_and(|available| available.is_truthy()),
        None => false,
    }
}

/// Makes a passkey by these options: a `RegistrationResponseJSON`.
///
/// # Errors
/// None was made.
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

/// Asks for a passkey by these options, now: an `AuthenticationResponseJSON`.
///
/// # Errors
/// None was given.
pub async fn request(options: String) -> Result<PasskeyCredential, NotGiven> {
    asserted(&ask("get", &options, None).await?)
}

/// Asks for a passkey in the autofill of the field that takes one, and waits so many milliseconds for it, or until a passkey
/// is asked for in another way.
///
/// # Errors
/// None was given.
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

/// Nobody waits for a passkey any more that the person is not asked for.
pub fn stop_waiting() {
    if let Some(stop) = WAITING.take() {
        stop.abort();
    }
}

/// Tells whoever keeps passkeys that nobody here has this one, which was given by these options.
pub fn is_unknown(options: &str, given: &PasskeyCredential) {
    let (Ok(options), Ok(given)) = (JSON::parse(options), JSON::parse(&given.0)) else { return };
    let said = [("rpId", &get(&options, "rpId")), ("credentialId", &get(&given, "id"))];
    tell("signalUnknownCredential", &object(&said));
}

/// Tells whoever keeps passkeys which ones the account has.
pub fn are_all(rp_id: &str, user_handle: &str, credential_ids: &[&str]) {
    let ids: Array = credential_ids.iter().map(|id| JsValue::from(*id)).collect();
    let said = [("rpId", &rp_id.into()), ("userId", &user_handle.into()), ("allAcceptedCredentialIds", &ids.into())];
    tell("signalAllAcceptedCredentials", &object(&said));
}

/// Tells whoever keeps passkeys what the account is called by now.
pub fn is_called(rp_id: &str, user_handle: &str, email: &str, name: &str) {
    let account = [("rpId", &rp_id.into()), ("userId", &user_handle.into())];
    let called = [("name", &email.into()), ("displayName", &name.into())];
    tell("signalCurrentUserDetails", &object(&[account, called].concat()));
}

/// Where the browser can; nothing depends on it.
fn tell(what: &str, said: &JsValue) {
    let Some(class) = class() else { return };
    if let Ok(told) = call(&class, what, std::slice::from_ref(said)).and_then(JsCast::dyn_into::<Promise>) {
        wasm_bindgen_futures::spawn_local(async move { drop(JsFuture::from(told).await) });
    }
}

/// Asks the browser, which takes one question at a time; by options, as JSON. The person is asked at once, in a dialog, or
/// with `unseen` in a field's autofill, or not at all, until this ends it.
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
            // Closed by the person, or not in time: which, the browser does not say.
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

/// The buffers of a response with these names, as texts; those that are there.
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

/// Options as the browser takes them: what is base64url in JSON is bytes.
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

/// The bytes of a buffer; none of what is none.
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
    // A plain object takes what it is given.
    let _ = Reflect::set(object, &name.into(), value);
}

fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let function: Function = get(object, name).dyn_into()?;
    function.apply(object, &arguments.iter().collect())
}
