//! The page that a registration's link opens. It creates the account with a password chosen here or, in the browser
//! that registered, with the one chosen there.

use super::{page, why};
use crate::app::{
    api::steps::{self, RegisterConfirm},
    components::{
        FormCard, FormContext, FormField, FormFields, FormNewPassword, Load, SubmitButton, go_on_where_wrong, sending,
    },
    error::ApiError,
    pages::{use_answered, use_next},
    paths,
    refused_form::RefusedForm,
    types::StepPage,
    wire::load,
};
use leptos::{prelude::*, server_fn::ServerFn};

const NAME: &str = "name";
const PASSWORD: &str = "password";

/// The page.
#[component]
pub fn RegisterFinish() -> impl IntoView {
    view! { <RegisterFinishWith>""</RegisterFinishWith> }
}

/// The page with the app's own fields after the password: those that
/// [`RegisterWith`](crate::app::pages::register::RegisterWith) asks for in the browser that registers. In another
/// browser this page asks for them.
#[component]
pub fn RegisterFinishWith(
    /// [`FormField`]s.
    children: ChildrenFn,
) -> impl IntoView {
    page("Create your account", move |_| {
        let link = load(|| (), |()| steps::link("register".to_owned()));
        view! {
            <Load data=link let:link>
                {match link {
                    Some(link) if link.over.is_none() => view! { <Finish link children=children.clone() /> }.into_any(),
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
fn Finish(link: StepPage, children: ChildrenFn) -> impl IntoView {
    let next = use_next();
    let answered = use_answered(next);
    let StepPage { email, link, own, .. } = link;
    let error = RwSignal::new(None::<ApiError>);
    let typed = FormContext::provide(RefusedForm::of(RegisterConfirm::PATH), error).typed;
    let title = format!("Create your account for {email}");
    let fields = (!own).then(|| {
        view! {
            <input type="text" name="username" autocomplete="username" value=email.clone() readonly hidden />
            <FormField name=NAME label="Name" autocomplete="name" optional=true />
            <FormNewPassword name=PASSWORD label="Password" email />
            {children()}
        }
    });
    go_on_where_wrong(move || error.get(), typed.nodes());
    let sent = link.clone();
    let (submit, busy) = sending(move || {
        let confirm = RegisterConfirm {
            challenge: None,
            code: None,
            token: None,
            link: sent.clone(),
            password: Some(typed.text(PASSWORD).into()).filter(|_| !own),
            name: Some(typed.text(NAME)).filter(|_| !own),
        };
        let apps = typed.all().into_iter().filter(|(name, _)| ![NAME, PASSWORD].contains(name)).collect();
        let call = steps::register_confirm_with(confirm, apps);
        async move {
            match call.await {
                Ok(answer) => answered(answer),
                Err(refused) => error.set(Some(refused)),
            }
        }
    });
    let message = Signal::derive(move || error.get().map(|error| error.to_string()));
    view! {
        <FormCard title lead="One more step." message>
            <form class="form" method="post" action=RegisterConfirm::PATH novalidate on:submit=submit>
                <input type="hidden" name="link" value=link />
                {fields}
                <FormFields next=next page=paths::REGISTER_FINISH public=true />
                <SubmitButton busy>"Create account"</SubmitButton>
            </form>
        </FormCard>
    }
}
