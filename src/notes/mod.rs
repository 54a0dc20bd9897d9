//! Notes: the sample of a resource of the user's own. Copy the folder to begin one of yours.
//!
//! | file | runs | what it has |
//! |---|---|---|
//! | [`rules`] | on both sides | what a note is, what its text may be |
//! | [`api`] | on both sides | the calls |
//! | [`paths`] | on both sides | where they are |
//! | [`page`] | on both sides | what one sees |
//! | `server` | on the server | the bodies of the calls; in it `store`, the SQL of the table, which is in `migrations/`, and `openapi`, the calls' entries in the OpenAPI description |

pub mod api;
pub mod page;
pub mod paths;
pub mod rules;
#[cfg(feature = "ssr")]
pub mod server;
