//! The device that a request comes from, by its own description.

use super::{auth::sessions::Device, client_address::ClientAddress};
use http::{Extensions, HeaderMap, header::USER_AGENT, request::Parts};
use leptos::prelude::with_context;

/// The longest user agent that is stored, in characters.
const USER_AGENT_MAX: usize = 300;

/// Returns the device of the current call.
pub(crate) fn caller_device() -> Device {
    with_context(|parts: &Parts| device(&parts.extensions, &parts.headers)).unwrap_or_default()
}

/// Returns what a request says about its device.
pub(crate) fn device(extensions: &Extensions, headers: &HeaderMap) -> Device {
    let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    Device {
        ip: extensions.get::<ClientAddress>().map(|ClientAddress(ip)| ip.to_string()),
        user_agent: agent.map(|agent| agent.chars().take(USER_AGENT_MAX).collect()),
    }
}

/// Returns the address of the current call, for the log.
pub(crate) fn source() -> String {
    caller_device().ip.unwrap_or_default()
}
