//! A field for a new password. While the user types, the page asks the server how good the password is, and shows
//! what the server would answer to the form. Only on a live page.

use super::{Field, LiveText, typed};
use crate::app::{
    api::password::password_strength,
    session::PageFacts,
    types::{PasswordVerdict, Strength},
};
use leptos::{html, leptos_dom::helpers::debounce, prelude::*};
use std::time::Duration;

/// The pause in typing after which the page asks the server.
const PAUSE: Duration = Duration::from_millis(400);

/// A field for a new password.
#[component]
pub fn NewPassword(
    /// The name in the posted form; also the id.
    name: &'static str,
    /// The visible label, which is also the accessible name.
    label: &'static str,
    /// Returns the user's address and name, as far as they are known; a password must not be made of them.
    about: impl Fn() -> (String, String) + Clone + 'static,
    /// The error message.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// The input, for the caller to read.
    node: NodeRef<html::Input>,
) -> impl IntoView {
    let least = expect_context::<PageFacts>().password_min;
    let hint = format!("At least {least} characters. A few unrelated words work best.");
    // `None` while the field is empty, or if the server can't be reached: the form works without it.
    let (verdict, focused) = (RwSignal::new(None::<PasswordVerdict>), RwSignal::new(false));
    // Whether the form was refused for the current value; then the error says enough.
    let refused = RwSignal::new(false);
    // An action only keeps the answer to its latest dispatch.
    let ask = Action::new(|(password, email, name): &(String, String, String)| {
        let call = password_strength(password.clone().into(), Some(email.clone()), Some(name.clone()));
        async move { call.await.ok() }
    });
    let judge = move || {
        let password = typed(node);
        if !password.is_empty() {
            let (email, name) = about();
            ask.dispatch((password, email, name));
        }
    };
    let mut later = debounce(PAUSE, {
        let judge = judge.clone();
        move |()| judge()
    });
    let edited = move |_| {
        refused.set(false);
        if typed(node).is_empty() {
            verdict.set(None);
        }
        later(());
    };
    Effect::new(move |_| {
        refused.set(error.with(Option::is_some));
        verdict.set(None);
    });
    Effect::new(move |_| {
        if let Some(answer) = ask.value().get() {
            verdict.set(answer.filter(|_| refused.try_get_untracked() == Some(false) && !typed(node).is_empty()));
        }
    });
    // Judges what was entered before the page was live.
    Effect::new(move |_| judge());
    // The signals may be disposed of when the field loses the focus (see `PasswordHelp::focus`).
    let is_judged = move || verdict.try_with(Option::is_some) == Some(true);
    let strength = move || verdict.with(|verdict| verdict.as_ref().and_then(|verdict| verdict.strength));
    let message = move || verdict.with(|verdict| verdict.as_ref().map(|verdict| verdict.message.clone()));
    view! {
        <div on:input=edited on:focusin=move |_| focused.set(true) on:focusout=move |_| focused.set(false)>
            <Field name label kind="password" autocomplete="new-password" error node>
                // In one place, so that nothing moves when one takes over from the other.
                <div
                    id=format!("{name}-hint")
                    class="field-advice"
                    class:field-judged=is_judged
                >
                    <p class="field-hint">
                        {hint}
                    </p>
                    <p
                        class="field-strength"
                        role="status"
                        hidden=move || !is_judged() && focused.try_get() != Some(true)
                        data-strength=move || strength().map(Strength::name)
                    >
                        <LiveText text=Signal::derive(move || message().unwrap_or_default()) />
                    </p>
                </div>
            </Field>
        </div>
    }
}
