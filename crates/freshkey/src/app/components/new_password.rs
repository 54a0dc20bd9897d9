//! A field for a new password, which says how good it is while it is typed. Only where the page is
//! live.

use super::{Field, LiveText, typed};
use crate::app::strength::{self, Strength};
use leptos::{html, prelude::*};

/// The shortest password that the server takes, from `use_context`.
#[derive(Clone, Copy, Debug, Default)]
pub struct PasswordMin(pub usize);

/// A field for a new password.
#[component]
pub fn NewPassword(
    /// The name that is posted; also the id.
    name: &'static str,
    /// What people and their aids find it by.
    label: &'static str,
    /// The fields of what is known of the person: none of it is a good password.
    #[prop(optional)]
    about: Vec<NodeRef<html::Input>>,
    /// What is wrong with it.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// The input, for whoever reads it.
    node: NodeRef<html::Input>,
) -> impl IntoView {
    let PasswordMin(min) = use_context().unwrap_or_default();
    // None while there is nothing to judge.
    let (strength, focused) = (RwSignal::new(None::<Strength>), RwSignal::new(false));
    let judge = move || {
        let password = typed(node);
        let about: Vec<_> = about.iter().copied().map(typed).collect();
        let judged = (!password.is_empty()).then(|| strength::judge(&password, min, &about));
        if strength.get_untracked() != judged {
            strength.set(judged);
        }
    };
    let again = judge.clone();
    // What was typed, or filled in, before the page was live.
    Effect::new(move |_| judge());
    view! {
        <div
            on:input=move |_| again()
            on:focusin=move |_| focused.set(true)
            on:focusout=move |_| focused.set(false)
        >
            <Field name label kind="password" autocomplete="new-password" error node>
                // In one place, so that nothing moves when one takes over from the other.
                <div
                    id=format!("{name}-hint")
                    class="field-advice"
                    class:field-judged=move || strength.with(Option::is_some)
                >
                    <p class="field-hint">
                        "A few words that don't belong together are easy to remember and hard to guess."
                    </p>
                    <p
                        class="field-strength"
                        role="status"
                        hidden=move || strength.with(Option::is_none) && !focused.get()
                        data-strength=move || strength.get().map(Strength::name)
                    >
                        <LiveText text=Signal::derive(move || strength.get().map(|strength| strength.to_string()).unwrap_or_default()) />
                    </p>
                </div>
            </Field>
        </div>
    }
}
