//! Everything that an app's calls and pages need, in one line: `use freshkey::app::prelude::*;`.

pub use super::{
    api::protocol::{Bearer, Get, Post, Public, StepUp},
    at::At,
    brand::set_title,
    components::{CallForm, Field, ForRole, FormField, Header, Load, NavLink, Protected},
    error::{ApiError, Code},
    session::Session,
    types::{AuditEvent, Millis, Role, Seconds, Secret, UserView},
    wire::{Loaded, load},
};
pub use leptos::prelude::*;
