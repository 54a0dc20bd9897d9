//! Signing out, without a refresh of the same session getting in between: the server would refuse it, or its cookie
//! would arrive after the sign-out deleted the cookie.

use super::{access, fetch::Outgoing, flight::Flight, refresh, signed_out};
use crate::app::{error::ApiError, types::EndReason};
use futures::{FutureExt, channel::oneshot, future::select};
use gloo_timers::future::TimeoutFuture;
use std::pin::pin;

/// How long to wait for a running refresh, in milliseconds; the user should not have to wait longer to leave.
const PATIENCE_MS: u32 = 1000;

thread_local! {
    static SIGN_OUT: Flight<()> = Flight::new();
}

/// Sends the call that signs out. Then forgets the tokens, and tells the page and the other tabs.
///
/// # Errors
/// The user is still signed in.
pub async fn send(request: &Outgoing<'_>) -> Result<String, ApiError> {
    select(pin!(refresh::landed()), TimeoutFuture::new(PATIENCE_MS)).await;
    let (done, over) = oneshot::channel::<()>();
    // It ends when `done` is dropped, whatever the result.
    SIGN_OUT.with(|sign_out| drop(sign_out.join(|| over.map(|_| ()))));
    let latest = access::latest();
    let answered = request.send(latest.as_deref(), None).await;
    if answered.is_ok() {
        signed_out(Some(EndReason::SignedOut));
    }
    drop(done);
    answered
}

/// Waits for the running sign-out, if any.
pub async fn over() {
    if let Some(sign_out) = SIGN_OUT.with(Flight::under_way) {
        sign_out.await;
    }
}
