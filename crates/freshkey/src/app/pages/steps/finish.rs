//! Where the link of a registration leads: the account is made with a password that is chosen here, or, in the browser
//! that registered, with the one that was chosen there.

use super::{page, why};
use crate::app::{
    api::steps::{self, RegisterConfirm},
    components::{CallForm, FormCard, FormField, FormNewPassword, Load, Typed},
    pages::{use_next, use_signed_in},
    paths,
    types::StepPage,
    wire::load,
};
use leptos::prelude::*;

/// The page.
#[component]
pub fn RegisterFinish() -> impl IntoView {
    page("Create your account", |_| {
        let link = load(|| (), |()| steps::link("register".to_owned()));
        view! {
            <Load data=link let:link>
                {match link {
                    Some(link) if link.over.is_none() => view! { <Finish link /> }.into_any(),
                    over => view! {
                        <FormCard title="Create your account"
                            foot=|| view! { "Already have an account? " <a href=paths::LOGIN>"Sign in"</a> }>
                        <p class="notice" role="status">
                            "This link can't be used any more. " {over.and_then(|link| link.over).map(why)}
                        </p>
                        <p><a class="button" href=paths::REGISTER>"Create account"</a></p>
                        </FormCard>
                    }
                    .into_any(),
                }}
            </Load>
        }
    })
}

#[component]
fn Finish(link: StepPage) -> impl IntoView {
    let next = use_next();
    let signed_in = use_signed_in(next);
    let StepPage { email, link, own, .. } = link;
    let sent = link.clone();
    let input = move |form: Typed| RegisterConfirm {
        challenge: None,
        code: None,
        token: None,
        link: sent.clone(),
        password: Some(form.text("password").into()).filter(|_| !own),
        name: Some(form.text("name")).filter(|_| !own),
    };
    view! {
        <FormCard title=format!("Create your account for {email}")>
        <CallForm page=paths::REGISTER_FINISH next=next public=true button="Create account" input done=signed_in>
            <input type="hidden" name="link" value=link />
            {(!own).then(|| view! {
                <input type="text" name="username" autocomplete="username" value=email.clone() readonly hidden />
                <FormField name="name" label="Name" autocomplete="name" optional=true />
                <FormNewPassword name="password" label="Password" email=email.clone() />
            })}
        </CallForm>
        </FormCard>
    }
}
