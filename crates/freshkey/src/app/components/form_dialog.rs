//! A dialog over the page with one form in it: nothing that was typed on the page is lost.

use super::{FormAlert, SubmitButton};
use leptos::{
    ev::{Event, MouseEvent, SubmitEvent},
    html,
    prelude::*,
};

/// The dialog, open. Escape and "Not now" leave it.
#[component]
pub(super) fn FormDialog<S, L>(
    /// What its ids begin with.
    name: &'static str,
    /// What it is called.
    heading: &'static str,
    /// Why it is there.
    #[prop(into)]
    why: String,
    /// Where the form posts by itself. The form is complete, so that a password is not sent as part of a URL where the
    /// client has ended.
    action: &'static str,
    /// What the button says.
    button: &'static str,
    /// The field that gets the focus: by itself the dialog gives it to its first one, which may be filled in.
    focus: NodeRef<html::Input>,
    /// Sends the form.
    submit: S,
    /// Whether it is under way.
    busy: Signal<bool>,
    /// The sentence above the fields.
    message: Signal<Option<String>>,
    /// The person will not.
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
        // One that is open already stays so.
        let _ = dialog.get().map(|dialog| dialog.show_modal());
        let _ = focus.try_get_untracked().flatten().map(|focus| focus.focus());
    });
    // The focus goes back to where it was.
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
