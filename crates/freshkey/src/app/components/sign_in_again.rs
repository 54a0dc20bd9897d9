//! Over a page whose session has ended: the person is told why and signs in again, and nothing that
//! was typed is lost.

use super::{Field, form_dialog::FormDialog, go_on_where_wrong, sending, typed};
use crate::app::{
    address::use_open_instead,
    api::account::login,
    error::ApiError,
    paths, seam,
    session::{Session, SessionState},
    types::{EndReason, SignInAnswer},
};
use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;

/// The dialog, while it is needed.
#[component]
pub fn SignInAgain() -> impl IntoView {
    let session = Session::get_context();
    let interrupted = Memo::new(move |_| {
        session.0.with(|state| match state {
            SessionState::Interrupted(view, reason) => Some((view.user.email.clone(), *reason)),
            _ => None,
        })
    });
    move || interrupted.get().map(|(email, reason)| view! { <Dialog email reason /> })
}

#[component]
fn Dialog(email: String, reason: Option<EndReason>) -> impl IntoView {
    let here = use_location().pathname;
    let (email_node, password, remember) =
        (NodeRef::new(), NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let (failed, open_instead) = (RwSignal::new(None::<ApiError>), use_open_instead());
    go_on_where_wrong(move || failed.get(), vec![("email", email_node), ("password", password)]);
    // The client sets the page's session: the dialog goes, or for another account the page starts afresh.
    let (submit, busy) = sending(move || {
        let remember = remember.get_untracked().is_some_and(|input| input.checked());
        let call = login(typed(email_node), typed(password).into(), Some(remember));
        let open_instead = open_instead.clone();
        async move {
            match call.await {
                Ok(SignInAnswer::Session(_)) => {}
                // Another page asks for something first.
                Ok(SignInAnswer::Step(_)) => open_instead(&paths::with_next(paths::LOGIN_KEEP, &here.get_untracked())),
                Err(error) => failed.set(Some(error)),
            }
        }
    });
    let message = Signal::derive(move || failed.get().map(|error| error.to_string()));
    let wrong = move |name: &'static str| {
        Signal::derive(move || failed.with(|error| error.as_ref()?.fields.get(name).map(ToString::to_string)))
    };
    let why = reason.map_or("Your session has ended.", EndReason::sentence);
    view! {
        <FormDialog name="again" heading="Sign in again" why=format!("{why} Sign in to pick up where you left off.")
            action=paths::API_LOGIN button="Sign in" focus=password submit busy message leave=move || seam::leave(reason)>
            <input type="hidden" name="next" value=move || here.get() />
            <Field name="email" id="again-email" label="Email" kind="email" autocomplete="username" value=Some(email)
                error=wrong("email") node=email_node />
            <Field name="password" id="again-password" label="Password" kind="password" autocomplete="current-password"
                error=wrong("password") node=password />
            <label class="check">
                <input type="checkbox" name="remember" checked=true node_ref=remember />
                "Keep me signed in on this device"
            </label>
        </FormDialog>
    }
}
