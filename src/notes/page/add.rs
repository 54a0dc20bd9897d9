//! The form for a new note.

use super::{Notes, field::NoteField, refused, sentence};
use crate::notes::rules::{text_flaw, tidy};
use freshkey::app::{components::FormFields, paths, seam, wire};
use leptos::{ev::SubmitEvent, html, prelude::*};

/// The form. The note appears in the list at once; if the server refuses it, it comes back into the form.
#[component]
pub(super) fn AddNote() -> impl IntoView {
    let notes = Notes::get_context();
    let node = NodeRef::<html::Textarea>::new();
    let (typed, wrong) = refused(crate::notes::paths::NOTES);
    let error = RwSignal::new(wrong);
    // A form that is sent twice adds only one note.
    let id = RwSignal::new(wire::handed_over(seam::fresh_id));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (Some(area), Some(fresh)) = (node.try_get_untracked().flatten(), id.try_get_untracked()) else { return };
        let text = tidy(&area.value());
        let flaw = text_flaw(&text);
        error.set(flaw.clone());
        if flaw.is_none() {
            notes.add(&fresh, text);
            id.set(seam::fresh_id());
            area.set_value("");
        }
        // Focusing fails if the field is gone, which is fine.
        let _ = area.focus();
    };
    Effect::new(move |_| {
        let (Some(id), Some(area)) = (notes.refused(), node.get()) else { return };
        // Don't disturb what the user is writing: the refused note stays in the list, with the reason.
        if !area.value().trim().is_empty() {
            return;
        }
        if let Some(entry) = notes.take(&id) {
            area.set_value(&entry.text);
            error.set(entry.failed.map(|error| sentence(&error).into_owned()));
            let _ = area.focus();
        }
    });
    view! {
        <form class="form notes-add" method="post" action=crate::notes::paths::NOTES on:submit=submit>
            <FormFields next=paths::APP page=paths::APP />
            <input type="hidden" name="id" value=move || id.get() />
            <NoteField id="new-note".to_owned() label="New note" value=typed error=error.into() node />
            <button class="button">"Add note"</button>
        </form>
    }
}
