//! Notes: a sample resource that belongs to a user. Copy this folder to start your own.
//!
//! | file | runs | what it has |
//! |---|---|---|
//! | [`rules`] | on both sides | what a note is, and what its text may be |
//! | [`api`] | on both sides | the calls |
//! | [`paths`] | on both sides | the paths of calls and pages |
//! | [`page`] | on both sides | the user interface |
//! | `server` | on the server | the bodies of the calls, the SQL (`store`), the OpenAPI entries (`openapi`) |

pub mod api;
pub mod page;
pub mod paths;
pub mod rules;
#[cfg(feature = "ssr")]
pub mod server;
