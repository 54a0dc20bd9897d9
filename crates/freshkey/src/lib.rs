//! Freshkey: sign-in for Leptos and axum apps, whole.
//!
//! # Layout
//!
//! The folder says where code runs; the `cfg`s below and the seam in [`app::seam`] are the only ones.
//!
//! | folder | compiled for | what is in it |
//! |---|---|---|
//! | [`app`] | the server and the browser | pages, components, server functions and the words both sides speak |
//! | `browser` | the browser (feature `hydrate`) | the access token in memory, the one shared refresh, the client half of a call |
//! | [`server`] | the server (feature `ssr`) | the router, guards, OpenAPI, the command line; the core, re-exported |
//!
//! Arrows go `browser → app ← server`. An app begins with a [`Freshkey`].

#![recursion_limit = "256"] // views are deep types

pub mod app;
#[cfg(feature = "hydrate")]
pub mod browser;
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
