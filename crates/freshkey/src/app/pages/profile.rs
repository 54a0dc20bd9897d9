//! The user's own account: its facts, name, password, emails and data.

mod data;
mod email;

use crate::app::{
    address::use_query_value,
    api::profile::{change_password, profile, update_name},
    brand,
    components::{
        Field, FormAlert, FormFields, Load, NewPassword, Protected, SubmitButton, Toasts, go_on_where_wrong, once,
        passkeys_follow_name, typed,
    },
    device,
    error::ApiError,
    paths,
    refused_form::RefusedForm,
    session::Session,
    types::ProfileView,
    wire::{Loaded, load},
};
use data::{DeleteAccount, YourData};
use email::{Address, Language};
use leptos::{html, prelude::*};

/// The class of the forms' buttons. The style sheet highlights the button of the form that has the focus.
const QUIET: &str = "button button-quiet";

/// The profile page.
#[component]
pub fn Profile() -> impl IntoView {
    brand::set_title("Profile");
    passkeys_follow_name();
    let account = load(|| (), |()| profile());
    view! {
        <Protected>
            <section class="page-head">
                <h1>"Profile"</h1>
                <p class="lead">"Your name, your email and your password."</p>
            </section>
            <Facts account />
            <NameForm />
            <Address profile=account />
            <PasswordForm />
            <Language profile=account />
            <YourData />
            <DeleteAccount />
        </Protected>
    }
}

#[component]
fn Facts(account: Loaded<ProfileView>) -> impl IntoView {
    view! {
        <section class="hanging" aria-labelledby="account-heading">
            <h2 id="account-heading">"Account"</h2>
            <Load data=account let:account>
                <dl class="facts">
                    <dt>"Email"</dt>
                    <dd><bdi>{account.email}</bdi></dd>
                    <dt>"User ID"</dt>
                    <dd><code>{account.id}</code></dd>
                    <dt>"Member since"</dt>
                    <dd>{device::day(account.created_at)}</dd>
                </dl>
            </Load>
        </section>
    }
}

#[component]
fn NameForm() -> impl IntoView {
    let (session, outcome) = (Session::get_context(), Outcome::of("name", paths::API_NAME, "Name saved."));
    let name = NodeRef::<html::Input>::new();
    // Not tracked, so that the form stays as it is when the name changes.
    let now = untrack(|| session.user()).and_then(|user| user.name);
    let save = Action::new(move |name: &String| {
        let call = update_name(Some(name.clone()));
        async move { outcome.live.set(Some(call.await.map(|user| session.set_user(user)))) }
    });
    go_on_where_wrong(move || outcome.refused(), vec![("name", name)]);
    let busy: Signal<bool> = save.pending().into();
    let submit = once(busy, move || {
        save.dispatch(typed(name));
    });
    view! {
        <section class="panel" aria-labelledby="name-heading">
            <h2 id="name-heading">"Name"</h2>
            <form class="form" method="post" action=paths::API_NAME novalidate on:submit=submit>
                <FormAlert message=outcome.message() />
                <Saved outcome />
                <Field name="name" label="Name" autocomplete="name" optional=true value=outcome.before.typed("name").or(now)
                    error=outcome.sentence("name") node=name last=true />
                <FormFields next=outcome.leads_to() page=paths::PROFILE />
                <SubmitButton busy class=QUIET>"Save name"</SubmitButton>
            </form>
        </section>
    }
}

#[component]
fn PasswordForm() -> impl IntoView {
    let (session, outcome) = (
        Session::get_context(),
        Outcome::of("password", paths::API_PASSWORD, "Password changed. We signed you out everywhere else."),
    );
    let (current, new) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let user = move || untrack(|| session.user());
    let about = move || user().map(|user| (user.email, user.name.unwrap_or_default())).unwrap_or_default();
    let change = Action::new(move |(current, new): &(String, String)| {
        let call = change_password(current.clone().into(), new.clone().into());
        async move { outcome.live.set(Some(call.await)) }
    });
    go_on_where_wrong(move || outcome.refused(), vec![("current_password", current), ("new_password", new)]);
    // Clear the passwords after the change.
    Effect::new(move |_| {
        if outcome.live.with(|live| matches!(live, Some(Ok(())))) {
            clear(current);
            clear(new);
        }
    });
    let busy: Signal<bool> = change.pending().into();
    let submit = once(busy, move || {
        change.dispatch((typed(current), typed(new)));
    });
    view! {
        <section class="panel" aria-labelledby="password-heading">
            <h2 id="password-heading">"Password"</h2>
            <form class="form" method="post" action=paths::API_PASSWORD novalidate on:submit=submit>
                <FormAlert message=outcome.message() />
                <Saved outcome />
                // For password managers, which want to know whose password it is.
                <input type="text" name="username" autocomplete="username" value=user().map(|user| user.email) readonly hidden />
                <Field name="current_password" label="Current password" kind="password" autocomplete="current-password"
                    error=outcome.sentence("current_password") node=current last=false />
                <NewPassword name="new_password" label="New password" about error=outcome.sentence("new_password") node=new />
                <FormFields next=outcome.leads_to() page=paths::PROFILE />
                <SubmitButton busy class=QUIET>"Change password"</SubmitButton>
            </form>
        </section>
    }
}

/// The success message, for a browser without WASM.
#[component]
fn Saved(outcome: Outcome) -> impl IntoView {
    move || outcome.saved().then(|| view! { <p class="notice" role="status">{outcome.saved}</p> })
}

fn clear(node: NodeRef<html::Input>) {
    if let Some(input) = node.try_get_untracked().flatten() {
        input.set_value("");
    }
}

/// The result of one of the page's forms, sent by the page or by a browser without WASM. The latter is redirected to
/// the form's next page, or back with an error.
#[derive(Clone, Copy)]
struct Outcome {
    form: &'static str,
    /// The success message.
    saved: &'static str,
    live: RwSignal<Option<Result<(), ApiError>>>,
    /// The refusal of the form that a browser without WASM sent.
    before: RefusedForm,
    saved_in_url: Memo<bool>,
}

impl Outcome {
    fn of(form: &'static str, call: &'static str, saved: &'static str) -> Self {
        let (in_url, toasts, live) = (use_query_value("saved"), Toasts::get_context(), RwSignal::new(None));
        Effect::new(move |_| {
            if live.with(|live| matches!(live, Some(Ok(())))) {
                toasts.say(saved);
            }
        });
        Self {
            form,
            saved,
            live,
            before: RefusedForm::of(call),
            saved_in_url: Memo::new(move |_| in_url.with(|saved| saved.as_deref() == Some(form))),
        }
    }

    /// The page that the form leads to after success.
    fn leads_to(self) -> String {
        format!("{}?saved={}", paths::PROFILE, self.form)
    }

    /// Whether the form succeeded without WASM, and was not sent again since.
    fn saved(self) -> bool {
        self.live.with(Option::is_none) && self.saved_in_url.get()
    }

    /// The error of the page's own call, if it failed.
    fn refused(self) -> Option<ApiError> {
        self.live.get().and_then(Result::err)
    }

    /// The error message above the form.
    fn message(self) -> Signal<Option<String>> {
        Signal::derive(move || self.refused().map(|error| error.to_string()))
    }

    /// The error of the field `name`.
    fn sentence(self, name: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || match self.live.get() {
            Some(live) => live.err().and_then(|error| error.sentence(name)),
            None => self.before.sentence(name),
        })
    }
}
