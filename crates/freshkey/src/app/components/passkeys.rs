//! Buttons that ask the browser for a passkey. They are there once the page is live, and only where the browser knows
//! passkeys: no page has no other way. What asks is in a part of its own, which is fetched with the button: a browser asks
//! the person only right after the press.

use super::fixed;
use crate::app::{
    api::factors::{add_passkey, factors, passkey_creation_options},
    error::ApiError,
    passkey::NotGiven,
    seam,
    session::Session,
    types::{FactorsView, PasskeyAnswer, PasskeyCredential},
};
use leptos::{prelude::*, task::spawn_local};
use std::{future::Future, pin::Pin};

/// What the browser is asked, or why that came to nothing.
type Asked = Pin<Box<dyn Future<Output = Result<PasskeyCredential, NotGiven>>>>;

crate::in_part! {
    passkeys:
    /// Whether the browser knows passkeys.
    fn are_known, are_known_part(_nothing: ()) -> bool = seam::passkeys::are_known();
}
crate::in_part! {
    passkeys:
    /// Asks for a passkey by these options.
    fn request, request_part(options: String) -> Asked = Box::pin(seam::passkeys::request(options));
}
crate::in_part! {
    passkeys:
    /// Makes a passkey by these options.
    fn create, create_part(options: String) -> Asked = Box::pin(seam::passkeys::create(options));
}
crate::in_part! {
    passkeys:
    /// Tells the password manager which passkeys the account has.
    fn tell_which, tell_which_part(view: FactorsView) -> () = {
        if let FactorsView { rp_id: Some(rp_id), user_handle: Some(handle), passkeys, .. } = &view {
            let ids: Vec<_> = passkeys.iter().map(|passkey| passkey.credential_id.as_str()).collect();
            seam::passkeys::are_all(rp_id, handle, &ids);
        }
    };
}
crate::in_part! {
    passkeys:
    /// Tells the password manager what the account is called.
    fn tell_name, tell_name_part(of: (FactorsView, String, Option<String>)) -> () = {
        let (view, email, name) = &of;
        if let FactorsView { rp_id: Some(rp_id), user_handle: Some(handle), .. } = view {
            seam::passkeys::is_called(rp_id, handle, email, name.as_deref().unwrap_or(email));
        }
    };
}

/// Tells the password manager which passkeys the account has, so that a removed one is no longer offered.
pub(in crate::app) fn passkeys_follow(view: FactorsView) {
    Effect::new(move |_| {
        let view = view.clone();
        spawn_local(async move {
            let _ = tell_which(view).await;
        });
    });
}

/// Tells the password manager when the account gets another name or address.
pub(in crate::app) fn passkeys_follow_name() {
    let session = Session::get_context();
    Effect::new(move |before: Option<Option<(String, Option<String>)>>| {
        let now = session.user().map(|user| (user.email, user.name));
        if let Some((email, name)) = now.clone().filter(|_| before.is_some_and(|before| before != now)) {
            spawn_local(async move {
                if let Ok(view) = factors().await {
                    let _ = tell_name((view, email, name)).await;
                }
            });
        }
        now
    });
}

/// A button that asks for a passkey, by what is there already.
#[component]
pub fn UsePasskey<Used, Done>(
    /// What it is asked for by, as JSON; no button where there is nothing.
    #[prop(into)]
    options: Signal<Option<String>>,
    /// What is done with the passkey's answer.
    used: Used,
    /// Where it is said what went wrong.
    failed: RwSignal<Option<ApiError>>,
) -> impl IntoView
where
    Used: Fn(PasskeyCredential) -> Done + Copy + Send + Sync + 'static,
    Done: Future<Output = ()> + 'static,
{
    let busy = RwSignal::new(false);
    let press = move || {
        let Some(options) = options.try_get_untracked().flatten() else { return };
        busy.set(true);
        spawn_local(async move {
            failed.try_set(None);
            match asked(request(options).await).await {
                Ok(credential) => used(credential).await,
                Err(why) => drop(failed.try_set(why.error())),
            }
            let _ = busy.try_set(false);
        });
    };
    view! { <Pressed there=Signal::derive(move || options.with(Option::is_some)) busy text="Use a passkey" otherwise="" press /> }
}

/// A button that makes a passkey for the account.
#[component]
pub fn AddPasskey<Done>(
    /// The step of a sign-in in whose middle it is made.
    #[prop(optional)]
    challenge: Option<String>,
    /// What is done when it is there.
    done: Done,
    /// Where it is said what went wrong.
    failed: RwSignal<Option<ApiError>>,
) -> impl IntoView
where
    Done: Fn(PasskeyAnswer) + Copy + Send + Sync + 'static,
{
    let (busy, kept, challenge) = (RwSignal::new(false), StoredValue::new(None), StoredValue::new(challenge));
    let press = move || {
        busy.set(true);
        spawn_local(async move {
            failed.try_set(None);
            match make(kept, challenge.try_get_value().flatten()).await {
                Ok(answer) => done(answer),
                Err(error) => drop(failed.try_set(error)),
            }
            let _ = busy.try_set(false);
        });
    };
    let otherwise = "Your browser can't make passkeys here.";
    view! { <Pressed there=Signal::stored(true) busy text="Add a passkey" otherwise press /> }
}

/// Makes one; or what the person is told.
async fn make(kept: StoredValue<Option<String>>, challenge: Option<String>) -> Result<PasskeyAnswer, Option<ApiError>> {
    // Where the browser does not ask because the press was too long ago, the next one finds the options there.
    let options = match kept.try_update_value(Option::take).flatten() {
        Some(options) => options,
        None => passkey_creation_options(challenge.clone()).await.map_err(Some)?.json(),
    };
    let credential = asked(create(options.clone()).await).await.map_err(|why| {
        kept.try_set_value(Some(options));
        why.error()
    })?;
    add_passkey(Some(credential), None, None, challenge).await.map_err(Some)
}

async fn asked(asked: Option<Asked>) -> Result<PasskeyCredential, NotGiven> {
    match asked {
        Some(asked) => asked.await,
        None => Err(NotGiven::Unable),
    }
}

#[component]
fn Pressed<Press>(
    there: Signal<bool>,
    busy: RwSignal<bool>,
    text: &'static str,
    /// What is said where the browser knows no passkeys, if anything.
    otherwise: &'static str,
    press: Press,
) -> impl IntoView
where
    Press: Fn() + Copy + Send + Sync + 'static,
{
    let known = RwSignal::new(None);
    Effect::new(move |_| {
        spawn_local(async move {
            let _ = known.try_set(are_known(()).await);
        });
    });
    move || match known.get() {
        Some(true) if there.get() => view! {
            <button class="button button-quiet" {..fixed([("type", "button")])}
                aria-busy=move || busy.get().then_some("true")
                on:click=move |_| if busy.try_get_untracked() == Some(false) { press() }>
                {text}
            </button>
        }
        .into_any(),
        Some(false) if !otherwise.is_empty() => view! { <p class="quiet">{otherwise}</p> }.into_any(),
        _ => ().into_any(),
    }
}
