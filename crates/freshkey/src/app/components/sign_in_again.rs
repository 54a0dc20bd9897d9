//! A dialog over a page whose session has ended. It says why and asks the user to sign in again; nothing typed on the
//! page is lost.

use super::{Field, UsePasskey, form_dialog::FormDialog, go_on_where_wrong, sending, ticked, typed};
use crate::app::{
    address::use_open_instead,
    api::{account::login, factors::second_factor, steps},
    error::{ApiError, Code},
    paths, seam,
    session::{Session, SessionState},
    types::{EndReason, SecondStepWay, SignInAnswer, StepStatus, StepView},
};
use leptos::{html, prelude::*, task::spawn_local};
use leptos_router::hooks::use_location;

/// The dialog, shown while the session is interrupted.
#[component]
pub fn SignInAgain() -> impl IntoView {
    let session = Session::get_context();
    let interrupted = Memo::new(move |_| {
        session.0.with(|state| match state {
            SessionState::Interrupted(view, reason) => Some((view.user.email.clone(), *reason)),
            _ => None,
        })
    });
    // The challenge of the second step, after the right password.
    let step = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        if interrupted.with(Option::is_none) {
            step.set(None);
        }
    });
    move || {
        interrupted.get().map(|(email, reason)| match step.get() {
            None => view! { <Dialog email reason step /> }.into_any(),
            Some(challenge) => view! { <SecondStep challenge reason step /> }.into_any(),
        })
    }
}

#[component]
fn Dialog(email: String, reason: Option<EndReason>, step: RwSignal<Option<String>>) -> impl IntoView {
    let here = use_location().pathname;
    let (email_node, password, remember) =
        (NodeRef::new(), NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let (failed, open_instead) = (RwSignal::new(None::<ApiError>), use_open_instead());
    go_on_where_wrong(move || failed.get(), vec![("email", email_node), ("password", password)]);
    // On success the client updates the page's session: the dialog closes, or for another account the page reloads.
    let (submit, busy) = sending(move || {
        let remember = ticked(remember);
        let call = login(typed(email_node), typed(password).into(), Some(remember));
        async move {
            match call.await {
                Ok(SignInAnswer::Session(_)) => {}
                Ok(SignInAnswer::Step(next)) if next.status == StepStatus::SecondFactor => {
                    step.set(Some(next.challenge));
                }
                Ok(SignInAnswer::Step(next)) => open_instead.to(page_of(&next, here)),
                Err(error) => failed.set(Some(error)),
            }
        }
    });
    let message = Signal::derive(move || failed.get().map(|error| error.to_string()));
    let wrong = move |name: &'static str| {
        Signal::derive(move || failed.with(|error| error.as_ref()?.fields.get(name).map(ToString::to_string)))
    };
    let why = reason.map_or("Your session has ended.", EndReason::sentence);
    view! {
        <FormDialog name="again" heading="Sign in again" why=format!("{why} Sign in to pick up where you left off.")
            action=paths::API_LOGIN button="Sign in" focus=password submit busy message leave=move || seam::leave(reason)>
            <input type="hidden" name="next" value=move || here.get() />
            <Field name="email" id="again-email" label="Email" kind="email" autocomplete="username" value=Some(email)
                error=wrong("email") node=email_node />
            <Field name="password" id="again-password" label="Password" kind="password" autocomplete="current-password"
                error=wrong("password") node=password />
            <label class="check">
                <input type="checkbox" name="remember" checked=true node_ref=remember />
                "Keep me signed in on this device"
            </label>
        </FormDialog>
    }
}

/// Returns the address of a step's page, which leads back to this one.
fn page_of(step: &StepView, here: Memo<String>) -> String {
    paths::with_next(step.status.page().unwrap_or(paths::LOGIN), &here.try_get_untracked().unwrap_or_default())
}

/// The second step, which replaces the password form.
#[component]
fn SecondStep(challenge: String, reason: Option<EndReason>, step: RwSignal<Option<String>>) -> impl IntoView {
    let here = use_location().pathname;
    let (code, failed, open_instead) =
        (NodeRef::<html::Input>::new(), RwSignal::new(None::<ApiError>), use_open_instead());
    let named = StoredValue::new(challenge.clone());
    go_on_where_wrong(move || failed.get(), vec![("code", code)]);
    // Loads the accepted methods. Until they arrive, the dialog asks for a code.
    let (by_code, options) = (RwSignal::new(true), RwSignal::new(None::<String>));
    let look = move || {
        spawn_local(async move {
            if let Ok(Some(page)) = steps::step("second_factor".to_owned()).await {
                by_code.try_set(page.methods.contains(&SecondStepWay::Code));
                options.try_set(page.passkey_options);
            }
        });
    };
    Effect::new(move |_| look());
    let answered = move |answer: Result<SignInAnswer, ApiError>| match answer {
        Ok(SignInAnswer::Session(_)) => {}
        Ok(SignInAnswer::Step(next)) => {
            open_instead.to(page_of(&next, here));
        }
        // Start again from the password.
        Err(error) if error.code == Code::ChallengeOver => step.set(None),
        Err(error) => {
            // A passkey challenge can only be used once, so load a new one.
            look();
            drop(failed.try_set(Some(error)));
        }
    };
    let used = move |credential| {
        let call = second_factor(named.try_get_value(), None, Some(credential), None);
        async move { answered(call.await) }
    };
    let (submit, busy) = sending(move || {
        let call = second_factor(named.try_get_value(), Some(typed(code).into()), None, None);
        async move { answered(call.await) }
    });
    let message = Signal::derive(move || failed.get().map(|error| error.to_string()));
    let wrong = Signal::derive(move || failed.with(|error| error.as_ref()?.sentence("code")));
    view! {
        <FormDialog name="again" heading="Sign in again" why="Your password was right. Now the second step."
            action=paths::API_SECOND_FACTOR button="Confirm" focus=code submit busy message leave=move || seam::leave(reason)>
            <input type="hidden" name="next" value=move || here.get() />
            <input type="hidden" name="challenge" value=challenge />
            {move || by_code.get().then(|| view! {
                <Field name="code" id="again-code" label="Code" autocomplete="one-time-code" error=wrong node=code last=true>
                    <p class="field-hint" id="again-code-hint">"From your authenticator app, or a recovery code."</p>
                </Field>
            })}
            <UsePasskey options used failed />
        </FormDialog>
    }
}
