//! The script that started the client (`server/start.js`). It knows whether the page is still as the server sent it,
//! and stops the client after a panic.

use std::{
    cell::{Cell, OnceCell},
    panic,
};
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
    #[wasm_bindgen(method)]
    fn theme(this: &Script, theme: &str);
    #[wasm_bindgen(method, js_name = showTheme)]
    fn show_theme(this: &Script);
}

thread_local! {
    static SCRIPT: OnceCell<Script> = const { OnceCell::new() };
    static ENDED: Cell<bool> = const { Cell::new(false) };
}

/// Keeps the script. From here on a panic ends the client.
pub(super) fn attach(script: Script) {
    SCRIPT.with(|kept| drop(kept.set(script)));
    panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        end();
    }));
}

/// Whether the nodes that are still to be hydrated are unchanged. Nodes that extensions added are set aside until
/// [`live`] or [`put_back`].
pub(super) fn is_untouched() -> bool {
    ask(Script::is_untouched).unwrap_or(true)
}

/// Tells the script that the page is hydrated.
pub(super) fn live() {
    ask(Script::live);
}

/// Puts back the nodes that extensions added, because the rest of the page will not be hydrated.
pub(super) fn put_back() {
    ask(Script::put_back);
}

/// Ends the client; the page goes on as plain HTML.
pub(super) fn end() {
    ENDED.set(true);
    ask(Script::end);
}

/// Applies a theme.
pub(super) fn theme(theme: &str) {
    ask(|script| script.theme(theme));
}

/// Applies the stored theme.
pub(super) fn show_theme() {
    ask(Script::show_theme);
}

/// Whether the client has ended.
pub(super) fn has_ended() -> bool {
    ENDED.get()
}

/// Calls the script. Returns `None` in the client's own tests, whose page has no script.
fn ask<T>(what: impl FnOnce(&Script) -> T) -> Option<T> {
    SCRIPT.with(|script| script.get().map(what))
}
