//! A note in the list, closed or open for editing.

use super::{Notes, entry::Entry, field::NoteField, refused, sentence};
use crate::notes::rules::{text_flaw, tidy};
use freshkey::app::{
    components::{FormFields, LiveText, Toasts, When, focus_past_item, is_key},
    paths,
    types::Millis,
};
use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    html,
    prelude::*,
};
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// How many characters of a note its buttons' labels quote.
const NAME_CHARS: usize = 40;

/// A note. The URL says which one is open, so that the link also works without WASM.
#[component]
pub(super) fn Item(
    id: String,
    heading: NodeRef<html::H2>,
    /// The id of the note that is open for editing.
    editing: Memo<Option<String>>,
) -> impl IntoView {
    let notes = Notes::get_context();
    let entry = {
        let id = id.clone();
        Memo::new(move |_| notes.find(&id))
    };
    let is_open = {
        let id = id.clone();
        Memo::new(move |_| editing.with(|editing| editing.as_ref() == Some(&id)))
    };
    // When the note closes, the focus returns to its "Edit" link.
    let was_open = StoredValue::new(false);
    let item = NodeRef::new();
    view! {
        <li class="note" node_ref=item>
            {move || if is_open.get() {
                was_open.set_value(true);
                view! { <Open id=id.clone() entry /> }.into_any()
            } else {
                view! { <Closed id=id.clone() entry was_open item heading /> }.into_any()
            }}
        </li>
    }
}

#[component]
fn Closed(
    id: String,
    entry: Memo<Option<Entry>>,
    was_open: StoredValue<bool>,
    item: NodeRef<html::Li>,
    heading: NodeRef<html::H2>,
) -> impl IntoView {
    let notes = Notes::get_context();
    let link = NodeRef::<html::A>::new();
    Effect::new(move |_| {
        if let Some(link) = link.get()
            && was_open.try_update_value(std::mem::take) == Some(true)
        {
            let _ = link.focus();
        }
    });
    let text = move || entry.with(|entry| entry.as_ref().map(|entry| entry.text.clone()).unwrap_or_default());
    let named = move |verb: &str| format!("{verb} note: {}", name(&text()));
    let is_unsaved = Memo::new(move |_| entry.with(|entry| entry.as_ref().is_some_and(|entry| entry.failed.is_some())));
    let is_red = Memo::new(move |_| entry.with(|entry| entry.as_ref().is_some_and(is_refused)));
    let times = Memo::new(move |_| entry.with(|entry| entry.as_ref().and_then(times)));
    let is_unwanted = Memo::new(move |_| entry.with(|entry| entry.as_ref().is_some_and(|entry| !entry.present)));
    let (href, deleted, id) = (crate::notes::paths::edit(&id), id.clone(), StoredValue::new(id));
    view! {
        <p class="note-text" dir="auto">{text}</p>
        <p class="note-facts" class:note-unsaved=move || is_red.get()>
            {move || match times.get() {
                Some((at, None)) => view! { <When at /> }.into_any(),
                Some((at, Some(edited))) => view! { <When at /> " · edited " <When at=edited /> }.into_any(),
                None => view! {
                    <LiveText text=Signal::derive(move || entry.with(|entry| entry.as_ref().map(facts)).unwrap_or_default()) />
                }
                .into_any(),
            }}
        </p>
        <div class="note-actions">
            {move || is_unsaved.get().then(|| view! {
                <button type="button" class="button button-quiet button-small" aria-label=move || format!("Try again: {}", name(&text())) on:click=move |_| { id.try_with_value(|id| notes.tell(id)); }>"Try again"</button>
            })}
            {move || if is_unwanted.get() {
                view! {
                    <button type="button" class="button button-quiet button-small" aria-label=move || format!("Keep it: {}", name(&text())) on:click=move |_| { id.try_with_value(|id| notes.bring_back(id)); }>"Keep it"</button>
                }
                .into_any()
            } else {
                view! {
                    <a class="button button-quiet button-small" href=href.clone() data-noscroll="true" aria-label=move || named("Edit") node_ref=link>"Edit"</a>
                    <Delete id=deleted.clone() label=Signal::derive(move || named("Delete")) item heading />
                }
                .into_any()
            }}
        </div>
    }
}

