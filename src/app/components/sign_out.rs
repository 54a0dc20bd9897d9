//! The way out: a form, so that it works without WASM as well.

use crate::app::{api::account::logout, error::ApiError, paths, seam, session::Session, types::EndReason};
use leptos::{ev::SubmitEvent, prelude::*};

/// The button.
#[component]
pub fn SignOut() -> impl IntoView {
    let session = Session::get_context();
    let sign_out = Action::new(move |(): &()| async move {
        logout().await?;
        seam::signed_out(Some(EndReason::SignedOut));
        Ok::<_, ApiError>(())
    });
    let pending = sign_out.pending();
    let failed = move || sign_out.value().with(|value| matches!(value, Some(Err(_))));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !pending.get_untracked() {
            sign_out.dispatch(());
        }
    };
    view! {
        <form class="sign-out" method="post" action=paths::API_LOGOUT on:submit=submit>
            <input type="hidden" name="_csrf" value=move || session.csrf_token() />
            <input type="hidden" name="next" value=paths::LOGIN />
            <button class="button button-quiet button-small" aria-busy=move || pending.get().to_string()>"Sign out"</button>
            <span class="sign-out-failed" role="status">
                {move || failed().then_some("You are still signed in: the server can't be reached.")}
            </span>
        </form>
    }
}
