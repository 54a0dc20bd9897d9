//! "Confirm it's you": a dialog over the page when a call needs a more recent sign-in. The call waits and is sent
//! again afterwards; nothing typed on the page is lost.

use super::{Field, FormFields, UsePasskey, form_dialog::FormDialog, go_on_where_wrong, sending, typed};
use crate::app::{
    api::step_up::step_up_status,
    error::ApiError,
    paths, seam,
    session::Session,
    types::{Secret, StepUpMethod},
};
use leptos::{html, prelude::*, task::spawn_local};
use leptos_router::hooks::use_location;

/// The heading of the dialog and of the page.
pub(in crate::app) const HEADING: &str = "Confirm it's you";
/// The reason, in the dialog and on the page.
pub(in crate::app) const WHY: &str = "You signed in a while ago. Confirm that it's still you to continue.";

/// The dialog, shown while a call waits for it.
#[component]
pub fn ConfirmIdentity() -> impl IntoView {
    let asked = RwSignal::new(false);
    seam::asks_by(asked);
    // The waiting calls end with the page.
    on_cleanup(seam::not_confirmed);
    move || asked.get().then(|| view! { <Dialog /> })
}

#[component]
fn Dialog() -> impl IntoView {
    let (password, code) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let (failed, methods) = (RwSignal::new(None::<ApiError>), RwSignal::new(None::<Vec<StepUpMethod>>));
    let options = RwSignal::new(None);
    go_on_where_wrong(move || failed.get(), vec![("password", password), ("code", code)]);
    // Until the answer comes, the dialog asks for the password.
    Effect::new(move |_| {
        spawn_local(async move {
            if let Ok(view) = step_up_status().await {
                methods.try_set(Some(view.methods));
                options.try_set(view.passkey_options.map(|options| options.json()));
            }
        });
    });
    // On success the client closes the dialog.
    let (submit, busy) = sending(move || {
        let typed_code = Some(Secret::from(typed(code))).filter(|code| !code.reveal().is_empty());
        let call = seam::confirm(typed(password).into(), typed_code, None);
        async move {
            let Err(error) = call.await else { return };
            for (name, node) in [("password", password), ("code", code)] {
                if let Some(input) = node.try_get_untracked().flatten().filter(|_| error.sentence(name).is_some()) {
                    input.set_value("");
                }
            }
            failed.try_set(Some(error));
        }
    });
    let used = move |credential| {
        let call = seam::confirm(Secret::default(), None, Some(credential));
        async move {
            if let Err(error) = call.await {
                failed.try_set(Some(error));
            }
        }
    };
    let message = Signal::derive(move || failed.get().map(|error| error.to_string()));
    let wrong = move |name: &'static str| Signal::derive(move || failed.with(|error| error.as_ref()?.sentence(name)));
    let here = use_location().pathname;
    let is = move |method| methods.with(|methods| methods.as_ref().map(|methods| methods.contains(&method)));
    let by_password = Memo::new(move |_| is(StepUpMethod::Password).unwrap_or(true));
    let by_code = Memo::new(move |_| is(StepUpMethod::Code) == Some(true) || wrong("code").with(Option::is_some));
    view! {
        <FormDialog name="confirm" heading=HEADING why=WHY action=paths::API_STEP_UP button="Confirm" focus=password submit
            busy message leave=seam::not_confirmed>
            <ConfirmFields ids=["confirm-password", "confirm-code"] by_password=by_password.into() by_code=by_code.into()
                errors=[wrong("password"), wrong("code")] nodes=[password, code] />
            <UsePasskey options used failed />
            <FormFields next=here page=Signal::derive(move || paths::with_next(paths::STEP_UP, &here.get())) />
        </FormDialog>
    }
}

/// The fields of the dialog and of the page: the password, and a code if needed.
#[component]
pub(in crate::app) fn ConfirmFields(
    /// The ids of the fields.
    ids: [&'static str; 2],
    /// Whether to ask for the password.
    by_password: Signal<bool>,
    /// Whether to ask for a code as well.
    by_code: Signal<bool>,
    /// The fields' errors.
    errors: [Signal<Option<String>>; 2],
    /// The fields' inputs.
    nodes: [NodeRef<html::Input>; 2],
) -> impl IntoView {
    let session = Session::get_context();
    // Not tracked, so that the field stays as it is.
    let email = untrack(|| session.user()).map(|user| user.email);
    let ([password_id, code_id], [password_error, code_error], [password, code]) = (ids, errors, nodes);
    view! {
        // For password managers, which want to know whose password it is.
        <input type="text" name="username" autocomplete="username" value=email readonly hidden />
        {move || by_password.get().then(|| view! {
            <Field name="password" id=password_id label="Password" kind="password" autocomplete="current-password"
                error=password_error node=password />
        })}
        {move || by_code.get().then(|| view! {
            <Field name="code" id=code_id label="Code" autocomplete="one-time-code" error=code_error node=code last=true />
        })}
    }
}
