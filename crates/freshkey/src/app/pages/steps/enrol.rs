//! Setting up a second step during a sign-in, if the account requires one. There is no session until then.

use super::why;
use crate::app::{
    address::use_open_instead,
    api::{
        factors::{AddTotp, ConfirmTotp},
        steps,
    },
    brand,
    components::{AddPasskey, CallForm, FormAlert, FormCard, FormField, Load, Typed},
    pages::{
        leading_on,
        security::totp::{ClockOff, Scan},
        use_next,
    },
    paths,
    session::{Features, Session},
    types::{Enrolled, PasskeyAnswer, StepPage, TotpAnswer, TotpEnrolment},
    wire::load,
};
use leptos::prelude::*;

/// The page.
#[component]
pub fn LoginEnrol() -> impl IntoView {
    brand::set_title("Set up two-step sign-in");
    let (next, begun) = (use_next(), RwSignal::new(0));
    let step = load(move || begun.get(), |_| steps::step("enrol".to_owned()));
    let gone = move |()| step.refetch();
    let here = Signal::derive(move || next.with(|next| leading_on(paths::LOGIN_ENROL, next)));
    let login = move || next.with(|next| leading_on(paths::LOGIN, next));
    view! {
        <FormCard title="Set up two-step sign-in" lead="Then a stolen password is not enough.">
            <Load data=step let:step>
                {match step {
                    Some(step) if step.over.is_none() => view! { <SetUp step here next begun gone /> }.into_any(),
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
fn SetUp(
    step: StepPage,
    here: Signal<String>,
    next: Memo<String>,
    begun: RwSignal<u32>,
    #[prop(into)] gone: Callback<()>,
) -> impl IntoView {
    let StepPage { challenge, email, totp, .. } = step;
    let (passkeys, failed) = (expect_context::<Features>().passkey_life.is_some(), RwSignal::new(None));
    let enrolled = use_enrolled(next);
    let added = move |answer| match answer {
        PasskeyAnswer::Session(session) => enrolled(*session),
        PasskeyAnswer::Added(_) => {}
    };
    let (named, by_passkey) = (challenge.clone(), challenge.clone());
    view! {
        <p class="card-lead">
            "Your account " <strong><bdi>{email}</bdi></strong>
            " needs a second step. Set one up, and you are signed in."
        </p>
        <section class="card-part" aria-labelledby="app-heading">
            <h2 id="app-heading">"Authenticator app"</h2>
            {match totp {
                Some(totp) => view! { <Confirm totp challenge=named here next gone /> }.into_any(),
                None => view! {
                    <p class="quiet">"An app on your phone shows a new code every 30 seconds. It needs no network."</p>
                    <CallForm page=here next=here public=true button="Set up an app" gone done=move |_: TotpEnrolment| begun.update(|begun| *begun += 1)
                        input=move |_| AddTotp { name: None, challenge: Some(named.clone()) }>
                        <input type="hidden" name="challenge" value=challenge.clone() />
                    </CallForm>
                }
                .into_any(),
            }}
        </section>
        {passkeys.then(|| view! {
            <section class="card-part" aria-labelledby="passkey-heading">
                <h2 id="passkey-heading">"Passkey"</h2>
                <p class="quiet">"Your fingerprint, your face or your device's PIN. Nobody can trick it out of you."</p>
                <FormAlert message=Signal::derive(move || failed.with(|failed| failed.as_ref().map(ToString::to_string))) />
                <noscript><p>"Your browser can only add one with scripts switched on."</p></noscript>
                <AddPasskey challenge=by_passkey done=added failed />
            </section>
        })}
    }
}

#[component]
fn Confirm(
    totp: TotpEnrolment,
    challenge: String,
    here: Signal<String>,
    next: Memo<String>,
    gone: Callback<()>,
) -> impl IntoView {
    let (id, named) = (totp.id.clone(), challenge.clone());
    let input = move |form: Typed| ConfirmTotp {
        id: id.clone(),
        code: form.text("code").into(),
        end_others: None,
        challenge: Some(named.clone()),
    };
    let enrolled = use_enrolled(next);
    let done = move |answer| match answer {
        TotpAnswer::Session(session) => enrolled(*session),
        TotpAnswer::Added(_) => {}
    };
    let codes = Signal::derive(move || next.with(|next| paths::with_next(paths::SECURITY_RECOVERY_CODES, next)));
    let hidden = totp.id.clone();
    view! {
        <Scan totp />
        <CallForm page=here next=codes public=true button="Confirm" input done gone>
            <input type="hidden" name="challenge" value=challenge />
            <input type="hidden" name="id" value=hidden />
            <FormField name="code" label="Code" autocomplete="one-time-code" inputmode="numeric" autofocus=true />
            <ClockOff />
        </CallForm>
    }
}

/// Returns a handler for when the second step is set up: it begins the session and shows the recovery codes before
/// the next page.
fn use_enrolled(next: Memo<String>) -> impl Fn(Enrolled) + Copy + Send + Sync + 'static {
    let (session, open_instead) = (Session::get_context(), use_open_instead());
    move |Enrolled { session: answer, recovery_codes }| {
        session.begin(answer);
        let codes = |next: &String| paths::with_next(paths::SECURITY_RECOVERY_CODES, next);
        open_instead
            .to(next.try_with_untracked(|next| if recovery_codes.is_empty() { next.clone() } else { codes(next) }));
    }
}
