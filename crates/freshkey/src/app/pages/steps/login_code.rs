//! Signing in with an emailed code: asking for it, and typing it.

use super::{
    code::{CodeField, SendAgain, SentTo},
    page, why,
};
use crate::app::{
    address::use_query_value,
    api::steps::{self, LoginCode as Ask, LoginCodeConfirm as Confirm},
    components::{CallForm, FormCard, FormField, Load, NotFound, Typed, ticked},
    pages::{leading_on, use_answered, use_next},
    paths, seam,
    types::StepReason,
    wire::load,
};
use leptos::{html, prelude::*};

/// The page.
#[component]
pub fn LoginCode() -> impl IntoView {
    page("Sign in with a code", |features| {
        if !features.mail_sign_in {
            seam::no_page();
            return view! { <NotFound /> }.into_any();
        }
        let next = use_next();
        // Users who want another address start again.
        let other = use_query_value("other");
        let asked = RwSignal::new(0);
        let step = load(move || asked.get(), |_| steps::step("sign_in".to_owned()));
        // The page then says why, and asks for the address again.
        let gone = move |()| step.refetch();
        let here = Signal::derive(move || next.with(|next| leading_on(paths::LOGIN_CODE, next)));
        let again = move || here.with(|here| format!("{here}{}other=1", if here.contains('?') { '&' } else { '?' }));
        let login = move || next.with(|next| leading_on(paths::LOGIN, next));
        let foot = move || view! { <a href=login>"Sign in with your password"</a> };
        view! {
            <FormCard title="Sign in with a code" lead="No password needed." foot>
            <Load data=step let:step>
                {match step {
                    Some(step) if step.over.is_none() && (other.with(Option::is_none) || asked.get() > 0) => view! {
                        <SentTo email=step.email if_account=true />
                        <TypeCode here next challenge=step.challenge.clone() gone />
                        <SendAgain page=here challenge=step.challenge wait=step.resend_in gone />
                        <p class="quiet">"Wrong address? " <a href=again>"Change it"</a></p>
                    }
                    .into_any(),
                    before => view! {
                        {before
                            .and_then(|step| step.over)
                            .filter(|reason| *reason != StepReason::Used)
                            .map(|reason| view! { <p class="notice" role="status">"Ask for a new code. " {why(reason)}</p> })}
                        <CallForm page=here next=next public=true button="Email me a code"
                            input=|form| Ask { email: form.text("email") } done=move |_| asked.update(|asked| *asked += 1)>
                            <FormField name="email" label="Email" kind="email" autocomplete="username" autofocus=true />
                        </CallForm>
                    }
                    .into_any(),
                }}
            </Load>
            </FormCard>
        }
        .into_any()
    })
}

#[component]
fn TypeCode(
    here: Signal<String>,
    next: Memo<String>,
    challenge: String,
    #[prop(into)] gone: Callback<()>,
) -> impl IntoView {
    let done = use_answered(next);
    let remember = NodeRef::<html::Input>::new();
    let named = challenge.clone();
    let input = move |form: Typed| Confirm {
        challenge: Some(named.clone()),
        code: form.text("code").into(),
        remember: Some(ticked(remember)),
    };
    view! {
        <CallForm page=here next=next public=true button="Confirm" input done gone>
            <CodeField challenge />
            <label class="check">
                <input type="checkbox" name="remember" checked node_ref=remember />
                "Keep me signed in on this device"
            </label>
        </CallForm>
    }
}
