//! The other tabs: what one learns, all know. Tokens travel from memory to memory.
//!
//! A channel that is open keeps a page out of the back/forward cache, so it closes with the page
//! and opens again when it is shown again.

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
/// How long a tab without a token waits for another's, in milliseconds: a moment between memories.
const PATIENCE_MS: u32 = 80;
/// Milliseconds that a token must still last to be worth handing on.
const WORTH_MS: f64 = 5000.0;

/// What tabs tell each other.
#[derive(Serialize, Deserialize)]
pub enum Said {
    /// Who has an access token?
    Ask,
    /// Here is one, of the session that is.
    Refreshed(Handed),
    /// Here is one, of a new session.
    SignedIn(Handed),
    /// Here is one, of the session whose person has just confirmed that it is them.
    SteppedUp(Handed),
    /// The person signed out.
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

/// Begins to listen. A browser without channels has tabs that each find out for themselves.
pub fn open() {
    close();
    let Ok(channel) = BroadcastChannel::new(NAME) else { return };
    let heard = Closure::new(|event: MessageEvent| {
        // A tab with another release's client may say what this one can't read.
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

/// Tells the others. False where they can't hear it: they will find out for themselves.
pub fn say(said: &Said) -> bool {
    CHANNEL.with_borrow(|open| match (open, serde_json::to_string(said)) {
        (Some(open), Ok(text)) => open.channel.post_message(&text.into()).is_ok(),
        _ => false,
    })
}

/// Asks the others for a token, and gives them a moment.
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
        // Who asked may have gone on without.
        let _ = asked.send(());
    }
}
