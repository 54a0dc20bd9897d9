//! A field for a new password. While it is typed, the server is asked how good it is, and says what it would say to
//! the form. Only where the page is live.

use super::{Field, LiveText, typed};
use crate::app::{
    api::password::password_strength,
    session::PageFacts,
    types::{PasswordVerdict, Strength},
};
use leptos::{html, leptos_dom::helpers::debounce, prelude::*};
use std::time::Duration;

/// How long nothing is typed before the server is asked.
const PAUSE: Duration = Duration::from_millis(400);

/// A field for a new password.
#[component]
pub fn NewPassword(
    /// The name that is posted; also the id.
    name: &'static str,
    /// What people and their aids find it by.
    label: &'static str,
    /// The address and the name of the user, as far as they are known: a password must not be made of them.
    about: impl Fn() -> (String, String) + Clone + 'static,
    /// What is wrong with it.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// The input, for whoever reads it.
    node: NodeRef<html::Input>,
) -> impl IntoView {
    let least = expect_context::<PageFacts>().password_min;
    let hint = format!("At least {least} characters. A few unrelated words work best.");
    // None while nothing is typed, or the server can't be asked: the form works without it.
    let (verdict, focused) = (RwSignal::new(None::<PasswordVerdict>), RwSignal::new(false));
    // The form was refused for what stands there: that is said already.
    let refused = RwSignal::new(false);
    // An action keeps the answer to the last question only.
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
    // What was typed, or filled in, before the page was live.
    Effect::new(move |_| judge());
    // They may be gone when the field is told that it has lost the focus (`PasswordHelp::focus`).
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
