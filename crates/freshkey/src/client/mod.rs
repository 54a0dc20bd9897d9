//! The browser client's decisions, without a browser: one state machine. An event comes in, the state changes, and
//! effects go out. The module `browser` performs them, and tells what happens.
//!
//! | file | what it decides |
//! |---|---|
//! | `step` | which part an event concerns |
//! | `session` | who is signed in on this page, and what other tabs are told |
//! | `refresh` | the single-flight refresh: when it is sent, again, or given up |
//! | `presence` | when the token is renewed, and when the client asks what happened while the user was away |
//! | `network` | whether the server can be reached, and when it is looked for again |
//! | `state` | what the client knows |
//! | [`call`] | a call of a page: what it sends, what it waits for, what its answer does |
//! | [`event`] | what happens, and what is done about it |
//! | [`moment`] | what the browser says at the time of an event |
//! | [`answer`], [`token`] | an answer with a token, and the token that the client holds |
//!
//! Nothing here waits, reads a clock or rolls dice. So the tests play any order of events natively: many tabs, a
//! server, answers that come late or never.

pub mod answer;
pub mod call;
pub mod event;
pub mod moment;
mod network;
mod presence;
mod refresh;
mod session;
pub mod state;
mod step;
pub mod token;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
