//! What went wrong with a form, in one sentence.

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
            {move || message.get()}
        </div>
    }
}
