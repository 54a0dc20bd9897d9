//! A moment in words, with the exact one behind it.

use crate::app::device;
use leptos::prelude::*;

/// The words; a pointer on them finds the exact moment, and so does a program.
#[component]
pub fn When(
    /// Milliseconds since 1970.
    at: i64,
    /// What is shown.
    #[prop(into)]
    words: String,
) -> impl IntoView {
    view! { <time datetime=device::rfc3339(at) title=device::utc(at)>{words}</time> }
}
