//! The access token, kept in this module's memory and nowhere else: not in storage, in a global or in the HTML.

use super::{
    answer::{Answer, Handed},
    json, presence, server_clock,
};
use crate::app::{session::TokenLife, token};
use leptos::prelude::window;
use serde::Deserialize;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// An access token and the answer that brought it.
#[derive(Debug)]
pub struct Access {
    /// The answer that brought the token.
    pub answer: Answer,
    /// When it expires, in milliseconds on the monotonic clock, so that a wrong wall clock does no harm.
    expires_at: f64,
}

impl Access {
    /// The token's whole lifetime in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "seconds of a token's life")]
    pub fn life_ms(&self) -> f64 {
        self.answer.expires_in as f64 * 1000.0
    }

    /// Milliseconds until it expires; negative afterwards.
    pub fn remaining_ms(&self) -> f64 {
        self.expires_at - monotonic_ms()
    }

    /// Returns the answer with the times as of now, for another tab.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a token's life")]
    pub fn handed(&self) -> Handed {
        let now = server_clock::now().unwrap_or(self.answer.server_time);
        self.answer.handed(now, (self.remaining_ms() / 1000.0).max(0.0) as u64)
    }
}

thread_local! {
    static ACCESS: RefCell<Option<Rc<Access>>> = const { RefCell::new(None) };
    /// Counts sign-ins and sign-outs. A result that belongs to an earlier epoch is dropped.
    static EPOCH: Cell<u32> = const { Cell::new(0) };
}

/// Returns the token, unless it has expired.
pub fn current() -> Option<Rc<Access>> {
    latest().filter(|access| access.remaining_ms() > 0.0)
}

/// Returns the token, unless it has expired or is `spent`.
pub fn newer_than(spent: Option<&Rc<Access>>) -> Option<Rc<Access>> {
    current().filter(|current| !spent.is_some_and(|spent| Rc::ptr_eq(spent, current)))
}

/// Returns the token, expired or not.
pub fn latest() -> Option<Rc<Access>> {
    ACCESS.with_borrow(Clone::clone)
}

/// Keeps the token of an answer.
pub fn keep(answer: Answer) -> Rc<Access> {
    server_clock::learn(&answer);
    let mut access = Access { answer, expires_at: monotonic_ms() };
    access.expires_at += access.life_ms();
    let access = Rc::new(access);
    ACCESS.set(Some(Rc::clone(&access)));
    presence::plan();
    access
}

/// Forgets the token, because somebody signed out or in.
pub fn forget() {
    ACCESS.set(None);
    EPOCH.set(EPOCH.get().wrapping_add(1));
}

/// Returns what the page shows of the token.
pub fn life() -> Option<TokenLife> {
    let access = latest()?;
    let generation = generation(access.answer.access_token.reveal());
    // A token without a generation is one that `expire` spoiled.
    let left_ms = generation.map_or(0.0, |_| access.remaining_ms().max(0.0));
    Some(TokenLife { left_ms, life_ms: access.life_ms(), generation: generation.unwrap_or_default() })
}

fn generation(token: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Claims {
        r#gen: u64,
    }
    let payload = token::base64url(token.split('.').nth(1)?)?;
    json::from_str::<Claims>(str::from_utf8(&payload).ok()?).ok().map(|claims| claims.r#gen)
}

/// Spoils the token, so that the server answers 401 to the next calls, as if it had expired. Its recorded expiry
/// stays, so that the client does not renew it ahead of those calls.
pub fn expire() {
    if let Some(access) = latest() {
        ACCESS.set(Some(Rc::new(Access { answer: access.answer.spoiled(), expires_at: access.expires_at })));
    }
}

/// The number of sign-ins and sign-outs so far.
pub fn epoch() -> u32 {
    EPOCH.get()
}

/// Milliseconds on the monotonic clock; infinite if there is none.
pub(super) fn monotonic_ms() -> f64 {
    window().performance().map_or(f64::INFINITY, |performance| performance.now())
}
