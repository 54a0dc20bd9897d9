//! What went wrong with a form, in one sentence.

use super::LiveText;
use leptos::prelude::*;

/// The sentence, announced as soon as it is there.
#[component]
pub fn FormAlert(
    /// The sentence.
    #[prop(into)]
    message: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <div class="alert" role="alert" hidden=move || message.with(Option::is_none)>
            <LiveText text=Signal::derive(move || message.get().unwrap_or_default()) />
        </div>
    }
}
