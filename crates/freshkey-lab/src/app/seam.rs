//! The seam: where the page calls what only the browser has.
//!
//! | | on the server | in the browser |
//! |---|---|---|
//! | `call` | fails: the page calls nothing while it is rendered | sends a call of the lab |
//! | `compare` | fails | measures many calls at once, with one refresh and with many |
//! | `check` | fails | checks a token's signature with the published key |
//! | `now` | 0 | milliseconds on the monotonic clock |

#[cfg(not(feature = "hydrate"))]
mod no_browser;

#[cfg(feature = "hydrate")]
pub use crate::browser::{call, check, compare, now};
#[cfg(not(feature = "hydrate"))]
pub use no_browser::{call, check, compare, now};
