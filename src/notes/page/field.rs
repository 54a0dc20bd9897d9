//! The field of a note's text.

use crate::notes::rules::TEXT_MAX;
use freshkey::app::components::LiveText;
use leptos::{html, prelude::*};

/// The field, with what is wrong with it beside it. Not bound to a signal: what is typed before the
/// page is live stays.
#[component]
pub(super) fn NoteField(
    /// The element's id.
    id: String,
    /// What people and their aids find it by.
    label: &'static str,
    /// What it holds at first.
    value: Option<String>,
    /// What is wrong with it.
    error: Signal<Option<String>>,
    /// The field, for whoever reads it.
    node: NodeRef<html::Textarea>,
) -> impl IntoView {
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let described_by = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || if error.with(Option::is_some) { format!("{hint_id} {error_id}") } else { hint_id.clone() }
    };
    // A browser by itself says so before it sends a form that comes back empty; the page does it better.
    let live = RwSignal::new(false);
    Effect::new(move |_| live.set(true));
    // Only to somebody who comes near the end.
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

/// The text as HTML. The framework does not escape what is put into a `textarea`, so that a note could
/// close it and go on as HTML.
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
