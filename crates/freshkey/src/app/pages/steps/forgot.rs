//! The page to report a forgotten password.

use super::page;
use crate::app::{
    address::use_open_instead,
    api::steps::ForgotPassword,
    components::{CallForm, FormCard, FormField},
    pages::{leading_on, use_next},
    paths,
};
use leptos::prelude::*;

/// The page.
#[component]
pub fn Forgot() -> impl IntoView {
    page("Forgot your password?", |_| {
        let (next, open_instead) = (use_next(), use_open_instead());
        let here = Signal::derive(move || next.with(|next| leading_on(paths::FORGOT, next)));
        let login = move || next.with(|next| leading_on(paths::LOGIN, next));
        let foot = move || view! { "Remembered it? " <a href=login>"Sign in"</a> };
        view! {
            <FormCard title="Forgot your password?" lead="We'll email you a code to choose a new one." foot>
            <CallForm page=here next=next public=true button="Send me a code"
                input=|form| ForgotPassword { email: form.text("email") } done=move |_| open_instead.to(next.try_with_untracked(|next| leading_on(paths::RESET, next)))>
                <FormField name="email" label="Email" kind="email" autocomplete="username" autofocus=true />
            </CallForm>
            </FormCard>
        }
    })
}
