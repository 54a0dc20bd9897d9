//! Copies a text to the clipboard or saves it as a file.

use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::{document, window};
use send_wrapper::SendWrapper;
use std::future::Future;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlElement;

/// Copies a text to the clipboard; returns false if the browser does not allow it.
pub fn copy(text: &str) -> impl Future<Output = bool> + Send + use<> {
    // This starts at once, because a browser only allows it while it handles the button press.
    let asked = write(text);
    SendWrapper::new(async move {
        match asked {
            Some(asked) => JsFuture::from(asked).await.is_ok(),
            None => false,
        }
    })
}

fn write(text: &str) -> Option<Promise> {
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into()).ok()?;
    let write: Function = Reflect::get(&clipboard, &"writeText".into()).ok()?.dyn_into().ok()?;
    write.call1(&clipboard, &JsValue::from(text)).ok()?.dyn_into().ok()
}

/// Downloads this text as a file.
pub fn download(name: &str, text: &str) {
    let Ok(link) = document().create_element("a") else { return };
    // A `data:` address would put the text itself into the browser's list of downloads.
    let Some(address) = address_of(text) else { return };
    // Setting an attribute on a new element can't fail.
    let _ = link.set_attribute("href", &address);
    let _ = link.set_attribute("download", name);
    if let Some(link) = link.dyn_ref::<HtmlElement>() {
        link.click();
    }
}

/// Returns a blob URL, which lives only as long as the page.
fn address_of(text: &str) -> Option<String> {
    let global = window();
    let blob: Function = Reflect::get(&global, &"Blob".into()).ok()?.dyn_into().ok()?;
    let blob = Reflect::construct(&blob, &Array::of1(&Array::of1(&text.into()))).ok()?;
    let urls = Reflect::get(&global, &"URL".into()).ok()?;
    let create: Function = Reflect::get(&urls, &"createObjectURL".into()).ok()?.dyn_into().ok()?;
    create.call1(&urls, &blob).ok()?.as_string()
}
