//! The device that a request comes from, as far as it tells.

use super::{auth::sessions::Device, client_address::ClientAddress};
use http::{Extensions, HeaderMap, header::USER_AGENT, request::Parts};
use leptos::prelude::with_context;

/// The longest user agent that is kept, in characters.
const USER_AGENT_MAX: usize = 300;

/// The device of whoever calls, for what wants to know it.
pub(crate) fn caller_device() -> Device {
    with_context(|parts: &Parts| device(&parts.extensions, &parts.headers)).unwrap_or_default()
}

/// What the visitor's device tells of itself.
pub(crate) fn device(extensions: &Extensions, headers: &HeaderMap) -> Device {
    let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    Device {
        ip: extensions.get::<ClientAddress>().map(|ClientAddress(ip)| ip.to_string()),
        user_agent: agent.map(|agent| agent.chars().take(USER_AGENT_MAX).collect()),
    }
}

/// Where the call comes from, for the log.
pub(crate) fn source() -> String {
    caller_device().ip.unwrap_or_default()
}
