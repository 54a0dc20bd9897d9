//! The page's notes, from `use_context`. They outlive the dashboard: unsaved changes are still there when the user
//! returns, and an undo works from any page.

use super::entry::{Entry, Step, merged};
use crate::notes::api::{add_note, delete_note, edit_note, restore_note};
use crate::notes::rules::NoteItem;
use freshkey::app::{
    components::Toasts,
    error::{ApiError, Code},
    seam,
    session::Session,
};
use leptos::{prelude::*, task::spawn_local};

/// The notes of the signed-in user.
#[derive(Clone, Copy, Debug)]
pub struct Notes {
    session: Session,
    user: StoredValue<Option<String>>,
    entries: RwSignal<Vec<Entry>>,
    looked: StoredValue<bool>,
}

impl Notes {
    /// Provides the context, without any notes yet.
    pub fn provide_context() {
        provide_context(Self {
            session: Session::get_context(),
            user: StoredValue::new(None),
            entries: RwSignal::new(Vec::new()),
            looked: StoredValue::new(false),
        });
    }

    /// Returns the notes that `App` provided.
    pub(super) fn get_context() -> Self {
        expect_context()
    }

    /// Drops the notes if the user has changed, so that nobody sees another user's notes.
    pub(super) fn belong_to(self, user: Option<String>) {
        if self.user.try_with_value(|before| *before != user) == Some(true) {
            self.user.set_value(user);
            self.entries.set(Vec::new());
        }
    }

    /// Marks that the list is being requested from the server.
    pub(super) fn asked(self) {
        self.entries.update_untracked(|all| all.iter_mut().for_each(Entry::asked));
    }

    /// Merges the server's list.
    pub(super) fn arrived(self, items: Vec<NoteItem>) {
        self.entries.update(|entries| *entries = merged(std::mem::take(entries), items));
    }

    /// Returns the ids of the shown notes, filtered by `wanted` (in lower case) unless that is empty; tracked.
    pub(super) fn shown(self, wanted: &str) -> Vec<String> {
        let has = |entry: &&Entry| wanted.is_empty() || entry.text.to_lowercase().contains(wanted);
        let shown = |all: &Vec<Entry>| {
            all.iter().filter(|entry| entry.is_shown()).filter(has).map(|entry| entry.id.clone()).collect()
        };
        self.entries.with(shown)
    }

    /// Returns how many notes have a change that failed; tracked.
    pub(super) fn unsaved(self) -> usize {
        self.entries.with(|all| all.iter().filter(|entry| entry.failed.is_some()).count())
    }

    /// Whether this is the first call of this function.
    pub(super) fn is_first_look(self) -> bool {
        self.looked.try_update_value(|looked| !std::mem::replace(looked, true)).unwrap_or_default()
    }

    /// Whether there are changes that the server does not know yet.
    pub(super) fn unfinished(self) -> bool {
        self.entries.try_with_untracked(|all| all.iter().any(Entry::is_unsettled)) == Some(true)
    }

    /// Returns the shown notes with changes that the server does not know yet; tracked.
    pub(super) fn unsettled(self) -> Vec<Entry> {
        let unsettled = |entry: &&Entry| entry.is_shown() && entry.is_unsettled();
        self.entries.with(|all| all.iter().filter(unsettled).cloned().collect())
    }

    /// Returns the note with this id; tracked.
    pub(super) fn find(self, id: &str) -> Option<Entry> {
        self.entries.with(|all| all.iter().find(|entry| entry.id == id).cloned())
    }

    /// Returns the id of the first note that the server refused to add; tracked.
    pub(super) fn refused(self) -> Option<String> {
        self.entries.with(|all| all.iter().find(|entry| entry.goes_back()).map(|entry| entry.id.clone()))
    }

    /// Takes a note off the page.
    pub(super) fn take(self, id: &str) -> Option<Entry> {
        let index = self.entries.try_with_untracked(|all| all.iter().position(|entry| entry.id == id)).flatten()?;
        self.entries.try_update(|all| all.remove(index))
    }

    /// Adds a note; it is on the page at once.
    pub(super) fn add(self, id: &str, text: String) {
        self.entries.update(|all| all.insert(0, Entry::new(id.to_owned(), text)));
        self.tell(id);
    }

    /// Changes a note's text.
    pub(super) fn edit(self, id: &str, text: String) {
        self.change(id, |entry| entry.text = text);
        self.tell(id);
    }

    /// Deletes a note. If that fails, dismisses the `toast` that announced it.
    pub(super) fn delete(self, id: &str, toasts: Toasts, toast: u64) {
        self.change(id, |entry| entry.present = false);
        let id = id.to_owned();
        spawn_local(async move {
            self.settle(&id).await;
            if self.change(&id, |entry| !entry.present && entry.failed.is_some()) == Some(true) {
                toasts.dismiss(toast);
            }
            self.go_on(&id).await;
        });
    }

    /// Restores a deleted note.
    pub(super) fn bring_back(self, id: &str) {
        self.change(id, |entry| entry.present = true);
        self.tell(id);
    }

    /// Sends the changes of a note.
    pub(super) fn tell(self, id: &str) {
        let id = id.to_owned();
        spawn_local(async move {
            self.settle(&id).await;
            self.go_on(&id).await;
        });
    }

    /// Sends again what failed because the server could not be reached, once it can be.
    async fn go_on(self, id: &str) {
        let waits = || self.change(id, |entry| entry.waits()) == Some(true);
        for failures in 1.. {
            if !waits() {
                return;
            }
            seam::back_after(failures).await;
            // Several notes wait for the network; another caller may have sent this one already.
            if !waits() {
                return;
            }
            self.settle(id).await;
        }
    }

    /// Sends one call after another, until the server has what the user wants or a call fails.
    async fn settle(self, id: &str) {
        let begins = |entry: &mut Entry| {
            entry.failed = None;
            !std::mem::replace(&mut entry.busy, true)
        };
        if self.change(id, begins) != Some(true) {
            return; // the caller that set `busy` goes on until everything is sent
        }
        // By now the user may have signed out, or another one in.
        while let Some(step) = self.change(id, next_step).flatten() {
            let answer = if self.is_theirs() { send(id, &step).await } else { Err(Code::TokenNotFound.into()) };
            self.change(id, |entry| entry.answered(&step, answer));
        }
    }

    /// Whether these notes are the signed-in user's: one user's changes are never sent as another user.
    fn is_theirs(self) -> bool {
        let user = self.session.0.try_with_untracked(|state| state.view().map(|view| view.user.id.clone()));
        self.user.try_with_value(|owner| Some(owner) == user.as_ref()) == Some(true)
    }

    fn change<T>(self, id: &str, change: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        self.entries.try_update(|all| all.iter_mut().find(|entry| entry.id == id).map(change)).flatten()
    }
}

/// Returns the next step. Without one, the entry is at rest.
fn next_step(entry: &mut Entry) -> Option<Step> {
    let step = if entry.failed.is_some() { None } else { entry.next() };
    entry.busy = step.is_some();
    step
}

async fn send(id: &str, step: &Step) -> Result<Option<NoteItem>, ApiError> {
    let id = id.to_owned();
    match step {
        Step::Add(text) => add_note(Some(id), text.clone()).await.map(Some),
        Step::Edit(text) => edit_note(id, text.clone()).await.map(Some),
        Step::Delete => delete_note(id).await.map(|()| None),
        Step::Restore => restore_note(id).await.map(Some),
    }
}
