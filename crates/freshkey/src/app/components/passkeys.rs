//! Buttons that ask the browser for a passkey. They appear once the page is live, and only if the browser supports
//! passkeys; each page offers another way. The code behind them is in a part of its own, which is fetched with the
//! button, because a browser only allows the request right after the press.

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

/// The browser's answer, or why there is none.
type Asked = Pin<Box<dyn Future<Output = Result<PasskeyCredential, NotGiven>>>>;

crate::in_part! {
    passkeys:
    /// Whether the browser supports passkeys.
    fn are_known, are_known_part(_nothing: ()) -> bool = seam::passkeys::are_known();
}
crate::in_part! {
    passkeys:
    /// Asks for a passkey with these options.
    fn request, request_part(options: String) -> Asked = Box::pin(seam::passkeys::request(options));
}
crate::in_part! {
    passkeys:
    /// Creates a passkey with these options.
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
    /// Tells the password manager the account's name and address.
    fn tell_name, tell_name_part(of: (FactorsView, String, Option<String>)) -> () = {
        let (view, email, name) = &of;
        if let FactorsView { rp_id: Some(rp_id), user_handle: Some(handle), .. } = view {
            seam::passkeys::is_called(rp_id, handle, email, name.as_deref().unwrap_or(email));
        }
    };
}

/// Tells the password manager which passkeys the account has, so that it no longer offers removed ones.
pub(in crate::app) fn passkeys_follow(view: FactorsView) {
    Effect::new(move |_| {
        let view = view.clone();
        spawn_local(async move {
            let _ = tell_which(view).await;
        });
    });
}

/// Tells the password manager when the account's name or address changes.
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

/// A button that asks for a passkey with options that are already loaded.
#[component]
pub fn UsePasskey<Used, Done>(
    /// The options as JSON; without them there is no button.
    #[prop(into)]
    options: Signal<Option<String>>,
    /// Handles the passkey's answer.
    used: Used,
    /// Receives the error.
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

/// A button that creates a passkey for the account.
#[component]
pub fn AddPasskey<Done>(
    /// The sign-in step during which the passkey is created.
    #[prop(optional)]
    challenge: Option<String>,
    /// Called once the passkey is there.
    done: Done,
    /// Receives the error.
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

/// Creates a passkey, or returns the error to show.
async fn make(kept: StoredValue<Option<String>>, challenge: Option<String>) -> Result<PasskeyAnswer, Option<ApiError>> {
    // If the browser refuses because the press was too long ago, the next press finds the options ready.
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
    /// The text shown if the browser does not support passkeys; may be empty.
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
