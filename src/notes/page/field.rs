//! The text field of a note.

use crate::notes::rules::TEXT_MAX;
use freshkey::app::components::LiveText;
use leptos::{html, prelude::*};

/// The field and its error message. It is not bound to a signal, so that text typed before hydration stays.
#[component]
pub(super) fn NoteField(
    /// The element's id.
    id: String,
    /// The visible label, which is also the accessible name.
    label: &'static str,
    /// The initial text.
    value: Option<String>,
    /// The error message, if there is one.
    error: Signal<Option<String>>,
    /// The element, for the caller to read.
    node: NodeRef<html::Textarea>,
) -> impl IntoView {
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let described_by = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || if error.with(Option::is_some) { format!("{hint_id} {error_id}") } else { hint_id.clone() }
    };
    // Without WASM the browser itself checks `required` and `maxlength` before it sends the form. Once live, the page
    // does it better.
    let live = RwSignal::new(false);
    Effect::new(move |_| live.set(true));
    // The hint appears only near the limit.
    let length = RwSignal::new(0_usize);
    let hint = Signal::derive(move || match TEXT_MAX.saturating_sub(length.get()) {
        left if left > TEXT_MAX / 10 => String::new(),
        left => format!("{left} characters left"),
    });
    view! {
        <div class="field note-field" class:field-wrong=move || error.with(Option::is_some)>
            <div class="field-label"><label for=id.clone()>{label}</label></div>
            <textarea
                id=id
                name="text"
                rows="3"
                autocomplete="off"
                dir="auto"
                required=move || !live.get()
                maxlength=move || (!live.get()).then(|| TEXT_MAX.to_string())
                aria-required="true"
                on:input=move |_| length.set(node.try_get_untracked().flatten().map_or(0, |area| area.value().chars().count()))
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described_by
                node_ref=node
                inner_html=value.map(|text| inner_html(&text))
            ></textarea>
            <div class="field-foot">
                <p class="field-hint" id=hint_id><LiveText text=hint /></p>
                <p class="field-error" id=error_id hidden=move || error.with(Option::is_none)>
                    <LiveText text=Signal::derive(move || error.get().unwrap_or_default()) />
                </p>
            </div>
        </div>
    }
}

/// The text as HTML. The framework does not escape the content of a `textarea`; a note could close it and inject
/// HTML.
fn inner_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_text() {
        assert_eq!(inner_html("a</textarea><b>&amp;"), "a&lt;/textarea>&lt;b>&amp;amp;");
    }
}
