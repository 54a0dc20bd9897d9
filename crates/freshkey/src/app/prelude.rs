//! Everything that an app's calls and pages need, in one line: `use freshkey::app::prelude::*;`.
//!
//! `Get` is the protocol; signals have the method `get` all the same.
//!
//! ```
//! use freshkey::app::prelude::*;
//!
//! #[server(prefix = "/api", endpoint = "visits", protocol = Get<Public>)]
//! pub async fn visits() -> Result<u32, ApiError> {
//!     Ok(7)
//! }
//!
//! fn twice(count: RwSignal<u32>) -> u32 {
//!     count.get() * 2
//! }
//! ```

pub use super::{
    api::protocol::{Bearer, Get, Post, Public, StepUp},
    at::At,
    brand::set_title,
    components::{
        CallForm, Empty, Field, ForRole, FormField, Header, Load, NavLink, Protected, Shape, focus_past_item,
    },
    error::{ApiError, Code},
    session::Session,
    types::{AuditEvent, Millis, Role, Seconds, Secret, UserView},
    wire::{Loaded, load},
};
pub use leptos::prelude::{Get as _, *};
