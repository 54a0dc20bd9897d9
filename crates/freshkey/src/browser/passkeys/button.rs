//! The button "Sign in with a passkey". The server sends it, so that there is room for it, and it works when this part of the
//! client is there.

use super::class;
use leptos::prelude::document;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::HtmlButtonElement;

const BUSY: &str = "aria-busy";

/// The button, and what a press does.
pub struct Button {
    button: HtmlButtonElement,
    press: Option<Closure<dyn FnMut()>>,
}

/// The page's button that signs in by a passkey: none where there is none, or where the browser knows no passkeys.
pub fn sign_in_button() -> Option<Button> {
    class()?;
    let button = document().query_selector(".by-passkey").ok()??;
    Some(Button { button: button.dyn_into().ok()?, press: None })
}

impl Button {
    /// What a press does. It does it once, until the button rests again.
    pub fn does(&mut self, press: impl Fn() + 'static) {
        let button = self.button.clone();
        let pressed = Closure::new(move || {
            if !button.has_attribute(BUSY) {
                let _ = button.set_attribute(BUSY, "true");
                press();
            }
        });
        self.button.set_onclick(Some(pressed.as_ref().unchecked_ref()));
        self.press = Some(pressed);
    }

    /// It can be pressed.
    pub fn works(&self) {
        self.button.set_disabled(false);
    }

    /// What it was pressed for is over.
    pub fn rests(&self) {
        let _ = self.button.remove_attribute(BUSY);
    }
}

impl Drop for Button {
    fn drop(&mut self) {
        self.button.set_onclick(None);
    }
}
