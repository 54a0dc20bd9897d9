//! Freshkey: sign-in for Leptos and axum apps, whole.
//!
//! # Layout
//!
//! The folder says where code runs; the `cfg`s below and the seam in [`app::seam`] are the only ones.
//!
//! | folder | compiled for | what is in it |
//! |---|---|---|
//! | [`app`] | the server and the browser | pages, components, server functions and the words both sides speak |
//! | `client` | the browser, and natively for its tests | what the client does when something happens: a state machine that knows no browser |
//! | `browser` | the browser (feature `hydrate`) | the client carried out: requests, channels, timers, the page |
//! | [`server`] | the server (feature `ssr`) | the router, guards, OpenAPI, the command line; the core, re-exported |
//!
//! Arrows go `browser → client → app ← server`. An app begins with a [`Freshkey`].

#![recursion_limit = "256"] // views are deep types

pub mod app;
#[cfg(feature = "hydrate")]
pub mod browser;
#[cfg(any(feature = "hydrate", test))]
pub mod client;
#[cfg(feature = "ssr")]
pub mod server;

#[cfg(feature = "ssr")]
pub use server::freshkey::Freshkey;
#[doc(hidden)]
pub use {leptos, leptos_router}; // for the macros

/// The examples of docs/extending.md are compiled as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/extending.md")]
pub struct Extending;
