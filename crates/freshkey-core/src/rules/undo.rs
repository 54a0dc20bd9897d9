//! Which changes are undone when the reader of an email answers "It was not me".
//!
//! The threat: somebody gets into an account and changes it, so that its owner is locked out for good. The choice:
//! for some days, the link in a notice puts the account back to the state before the reported change. The older email
//! wins: its link also undoes later changes. Later links then stop working, except those of changes that still stand.

use freshkey_types::{Millis, StepReason};
use serde::{Deserialize, Serialize};

/// How to restore the state before a change. A new kind of change needs a variant here and its handling in
/// `store/changes/undo.rs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undo {
    /// The account had this address.
    Email {
        /// The address as it was typed.
        email: String,
        /// The address as it is compared.
        key: String,
    },
    /// The account had these factors.
    Factors {
        /// When two-step sign-in was turned on; `None` if it was off.
        two_step_at: Option<Millis>,
        /// The ids of the factors to restore.
        back: Vec<String>,
        /// The ids of the factors to remove again.
        gone: Vec<String>,
        /// The set of recovery codes that works again. If `None`, no codes work.
        codes: Option<String>,
    },
}

/// A change or a session that an email reported, with what the rules need to know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its number within the account.
    pub number: i64,
    /// The session in which the change was made, or which the email reported.
    pub session: Option<String>,
    /// Whether the email reported a session and not a change.
    pub of_session: bool,
    /// How to restore the state before.
    pub undo: Option<Undo>,
    /// When its link expires.
    pub until: Millis,
    /// Whether its link was used.
    pub answered: bool,
    /// Whether the change has been undone.
    pub undone: bool,
    /// Another reason why its link no longer works.
    pub over: Option<StepReason>,
}

impl Change {
    /// Returns why its link can't be used at `now`, if it can't.
    pub fn over(&self, now: Millis) -> Option<StepReason> {
        let used = self.answered.then_some(StepReason::Used);
        used.or(self.over).or((now >= self.until).then_some(StepReason::Expired))
    }

    /// Whether it can be undone at `now`.
    pub fn can_be_undone(&self, now: Millis) -> bool {
        self.undo.is_some() && !self.undone && now < self.until
    }
}

/// Returns which of an account's changes to undo, the newest first, when the user says about `told` that it was not
/// them: the change itself and every later one. If `told` reports a session, it is all changes from the first one
/// that was made in that session.
///
/// `moved`: the account's address is no longer the one that the email was sent to. An attacker may have changed it in
/// a session that no email reported. So if nothing was changed in the reported session, everything since is undone;
/// otherwise the email for a new password would go to the attacker.
pub fn undone<'c>(changes: &'c [Change], told: &Change, moved: bool, now: Millis) -> Vec<&'c Change> {
    let in_session = |change: &&Change| change.session == told.session && change.can_be_undone(now);
    // A session that never began has no id.
    let from = if told.of_session && told.session.is_some() {
        let first = changes.iter().filter(in_session).map(|change| change.number).min();
        first.or(moved.then_some(told.number))
    } else {
        Some(told.number)
    };
    let Some(from) = from else { return Vec::new() };
    let is_undone = |change: &&Change| change.number >= from && change.undo.is_some() && !change.undone;
    let mut undone: Vec<_> = changes.iter().filter(is_undone).collect();
    undone.sort_by_key(|change| std::cmp::Reverse(change.number));
    undone
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(number: i64, session: &str, undo: Option<&str>) -> Change {
        Change {
            number,
            session: Some(session.to_owned()),
            of_session: false,
            undo: undo.map(|email| Undo::Email { email: email.to_owned(), key: email.to_owned() }),
            until: Millis(100),
            answered: false,
            undone: false,
            over: None,
        }
    }

    fn numbers(changes: &[Change], told: &Change) -> Vec<i64> {
        undone(changes, told, false, Millis(50)).iter().map(|change| change.number).collect()
    }

    #[test]
    fn a_change_is_undone_with_all_since_and_a_session_from_its_first_change_on() {
        let changes = [
            change(1, "a", Some("1@x")),
            change(2, "b", None),
            change(3, "b", Some("3@x")),
            change(4, "a", Some("4@x")),
            Change { undone: true, ..change(5, "b", Some("5@x")) },
        ];
        assert_eq!(numbers(&changes, &changes[0]), [4, 3, 1]);
        assert_eq!(numbers(&changes, &changes[1]), [4, 3], "a password has nothing to bring back");
        let told = |session| Change { of_session: true, ..change(9, session, None) };
        assert_eq!(numbers(&changes, &told("b")), [4, 3]);
        assert_eq!(numbers(&changes, &told("a")), [4, 3, 1]);
        assert!(numbers(&changes, &told("c")).is_empty());
        let old = [Change { until: Millis(50), ..change(1, "a", Some("1@x")) }, change(2, "a", Some("2@x"))];
        assert_eq!(numbers(&old, &told("a")), [2], "what can't be undone any more is left as it is");
    }

    #[test]
    fn where_the_address_is_another_or_no_session_began_all_since_the_email_is_undone() {
        let changes = [change(1, "a", Some("1@x")), change(3, "b", Some("3@x")), change(4, "a", Some("4@x"))];
        let told = |session: Option<&str>| Change {
            of_session: true,
            session: session.map(str::to_owned),
            ..change(2, "", None)
        };
        let numbers = |told, moved| -> Vec<_> {
            undone(&changes, &told, moved, Millis(50)).iter().map(|change| change.number).collect()
        };
        assert!(numbers(told(Some("c")), false).is_empty());
        assert_eq!(numbers(told(Some("c")), true), [4, 3], "a thief signed in twice");
        assert_eq!(numbers(told(Some("a")), true), [4, 3, 1], "what was done in the session goes first");
        assert_eq!(numbers(told(None), false), [4, 3], "the second step was refused");
    }

    #[test]
    fn a_link_is_over_when_it_was_used_or_replaced_or_its_time_is() {
        let open = change(1, "a", None);
        assert_eq!((open.over(Millis(99)), open.over(Millis(100))), (None, Some(StepReason::Expired)));
        let used = Change { answered: true, over: Some(StepReason::Replaced), ..open.clone() };
        assert_eq!(used.over(Millis::ZERO), Some(StepReason::Used));
        assert_eq!(Change { over: Some(StepReason::Replaced), ..open }.over(Millis::ZERO), Some(StepReason::Replaced));
    }
}
