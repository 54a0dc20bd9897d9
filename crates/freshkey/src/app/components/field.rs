//! A labelled field with its error message.

use super::{changing, fixed, live_text::LiveText, password::PasswordHelp};
use crate::app::{
    error::{ApiError, Code},
    seam,
};
use leptos::{html, prelude::*, wasm_bindgen::JsCast};

/// Returns a field's value; if an extension has replaced the field with a copy that has the same id, that of the
/// copy.
pub fn typed(node: NodeRef<html::Input>) -> String {
    let Some(mut input) = node.try_get_untracked().flatten() else { return String::new() };
    if !input.is_connected()
        && let Some(copy) = document().get_element_by_id(&input.id()).and_then(|copy| copy.dyn_into().ok())
    {
        input = copy;
    }
    input.value()
}

/// Whether a checkbox is ticked.
pub fn ticked(node: NodeRef<html::Input>) -> bool {
    node.try_get_untracked().flatten().is_some_and(|input| input.checked())
}

/// After a refusal: marks the title, and focuses the first of the form's `fields` that is wrong. Clears a wrong
/// password, which has to be typed again.
pub fn go_on_where_wrong(
    refused: impl Fn() -> Option<ApiError> + 'static,
    fields: Vec<(&'static str, NodeRef<html::Input>)>,
) {
    Effect::new(move |_| {
        let Some(error) = refused() else { return };
        seam::title_refused(true);
        let wrong = |name: &str| match error.code {
            Code::InvalidCredentials => name == "password",
            _ => error.sentence(name).is_some(),
        };
        let first = fields.iter().find(|(name, _)| wrong(name));
        let Some((name, input)) = first.and_then(|(name, node)| Some((*name, node.try_get_untracked().flatten()?)))
        else {
            return;
        };
        if error.code == Code::InvalidCredentials || name == "current_password" {
            input.set_value("");
        }
        // Focusing fails if the field is gone, which is fine.
        let _ = input.focus();
    });
}

/// A field. It is not bound to a signal, so that what the user or a password manager entered before hydration stays.
/// The kind `password` has a button to show the text, and a hint when Caps Lock is on.
#[component]
pub fn Field(
    /// The name in the posted form; also the default id.
    name: &'static str,
    /// The id, if another field of the page has that name.
    #[prop(into, default = (*name).to_owned())]
    id: String,
    /// The visible label, which is also the accessible name.
    label: &'static str,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// The value of `autocomplete`, for password managers (the HTML standard's autofill field names).
    autocomplete: &'static str,
    /// Whether it may be left empty.
    #[prop(optional)]
    optional: bool,
    /// The initial value.
    #[prop(optional_no_strip)]
    value: Option<String>,
    /// The error of the value that was sent. It is hidden once the user edits the field.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// The input, for the caller to read.
    node: NodeRef<html::Input>,
    /// The on-screen keyboard (the HTML standard's `inputmode`), if the input's type does not determine it.
    #[prop(default = if *kind == "email" { "email" } else { "text" })]
    inputmode: &'static str,
    /// Whether it gets the focus when the page is opened.
    #[prop(optional)]
    autofocus: bool,
    /// Whether it is the form's last field: the Enter key of an on-screen keyboard then says "go".
    #[prop(default = *kind == "password")]
    last: bool,
    /// A link beside the label, for users who can't fill the field in.
    #[prop(optional, into)]
    aside: Option<ViewFnOnce>,
    /// A link after the error message.
    #[prop(optional, into)]
    way_on: Option<ViewFnOnce>,
    /// Advice shown below the field, in an element whose id is the field's plus `-hint`.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (optional_id, hint_id, error_id) = (format!("{id}-optional"), format!("{id}-hint"), format!("{id}-error"));
    let has_way_on = way_on.is_some();
    // Hides the error once the user edits the field.
    let edited = RwSignal::new(false);
    Effect::new(move |_| {
        error.track();
        edited.set(false);
    });
    let error = Signal::derive(move || error.get().filter(|_| !edited.get()));
    // The error's element is always listed; while there is no error it is empty.
    let hint = children.is_some().then_some(hint_id.as_str());
    let described_by = [optional.then_some(optional_id.as_str()), hint, Some(error_id.as_str())]
        .into_iter()
        .flatten()
        .fold(String::new(), |ids, id| ids + id + " ");
    let help = (kind == "password").then(|| PasswordHelp::new(node));
    let with_help = move |then: &dyn Fn(PasswordHelp)| {
        if let Some(help) = help {
            then(help);
        }
    };
    view! {
        <div class="field" class:field-wrong=move || error.with(Option::is_some)>
            <div class="field-label">
                <label {..fixed([("for", id.as_str())])}>{label}</label>
                {optional.then(|| view! { <span class="field-optional" id=optional_id>"optional"</span> }.into_any())}
                {help.map(PasswordHelp::caps_lock_hint)}
                {aside.map(|aside| view! { <span class="field-aside">{aside.run()}</span> }.into_any())}
            </div>
            <div class="field-box">
                <input
                    value=value
                    node_ref=node
                    on:input=move |_| edited.set(true)
                    on:keydown=move |event| with_help(&|help| help.key(&event))
                    on:keyup=move |event| with_help(&|help| help.key(&event))
                    on:focus=move |_| with_help(&|help| help.focus(true))
                    on:blur=move |_| with_help(&|help| help.focus(false))
                    {..fixed([
                        ("id", id.as_str()),
                        ("name", name),
                        ("type", kind),
                        ("autocomplete", autocomplete),
                        ("autocapitalize", if autocomplete == "name" { "words" } else { "none" }),
                        ("spellcheck", "false"),
                        ("inputmode", inputmode),
                        ("enterkeyhint", if last { "go" } else { "next" }),
                    ])}
                    {..fixed((!optional).then_some(("required", "")))}
                    {..fixed(autofocus.then_some(("autofocus", "")))}
                    {..fixed([("aria-describedby", described_by)])}
                    {..changing("aria-invalid", move || error.with(Option::is_some).then_some("true"))}
                />
                {help.map(|help| help.toggle(id))}
            </div>
            <div class=if has_way_on { "field-foot field-foot-more" } else { "field-foot" }>
                {children.map(|advice| advice())}
                <p class="field-error" id=error_id hidden=move || error.with(Option::is_none)>
                    <span>
                        <LiveText text=Signal::derive(move || error.get().unwrap_or_default()) />
                        {way_on.map(ViewFnOnce::run)}
                    </span>
                </p>
            </div>
        </div>
    }
}
