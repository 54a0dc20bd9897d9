//! The channel to the other tabs, so that what one tab learns, all know.
//!
//! An open channel keeps a page out of the back/forward cache. So it closes when the page is hidden there, and opens
//! again when the page is shown.

use super::json::{self, JsonError};
use crate::{
    app::types::{EndReason, Integer, Millis, Seconds, Secret},
    client::{answer::Answer, event::TabMessage},
};
use js_sys::{JSON, Reflect};
use serde::{Deserialize, Serialize, Serializer};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

const NAME: &str = "freshkey";

/// An answer as another tab gets it: the server's text, and the times of now.
#[derive(Serialize, Deserialize)]
struct Handed {
    text: String,
    /// How long until the token expires.
    #[serde(serialize_with = "unsigned")]
    expires_in: Seconds,
    /// The server's clock.
    #[serde(serialize_with = "unsigned")]
    server_time: Millis,
}

/// Writes a time as calls do. Numbers with a sign would need more code.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's")]
fn unsigned<T: Copy + Into<Integer>, S: Serializer>(time: &T, serializer: S) -> Result<S::Ok, S::Error> {
    (*time).into().serialize(serializer)
}

impl Handed {
    fn of(answer: &Answer) -> Self {
        let (text, expires_in, server_time) = (answer.text().to_owned(), answer.expires_in, answer.server_time);
        Self { text, expires_in, server_time }
    }

    fn answer(self) -> Result<Answer, JsonError> {
        json::answer(self.text).map(|answer| answer.as_of(self.server_time, self.expires_in))
    }
}

/// A message as it travels: an object with one member, the message. Beside it, the CSRF token of the session that ended;
/// earlier releases neither send nor read that.
#[derive(Deserialize)]
enum Wire {
    Ask,
    Refreshed(Handed),
    SignedIn(Handed),
    SteppedUp(Handed),
    SignedOut(()),
    Over(Option<EndReason>),
}

struct Channel {
    channel: BroadcastChannel,
    _heard: Closure<dyn FnMut(MessageEvent)>,
}

thread_local! {
    static CHANNEL: RefCell<Option<Channel>> = const { RefCell::new(None) };
}

/// Starts listening. In a browser without channels, each tab finds out for itself.
pub fn open(heard: fn(TabMessage)) {
    close();
    let Ok(channel) = BroadcastChannel::new(NAME) else { return };
    let listener = Closure::new(move |event: MessageEvent| {
        // A tab with another release's client may send a message that this one can't read.
        if let Some(message) = event.data().as_string().and_then(|text| read(&text).ok()) {
            heard(message);
        }
    });
    channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    CHANNEL.set(Some(Channel { channel, _heard: listener }));
}

fn read(text: &str) -> Result<TabMessage, JsonError> {
    let session = || {
        let message = JSON::parse(text).ok()?;
        Reflect::get(&message, &"session".into()).ok()?.as_string().map(Secret::from)
    };
    Ok(match json::from_str(text)? {
        Wire::Ask => TabMessage::Ask,
        Wire::Refreshed(handed) => TabMessage::Refreshed(handed.answer()?),
        Wire::SignedIn(handed) => TabMessage::SignedIn(handed.answer()?),
        Wire::SteppedUp(handed) => TabMessage::SteppedUp(handed.answer()?),
        Wire::SignedOut(()) => TabMessage::SignedOut(session()),
        Wire::Over(reason) => TabMessage::Over(session(), reason),
    })
}

/// Whether the channel is open.
pub fn are_open() -> bool {
    CHANNEL.with_borrow(Option::is_some)
}

/// Stops listening.
pub fn close() {
    if let Some(open) = CHANNEL.take() {
        open.channel.close();
    }
}

/// Sends a message to the other tabs. If they can't hear it, they find out for themselves.
pub fn say(message: &TabMessage) {
    CHANNEL.with_borrow(|open| {
        if let (Some(open), Ok(text)) = (open, write(message)) {
            // A channel that refuses is the same as none.
            let _ = open.channel.post_message(&text.into());
        }
    });
}

/// Writes the JSON by hand: serde's code for an enum with a member beside it would be larger.
fn write(message: &TabMessage) -> serde_json::Result<String> {
    let handed = |answer| serde_json::to_string(&Handed::of(answer));
    let null = || "null".to_owned();
    let (name, content, session) = match message {
        TabMessage::Ask => ("Ask", null(), &None),
        TabMessage::Refreshed(answer) => ("Refreshed", handed(answer)?, &None),
        TabMessage::SignedIn(answer) => ("SignedIn", handed(answer)?, &None),
        TabMessage::SteppedUp(answer) => ("SteppedUp", handed(answer)?, &None),
        TabMessage::SignedOut(session) => ("SignedOut", null(), session),
        TabMessage::Over(session, reason) => ("Over", serde_json::to_string(reason)?, session),
    };
    Ok(["{\"", name, "\":", &content, ",\"session\":", &serde_json::to_string(session)?, "}"].concat())
}
