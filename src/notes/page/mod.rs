//! The notes on the dashboard: the pattern for a list of your own. The server renders the list with its data, changes
//! appear at once and are sent in the background, and without WASM everything works as plain forms.
//!
//! | file | what it has |
//! |---|---|
//! | `entry` | the rules: what the page shows, and what still has to be sent |
//! | `state` | the page's notes, and the calls |
//! | `add`, `item`, `field` | the components |

mod add;
mod entry;
mod field;
mod item;
mod state;

pub use state::Notes;

use crate::notes::api;
use add::AddNote;
use entry::Entry;
use freshkey::app::{
    address::use_query_value,
    components::{Empty, FormFields, LiveText, Shape},
    error::{ApiError, Code},
    paths,
    refused_form::RefusedForm,
    seam,
    session::Session,
    wire::load,
};
use item::Item;
use leptos::{html, prelude::*};

/// The panel.
#[component]
pub fn NotesPanel() -> impl IntoView {
    let (session, notes) = (Session::get_context(), Notes::get_context());
    notes.belong_to(untrack(|| session.user()).map(|user| user.id));
    // The server renders the list with its data; the browser calls only when the user comes from another page.
    let list = load(
        || (),
        move |()| {
            notes.asked();
            api::notes()
        },
    );
    let heading = NodeRef::new();
    let editing = use_query_value("edit");
    if notes.is_first_look() {
        // This asks on every page, since the notes outlive this one.
        seam::ask_before_leaving(move || notes.unfinished());
    }
    view! {
        <section class="panel notes" aria-labelledby="notes-heading">
            <h2 id="notes-heading" tabindex="-1" node_ref=heading>"Notes"</h2>
            <p>"Only you can see these. They save in the background, and this is the pattern to copy for your own lists."</p>
            <Deleted />
            <AddNote />
            <Transition fallback=Waiting>
                {move || Suspend::new(async move {
                    let refused = match list.await {
                        Ok(items) => {
                            notes.arrived(items);
                            None
                        }
                        Err(error) if error.code.is_passing() => return view! { <Waiting /> }.into_any(),
                        Err(error) => Some(error),
                    };
                    view! {
                        {refused.map(|error| view! {
                            <p class="alert" role="alert">
                                {sentence(&error)} " "
                                <button type="button" class="button button-quiet button-small" on:click=move |_| list.refetch()>"Try again"</button>
                            </p>
                        })}
                        <List heading editing />
                    }
                    .into_any()
                })}
            </Transition>
        </section>
    }
}

/// Shows the unsent notes while the server's list is loading. It offers no actions, since the list replaces these
/// entries.
#[component]
fn Waiting() -> impl IntoView {
    let notes = Notes::get_context();
    let item = |entry: Entry| {
        view! {
            <li class="note">
                <p class="note-text" dir="auto">{entry.text.clone()}</p>
                <p class="note-facts" class:note-unsaved=item::is_refused(&entry)>{item::facts(&entry)}</p>
            </li>
        }
    };
    let items = move || notes.unsettled().into_iter().map(item).collect::<Vec<_>>();
    view! {
        <p class="panel-summary" role="status">"Loading …"</p>
        {move || Some(items()).filter(|items| !items.is_empty()).map(|items| view! {
            <ul class="notes-list" aria-label="Your notes">{items}</ul>
        })}
    }
}

#[component]
fn List(
    heading: NodeRef<html::H2>,
    /// The id of the note that is open for editing.
    editing: Memo<Option<String>>,
) -> impl IntoView {
    let (notes, wanted) = (Notes::get_context(), RwSignal::new(String::new()));
    let shown = Memo::new(move |_| wanted.with(|wanted| notes.shown(wanted)));
    let is_searched = move || wanted.with(|wanted| !wanted.is_empty());
    let summary = Signal::derive(move || summary(shown.with(Vec::len), notes.unsaved(), is_searched()));
    let is_empty = Memo::new(move |_| shown.with(Vec::is_empty) && !is_searched());
    view! {
        <div class="sheet-head notes-head">
            <p class="panel-summary" class:unseen=move || is_empty.get() role="status"><LiveText text=summary /></p>
            <input type="search" hidden=move || is_empty.get() aria-label="Search notes" placeholder="Search notes" autocomplete="off" enterkeyhint="search"
                on:input=move |event| wanted.set(event_target_value(&event).trim().to_lowercase()) />
        </div>
        {move || is_empty.get().then(|| view! {
            <Empty shape=Shape::Sheet title="Nothing here yet" text="Write the first one above." />
        })}
        <ul class="notes-list" aria-label="Your notes" hidden=move || shown.with(Vec::is_empty)>
            <For each=move || shown.get() key=Clone::clone let:id>
                <Item id heading editing />
            </For>
        </ul>
    }
}

/// The "Undo" form that a browser without WASM gets after it has deleted a note.
#[component]
fn Deleted() -> impl IntoView {
    let deleted = use_query_value("deleted");
    move || {
        deleted.get().map(|id| {
            let page = crate::notes::paths::deleted(&id);
            view! {
                <form class="notice notes-deleted" method="post" action=crate::notes::paths::RESTORE>
                    <span role="status">"Note deleted"</span>
                    <FormFields next=paths::APP page />
                    <input type="hidden" name="id" value=id />
                    <button class="button button-quiet button-small">"Undo"</button>
                </form>
            }
        })
    }
}

/// The text typed into the form that calls `call`, and its error, after a browser without WASM sent it.
fn refused(call: &'static str) -> (Option<String>, Option<String>) {
    let form = RefusedForm::of(call);
    (form.typed("text"), untrack(|| form.sentence("text")))
}

/// The message for an error.
fn sentence(error: &ApiError) -> std::borrow::Cow<'static, str> {
    match error.code {
        Code::NotFound => "This note was deleted elsewhere.".into(),
        Code::Validation => error.fields.get("text").unwrap_or(&error.message).clone(),
        code if code.wants_refresh() || code.ends_session() => "You were signed out before that was done.".into(),
        _ => error.to_string().into(),
    }
}

/// The number of notes, in words.
fn summary(shown: usize, unsaved: usize, is_searched: bool) -> String {
    let shown = match shown {
        0 if is_searched => return "No note matches".to_owned(),
        0 => return "No notes yet".to_owned(),
        1 => "1 note".to_owned(),
        several => format!("{several} notes"),
    };
    if unsaved == 0 { shown } else { format!("{shown}, {unsaved} waiting to send") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_words() {
        for (shown, unsaved, words) in [(1, 0, "1 note"), (2, 1, "2 notes, 1 waiting to send")] {
            assert_eq!(summary(shown, unsaved, false), words);
        }
        assert_eq!(
            (summary(0, 0, false), summary(0, 0, true)),
            ("No notes yet".to_owned(), "No note matches".to_owned())
        );
    }

    #[test]
    fn a_field_says_more_than_its_form() {
        assert_eq!(sentence(&ApiError::field("text", "Too long.")), "Too long.");
        assert_eq!(sentence(&Code::Unreachable.into()), Code::Unreachable.message());
    }
}
