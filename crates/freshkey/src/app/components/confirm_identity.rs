//! "Confirm it's you": over a page one of whose calls needs a more recent sign-in. The call waits, and is sent again
//! afterwards; nothing that was typed is lost.

use super::{Field, FormFields, form_dialog::FormDialog, go_on_where_wrong, sending, typed};
use crate::app::{error::ApiError, paths, seam, session::Session};
use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;

/// What the person is asked, in the dialog and on the page.
pub(in crate::app) const HEADING: &str = "Confirm it's you";
/// Why.
pub(in crate::app) const WHY: &str = "You signed in a while ago. Enter your password to go on.";

/// The dialog, while a call waits for it.
#[component]
pub fn ConfirmIdentity() -> impl IntoView {
    let asked = RwSignal::new(false);
    seam::asks_by(asked);
    // Whoever waited goes with the page.
    on_cleanup(seam::not_confirmed);
    move || asked.get().then(|| view! { <Dialog /> })
}

#[component]
fn Dialog() -> impl IntoView {
    let (password, failed) = (NodeRef::<html::Input>::new(), RwSignal::new(None::<ApiError>));
    go_on_where_wrong(move || failed.get(), vec![("password", password)]);
    // The client closes the dialog.
    let (submit, busy) = sending(move || {
        let call = seam::confirm(typed(password).into());
        async move {
            let Err(error) = call.await else { return };
            if let Some(input) = password.try_get_untracked().flatten().filter(|_| wrong(Some(&error)).is_some()) {
                input.set_value("");
            }
            failed.try_set(Some(error));
        }
    });
    let message = Signal::derive(move || failed.get().map(|error| error.to_string()));
    let here = use_location().pathname;
    view! {
        <FormDialog name="confirm" heading=HEADING why=WHY action=paths::API_STEP_UP button="Confirm" focus=password submit
            busy message leave=seam::not_confirmed>
            <ConfirmFields id="confirm-password" error=Signal::derive(move || failed.with(|error| wrong(error.as_ref()))) node=password />
            <FormFields next=here page=Signal::derive(move || paths::with_next(paths::STEP_UP, &here.get())) />
        </FormDialog>
    }
}

fn wrong(error: Option<&ApiError>) -> Option<String> {
    error?.sentence("password").map(str::to_owned)
}

/// The fields, in the dialog and on the page.
#[component]
pub(in crate::app) fn ConfirmFields(
    /// The id of the password's field.
    id: &'static str,
    /// What is wrong with the password.
    error: Signal<Option<String>>,
    /// Its input.
    node: NodeRef<html::Input>,
) -> impl IntoView {
    let session = Session::get_context();
    // Not tracked: the field stays as it is.
    let email = untrack(|| session.user()).map(|user| user.email);
    view! {
        // For password managers, which want to know whose password it is.
        <input type="text" name="username" autocomplete="username" value=email readonly hidden />
        <Field name="password" id label="Password" kind="password" autocomplete="current-password" error node />
    }
}
