//! A form's error message, in one sentence.

use super::{LiveText, fixed};
use crate::app::error::Code;
use leptos::prelude::*;

/// The message; screen readers announce it as soon as it appears. If the fields show more detail, it is visually
/// hidden.
#[component]
pub fn FormAlert(
    /// The sentence.
    #[prop(into)]
    message: Signal<Option<String>>,
) -> impl IntoView {
    let is_at_field = move || {
        let said = |message: &str| {
            [Code::Validation, Code::EmailTaken, Code::InvalidCode].iter().any(|code| code.message() == message)
        };
        message.with(|message| message.as_deref().is_some_and(said))
    };
    view! {
        <div class="alert" class:unseen=is_at_field hidden=move || message.with(Option::is_none) {..fixed([("role", "alert")])}>
            <LiveText text=Signal::derive(move || message.get().unwrap_or_default()) />
        </div>
    }
}
