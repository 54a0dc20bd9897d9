//! The page for the code of a registration.

use super::{
    code::{CodeField, SendAgain, SentTo},
    page, why,
};
use crate::app::{
    api::steps::{self, RegisterConfirm as Confirm},
    components::{CallForm, FormCard, Load, Typed},
    pages::{leading_on, use_answered, use_next},
    paths,
    wire::load,
};
use leptos::prelude::*;

/// The page.
#[component]
pub fn RegisterConfirm() -> impl IntoView {
    page("Confirm your email", |_| {
        let next = use_next();
        let signed_in = use_answered(next);
        let step = load(|| (), |()| steps::step("register".to_owned()));
        let gone = move |()| step.refetch();
        let here = Signal::derive(move || next.with(|next| leading_on(paths::REGISTER_CONFIRM, next)));
        let register = move || next.with(|next| leading_on(paths::REGISTER, next));
        let foot = move || view! { "Wrong address? " <a href=register>"Change it"</a> };
        view! {
            <FormCard title="Confirm your email" lead="You are nearly done." foot>
            <Load data=step let:step>
                {match step {
                    Some(step) if step.over.is_none() => {
                        let [called, typed, again] = [(); 3].map(|()| step.challenge.clone());
                        view! {
                        <SentTo email=step.email />
                        <CallForm page=here next=next public=true button="Confirm" input=input(called) done=signed_in gone>
                            <CodeField challenge=typed />
                        </CallForm>
                        <SendAgain page=here challenge=again wait=step.resend_in gone />
                    }
                    .into_any()
                    }
                    over => view! {
                        <p class="notice" role="status">
                            "There is nothing to confirm here. "
                            {over.and_then(|step| step.over).map(why)}
                        </p>
                        <p><a class="button" href=register>"Create account"</a></p>
                    }
                    .into_any(),
                }}
            </Load>
            </FormCard>
        }
    })
}

/// Builds this step's call from the fields.
fn input(challenge: String) -> impl Fn(Typed) -> Confirm + 'static {
    move |form| Confirm {
        challenge: Some(challenge.clone()),
        code: Some(form.text("code").into()),
        token: None,
        link: None,
        password: None,
        name: None,
    }
}
