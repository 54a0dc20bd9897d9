//! A dialog over the page with one form, so that nothing typed on the page is lost.

use super::{FormAlert, SubmitButton};
use leptos::{
    ev::{Event, MouseEvent, SubmitEvent},
    html,
    prelude::*,
};

/// The open dialog. Escape and "Not now" close it.
#[component]
pub(super) fn FormDialog<S, L>(
    /// The prefix of its ids.
    name: &'static str,
    /// The heading.
    heading: &'static str,
    /// The reason for the dialog.
    #[prop(into)]
    why: String,
    /// Where the browser itself posts the form. It is complete, so that a password does not end up in a URL after the
    /// client has stopped.
    action: &'static str,
    /// The button's text.
    button: &'static str,
    /// The field that gets the focus. By default the dialog would focus its first field, which may be filled in
    /// already.
    focus: NodeRef<html::Input>,
    /// The form's submit handler.
    submit: S,
    /// Whether the form is being sent.
    busy: Signal<bool>,
    /// The error message above the fields.
    message: Signal<Option<String>>,
    /// Called when the user declines.
    leave: L,
    /// The fields.
    children: Children,
) -> impl IntoView
where
    S: Fn(SubmitEvent) + 'static,
    L: Fn() + Copy + 'static,
{
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        // `show_modal` fails if the dialog is open already, which is fine.
        let _ = dialog.get().map(|dialog| dialog.show_modal());
        let _ = focus.try_get_untracked().flatten().map(|focus| focus.focus());
    });
    // Closing returns the focus to where it was.
    on_cleanup(move || {
        if let Some(dialog) = dialog.try_get_untracked().flatten() {
            dialog.close();
        }
    });
    let escape = move |event: Event| {
        event.prevent_default();
        leave();
    };
    let not_now = move |event: MouseEvent| {
        event.prevent_default();
        leave();
    };
    view! {
        <dialog class="dialog" aria-labelledby=format!("{name}-heading") aria-describedby=format!("{name}-why") node_ref=dialog
            on:cancel=escape>
            <h2 id=format!("{name}-heading")>{heading}</h2>
            <p id=format!("{name}-why") role="status">{why}</p>
            <form class="form" method="post" action=action on:submit=submit novalidate>
                <FormAlert message />
                {children()}
                <div class="dialog-actions">
                    <SubmitButton busy>{button}</SubmitButton>
                    <button class="button button-quiet" formmethod="dialog" formnovalidate on:click=not_now>"Not now"</button>
                </div>
            </form>
        </dialog>
    }
}
