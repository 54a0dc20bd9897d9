//! Taking turns with the other tabs (Web Locks), so that one of them refreshes and the others wait
//! for what it gets.
//!
//! It saves requests and no more: that two refreshes at once do no harm is the server's work. So
//! the wait has a limit, and where the API is missing or refuses everybody goes at once. A turn ends with
//! its tab, whatever became of it.

use futures::{
    channel::oneshot,
    future::{Either, select},
};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

const NAME: &str = "freshkey.refresh";

// web-sys has these behind a flag for unstable APIs.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["navigator", "locks"], js_name = request)]
    fn request(name: &str, options: &Object, granted: &JsValue) -> Result<Promise, JsValue>;
}

/// It is this tab's turn until this is dropped.
pub struct Turn(Function);

impl Drop for Turn {
    fn drop(&mut self) {
        // It resolves a promise: that can't fail.
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

/// Waits for this tab's turn, but not for longer than `patience_ms`. None: it goes without.
pub async fn take(patience_ms: u32) -> Option<Turn> {
    let abort = AbortController::new().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"signal".into(), &abort.signal()).ok()?;
    let (grant, granted) = oneshot::channel();
    let callback = Closure::once_into_js(move |_: JsValue| {
        let mut grant = Some(grant);
        Promise::new(&mut |resolve, _| {
            if let Some(grant) = grant.take() {
                // Nobody waits for it any more: then this drop gives it back.
                drop(grant.send(Turn(resolve)));
            }
        })
    });
    // Before the turn is granted it settles only if the browser refuses.
    let refused = JsFuture::from(request(NAME, &options, &callback).ok()?);
    match select(granted, select(refused, TimeoutFuture::new(patience_ms))).await {
        Either::Left((turn, _)) => turn.ok(),
        Either::Right(_) => {
            abort.abort();
            None
        }
    }
}
