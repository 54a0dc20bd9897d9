//! A form that makes a call: from the page, or without WASM by the browser itself.

use super::{
    Field, FormAlert, FormFields, NewPassword, SubmitButton, form_card::CardError, go_on_where_wrong, sending, typed,
};
use crate::app::{
    error::{ApiError, Code},
    refused_form::RefusedForm,
};
use leptos::{html, prelude::*, server_fn::ServerFn};
use std::{future::Future, pin::Pin};

/// The values of a form's fields, by name.
#[derive(Clone, Copy)]
pub struct Typed(StoredValue<Vec<Entry>>);

struct Entry {
    name: &'static str,
    node: NodeRef<html::Input>,
    /// Whether it keeps its value after success: it shows something that exists.
    stays: bool,
}

impl Typed {
    /// Returns the value of the field `name`; empty if there is no such field.
    pub fn text(self, name: &str) -> String {
        let node = |all: &Vec<Entry>| all.iter().find(|entry| entry.name == name).map(|entry| entry.node);
        self.0.try_with_value(node).flatten().map(typed).unwrap_or_default()
    }

    /// Returns all fields in their order.
    pub(in crate::app) fn all(self) -> Vec<(&'static str, String)> {
        self.nodes().into_iter().map(|(name, node)| (name, typed(node))).collect()
    }

    /// Returns the inputs by name, to focus the first wrong one.
    pub(in crate::app) fn nodes(self) -> Vec<(&'static str, NodeRef<html::Input>)> {
        let pair = |entry: &Entry| (entry.name, entry.node);
        self.0.try_with_value(|all| all.iter().map(pair).collect()).unwrap_or_default()
    }

    fn clear(self) {
        let emptied = |all: &Vec<Entry>| all.iter().filter(|entry| !entry.stays).map(|entry| entry.node).collect();
        let emptied: Vec<_> = self.0.try_with_value(emptied).unwrap_or_default();
        for input in emptied.into_iter().filter_map(|node| node.try_get_untracked().flatten()) {
            input.set_value("");
        }
    }
}

/// What a form's fields need to know about it, from `use_context`.
#[derive(Clone, Copy)]
pub(in crate::app) struct FormContext {
    /// The refusal of the form as a browser without WASM had sent it.
    pub refused: RefusedForm,
    /// The error of the page's own call.
    pub error: RwSignal<Option<ApiError>>,
    /// The form's fields.
    pub typed: Typed,
    /// The end of its fields' ids.
    ids: StoredValue<String>,
}

impl FormContext {
    /// Provides the context of a form that has no fields yet.
    pub fn provide(refused: RefusedForm, error: RwSignal<Option<ApiError>>) -> Self {
        Self::with_ids(refused, error, String::new())
    }

    fn with_ids(refused: RefusedForm, error: RwSignal<Option<ApiError>>, ids: String) -> Self {
        let typed = Typed(StoredValue::new(Vec::new()));
        let context = Self { refused, error, typed, ids: StoredValue::new(ids) };
        provide_context(context);
        context
    }
}

