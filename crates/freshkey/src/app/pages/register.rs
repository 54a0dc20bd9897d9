//! The registration page.

use super::AccountForm;
use crate::app::{
    api::account::{self, register_with},
    brand,
    components::{
        Field, FormCard, FormContext, FormFields, NewPassword, SubmitButton, go_on_where_wrong, sending, typed,
    },
    paths,
    types::SignInAnswer,
};
use leptos::prelude::*;

/// The registration page.
#[component]
pub fn Register() -> impl IntoView {
    view! { <RegisterWith>""</RegisterWith> }
}

/// The registration page, with the app's own fields after the password.
#[component]
pub fn RegisterWith(
    /// [`FormField`](crate::app::components::FormField)s.
    children: Children,
) -> impl IntoView {
    brand::set_title("Create account");
    let form = AccountForm::new(paths::REGISTER, paths::API_REGISTER);
    let (name, email, password) = (NodeRef::new(), NodeRef::new(), NodeRef::new());
    let own = FormContext::provide(form.refused, form.error).typed;
    let children = children();
    let fields = [("name", name), ("email", email), ("password", password)];
    go_on_where_wrong(move || form.error.get(), fields.into_iter().chain(own.nodes()).collect());
    let (submit, busy) = sending(move || {
        let account = account::Register {
            email: typed(email),
            password: typed(password).into(),
            name: Some(typed(name)),
            remember: None,
        };
        let call = register_with(account, own.all());
        async move {
            match call.await {
                Ok(SignInAnswer::Session(answer)) => form.done(Ok(*answer)),
                Ok(SignInAnswer::Step(step)) => form.goes_on(step.status.page().unwrap_or(paths::REGISTER_CONFIRM)),
                Err(error) => form.done(Err(error)),
            }
        }
    });
    let login = form.leading_on(paths::LOGIN);
    let sign_in_instead = move || form.is_taken().then(|| view! { " " <a href=login>"Sign in instead"</a> });
    view! {
        <FormCard title="Create your account" lead="It takes a minute." message=form.message()
            foot=move || view! { "Already have an account? " <a href=login>"Sign in"</a> } note=super::proof>
            <form class="form" method="post" action=paths::API_REGISTER novalidate on:submit=submit>
                <Field name="name" label="Name" autocomplete="name" optional=true value=form.refused.typed("name")
                    error=form.field_error("name") node=name autofocus=true />
                <Field name="email" label="Email" kind="email" autocomplete="username" value=form.refused.typed("email")
                    error=form.field_error("email") node=email way_on=move || sign_in_instead />
                <NewPassword name="password" label="Password" about=move || (typed(email), typed(name))
                    error=form.field_error("password") node=password />
                {children}
                <FormFields next=form.next page=form.page() public=true />
                <SubmitButton busy>"Create account"</SubmitButton>
            </form>
        </FormCard>
    }
}
