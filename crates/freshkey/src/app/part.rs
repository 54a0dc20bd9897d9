//! The pages of a part, whose code is one file if the build is split.

use leptos::prelude::*;

/// The names and the views of the pages.
#[doc(hidden)]
pub type Part = &'static [(&'static str, fn() -> AnyView)];

/// Builds the page of this name.
#[doc(hidden)]
pub fn built(page: &str, part: Part) -> AnyView {
    let found = part.iter().find(|(name, _)| *name == page);
    found.map_or_else(|| ().into_any(), |(_, view)| view())
}
