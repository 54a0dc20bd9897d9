//! Which changes are undone when the reader of an email answers "It was not me".
//!
//! The threat: somebody has got into an account and changes it, so that its owner is locked out for good. The choice: for
//! some days an email's link puts the account back to the state before the change that the email tells of. The older email
//! wins: its link also undoes later changes, and later links stop working, except those of changes that still stand.

use freshkey_types::StepReason;
use serde::{Deserialize, Serialize};

/// What brings back what was before a change. Another kind of change is one more variant, and what
/// `store/changes/undo.rs` does for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undo {
    /// The account had this address.
    Email {
        /// As it was typed.
        email: String,
        /// As it is compared.
        key: String,
    },
    /// The account had these factors.
    Factors {
        /// Since when two-step sign-in was on; none if it was off.
        two_step_at: Option<i64>,
        /// The ids of those that come back.
        back: Vec<String>,
        /// The ids of those that go again.
        gone: Vec<String>,
        /// The set of recovery codes that works again; without it, none does.
        codes: Option<String>,
    },
}

/// Something that an email told of, as far as the rules go by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place among those of the account.
    pub number: i64,
    /// The session that it was done in, or of which it tells.
    pub session: Option<String>,
    /// Whether it tells of a session, and not of a change.
    pub of_session: bool,
    /// What brings back what was before.
    pub undo: Option<Undo>,
    /// When its link was made to end.
    pub until: i64,
    /// Whether its link was used.
    pub answered: bool,
    /// Whether it is undone.
    pub undone: bool,
    /// Why else its link is over.
    pub over: Option<StepReason>,
}

impl Change {
    /// Why its link can't be used at `now`, if it can't.
    pub fn over(&self, now: i64) -> Option<StepReason> {
        let used = self.answered.then_some(StepReason::Used);
        used.or(self.over).or((now >= self.until).then_some(StepReason::Expired))
    }

    /// Whether it could be undone at `now`.
    pub fn can_be_undone(&self, now: i64) -> bool {
        self.undo.is_some() && !self.undone && now < self.until
    }
}

/// Which of an account's changes become undone when somebody says of `told` that it was not them, the newest first. It is
/// the change itself and every one since; where it tells of a session, all from the first one that was made in it.
///
/// `moved`: the account has another address by now than the one that the email went to. A thief may have changed it in
/// a session that no email told of, so where nothing was changed in the session that one did tell of, all since is undone:
/// else the email for a new password would go to the thief.
pub fn undone<'c>(changes: &'c [Change], told: &Change, moved: bool, now: i64) -> Vec<&'c Change> {
    let in_session = |change: &&Change| change.session == told.session && change.can_be_undone(now);
    // What tells of a session that never began has none.
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
            until: 100,
            answered: false,
            undone: false,
            over: None,
        }
    }

    fn numbers(changes: &[Change], told: &Change) -> Vec<i64> {
        undone(changes, told, false, 50).iter().map(|change| change.number).collect()
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
        let old = [Change { until: 50, ..change(1, "a", Some("1@x")) }, change(2, "a", Some("2@x"))];
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
        let numbers =
            |told, moved| -> Vec<_> { undone(&changes, &told, moved, 50).iter().map(|change| change.number).collect() };
        assert!(numbers(told(Some("c")), false).is_empty());
        assert_eq!(numbers(told(Some("c")), true), [4, 3], "a thief signed in twice");
        assert_eq!(numbers(told(Some("a")), true), [4, 3, 1], "what was done in the session goes first");
        assert_eq!(numbers(told(None), false), [4, 3], "the second step was refused");
    }

    #[test]
    fn a_link_is_over_when_it_was_used_or_replaced_or_its_time_is() {
        let open = change(1, "a", None);
        assert_eq!((open.over(99), open.over(100)), (None, Some(StepReason::Expired)));
        let used = Change { answered: true, over: Some(StepReason::Replaced), ..open.clone() };
        assert_eq!(used.over(0), Some(StepReason::Used));
        assert_eq!(Change { over: Some(StepReason::Replaced), ..open }.over(0), Some(StepReason::Replaced));
    }
}
