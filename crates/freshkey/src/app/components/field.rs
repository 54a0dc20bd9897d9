//! A labelled field, with what is wrong with it beside it.

use super::{changing, fixed, live_text::LiveText, password::PasswordHelp};
use crate::app::{
    error::{ApiError, Code},
    seam,
};
use leptos::{html, prelude::*, wasm_bindgen::JsCast};

/// What stands in a field; or in the copy that an extension has put in its place, under its id.
pub fn typed(node: NodeRef<html::Input>) -> String {
    let Some(mut input) = node.try_get_untracked().flatten() else { return String::new() };
    if !input.is_connected()
        && let Some(copy) = document().get_element_by_id(&input.id()).and_then(|copy| copy.dyn_into().ok())
    {
        input = copy;
    }
    input.value()
}

/// Whether a box is ticked.
pub fn ticked(node: NodeRef<html::Input>) -> bool {
    node.try_get_untracked().flatten().is_some_and(|input| input.checked())
}

/// After a refusal the title says so, and one goes on in the first of a form's `fields` that is wrong. A password that was not
/// the right one is typed again.
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
        // A field that is gone can't be focused; nothing to do about it.
        let _ = input.focus();
    });
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
    /// What is wrong with it, as it was sent: not said any more once it is another one.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// The input, for whoever reads it.
    node: NodeRef<html::Input>,
    /// The keyboard of a phone, where the input's type doesn't say it (the HTML standard's `inputmode`).
    #[prop(default = if *kind == "email" { "email" } else { "text" })]
    inputmode: &'static str,
    /// Whether it has the focus when the page is opened.
    #[prop(optional)]
    autofocus: bool,
    /// Whether the form is sent from it: the Enter key of a phone says so.
    #[prop(default = *kind == "password")]
    last: bool,
    /// Beside the label: the link of somebody who can't fill it in.
    #[prop(optional, into)]
    aside: Option<ViewFnOnce>,
    /// After what is wrong with it: a way on.
    #[prop(optional, into)]
    way_on: Option<ViewFnOnce>,
    /// Advice, shown below: an element whose id is the field's and `-hint`.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (optional_id, hint_id, error_id) = (format!("{id}-optional"), format!("{id}-hint"), format!("{id}-error"));
    let has_way_on = way_on.is_some();
    // What was wrong, and whether something else stands there by now.
    let edited = RwSignal::new(false);
    Effect::new(move |_| {
        error.track();
        edited.set(false);
    });
    let error = Signal::derive(move || error.get().filter(|_| !edited.get()));
    // While nothing is wrong there is nothing to read in the last of them.
    let hint = children.is_some().then_some(hint_id.as_str());
    let described_by = [optional.then_some(optional_id.as_str()), hint, Some(error_id.as_str())]
        .into_iter()
        .flatten()
        .fold(String::new(), |ids, id| ids + id + " ");
    let help = (kind == "password").then(|| PasswordHelp::new(id, node));
    let with_help = move |then: &dyn Fn(PasswordHelp)| {
        if let Some(help) = help {
            then(help);
        }
    };
    view! {
        <div class="field" class:field-wrong=move || error.with(Option::is_some)>
            <div class="field-label">
                <label {..fixed([("for", id)])}>{label}</label>
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
                        ("id", id),
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
                {help.map(PasswordHelp::toggle)}
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
