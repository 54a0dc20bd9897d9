//! A labelled field, with what is wrong with it beside it.

use super::password::PasswordHelp;
use leptos::{html, prelude::*};

/// What stands in a field.
pub fn typed(node: NodeRef<html::Input>) -> String {
    node.get_untracked().map(|input| input.value()).unwrap_or_default()
}

/// A field. Not bound to a signal: what is typed, or filled in by a password manager, before the
/// page is live stays. One of the kind `password` can be shown, and says when Caps Lock is on.
#[component]
pub fn Field(
    /// The name that is posted; also the id, where none is given.
    name: &'static str,
    /// The id, where another field of the page has that name.
    #[prop(default = name)]
    id: &'static str,
    /// What people and their aids find it by.
    label: &'static str,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// For password managers (the HTML standard's autofill field names).
    autocomplete: &'static str,
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
    /// Advice, shown below: an element whose id is the field's and `-hint`.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (optional_id, hint_id, error_id) = (format!("{id}-optional"), format!("{id}-hint"), format!("{id}-error"));
    let described_by = {
        let always: Vec<_> = [optional.then(|| optional_id.clone()), children.is_some().then_some(hint_id)]
            .into_iter()
            .flatten()
            .collect();
        let error_id = error_id.clone();
        move || {
            let error_id = error.with(Option::is_some).then(|| error_id.clone());
            let ids: Vec<_> = always.iter().cloned().chain(error_id).collect();
            (!ids.is_empty()).then(|| ids.join(" "))
        }
    };
    let help = (kind == "password").then(|| PasswordHelp::new(id, node));
    let with_help = move |then: &dyn Fn(PasswordHelp)| {
        if let Some(help) = help {
            then(help);
        }
    };
    view! {
        <div class="field" class:field-wrong=move || error.with(Option::is_some)>
            <div class="field-label">
                <label for=id>{label}</label>
                {optional.then(|| view! { <span class="field-optional" id=optional_id>"optional"</span> })}
                {help.map(PasswordHelp::caps_lock_hint)}
            </div>
            <div class="field-box">
                <input
                    id=id
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
                    on:keydown=move |event| with_help(&|help| help.key(&event))
                    on:keyup=move |event| with_help(&|help| help.key(&event))
                    on:focus=move |_| with_help(&|help| help.focus(true))
                    on:blur=move |_| with_help(&|help| help.focus(false))
                />
                {help.map(PasswordHelp::toggle)}
            </div>
            <p class="field-error" id=error_id hidden=move || error.with(Option::is_none)>{move || error.get()}</p>
            {children.map(|advice| advice())}
        </div>
    }
}
