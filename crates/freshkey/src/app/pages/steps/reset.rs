//! The page to choose a new password, with an emailed code or its link.

use super::{
    code::{CodeField, SendAgain, SentTo},
    page, why,
};
use crate::app::{
    address::use_open_instead,
    api::steps::{self, ForgotPassword, ResetPassword},
    components::{CallForm, FormCard, FormNewPassword, Load, Typed},
    error::ApiError,
    pages::{leading_on, use_next},
    paths,
    refused_form::use_done,
    types::StepPage,
    wire::load,
};
use leptos::prelude::*;

/// The page.
#[component]
pub fn Reset() -> impl IntoView {
    page("Choose a new password", |_| {
        let (next, asked, open_instead) = (use_next(), RwSignal::new(0), use_open_instead());
        let say_done = use_done(paths::API_RESET);
        let changed = move |login: Option<String>| {
            say_done();
            open_instead.to(login);
        };
        let step = load(move || asked.get(), |_| link_or_step());
        let gone = move |()| step.refetch();
        let here = Signal::derive(move || next.with(|next| leading_on(paths::RESET, next)));
        let login = Signal::derive(move || next.with(|next| leading_on(paths::LOGIN, next)));
        let forgot = move || next.with(|next| leading_on(paths::FORGOT, next));
        let foot = move || view! { <a href=move || login.get()>"Back to sign in"</a> };
        view! {
            <FormCard title="Choose a new password" lead="It signs you out on every device." foot>
            <Load data=step let:step>
                {match step {
                    Some(step) if step.over.is_none() => view! { <Choose step here login gone done=move || changed(login.try_get_untracked()) /> }.into_any(),
                    Some(StepPage { over: Some(reason), link: Some(_), email, .. }) => {
                        let to = email.clone();
                        view! {
                            <p class="notice" role="status">"This link can't be used any more. " {why(reason)}</p>
                            <CallForm page=here next=next public=true button="Send me a new one"
                                input=move |_| ForgotPassword { email: to.clone() }
                                done=move |_| asked.update(|asked| *asked += 1)>
                                <input type="hidden" name="email" value=email />
                            </CallForm>
                        }
                        .into_any()
                    }
                    over => view! {
                        <p class="notice" role="status">
                            "Ask for a code first. " {over.and_then(|step| step.over).map(why)}
                        </p>
                        <p><a class="button" href=forgot>"Send me a code"</a></p>
                    }
                    .into_any(),
                }}
            </Load>
            </FormCard>
        }
    })
}

/// Loads what the page works with: a usable link, else an open step, else whichever of them is over.
async fn link_or_step() -> Result<Option<StepPage>, ApiError> {
    let open = |page: &Option<StepPage>| page.as_ref().is_some_and(|page| page.over.is_none());
    let link = steps::link("reset".to_owned()).await?;
    if open(&link) {
        return Ok(link);
    }
    let step = steps::step("reset".to_owned()).await?;
    Ok(if open(&step) { step } else { link.or(step) })
}

#[component]
fn Choose(
    step: StepPage,
    here: Signal<String>,
    login: Signal<String>,
    done: impl Fn() + Clone + Send + Sync + 'static,
    #[prop(into)] gone: Callback<()>,
) -> impl IntoView {
    let StepPage { challenge, email, link, resend_in, .. } = step;
    let (by_link, by_code) = (link.clone(), link.is_none());
    let (named, again) = (challenge.clone(), challenge.clone());
    let input = move |form: Typed| ResetPassword {
        challenge: Some(named.clone()).filter(|_| by_link.is_none()),
        code: Some(form.text("code").into()).filter(|_| by_link.is_none()),
        token: None,
        link: by_link.clone(),
        new_password: form.text("new_password").into(),
    };
    view! {
        {match &link {
            Some(_) => view! { <p class="card-lead">"For the account " <strong><bdi>{email.clone()}</bdi></strong> "."</p> }.into_any(),
            None => view! { <SentTo email=email.clone() if_account=true /> }.into_any(),
        }}
        <CallForm page=here next=login public=true button="Change password" input gone done=move |()| done()>
            // For password managers, which want to know whose password it is.
            <input type="text" name="username" autocomplete="username" value=email.clone() readonly hidden />
            {match link {
                Some(link) => view! { <input type="hidden" name="link" value=link /> }.into_any(),
                None => view! { <CodeField challenge /> }.into_any(),
            }}
            <FormNewPassword name="new_password" label="New password" email=email.clone() />
        </CallForm>
        {by_code.then(|| view! { <SendAgain page=here challenge=again wait=resend_in gone /> })}
    }
}
