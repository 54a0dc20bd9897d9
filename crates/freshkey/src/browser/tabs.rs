//! Messages between tabs, so that what one tab learns, all know. Tokens travel from memory to memory.
//!
//! An open channel keeps a page out of the back/forward cache. So it closes when the page is hidden there, and opens
//! again when the page is shown.

use super::{
    access,
    answer::{Answer, Handed},
    json::{self, NotOurs},
    over_here, refresh, signed_in_here, signed_out_here, step_up,
};
use crate::app::types::EndReason;
use futures::{
    channel::oneshot,
    future::{Either, select},
};
use gloo_timers::future::TimeoutFuture;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

const NAME: &str = "freshkey";
/// How long a tab without a token waits for another tab's, in milliseconds. Messages between tabs are fast.
const PATIENCE_MS: u32 = 80;
/// How long a token must still live to be worth sharing, in milliseconds.
const WORTH_MS: f64 = 5000.0;

/// The messages between tabs.
#[derive(Serialize, Deserialize)]
pub enum Said {
    /// Asks for an access token.
    Ask,
    /// Shares a token of the current session.
    Refreshed(Handed),
    /// Shares a token of a new session.
    SignedIn(Handed),
    /// Shares a token of the session whose user has just confirmed a sensitive action.
    SteppedUp(Handed),
    /// The user signed out.
    SignedOut,
    /// The session is over, and why.
    Over(Option<EndReason>),
}

struct Channel {
    channel: BroadcastChannel,
    _heard: Closure<dyn FnMut(MessageEvent)>,
}

thread_local! {
    static CHANNEL: RefCell<Option<Channel>> = const { RefCell::new(None) };
    static ASKED: Cell<Option<oneshot::Sender<()>>> = const { Cell::new(None) };
}

/// Starts listening. In a browser without channels, each tab finds out for itself.
pub fn open() {
    close();
    let Ok(channel) = BroadcastChannel::new(NAME) else { return };
    let heard = Closure::new(|event: MessageEvent| {
        // A tab with another release's client may send a message that this one can't read.
        let said = event.data().as_string().and_then(|text| json::from_str(&text).ok());
        let _ = said.map_or(Ok(()), hear);
    });
    channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    CHANNEL.set(Some(Channel { channel, _heard: heard }));
}

/// Stops listening.
pub fn close() {
    if let Some(open) = CHANNEL.take() {
        open.channel.close();
    }
}

/// Sends a message to the other tabs. Returns false if they can't hear it; then they find out for themselves.
pub fn say(said: &Said) -> bool {
    CHANNEL.with_borrow(|open| match (open, serde_json::to_string(said)) {
        (Some(open), Ok(text)) => open.channel.post_message(&text.into()).is_ok(),
        _ => false,
    })
}

/// Asks the other tabs for a token, and waits a moment for it.
pub async fn ask() {
    let (answer, answered) = oneshot::channel();
    ASKED.set(Some(answer));
    if !say(&Said::Ask) {
        return;
    }
    if let Either::Right(_) = select(answered, TimeoutFuture::new(PATIENCE_MS)).await {
        ASKED.take();
    }
}

fn hear(said: Said) -> Result<(), NotOurs> {
    match said {
        Said::Ask => {
            if let Some(access) = access::current().filter(|access| access.remaining_ms() > WORTH_MS) {
                say(&Said::Refreshed(access.handed()));
            }
        }
        Said::Refreshed(handed) => take(handed.answer()?),
        Said::SignedIn(handed) => {
            let answer = handed.answer()?;
            access::forget();
            take(answer);
            step_up::resume();
        }
        Said::SteppedUp(handed) => {
            take(handed.answer()?);
            step_up::resume();
        }
        Said::SignedOut => signed_out_here(Some(EndReason::SignedOut)),
        Said::Over(reason) => over_here(reason),
    }
    Ok(())
}

fn take(answer: Answer) {
    refresh::learn(&answer);
    if signed_in_here(&answer) {
        access::keep(answer);
    }
    if let Some(asked) = ASKED.take() {
        // The asking task may have timed out.
        let _ = asked.send(());
    }
}
