//! The button "Sign in with a passkey". The server renders it disabled, to reserve its space; this part of the client
//! enables it.

use super::class;
use leptos::prelude::document;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::HtmlButtonElement;

const BUSY: &str = "aria-busy";

/// The button and its click handler.
pub struct Button {
    button: HtmlButtonElement,
    press: Option<Closure<dyn FnMut()>>,
}

/// Returns the page's passkey sign-in button; `None` if the page has none, or the browser does not support passkeys.
pub fn sign_in_button() -> Option<Button> {
    class()?;
    let button = document().query_selector(".by-passkey").ok()??;
    Some(Button { button: button.dyn_into().ok()?, press: None })
}

impl Button {
    /// Sets the click handler. After a press the button is busy until [`Button::rests`].
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

    /// Enables the button.
    pub fn works(&self) {
        self.button.set_disabled(false);
    }

    /// Ends the busy state.
    pub fn rests(&self) {
        let _ = self.button.remove_attribute(BUSY);
    }
}

impl Drop for Button {
    fn drop(&mut self) {
        self.button.set_onclick(None);
    }
}
