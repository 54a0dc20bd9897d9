//! The lab: a page that shows live how the tokens of [`freshkey`] work, with throw-away sessions.
//!
//! An app mounts it on its server with [`Freshkey::mount`](freshkey::Freshkey::mount) and lists [`Lab`] among its pages,
//! at [`PATH`]:
//!
//! ```
//! # use freshkey::Freshkey;
//! # fn with(app: Freshkey) -> Freshkey {
//! app.mount(freshkey_lab::lab)
//! # }
//! freshkey::lazy_pages! {
//!     lab {
//!         /// How the tokens work, live.
//!         LAB = freshkey_lab::Lab;
//!     }
//! }
//! ```
//!
//! # Layout
//!
//! As in `freshkey`, the folder says where code runs. `cfg(feature)` appears only below and in `app::seam`.
//!
//! | folder | compiled for | what is in it |
//! |---|---|---|
//! | [`app`] | the server and the browser | the page, the calls and their types |
//! | `browser` | the browser (feature `hydrate`) | the page's own requests and measurements |
//! | `server` | the server (feature `ssr`) | the realm of throw-away sessions, the bodies of the calls |

#![recursion_limit = "256"] // the types of views are deep

pub mod app;
#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "ssr")]
mod server;

pub use app::page::Lab;
#[cfg(feature = "ssr")]
pub use server::lab;

/// The address of the page.
pub const PATH: &str = "/lab";
/// The address of the guide for other services on verifying access tokens, as text.
pub const VERIFY_GUIDE: &str = "/lab/verify-tokens.md";
