//! The page that the link in a security email opens: "was it you?"

use super::{page, why};
use crate::app::{
    api::steps::{self, Secure},
    components::{CallForm, FormCard, FormContext, Load, When, ticked},
    device, paths, seam,
    types::{AlarmAnswer, AlarmView, EndReason, SecureStatus, SecureView},
    wire::load,
};
use leptos::{html, prelude::*};

const TITLE: &str = "Was it you?";

/// The page.
#[component]
pub fn Secure() -> impl IntoView {
    page(TITLE, |_| {
        let (asked, answered) = (load(|| (), |()| steps::alarm()), RwSignal::new(None));
        view! {
            <FormCard title=TITLE lead="We emailed you about this.">
            <Load data=asked let:alarm>
                {move || {
                    let alarm = alarm.clone();
                    match (answered.get().or(alarm.as_ref().and_then(|alarm| alarm.answered)), alarm) {
                        (Some(SecureStatus::Noted), _) => view! { <Noted /> }.into_any(),
                        (Some(SecureStatus::Secured), _) => view! { <Secured /> }.into_any(),
                        (None, Some(alarm)) if alarm.over.is_none() => view! { <Ask alarm answered gone=move |()| asked.refetch() /> }.into_any(),
                        (None, over) => view! {
                            <p class="notice" role="status">
                                "This link can't be used any more. " {over.and_then(|alarm| alarm.over).map(why)}
                            </p>
                            <p class="quiet">"If you don't recognise something, choose a new password. That signs out every device."</p>
                            <p><a class="button" href=paths::FORGOT>"Choose a new password"</a></p>
                        }
                        .into_any(),
                    }
                }}
            </Load>
            </FormCard>
        }
    })
}

/// Says what happened, and asks.
#[component]
fn Ask(alarm: AlarmView, answered: RwSignal<Option<SecureStatus>>, #[prop(into)] gone: Callback<()>) -> impl IntoView {
    let AlarmView { link, alarm, email, at, device, ip, until, own, .. } = alarm;
    let (me, not_me) = (NodeRef::new(), NodeRef::new());
    let sent = link.clone();
    let input = move |_| {
        let chosen = [(me, AlarmAnswer::Me), (not_me, AlarmAnswer::NotMe)].into_iter().find(|(node, _)| ticked(*node));
        Secure { token: None, link: Some(sent.clone()), answer: chosen.map(|(_, answer)| answer.text().to_owned()) }
    };
    let done = move |SecureView { status }| {
        if status == SecureStatus::Secured && own {
            seam::signed_out(Some(EndReason::Secured));
        }
        answered.set(Some(status));
    };
    view! {
        <p class="card-lead">{alarm.sentence()}</p>
        <dl class="facts">
            <dt>"Account"</dt>
            <dd><bdi>{email}</bdi></dd>
            <dt>"When"</dt>
            <dd><When at /></dd>
            {device.map(|device| view! { <dt>"Device"</dt><dd>{device}</dd> })}
            {ip.map(|ip| view! { <dt>"IP address"</dt><dd>{ip}</dd> })}
        </dl>
        <p class="quiet">
            "If it wasn't you, we'll put your account back as it was, sign out every device, and email you a link to choose a new \
             password. This link expires on " {device::day(until)} ", " {device::time(until)} "."
        </p>
        <CallForm page=paths::SECURE public=true button="Continue" input done gone>
            <input type="hidden" name="link" value=link />
            <Choice me not_me />
        </CallForm>
    }
}

/// The two answers. Neither is preselected: a user who presses the button without reading has not answered.
#[component]
fn Choice(me: NodeRef<html::Input>, not_me: NodeRef<html::Input>) -> impl IntoView {
    let FormContext { refused, error, .. } = expect_context();
    let wrong = Signal::derive(move || match error.get() {
        Some(error) => error.sentence("answer"),
        None => refused.sentence("answer"),
    });
    let radio = |answer: AlarmAnswer, node| {
        view! {
            <label class="check">
                <input type="radio" name="answer" value=answer.text() aria-describedby="answer-error" node_ref=node />
                {answer.sentence()}
            </label>
        }
    };
    view! {
        <fieldset class="choice">
            <legend>"Your answer"</legend>
            {radio(AlarmAnswer::Me, me)}
            {radio(AlarmAnswer::NotMe, not_me)}
            <div class="field-foot" id="answer-error">
                {move || wrong.get().map(|wrong| view! { <p class="field-error"><span>{wrong}</span></p> })}
            </div>
        </fieldset>
    }
}

#[component]
fn Noted() -> impl IntoView {
    view! {
        <p class="notice" role="status">"Thanks. Then all is well, and we left your account as it is."</p>
        <p><a class="button button-quiet" href=paths::HOME>"Go to the home page"</a></p>
    }
}

#[component]
fn Secured() -> impl IntoView {
    view! {
        <p class="notice" role="status">"Your account is as it was before, and nobody is signed in to it any more."</p>
        <p class="quiet">"The password no longer works. We emailed a code and a link to the account's address, to choose a new one."</p>
        <p><a class="button" href=paths::RESET>"Choose a new password"</a></p>
    }
}