#[component]
fn Delete(id: String, label: Signal<String>, item: NodeRef<html::Li>, heading: NodeRef<html::H2>) -> impl IntoView {
    let (notes, toasts) = (Notes::get_context(), Toasts::get_context());
    let next = crate::notes::paths::deleted(&id);
    // By the time of the undo, another page may be open.
    let focus_heading = move || heading.try_get_untracked().flatten().map(|heading| heading.focus());
    let submit = {
        let id = id.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            let undo = {
                let id = id.clone();
                move || {
                    notes.bring_back(&id);
                    focus_heading();
                }
            };
            // The button disappears with the note.
            focus_past_item(item, heading);
            notes.delete(&id, toasts, toasts.offer("Note deleted", "Undo", undo));
        }
    };
    view! {
        <form method="post" action=crate::notes::paths::DELETE on:submit=submit>
            <FormFields next page=paths::APP />
            <input type="hidden" name="id" value=id />
            <button class="button button-quiet button-small" aria-label=label>"Delete"</button>
        </form>
    }
}

#[component]
fn Open(id: String, entry: Memo<Option<Entry>>) -> impl IntoView {
    let notes = Notes::get_context();
    let node = NodeRef::<html::Textarea>::new();
    let (typed, wrong) = refused(crate::notes::paths::EDIT);
    let value = typed.or_else(|| untrack(|| entry.with(|entry| entry.as_ref().map(|entry| entry.text.clone()))));
    let error = RwSignal::new(wrong);
    Effect::new(move |_| {
        if let Some(area) = node.get() {
            let _ = area.focus();
        }
    });
    let close = {
        let navigate = use_navigate();
        move || {
            let in_place = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
            navigate(paths::APP, in_place);
        }
    };
    let close_by_key = {
        let close = close.clone();
        move |event: KeyboardEvent| {
            // Escape also ends an input method's composition.
            if is_key(&event, "Escape") && !event.is_composing() {
                close();
            }
        }
    };
    let submit = {
        let id = id.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            let Some(area) = node.try_get_untracked().flatten() else { return };
            let text = tidy(&area.value());
            let flaw = text_flaw(&text);
            if flaw.is_some() {
                error.set(flaw);
                let _ = area.focus();
                return;
            }
            notes.edit(&id, text);
            close();
        }
    };
    let page = crate::notes::paths::edit(&id);
    view! {
        <form class="form notes-edit" method="post" action=crate::notes::paths::EDIT on:submit=submit on:keydown=close_by_key>
            <FormFields next=paths::APP page />
            <input type="hidden" name="id" value=id.clone() />
            <NoteField id=format!("note-{id}") label="Edit note" value error=error.into() node />
            <div class="note-actions">
                <button class="button button-small">"Save"</button>
                <a class="button button-quiet button-small" href=paths::APP data-noscroll="true">"Cancel"</a>
            </div>
        </form>
    }
}

/// The beginning of a note's first line.
fn name(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= NAME_CHARS {
        return line.to_owned();
    }
    format!("{} …", line.chars().take(NAME_CHARS).collect::<String>().trim_end())
}

/// The status of a note whose latest state the server does not have.
pub(super) fn facts(entry: &Entry) -> String {
    match &entry.failed {
        Some(_) if entry.waits() => "Waiting to send".to_owned(),
        Some(error) if entry.present => format!("Not saved. {}", sentence(error)),
        Some(error) => format!("Not deleted. {}", sentence(error)),
        None if entry.busy => "Saving …".to_owned(),
        None => String::new(),
    }
}

/// Whether the server refused the note; waiting for the network does not count.
pub(super) fn is_refused(entry: &Entry) -> bool {
    entry.failed.is_some() && !entry.waits()
}

/// When the note was created and, if it was changed, when; `None` while the server does not have the latest state.
fn times(entry: &Entry) -> Option<(Millis, Option<Millis>)> {
    let (created, updated) = entry.times.filter(|_| !entry.is_unsettled())?;
    Some((created, (updated > created).then_some(updated)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use freshkey::app::error::Code;

    #[test]
    fn a_name_is_short_and_on_one_line() {
        assert_eq!(name("Milk\nBread"), "Milk");
        assert_eq!(name(&"ab ".repeat(20)), format!("{} …", "ab ".repeat(13) + "a"));
    }

    #[test]
    fn what_is_not_saved_says_so() {
        let mut entry = Entry::new("id".to_owned(), "a".to_owned());
        entry.busy = true;
        assert_eq!(facts(&entry), "Saving …");
        (entry.busy, entry.times) = (false, Some((Millis::ZERO, Millis(60_000))));
        assert_eq!(times(&entry), Some((Millis::ZERO, Some(Millis(60_000)))));
        entry.failed = Some(Code::Unreachable.into());
        assert_eq!((facts(&entry).as_str(), is_refused(&entry), times(&entry)), ("Waiting to send", false, None));
        entry.failed = Some(Code::Forbidden.into());
        assert_eq!((facts(&entry).as_str(), is_refused(&entry)), ("Not saved. Not allowed", true));
    }
}
