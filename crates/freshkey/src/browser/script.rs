//! The script that started the client (`server/start.js`): it knows whether the page is still what the server
//! sent, and takes the client away after a panic.

use std::cell::{Cell, OnceCell};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The script.
    pub type Script;
    #[wasm_bindgen(method, js_name = isUntouched)]
    fn is_untouched(this: &Script) -> bool;
    #[wasm_bindgen(method)]
    fn live(this: &Script);
    #[wasm_bindgen(method, js_name = putBack)]
    fn put_back(this: &Script);
    #[wasm_bindgen(method)]
    fn end(this: &Script);
}

/// The script, once it has handed itself over. There is none in the client's own tests.
pub(super) struct StartScript {
    script: OnceCell<Script>,
    ended: Cell<bool>,
}

impl StartScript {
    pub(super) const fn new() -> Self {
        Self { script: OnceCell::new(), ended: Cell::new(false) }
    }

    pub(super) fn attach(&self, script: Script) {
        drop(self.script.set(script));
    }

    /// Whether nobody else has changed what is still to be taken over. Nodes that others added are set aside
    /// until [`Self::live`] or [`Self::put_back`].
    pub(super) fn is_untouched(&self) -> bool {
        self.script.get().is_none_or(Script::is_untouched)
    }

    /// The page has been taken over.
    pub(super) fn live(&self) {
        self.script.get().map(Script::live);
    }

    /// The rest of the page is not taken over: the nodes that others added come back.
    pub(super) fn put_back(&self) {
        self.script.get().map(Script::put_back);
    }

    /// Ends the client: from here on the page is plain HTML.
    pub(super) fn end(&self) {
        self.ended.set(true);
        self.script.get().map(Script::end);
    }

    /// Whether the client has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.get()
    }
}
