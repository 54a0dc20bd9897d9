//! A lock among tabs (Web Locks): one tab refreshes, and the others wait for its result.
//!
//! It only saves requests; the server makes sure that two refreshes at once do no harm. So waiting has a time limit,
//! and if the API is missing or refuses, every tab goes ahead. The lock is released when its tab closes, whatever
//! happened.

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

// In web-sys, these need the flag for unstable APIs.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["navigator", "locks"], js_name = request)]
    fn request(name: &str, options: &Object, granted: &JsValue) -> Result<Promise, JsValue>;
}

/// Holds the lock until it is dropped.
pub struct RefreshLock(Function);

impl Drop for RefreshLock {
    fn drop(&mut self) {
        // The function resolves a promise, which can't fail.
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

impl RefreshLock {
    /// Waits for the lock, but no longer than `patience_ms`. On `None` the caller goes ahead without it.
    pub async fn take(patience_ms: u32) -> Option<Self> {
        let abort = AbortController::new().ok()?;
        let options = Object::new();
        Reflect::set(&options, &"signal".into(), &abort.signal()).ok()?;
        let (grant, granted) = oneshot::channel();
        let callback = Closure::once_into_js(move |_: JsValue| {
            let mut grant = Some(grant);
            Promise::new(&mut |resolve, _| {
                if let Some(grant) = grant.take() {
                    // If the caller has stopped waiting, this drop releases the lock.
                    drop(grant.send(Self(resolve)));
                }
            })
        });
        // Before the lock is granted, this promise settles only if the browser refuses.
        let refused = JsFuture::from(request(NAME, &options, &callback).ok()?);
        match select(granted, select(refused, TimeoutFuture::new(patience_ms))).await {
            Either::Left((lock, _)) => lock.ok(),
            Either::Right(_) => {
                abort.abort();
                None
            }
        }
    }
}
