//! The way out: a form, so that it works without WASM as well.

use super::{
    icon::{Icon, Shape},
    submit::{SubmitButton, once},
};
use crate::app::{api::account::logout, error::ApiError, paths, seam, session::Session, types::EndReason};
use leptos::prelude::*;

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
    let submit = once(pending, move || {
        sign_out.dispatch(());
    });
    view! {
        <form class="sign-out" method="post" action=paths::API_LOGOUT on:submit=submit>
            <input type="hidden" name="_csrf" value=move || session.csrf_token() />
            <input type="hidden" name="next" value=paths::LOGIN />
            <SubmitButton busy=pending class="button button-quiet button-small sign-out-button">
                <Icon shape=Shape::Leave />
                <span>"Sign out"</span>
            </SubmitButton>
            <span class="sign-out-failed" role="status">
                {move || failed().then_some("You are still signed in: the server can't be reached.")}
            </span>
        </form>
    }
}
