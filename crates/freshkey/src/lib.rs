//! Freshkey: complete sign-in for Leptos and axum apps.
//!
//! # Layout
//!
//! The folder says where code runs. `cfg(feature)` appears only below and in [`app::seam`].
//!
//! | folder | compiled for | what is in it |
//! |---|---|---|
//! | [`app`] | the server and the browser | pages, components, server functions and the types that both sides share |
//! | `client` | the browser, and natively for its tests | the client's decisions: who is signed in, the token, the one shared refresh |
//! | `browser` | the browser (feature `hydrate`) | performs what `client` decides, the client half of a call |
//! | [`server`] | the server (feature `ssr`) | the router, guards, OpenAPI, the command line; the core, re-exported |
//!
//! Dependencies point `browser → client → app ← server`, and `browser` uses `app` too. An app starts from a
//! [`Freshkey`].

#![recursion_limit = "256"] // the types of views are deep

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

/// Compiles the examples in docs/extending.md as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/extending.md")]
pub struct Extending;