/// A form that makes the call `F`. It works without WASM: the server redirects back to `page`, which shows the typed
/// values and the errors.
///
/// ```
/// # use freshkey::app::{api::protocol::{Bearer, Post}, components::{CallForm, FormField}, error::ApiError};
/// # use leptos::prelude::*;
/// # #[server(prefix = "/api", endpoint = "bookmarks", protocol = Post<Bearer>)]
/// # pub async fn add_bookmark(url: String) -> Result<(), ApiError> { Ok(()) }
/// #[component]
/// fn Add() -> impl IntoView {
///     view! {
///         <CallForm page="/app/bookmarks" button="Add" input=|form| AddBookmark { url: form.text("url") } done=|()| {}>
///             <FormField name="url" label="Address" kind="url" />
///         </CallForm>
///     }
/// }
/// ```
#[component]
pub fn CallForm<F, I, D>(
    /// The page that the form is on, shown again after the form was sent.
    #[prop(into)]
    page: Signal<String>,
    /// The page shown instead of `page` after success, without WASM.
    #[prop(optional, into)]
    next: Option<Signal<String>>,
    /// Whether the form works without a session.
    #[prop(optional)]
    public: bool,
    /// What the form is about, where a page has several forms for the same call: the name of an input of the call that
    /// is no secret, and its value. Without WASM the form sends it along; `input` puts it in itself. It tells apart which
    /// of the forms was refused, and the ids of their [`FormField`]s.
    #[prop(optional)]
    item: Option<(&'static str, String)>,
    /// Builds the call's input from the fields.
    input: I,
    /// Handles the call's answer. Fields that were empty at first are empty again then.
    done: D,
    /// Handles that what the form is about is there no more: an item that another tab deleted, a step or a link that is
    /// over. By default the form shows the error.
    #[prop(optional, into)]
    gone: Option<Callback<()>>,
    /// The button's text.
    button: &'static str,
    /// The button's class.
    #[prop(default = "button")]
    button_class: &'static str,
    /// The button's accessible name, if its text is too short for that.
    #[prop(optional, into)]
    label: Option<String>,
    /// The form's class.
    #[prop(default = "form")]
    class: &'static str,
    /// [`FormField`]s, hidden inputs, and anything else in the form.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView
where
    F: ServerFn<Error = ApiError> + 'static,
    I: Fn(Typed) -> F + 'static,
    D: Fn(F::Output) + Clone + 'static,
{
    let make = move |typed: Typed| -> Sent {
        let (call, done) = (input(typed).run_on_client(), done.clone());
        Box::pin(async move {
            let answer = call.await?;
            Ok(Box::new(move || done(answer)) as Box<dyn FnOnce()>)
        })
    };
    let label = label.unwrap_or_else(|| button.to_owned());
    let parts = FormParts { page, next: next.unwrap_or(page), public, item, gone, button, button_class, label, class };
    form(F::PATH, parts, children, Box::new(make))
}

/// A call under way; if it succeeds, what is done with the answer.
type Sent = Pin<Box<dyn Future<Output = Result<Box<dyn FnOnce()>, ApiError>>>>;

/// The properties of a [`CallForm`] that are of the same type for all calls.
struct FormParts {
    page: Signal<String>,
    next: Signal<String>,
    public: bool,
    item: Option<(&'static str, String)>,
    gone: Option<Callback<()>>,
    button: &'static str,
    button_class: &'static str,
    label: String,
    class: &'static str,
}

/// The part of a [`CallForm`] that all calls share: generic code is compiled once per call.
fn form(call: &'static str, parts: FormParts, children: Option<Children>, make: Box<dyn Fn(Typed) -> Sent>) -> AnyView {
    let FormParts { page, next, public, item, gone, button, button_class, label, class } = parts;
    let hidden = item.clone().map(|(name, value)| view! { <input type="hidden" name=name value=value /> });
    let refused = RefusedForm::about(call, item.as_ref());
    // Other forms have fields of the same names. No id may have a space in it, since other attributes list ids.
    let ids = item.map_or_else(String::new, |(_, item)| {
        let call = call.rsplit('/').next().unwrap_or_default();
        format!(".{call}.{}", item.replace(' ', "_"))
    });
    let FormContext { error, typed, .. } = FormContext::with_ids(refused, RwSignal::new(None), ids);
    let children = children.map(|children| children());
    go_on_where_wrong(move || error.get(), typed.nodes());
    let (submit, busy) = sending(move || {
        let sent = make(typed);
        async move {
            match sent.await {
                Ok(done) => {
                    refused.end();
                    error.set(None);
                    typed.clear();
                    done();
                }
                Err(refused) => match gone.filter(|_| is_gone(refused.code)) {
                    Some(gone) => {
                        error.set(None);
                        gone.run(());
                    }
                    None => error.set(Some(refused)),
                },
            }
        }
    });
    let message = Signal::derive(move || error.with(|error| error.as_ref().map(|error| error.above_form(call))));
    let card = use_context::<CardError>();
    if let Some(CardError(shown)) = card {
        Effect::new(move |_| shown.set(message.get()));
    }
    view! {
        <form class=class method="post" action=call novalidate on:submit=submit>
            {card.is_none().then(|| view! { <FormAlert message /> })}
            {children}
            {hidden}
            <FormFields next page public />
            <SubmitButton busy class=button_class label>{button}</SubmitButton>
        </form>
    }
    .into_any()
}

/// Whether what a call was about is there no more.
const fn is_gone(code: Code) -> bool {
    matches!(code, Code::NotFound | Code::ChallengeOver | Code::InvalidLink)
}

/// A field for a new password, in a [`CallForm`].
#[component]
pub fn FormNewPassword(
    /// The name in the posted form; also the id.
    name: &'static str,
    /// The visible label, which is also the accessible name.
    label: &'static str,
    /// The user's address, which the password must not be made of.
    email: String,
) -> impl IntoView {
    let (node, wrong) = enter_field(name, false);
    view! { <NewPassword name label about=move || (email.clone(), String::new()) error=wrong node /> }
}

/// A field of a [`CallForm`], or of [`RegisterWith`](crate::app::pages::register::RegisterWith).
#[component]
pub fn FormField(
    /// The name in the posted form; also the id, with the form's item if it has one.
    name: &'static str,
    /// The visible label, which is also the accessible name.
    label: &'static str,
    /// The value at first, such as the name that is to be changed. It stays as the user leaves it after success, when a
    /// field without one is emptied.
    #[prop(optional, into)]
    value: Option<String>,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// The value of `autocomplete`, for password managers (the HTML standard's autofill field names).
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Whether it may be left empty.
    #[prop(optional)]
    optional: bool,
    /// The on-screen keyboard (the HTML standard's `inputmode`), if the input's type does not determine it.
    #[prop(default = if *kind == "email" { "email" } else { "text" })]
    inputmode: &'static str,
    /// Whether it gets the focus when the page is opened.
    #[prop(optional)]
    autofocus: bool,
    /// Whether it is the form's last field: the Enter key of an on-screen keyboard then says "go".
    #[prop(default = *kind == "password")]
    last: bool,
) -> impl IntoView {
    let FormContext { refused, ids, .. } = expect_context();
    let (node, wrong) = enter_field(name, value.is_some());
    if autofocus {
        // If the form appears after its page, or replaces another one, the heading or nothing has the focus until
        // then.
        let is_free = || document().active_element().is_none_or(|it| matches!(it.tag_name().as_str(), "H1" | "BODY"));
        Effect::new(move |_| {
            // The input exists before it is in the page.
            if let Some(input) = node.get() {
                request_animation_frame(move || drop(is_free().then(|| input.focus())));
            }
        });
    }
    let (id, value) = (name.to_owned() + &ids.try_get_value().unwrap_or_default(), refused.typed(name).or(value));
    view! { <Field name id label kind autocomplete optional value error=wrong node inputmode autofocus last /> }
}

/// Registers a field with the form; returns its input and its error.
fn enter_field(name: &'static str, stays: bool) -> (NodeRef<html::Input>, Signal<Option<String>>) {
    let FormContext { refused, error, typed, .. } = expect_context();
    let node = NodeRef::new();
    typed.0.update_value(|all| all.push(Entry { name, node, stays }));
    let wrong = Signal::derive(move || match error.get() {
        Some(error) => error.sentence(name),
        None => refused.sentence(name),
    });
    (node, wrong)
}
