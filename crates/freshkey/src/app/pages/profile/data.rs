//! The user's data: downloading it, and deleting the account.

use super::QUIET;
use crate::app::{
    api::profile,
    components::CallForm,
    device, paths, seam,
    session::{PageFacts, Session},
    types::{DeletionView, EndReason, Millis},
};
use leptos::prelude::*;

/// The form to download all data kept about the user. The browser itself sends it, because the answer is a file.
#[component]
pub(super) fn YourData() -> impl IntoView {
    let session = Session::get_context();
    view! {
        <section class="panel" aria-labelledby="data-heading">
            <h2 id="data-heading">"Your data"</h2>
            <p class="quiet">
                "Everything we keep about you, as a file: your account, sessions, activity, emails, and what you made here."
            </p>
            <form class="form" method="post" action=paths::API_EXPORT>
                <input type="hidden" name="_csrf" value=move || session.csrf_token() />
                <input type="hidden" name="form" value=paths::PROFILE />
                <button class=QUIET>"Download my data"</button>
            </form>
        </section>
    }
}

/// The form to delete the account. It takes two presses: the button is hidden behind another.
#[component]
pub(super) fn DeleteAccount() -> impl IntoView {
    let effect = match expect_context::<PageFacts>().delete_after {
        Millis(..=0) => "You are signed out everywhere at once, and everything is removed for good.".to_owned(),
        after => format!(
            "You are signed out everywhere at once. For {} you can still come back: sign in, and keep the account. \
             After that everything is removed for good.",
            device::lasting(after)
        ),
    };
    view! {
        <section class="panel" aria-labelledby="delete-heading">
            <h2 id="delete-heading">"Delete account"</h2>
            <p class="quiet">{effect}</p>
            <details class="disclosure">
                <summary class=QUIET>"Delete account …"</summary>
                <CallForm page=paths::PROFILE next=paths::LOGIN button="Yes, delete my account" button_class="button button-danger"
                    input=|_| profile::DeleteAccount {}
                    done=|_: DeletionView| seam::signed_out(Some(EndReason::Deleted)) />
            </details>
        </section>
    }
}
