//! What the page shows of a note before the server has answered, and what is left to tell the server:
//! rules without input or output. A call is never undone by hand: one says what is wanted, and what
//! follows from what the server is known to have is sent.

use crate::notes::rules::NoteItem;
use freshkey::app::error::{ApiError, Code};

/// A note on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: String,
    /// The text that is wanted.
    pub(super) text: String,
    /// Whether it is wanted at all.
    pub(super) present: bool,
    /// When the server has it added and changed.
    pub(super) times: Option<(i64, i64)>,
    /// Whether a call is under way.
    pub(super) busy: bool,
    /// Why the last call did nothing.
    pub(super) failed: Option<ApiError>,
    /// Whether the server has said something of it since its list was asked for.
    fresh: bool,
    known: Option<Known>,
}

/// What the server has of a note that it was told of. None is what an answer that was lost leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    /// Whether it ever said that it has the note.
    added: bool,
    present: Option<bool>,
    text: Option<String>,
}

/// What the server is told next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Add(String),
    Edit(String),
    Delete,
    Restore,
}

impl Entry {
    /// A note that only this page has.
    pub(super) fn new(id: String, text: String) -> Self {
        Self { id, text, present: true, times: None, busy: false, failed: None, fresh: false, known: None }
    }

    /// A note as the server has it.
    pub(super) fn saved(item: NoteItem) -> Self {
        let known = Some(Known { added: true, present: Some(true), text: Some(item.text.clone()) });
        Self { times: Some((item.created_at, item.updated_at)), known, ..Self::new(item.id, item.text) }
    }

    /// What is left to tell the server.
    pub(super) fn next(&self) -> Option<Step> {
        match &self.known {
            None => self.present.then(|| Step::Add(self.text.clone())),
            Some(known) if !self.present => (known.present != Some(false)).then_some(Step::Delete),
            Some(known) if !known.added => Some(Step::Add(self.text.clone())),
            Some(known) if known.present != Some(true) => Some(Step::Restore),
            Some(known) => (known.text.as_ref() != Some(&self.text)).then(|| Step::Edit(self.text.clone())),
        }
    }

    /// What the server said; a deletion has no note to show.
    pub(super) fn answered(&mut self, step: &Step, answer: Result<Option<NoteItem>, ApiError>) {
        self.fresh = true;
        match answer {
            Ok(Some(item)) => self.is_there(step, item),
            Ok(None) => self.known.iter_mut().for_each(|known| known.present = Some(false)),
            Err(error) => self.refused(step, error),
        }
    }

    fn is_there(&mut self, step: &Step, item: NoteItem) {
        let known_text = self.known.as_ref().map(|known| known.text.as_ref());
        let unchanged_since = match step {
            // Of several attempts, the first to arrive made the note.
            Step::Add(sent) => self.text == *sent && known_text.is_none_or(|text| text == Some(sent)),
            Step::Edit(sent) => self.text == *sent,
            Step::Restore => known_text == Some(Some(&self.text)),
            Step::Delete => false,
        };
        if unchanged_since {
            // In the form that the server keeps.
            self.text.clone_from(&item.text);
        }
        self.times = Some((item.created_at, item.updated_at));
        self.known = Some(Known { added: true, present: Some(true), text: Some(item.text) });
    }

    fn refused(&mut self, step: &Step, error: ApiError) {
        if error.code == Code::NotFound {
            // Somebody else has deleted it. If it is still wanted, it is added anew.
            self.known = Some(Known { added: false, present: Some(false), text: None });
            self.failed = self.present.then_some(error);
            return;
        }
        if error.code.status() == 0 || error.code.status() >= 500 {
            self.unsure(step);
        }
        self.failed = Some(error);
    }

    /// It may have been done, or not.
    fn unsure(&mut self, step: &Step) {
        match (&mut self.known, step) {
            (None, Step::Add(sent)) => {
                self.known = Some(Known { added: false, present: None, text: Some(sent.clone()) });
            }
            (None, _) => {}
            (Some(known), Step::Add(sent)) => {
                known.present = None;
                known.text = known.text.take().filter(|text| text == sent);
            }
            (Some(known), Step::Edit(_)) => known.text = None,
            (Some(known), Step::Delete | Step::Restore) => known.present = None,
        }
    }

    /// Whether the page shows it: also when the server did not delete it.
    pub(super) fn is_shown(&self) -> bool {
        self.present || self.failed.is_some()
    }

    /// Whether the server does not know of it yet.
    pub(super) fn is_unsettled(&self) -> bool {
        self.busy || self.failed.is_some()
    }

    /// Whether it is at rest for want of a network only, and goes on when that is back.
    pub(super) fn waits(&self) -> bool {
        !self.busy && self.failed.as_ref().is_some_and(|error| error.code.is_passing())
    }

    /// The server is asked for its list, which may not have what it does meanwhile.
    pub(super) fn asked(&mut self) {
        self.fresh = false;
    }

    /// Whether the server has refused to add it, and would again.
    pub(super) fn goes_back(&self) -> bool {
        let refused = self.failed.as_ref().is_some_and(|error| error.code == Code::Validation);
        refused && self.known.is_none() && self.present
    }
}

/// The list that the server sent, with what this page has and the list has not: what is not saved yet,
/// what was saved since, and what can be brought back.
pub(super) fn merged(mine: Vec<Entry>, items: Vec<NoteItem>) -> Vec<Entry> {
    let (mut kept, mut unsent): (Vec<_>, Vec<_>) = mine
        .into_iter()
        .filter(|entry| entry.is_unsettled() || entry.fresh || !entry.present)
        .partition(|entry| items.iter().any(|item| item.id == entry.id));
    let listed = items.into_iter().map(|item| match kept.iter().position(|entry| entry.id == item.id) {
        Some(index) => kept.swap_remove(index),
        None => Entry::saved(item),
    });
    unsent.extend(listed);
    unsent
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
