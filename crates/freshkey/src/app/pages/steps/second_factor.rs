//! The second step of a sign-in: an authenticator app's code, a recovery code, or a passkey.

use super::why;
use crate::app::{
    api::{
        factors::{SecondFactor, second_factor},
        steps,
    },
    brand,
    components::{CallForm, FormAlert, FormCard, FormField, Load, Typed, UsePasskey, ticked},
    pages::{leading_on, use_answered, use_next},
    paths,
    types::{SecondStepWay, StepPage},
    wire::load,
};
use leptos::{html, prelude::*};

/// The page.
#[component]
pub fn LoginSecondFactor() -> impl IntoView {
    brand::set_title("Two-step sign-in");
    let next = use_next();
    let step = load(|| (), |()| steps::step("second_factor".to_owned()));
    let gone = move |()| step.refetch();
    let here = Signal::derive(move || next.with(|next| leading_on(paths::LOGIN_SECOND_FACTOR, next)));
    let login = move || next.with(|next| leading_on(paths::LOGIN, next));
    let foot = move || view! { "Not you? " <a href=login>"Use another account"</a> };
    view! {
        <FormCard title="Two-step sign-in" lead="One more step to prove it's you." foot>
            <Load data=step let:step>
                {match step {
                    Some(step) if step.over.is_none() => view! { <Take step here next gone /> }.into_any(),
                    over => view! {
                        <p class="notice" role="status">
                            "Sign in again to continue. " {over.and_then(|step| step.over).map(why)}
                        </p>
                        <p><a class="button" href=login>"Sign in"</a></p>
                    }
                    .into_any(),
                }}
            </Load>
        </FormCard>
    }
}

#[component]
fn Take(step: StepPage, here: Signal<String>, next: Memo<String>, #[prop(into)] gone: Callback<()>) -> impl IntoView {
    let StepPage { challenge, email, methods, trust_days, passkey_options, .. } = step;
    let by_code = methods.contains(&SecondStepWay::Code);
    let trusted_here = NodeRef::<html::Input>::new();
    let (named, done) = (challenge.clone(), use_answered(next));
    let (failed, by_passkey) = (RwSignal::new(None), StoredValue::new(challenge.clone()));
    let options = RwSignal::new(passkey_options);
    let is_trusted = move || ticked(trusted_here);
    let used = move |credential| {
        let call = second_factor(by_passkey.try_get_value(), None, Some(credential), Some(is_trusted()));
        async move {
            match call.await {
                Ok(answer) => done(answer),
                Err(error) => {
                    failed.try_set(Some(error));
                    // A passkey challenge can only be used once.
                    if let Ok(Some(step)) = steps::step("second_factor".to_owned()).await {
                        options.try_set(step.passkey_options);
                    }
                }
            }
        }
    };
    let trust = move || {
        trust_days.map(|days| {
            view! {
                <label class="check">
                    <input type="checkbox" name="trust" node_ref=trusted_here />
                    {trusted(days)}
                </label>
            }
        })
    };
    let input = move |form: Typed| SecondFactor {
        challenge: Some(named.clone()),
        code: Some(form.text("code").into()),
        credential: None,
        trust: Some(is_trusted()),
    };
    view! {
        <p class="card-lead">
            "You are signing in as " <strong><bdi>{email}</bdi></strong> ". "
            {if by_code { "Type the code that your authenticator app shows, or one of your recovery codes." } else { "Your passkey is the second step." }}
        </p>
        {by_code.then(|| view! {
            <CallForm page=here next=next public=true button="Confirm" input done gone>
                <input type="hidden" name="challenge" value=challenge />
                <FormField name="code" label="Code" autocomplete="one-time-code" autofocus=true />
                {trust()}
            </CallForm>
        })}
        <FormAlert message=Signal::derive(move || failed.with(|failed| failed.as_ref().map(ToString::to_string))) />
        {(!by_code).then(trust)}
        {(!by_code).then(|| view! { <noscript><p>"Your browser can only use it with scripts switched on."</p></noscript> })}
        <div class="other-way"><UsePasskey options used failed /></div>
    }
}

/// Returns the checkbox's label.
fn trusted(days: u32) -> String {
    if days == 1 {
        "Don't ask on this device for a day".to_owned()
    } else {
        format!("Don't ask on this device for {days} days")
    }
}
