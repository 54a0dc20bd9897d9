//! The channel to the other tabs: what one learns, all know. Tokens travel from memory to memory.

use super::json;
use crate::client::TabMessage;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

const NAME: &str = "freshkey";

/// Open until it is dropped.
pub(super) struct Channel {
    channel: BroadcastChannel,
    _heard: Closure<dyn FnMut(MessageEvent)>,
}

impl Channel {
    /// None: the browser has no channels.
    pub(super) fn open(heard: fn(TabMessage)) -> Option<Self> {
        let channel = BroadcastChannel::new(NAME).ok()?;
        let heard = Closure::new(move |event: MessageEvent| {
            if let Some(message) = event.data().as_string().and_then(|text| json::from_str(&text).ok()) {
                heard(message);
            }
        });
        channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        Some(Self { channel, _heard: heard })
    }

    /// Tells the others. False where they can't hear it: they will find out for themselves.
    pub(super) fn say(&self, message: &TabMessage) -> bool {
        serde_json::to_string(message).is_ok_and(|text| self.channel.post_message(&text.into()).is_ok())
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.close();
    }
}
