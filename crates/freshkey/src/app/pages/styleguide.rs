//! Each component in each state, in light and in dark. The page exists only in development builds.

use crate::app::{
    brand,
    components::{
        Avatar, CopyButton, Empty, Field, FormAlert, FormCard, Icon, NotFound, SessionStrip, Shape, SubmitButton,
        ThemeSwitch, Toasts, When,
    },
    seam,
    types::{Millis, OwnClaims, UserView},
};
use leptos::prelude::*;

/// The page.
#[component]
pub fn Styleguide() -> impl IntoView {
    if !cfg!(debug_assertions) {
        seam::no_page();
        return view! { <NotFound /> }.into_any();
    }
    brand::set_title("Style guide");
    view! {
        <section class="page-head">
            <h1>"Style guide"</h1>
            <p class="lead">"Each component in each state. The dials are in style/tokens.css."</p>
        </section>
        <div class="specimens">
            <Specimens theme="light" ids=["light-1", "light-2", "light-3", "light-4", "light-5"] />
            <Specimens theme="dark" ids=["dark-1", "dark-2", "dark-3", "dark-4", "dark-5"] />
        </div>
    }
    .into_any()
}

#[component]
fn Specimens(theme: &'static str, ids: [&'static str; 5]) -> impl IntoView {
    let [email, wrong, name, password, advice] = ids;
    let (toasts, fine) = (Toasts::get_context(), Signal::stored(None::<String>));
    view! {
        <section class="specimen" data-theme=theme aria-label=theme>
            <Panel title="Buttons">
                <p class="row">
                    <button class="button">"Save"</button>
                    <button class="button button-quiet">"Cancel"</button>
                    <button class="button button-bare">"Skip"</button>
                    <button class="button button-quiet button-small">"Small"</button>
                    <SubmitButton busy=true>"Busy"</SubmitButton>
                    <button class="button" disabled>"Off"</button>
                    <CopyButton text=Signal::stored("Copied from the style guide".to_owned()) />
                </p>
            </Panel>
            <FormCard title="A card" lead="What the form is for."
                foot=|| view! { "New here? " <a href="#main">"Create an account"</a> } note=|| "A line of small print.">
                <div class="form">
                    <Plain id=email label="Plain" />
                    <Plain id=wrong label="Wrong" error="Enter an email address, like jane@example.com." />
                    <Plain id=name label="Optional" optional=true />
                    <Field name="password" id=password label="Password" kind="password" autocomplete="off"
                        error=fine node=NodeRef::new() aside=|| view! { <a href="#main">"Forgot password?"</a> } />
                    <Field name="advice" id=advice label="With advice" autocomplete="off" error=fine node=NodeRef::new()>
                        <div class="field-advice" id=format!("{advice}-hint")>
                            <p class="field-hint">"At least 8 characters. A few unrelated words work best."</p>
                        </div>
                    </Field>
                    <label class="check"><input type="checkbox" checked=true />"Keep me signed in on this device"</label>
                    <button class="button">"Sign in"</button>
                </div>
            </FormCard>
            <FormCard title="Refused" lead="" message=Signal::stored(Some("Too many attempts. Try again in 90 seconds.".to_owned()))>
                <p class="card-or">"or"</p>
                <button class="button button-quiet"><Icon shape=Shape::Letter /> "Another way in"</button>
            </FormCard>
            <Panel title="Messages">
                <p class="notice">"You were signed out after a period of inactivity."</p>
                <FormAlert message=Signal::stored(Some("Something went wrong on our side. Please try again.".to_owned())) />
                <p><span class="badge">"admin"</span> " " <span class="badge badge-wrong">"disabled"</span></p>
                <button class="button button-quiet" on:click=move |_| { toasts.offer("Note deleted", "Undo", || {}); }>"Show a toast"</button>
            </Panel>
            <Panel title="List">
                <ul class="sessions">
                    <Row shape=Shape::Computer name="Firefox on Linux" />
                    <Row shape=Shape::Phone name="Safari on iPhone" />
                </ul>
            </Panel>
            <Panel title="Empty"><Empty shape=Shape::Sheet title="No notes yet" text="Write the first one above." /></Panel>
            <Panel title="Session"><SessionStrip /></Panel>
            <Panel title="Calls">
                <ul class="results">
                    <li class="result">"waiting"</li>
                    <li class="result result-good">"200"</li>
                    <li class="result result-bad">"FORBIDDEN"</li>
                </ul>
            </Panel>
            <Panel title="People"><Avatar user=jane() /> <ThemeSwitch name=theme /></Panel>
        </section>
    }
}

#[component]
fn Panel(title: &'static str, children: Children) -> impl IntoView {
    view! { <section class="panel"><h2>{title}</h2> {children()}</section> }
}

#[component]
fn Plain(
    id: &'static str,
    label: &'static str,
    #[prop(optional)] error: Option<&'static str>,
    #[prop(optional)] optional: bool,
) -> impl IntoView {
    let error = Signal::stored(error.map(str::to_owned));
    view! { <Field name=id id label kind="email" autocomplete="off" error optional node=NodeRef::new() /> }
}

#[component]
fn Row(shape: Shape, name: &'static str) -> impl IntoView {
    view! {
        <li class="session">
            <Icon shape />
            <div class="session-about">
                <p class="session-name">{name}</p>
                <p class="session-facts">"127.0.0.1 · last seen " <When at=Millis::ZERO /></p>
            </div>
            <button class="button button-quiet button-small">"Sign out"</button>
        </li>
    }
}

fn jane() -> UserView {
    UserView {
        id: String::new(),
        email: "jane@example.com".to_owned(),
        name: Some("Jane Doe".to_owned()),
        role: None,
        claims: OwnClaims::default(),
    }
}
