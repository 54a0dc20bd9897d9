//! The server side of Freshkey without HTTP: native only, no axum, no leptos.
//!
//! | module | what is in it |
//! |---|---|
//! | [`rules`] | the rules of sign-in: pure functions of values and the time |
//! | [`store`] | all SQL of the library, for SQLite and Postgres, and its migrations |
//! | [`services`] | sessions, tokens, signing keys and password hashing: the rules applied to the store |
//! | [`gcra`] | rate limits, in memory or shared through Redis |
//! | [`settings`] | the operator's settings |
//! | [`root_secret`], [`data_folder`], [`clock`], [`supervise`], [`request_span`] | the base of the other modules |
//!
//! Dependencies go `services → store → rules`, never back.

pub mod causes;
pub mod clock;
pub mod data_folder;
pub mod gcra;
pub mod request_span;
pub mod root_secret;
pub mod rules;
pub mod services;
pub mod settings;
pub mod store;
pub mod supervise;
