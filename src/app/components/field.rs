//! A labelled field, with what is wrong with it beside it.

use leptos::{html, prelude::*};

/// A field. Not bound to a signal: what is typed, or filled in by a password manager, before the
/// page is live stays.
#[component]
pub fn Field(
    /// The name that is posted; also the id.
    name: &'static str,
    /// What people and their aids find it by.
    label: &'static str,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// For password managers (the HTML standard's autofill field names).
    autocomplete: &'static str,
    /// A word of advice.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
    /// What it holds at first.
    #[prop(optional_no_strip)]
    value: Option<String>,
    /// What is wrong with it.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// The input, for whoever reads it.
    node: NodeRef<html::Input>,
) -> impl IntoView {
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described_by = {
        let (hint_id, error_id) = (hint.is_some().then(|| hint_id.clone()), error_id.clone());
        move || {
            let ids: Vec<_> =
                hint_id.clone().into_iter().chain(error.with(Option::is_some).then(|| error_id.clone())).collect();
            (!ids.is_empty()).then(|| ids.join(" "))
        }
    };
    view! {
        <div class="field" class:field-wrong=move || error.with(Option::is_some)>
            <label for=name>{label} {optional.then(|| view! { <span class="field-optional">" optional"</span> })}</label>
            <input
                id=name
                name=name
                type=kind
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                required=!optional
                value=value
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described_by
                node_ref=node
            />
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            <p class="field-error" id=error_id hidden=move || error.with(Option::is_none)>{move || error.get()}</p>
        </div>
    }
}
