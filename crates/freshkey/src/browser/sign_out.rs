//! Signing out, and what must not cross it: a refresh of the same session, which would be refused, or
//! whose cookie would come after the cookie is gone.

use super::{access, fetch::Outgoing, flight::Flight, refresh, signed_out};
use crate::app::{error::ApiError, types::EndReason};
use futures::{FutureExt, channel::oneshot, future::select};
use gloo_timers::future::TimeoutFuture;
use std::pin::pin;

/// How long a refresh that is under way is waited for, in milliseconds: whoever wants to leave is not kept.
const PATIENCE_MS: u32 = 1000;

thread_local! {
    static SIGN_OUT: Flight<()> = Flight::new();
}

/// Sends the call that signs out. Then the tokens are forgotten, the page and the other tabs are told.
///
/// # Errors
/// The person is still signed in.
pub async fn send(request: &Outgoing<'_>) -> Result<String, ApiError> {
    select(pin!(refresh::landed()), TimeoutFuture::new(PATIENCE_MS)).await;
    let (done, over) = oneshot::channel::<()>();
    // Over when `done` is dropped, whatever came of it.
    SIGN_OUT.with(|sign_out| drop(sign_out.join(|| over.map(|_| ()))));
    let latest = access::latest();
    let answered = request.send(latest.as_deref(), None).await;
    if answered.is_ok() {
        signed_out(Some(EndReason::SignedOut));
    }
    drop(done);
    answered
}

/// Waits for it, if it is under way.
pub async fn over() {
    if let Some(sign_out) = SIGN_OUT.with(Flight::under_way) {
        sign_out.await;
    }
}
