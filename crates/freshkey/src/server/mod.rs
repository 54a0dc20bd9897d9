//! The server: native only.
//!
//! [`Server::bind`] creates it, [`Server::run`] runs it until it is told to stop. `main` and the tests use both.

pub use freshkey_core::{causes, clock, data_folder, gcra, rules::visible, settings, store, supervise};

/// The rules and services of sign-in.
pub mod auth {
    pub use freshkey_core::{root_secret, rules::*, services::*};
}

pub mod account;
pub mod activity;
pub mod admin;
pub mod after;
pub mod attempts;
pub mod bearer;
pub mod body;
pub mod call;
pub mod call_info;
pub mod caller;
pub mod cli;
pub mod client_address;
pub mod cookies;
pub mod deletion;
pub mod demo;
mod device;
pub mod export;
pub(crate) mod factors;
pub mod freshkey;
pub mod guard;
pub mod ids;
pub(crate) mod known_device;
pub mod limits;
pub mod login;
pub mod mail;
mod mailbox;
pub mod metrics;
mod open;
pub mod openapi;
mod operations;
pub mod origin;
mod own_settings;
pub mod pages;
pub mod policy;
pub mod prelude;
pub mod profile;
pub mod realm;
pub mod refresh;
pub mod refusal;
pub mod registration;
pub mod request;
pub mod router;
pub mod serve;
pub mod sessions;
pub mod shell;
pub mod sign_ins;
pub mod sign_out;
mod start;
mod start_error;
pub mod state;
pub(crate) mod step_page;
pub mod step_up;
pub mod steps;
pub mod telemetry;
pub mod testing;
pub mod web_files;

pub use start::Server;
pub use start_error::StartError;
