//! What the page shows of a note before the server has answered, and what still has to be sent: pure functions, no
//! I/O. No call is ever undone by hand. The page records what the user wants; the next call follows from the
//! difference to what the server is known to have.

use crate::notes::rules::NoteItem;
use freshkey::app::{
    error::{ApiError, Code},
    types::Millis,
};

/// A note on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: String,
    /// The text that the user wants.
    pub(super) text: String,
    /// Whether the user wants the note at all.
    pub(super) present: bool,
    /// When the note was created and last changed, according to the server.
    pub(super) times: Option<(Millis, Millis)>,
    /// Whether a call is under way.
    pub(super) busy: bool,
    /// Why the last call failed.
    pub(super) failed: Option<ApiError>,
    /// Whether the server has answered a call about this note since the list was last requested.
    fresh: bool,
    known: Option<Known>,
}

/// What the server has of a note that was sent to it. A `None` field is unknown because an answer was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    /// Whether the server ever confirmed that it has the note.
    added: bool,
    present: Option<bool>,
    text: Option<String>,
}

/// The next call to the server.
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

    /// The next call to make, if any.
    pub(super) fn next(&self) -> Option<Step> {
        match &self.known {
            None => self.present.then(|| Step::Add(self.text.clone())),
            Some(known) if !self.present => (known.present != Some(false)).then_some(Step::Delete),
            Some(known) if !known.added => Some(Step::Add(self.text.clone())),
            Some(known) if known.present != Some(true) => Some(Step::Restore),
            Some(known) => (known.text.as_ref() != Some(&self.text)).then(|| Step::Edit(self.text.clone())),
        }
    }

    /// Takes in the server's answer to `step`. The answer to a deletion has no note.
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
            // If several attempts arrived, the first one created the note.
            Step::Add(sent) => self.text == *sent && known_text.is_none_or(|text| text == Some(sent)),
            Step::Edit(sent) => self.text == *sent,
            Step::Restore => known_text == Some(Some(&self.text)),
            Step::Delete => false,
        };
        if unchanged_since {
            // Show the text as the server stored it.
            self.text.clone_from(&item.text);
        }
        self.times = Some((item.created_at, item.updated_at));
        self.known = Some(Known { added: true, present: Some(true), text: Some(item.text) });
    }

    fn refused(&mut self, step: &Step, error: ApiError) {
        if error.code == Code::NotFound {
            // It was deleted elsewhere. If the user still wants it, it is added again.
            self.known = Some(Known { added: false, present: Some(false), text: None });
            self.failed = self.present.then_some(error);
            return;
        }
        if error.code.status() == 0 || error.code.status() >= 500 {
            self.unsure(step);
        }
        self.failed = Some(error);
    }

    /// Records that the call may or may not have been carried out.
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

    /// Whether the page shows the note. It also shows one that the server did not delete.
    pub(super) fn is_shown(&self) -> bool {
        self.present || self.failed.is_some()
    }

    /// Whether the server does not know the latest state yet.
    pub(super) fn is_unsettled(&self) -> bool {
        self.busy || self.failed.is_some()
    }

    /// Whether the note only waits for the server to be reachable, and is then sent.
    pub(super) fn waits(&self) -> bool {
        !self.busy && self.failed.as_ref().is_some_and(|error| error.code.is_passing())
    }

    /// Marks that the list is being requested. The list may miss changes that are made meanwhile.
    pub(super) fn asked(&mut self) {
        self.fresh = false;
    }

    /// Whether the server refused to add the note, and would refuse it again.
    pub(super) fn goes_back(&self) -> bool {
        let refused = self.failed.as_ref().is_some_and(|error| error.code == Code::Validation);
        refused && self.known.is_none() && self.present
    }
}

/// Merges the server's list with the page's own entries: those not saved yet, those saved since the list was
/// requested, and those that can still be restored.
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
