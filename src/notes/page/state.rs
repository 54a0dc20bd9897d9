//! The page's notes, from `use_context`. They outlive the dashboard: what is not saved yet is there
//! when one comes back to it, and an undo works from any page.

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

/// The notes of whoever is signed in.
#[derive(Clone, Copy, Debug)]
pub struct Notes {
    session: Session,
    user: StoredValue<Option<String>>,
    entries: RwSignal<Vec<Entry>>,
    looked: StoredValue<bool>,
}

impl Notes {
    /// None yet.
    pub fn provide_context() {
        provide_context(Self {
            session: Session::get_context(),
            user: StoredValue::new(None),
            entries: RwSignal::new(Vec::new()),
            looked: StoredValue::new(false),
        });
    }

    /// Those that `App` provided.
    pub(super) fn get_context() -> Self {
        expect_context()
    }

    /// Nobody sees what somebody else has left.
    pub(super) fn belong_to(self, user: Option<String>) {
        if self.user.try_with_value(|before| *before != user) == Some(true) {
            self.user.set_value(user);
            self.entries.set(Vec::new());
        }
    }

    /// The server is asked for its list.
    pub(super) fn asked(self) {
        self.entries.update_untracked(|all| all.iter_mut().for_each(Entry::asked));
    }

    /// The server's list.
    pub(super) fn arrived(self, items: Vec<NoteItem>) {
        self.entries.update(|entries| *entries = merged(std::mem::take(entries), items));
    }

    /// The ids of those that are shown, of all or of those with `wanted` in them (in small letters); tracked.
    pub(super) fn shown(self, wanted: &str) -> Vec<String> {
        let has = |entry: &&Entry| wanted.is_empty() || entry.text.to_lowercase().contains(wanted);
        let shown = |all: &Vec<Entry>| {
            all.iter().filter(|entry| entry.is_shown()).filter(has).map(|entry| entry.id.clone()).collect()
        };
        self.entries.with(shown)
    }

    /// How many of them the server does not have like that, tracked.
    pub(super) fn unsaved(self) -> usize {
        self.entries.with(|all| all.iter().filter(|entry| entry.failed.is_some()).count())
    }

    /// Whether this is the first time that they are asked so.
    pub(super) fn is_first_look(self) -> bool {
        self.looked.try_update_value(|looked| !std::mem::replace(looked, true)).unwrap_or_default()
    }

    /// Whether there is anything that the server does not know of yet.
    pub(super) fn unfinished(self) -> bool {
        self.entries.try_with_untracked(|all| all.iter().any(Entry::is_unsettled)) == Some(true)
    }

    /// Those shown that the server does not know of yet, tracked.
    pub(super) fn unsettled(self) -> Vec<Entry> {
        let unsettled = |entry: &&Entry| entry.is_shown() && entry.is_unsettled();
        self.entries.with(|all| all.iter().filter(unsettled).cloned().collect())
    }

    /// One of them, tracked.
    pub(super) fn find(self, id: &str) -> Option<Entry> {
        self.entries.with(|all| all.iter().find(|entry| entry.id == id).cloned())
    }

    /// The first that the server refused to add, tracked.
    pub(super) fn refused(self) -> Option<String> {
        self.entries.with(|all| all.iter().find(|entry| entry.goes_back()).map(|entry| entry.id.clone()))
    }

    /// Takes it off the page.
    pub(super) fn take(self, id: &str) -> Option<Entry> {
        let index = self.entries.try_with_untracked(|all| all.iter().position(|entry| entry.id == id)).flatten()?;
        self.entries.try_update(|all| all.remove(index))
    }

    /// A new note, on the page at once.
    pub(super) fn add(self, id: &str, text: String) {
        self.entries.update(|all| all.insert(0, Entry::new(id.to_owned(), text)));
        self.tell(id);
    }

    /// Another text.
    pub(super) fn edit(self, id: &str, text: String) {
        self.change(id, |entry| entry.text = text);
        self.tell(id);
    }

    /// Away with it; `toast` says so, unless it can't be done.
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

    /// Back with it.
    pub(super) fn bring_back(self, id: &str) {
        self.change(id, |entry| entry.present = true);
        self.tell(id);
    }

    /// Tells the server what is wanted.
    pub(super) fn tell(self, id: &str) {
        let id = id.to_owned();
        spawn_local(async move {
            self.settle(&id).await;
            self.go_on(&id).await;
        });
    }

    /// What the server could not be told for want of a network, it is told when that is back.
    async fn go_on(self, id: &str) {
        let waits = || self.change(id, |entry| entry.waits()) == Some(true);
        for failures in 1.. {
            if !waits() {
                return;
            }
            seam::back_after(failures).await;
            // Others may have waited for the same, and one of them was the first.
            if !waits() {
                return;
            }
            self.settle(id).await;
        }
    }

    /// Tells the server one thing after another, until it has what is wanted or it can't be.
    async fn settle(self, id: &str) {
        let begins = |entry: &mut Entry| {
            entry.failed = None;
            !std::mem::replace(&mut entry.busy, true)
        };
        if self.change(id, begins) != Some(true) {
            return; // whoever is at it goes on until all is told
        }
        // The user may be nobody by now, or another one.
        while let Some(step) = self.change(id, next_step).flatten() {
            let answer = if self.is_theirs() { send(id, &step).await } else { Err(Code::TokenNotFound.into()) };
            self.change(id, |entry| entry.answered(&step, answer));
        }
    }

    /// Whether they are of whoever is signed in: what one has begun is not sent in the name of another.
    fn is_theirs(self) -> bool {
        let user = self.session.0.try_with_untracked(|state| state.view().map(|view| view.user.id.clone()));
        self.user.try_with_value(|owner| Some(owner) == user.as_ref()) == Some(true)
    }

    fn change<T>(self, id: &str, change: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        self.entries.try_update(|all| all.iter_mut().find(|entry| entry.id == id).map(change)).flatten()
    }
}

/// The next step; without one, the entry is at rest.
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
