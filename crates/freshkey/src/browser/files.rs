//! What the person takes along of a page: into the clipboard, or into a file.

use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::{document, window};
use send_wrapper::SendWrapper;
use std::future::Future;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlElement;

/// Puts a text into the clipboard; false if the browser does not allow it.
pub fn copy(text: &str) -> impl Future<Output = bool> + Send + use<> {
    // Asked at once: a browser allows it in a press of a button.
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

/// Gives the person a file with this text.
pub fn download(name: &str, text: &str) {
    let Ok(link) = document().create_element("a") else { return };
    // The text itself in an address would stand in the list of downloads.
    let Some(address) = address_of(text) else { return };
    // A new element takes any attribute.
    let _ = link.set_attribute("href", &address);
    let _ = link.set_attribute("download", name);
    if let Some(link) = link.dyn_ref::<HtmlElement>() {
        link.click();
    }
}

/// An address in this page's memory, which goes with the page.
fn address_of(text: &str) -> Option<String> {
    let global = window();
    let blob: Function = Reflect::get(&global, &"Blob".into()).ok()?.dyn_into().ok()?;
    let blob = Reflect::construct(&blob, &Array::of1(&Array::of1(&text.into()))).ok()?;
    let urls = Reflect::get(&global, &"URL".into()).ok()?;
    let create: Function = Reflect::get(&urls, &"createObjectURL".into()).ok()?.dyn_into().ok()?;
    create.call1(&urls, &blob).ok()?.as_string()
}
