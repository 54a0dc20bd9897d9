//! The access token: in this module's memory and nowhere else. No storage, no global, no HTML.

use crate::app::types::{Secret, TokenAnswer};
use leptos::prelude::window;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// An access token and what goes with it.
#[derive(Debug)]
pub struct Access {
    /// The token.
    pub token: Secret,
    /// Whom it is for.
    pub user: String,
    /// The session's CSRF token.
    pub csrf_token: Secret,
    /// When it runs out, in milliseconds on the monotonic clock: a wrong wall clock does no harm.
    expires_at: f64,
}

thread_local! {
    static ACCESS: RefCell<Option<Rc<Access>>> = const { RefCell::new(None) };
    /// Counts sign-ins and sign-outs, so that what began before one is not believed after it.
    static EPOCH: Cell<u32> = const { Cell::new(0) };
}

/// The token, if there is one that has not run out.
pub fn current() -> Option<Rc<Access>> {
    latest().filter(|access| monotonic_ms() < access.expires_at)
}

/// The token, run out or not.
pub fn latest() -> Option<Rc<Access>> {
    ACCESS.with_borrow(Clone::clone)
}

/// Keeps the token of an answer.
pub fn keep(answer: &TokenAnswer) -> Rc<Access> {
    #[expect(clippy::cast_precision_loss, reason = "seconds of a token's life")]
    let life_ms = answer.expires_in as f64 * 1000.0;
    let access = Rc::new(Access {
        token: answer.access_token.clone(),
        user: answer.user.id.clone(),
        csrf_token: answer.csrf_token.clone(),
        expires_at: monotonic_ms() + life_ms,
    });
    ACCESS.set(Some(Rc::clone(&access)));
    access
}

/// Forgets the token: somebody signed out, or in.
pub fn forget() {
    ACCESS.set(None);
    EPOCH.set(EPOCH.get().wrapping_add(1));
}

/// The number of sign-ins and sign-outs so far.
pub fn epoch() -> u32 {
    EPOCH.get()
}

/// Milliseconds on the monotonic clock; infinite where there is none.
pub(super) fn monotonic_ms() -> f64 {
    window().performance().map_or(f64::INFINITY, |performance| performance.now())
}
