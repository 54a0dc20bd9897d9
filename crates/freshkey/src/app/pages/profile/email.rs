//! The user's address, and the language of emails.

use super::QUIET;
use crate::app::{
    address::use_query_value,
    api::{
        profile::{ChangeEmail, ChooseLanguage},
        steps::{ConfirmEmail, ProveEmail},
    },
    components::{CallForm, FormField, Toasts},
    device,
    pages::steps::SendAgain,
    paths, seam,
    session::{Features, Session},
    types::{EmailAnswer, ProfileView, UserView},
    wire::Loaded,
};
use leptos::{html, prelude::*};

/// The languages of emails.
const LANGUAGES: [(&str, &str); 4] = [("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español")];

/// The message after an address was confirmed.
const CONFIRMED: &str = "Email address confirmed.";
/// The page that a browser without WASM is then redirected to.
const CONFIRMED_PAGE: &str = "/app/profile?saved=email";

/// The user's address: whether it is confirmed, how to change it, and until when a change can be undone.
#[component]
pub(super) fn Address(profile: Loaded<ProfileView>) -> impl IntoView {
    let (session, toasts, in_url) = (Session::get_context(), Toasts::get_context(), use_query_value("saved"));
    let confirmed = move |user: UserView| {
        session.set_user(user);
        profile.refetch();
        toasts.say(CONFIRMED);
    };
    let asked = move |answer| match answer {
        EmailAnswer::User(user) => confirmed(user),
        EmailAnswer::Step(_) => {
            // The field for the code only takes the focus if nothing else has it.
            seam::blur();
            profile.refetch();
        }
    };
    let saved = move || in_url.with(|saved| saved.as_deref() == Some("email"));
    view! {
        <section class="panel" aria-labelledby="email-heading">
            <h2 id="email-heading">"Email"</h2>
            {move || saved().then(|| view! { <p class="notice" role="status">{CONFIRMED}</p> })}
            <Transition>
                {move || Suspend::new(async move { profile.await.ok().map(|account| view! { <Standing account confirmed gone=move |()| profile.refetch() /> }) })}
            </Transition>
            <CallForm page=paths::PROFILE button="Change email" button_class=QUIET done=asked
                input=|form| ChangeEmail { email: form.text("email") }>
                <FormField name="email" label="New email" kind="email" autocomplete="email" />
            </CallForm>
        </section>
    }
}

/// The status of the address.
#[component]
fn Standing(
    account: ProfileView,
    confirmed: impl Fn(UserView) + Clone + 'static,
    /// Handles that the code can't be used any more.
    #[prop(into)]
    gone: Callback<()>,
) -> impl IntoView {
    let features: Features = expect_context();
    let unproven = features.mail && account.email_verified_at.is_none() && account.new_email.is_none();
    let (asks_for_code, waits) = (unproven || account.new_email.is_some(), account.new_email.is_some());
    view! {
        {account.undo_until.map(|until| view! {
            <p class="notice" role="status">
                "You can undo a recent change to your account by the link in the email that told of it. The link expires on "
                {device::day(until)} ", " {device::time(until)} "."
            </p>
        })}
        {account.new_email.map(|email| view! {
            <p role="status">
                "We sent a code to " <strong><bdi>{email}</bdi></strong>
                ". Type it here, and this is your address. Until then nothing changes."
            </p>
        })}
        {unproven.then(|| view! { <Unproven /> })}
        {asks_for_code.then(|| view! {
            <CallForm page=paths::PROFILE next=CONFIRMED_PAGE button="Confirm" button_class=QUIET done=confirmed gone
                input=|form| ConfirmEmail { challenge: None, code: form.text("code").into() }>
                <FormField name="code" label="Code" autocomplete="one-time-code" inputmode="numeric" autofocus=waits />
            </CallForm>
        })}
        {account.new_email_step.map(|challenge| view! { <SendAgain page=paths::PROFILE challenge public=false gone /> })}
    }
}

/// Shown while the address is not confirmed.
#[component]
fn Unproven() -> impl IntoView {
    let sent = RwSignal::new(false);
    view! {
        <h3>"Confirm the address"</h3>
        <p class="quiet" role="status">
            {move || if sent.get() { "A code is on its way. Type it here." } else { "We don't know yet that this address is yours." }}
        </p>
        <CallForm page=paths::PROFILE button="Send me a code" button_class=QUIET input=|_| ProveEmail {}
            done=move |_| sent.set(true) />
    }
}

/// The language of emails.
#[component]
pub(super) fn Language(profile: Loaded<ProfileView>) -> impl IntoView {
    let features: Features = expect_context();
    let (choice, saved) = (NodeRef::<html::Select>::new(), RwSignal::new(false));
    let options = move |now: &Option<String>, there: &[String]| {
        let there = |(tag, _): &(&str, &str)| there.iter().any(|there| there == tag);
        LANGUAGES
            .into_iter()
            .filter(there)
            .map(|(tag, name)| {
                let selected = now.as_deref() == Some(tag);
                view! { <option value=tag lang=tag selected=selected>{name}</option> }
            })
            .collect_view()
    };
    features.mail.then(|| view! {
        <section class="panel" aria-labelledby="language-heading">
            <h2 id="language-heading">"Language"</h2>
            <div role="status">{move || saved.get().then(|| view! { <p class="notice">"Your emails are in this language from now on."</p> })}</div>
            <CallForm page=paths::PROFILE button="Save language" button_class=QUIET done=move |_: UserView| saved.set(true)
                input=move |_| ChooseLanguage { language: choice.try_get_untracked().flatten().map(|choice| choice.value()) }>
                <div class="field">
                    <div class="field-label"><label for="language">"Language of emails"</label></div>
                    <select id="language" name="language" node_ref=choice>
                        <option value="">"What my browser prefers"</option>
                        <Transition>
                            {move || Suspend::new(async move { profile.await.ok().map(|profile| options(&profile.language, &profile.languages)) })}
                        </Transition>
                    </select>
                    <div class="field-foot"></div>
                </div>
            </CallForm>
        </section>
    })
}
