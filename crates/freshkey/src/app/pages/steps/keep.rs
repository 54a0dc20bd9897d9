//! The page to keep an account that is scheduled for deletion.

use super::why;
use crate::app::{
    api::steps::{self, KeepAccount},
    brand,
    components::{CallForm, FormCard, Load},
    device,
    pages::{leading_on, use_answered, use_next},
    paths,
    wire::load,
};
use leptos::prelude::*;

/// The page.
#[component]
pub fn LoginKeep() -> impl IntoView {
    brand::set_title("Keep your account?");
    let next = use_next();
    let signed_in = use_answered(next);
    let kept = load(|| (), |()| steps::step("keep".to_owned()));
    let here = Signal::derive(move || next.with(|next| leading_on(paths::LOGIN_KEEP, next)));
    let login = move || next.with(|next| leading_on(paths::LOGIN, next));
    view! {
        <FormCard title="Keep your account?" lead="There is still time.">
            <Load data=kept let:step>
                {match step {
                    Some(step) if step.over.is_none() => view! {
                        <p class="card-lead">
                            "Your account " <strong><bdi>{step.email}</bdi></strong> " is going to be deleted"
                            {step.delete_at.map(|at| format!(" on {}", device::day(at)))}
                            ". Until then you can keep it, with everything in it."
                        </p>
                        <CallForm page=here next=next public=true button="Keep my account"
                            input=|_| KeepAccount { challenge: None } done=signed_in gone=move |()| kept.refetch() />
                        <p class="quiet"><a href=paths::HOME>"No, delete it"</a></p>
                    }
                    .into_any(),
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
