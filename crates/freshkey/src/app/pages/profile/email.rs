//! One's emails: whether the address is proven, and their language.

use crate::app::{
    api::{
        profile::ChooseLanguage,
        steps::{ConfirmEmail, ProveEmail},
    },
    components::{CallForm, FormField},
    paths,
    session::{Features, Session},
    types::{ProfileView, UserView},
    wire::Loaded,
};
use leptos::{html, prelude::*};

/// The languages of emails.
const LANGUAGES: [(&str, &str); 4] = [("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español")];

/// Whether the address is proven; if not, how that is done.
#[component]
pub(super) fn ProveAddress(profile: Loaded<ProfileView>) -> impl IntoView {
    let features: Features = expect_context();
    let (session, sent) = (Session::get_context(), RwSignal::new(false));
    let proven = move |user: UserView| {
        session.set_user(user);
        profile.refetch();
    };
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let account = profile.await.ok()?;
                (features.mail && account.email_verified_at.is_none()).then(|| view! {
                <section class="panel" aria-labelledby="prove-heading">
                    <h2 id="prove-heading">"Confirm the address"</h2>
                    <p class="quiet" role="status">
                        {move || if sent.get() { "A code is on its way. Type it here." } else { "We don't know yet that this address is yours." }}
                    </p>
                    <CallForm page=paths::PROFILE button="Send me a code" button_class="button button-quiet" input=|_| ProveEmail {}
                        done=move |_| sent.set(true) />
                    <CallForm page=paths::PROFILE button="Confirm" done=proven
                        input=|form| ConfirmEmail { challenge: None, code: form.text("code").into() }>
                        <FormField name="code" label="Code" autocomplete="one-time-code" inputmode="numeric" />
                    </CallForm>
                </section>
            })})}
        </Transition>
    }
}

/// The language of one's emails.
#[component]
pub(super) fn Language(profile: Loaded<ProfileView>) -> impl IntoView {
    let features: Features = expect_context();
    let (choice, saved) = (NodeRef::<html::Select>::new(), RwSignal::new(false));
    let options = move |now: Option<String>| {
        LANGUAGES
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
            <CallForm page=paths::PROFILE button="Save language" done=move |_: UserView| saved.set(true)
                input=move |_| ChooseLanguage { language: choice.get_untracked().map(|choice| choice.value()) }>
                <div class="field">
                    <div class="field-label"><label for="language">"Language of emails"</label></div>
                    <select id="language" name="language" node_ref=choice>
                        <option value="">"What my browser prefers"</option>
                        <Transition>
                            {move || Suspend::new(async move { profile.await.ok().map(|profile| options(profile.language)) })}
                        </Transition>
                    </select>
                </div>
            </CallForm>
        </section>
    })
}
