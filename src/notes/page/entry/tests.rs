//! Whatever the user clicks and the network loses, in the end the server has what the user wants.

use super::*;
use proptest::prelude::*;
use std::collections::HashMap;

/// The server's notes by id: the text, and whether the note is there.
#[derive(Default)]
struct Server(HashMap<String, (String, bool)>);

impl Server {
    fn take(&mut self, id: &str, step: &Step) -> Result<Option<NoteItem>, ApiError> {
        match step {
            Step::Add(text) => {
                let note = self.0.entry(id.to_owned()).or_insert_with(|| (kept(text), true));
                note.1 = true;
            }
            Step::Edit(text) => {
                let note = self.0.get_mut(id).filter(|note| note.1).ok_or(Code::NotFound)?;
                note.0 = kept(text);
            }
            Step::Delete => {
                self.0.get_mut(id).ok_or(Code::NotFound)?.1 = false;
                return Ok(None);
            }
            Step::Restore => self.0.get_mut(id).ok_or(Code::NotFound)?.1 = true,
        }
        Ok(self.0.get(id).map(|note| item(id, &note.0)))
    }
}

/// Stands for the server's normalisation of texts.
fn kept(text: &str) -> String {
    text.to_uppercase()
}

fn item(id: &str, text: &str) -> NoteItem {
    NoteItem { id: id.to_owned(), text: text.to_owned(), created_at: Millis(1), updated_at: Millis(2) }
}

#[derive(Clone, Debug)]
enum Event {
    Type(String),
    Delete,
    Undo,
    /// A call that is answered, a call whose answer is lost, and a call that never arrives.
    Answered,
    AnswerLost,
    CallLost,
    /// The server removes deleted notes for good after a day.
    CleanUp,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        "[a-z]{1,3}".prop_map(Event::Type),
        Just(Event::Delete),
        Just(Event::Undo),
        Just(Event::Answered),
        Just(Event::AnswerLost),
        Just(Event::CallLost),
        Just(Event::CleanUp),
    ]
}

fn send(entry: &mut Entry, server: &mut Server, event: &Event) {
    let Some(step) = entry.next() else { return };
    let lost = || Err(Code::Unreachable.into());
    let answer = match event {
        Event::CallLost => lost(),
        Event::AnswerLost => server.take(&entry.id, &step).and(lost()),
        _ => server.take(&entry.id, &step),
    };
    entry.failed = None;
    entry.answered(&step, answer);
}

proptest! {
    #[test]
    fn in_the_end_the_server_has_what_is_wanted(events in prop::collection::vec(event(), 0..30)) {
        let (mut entry, mut server) = (Entry::new("id".to_owned(), "a".to_owned()), Server::default());
        let mut typed = "a".to_owned();
        for event in &events {
            match event {
                Event::Type(text) if entry.present => {
                    typed.clone_from(text);
                    entry.text.clone_from(text);
                }
                Event::Type(_) => {}
                Event::Delete => entry.present = false,
                Event::Undo => entry.present = true,
                Event::CleanUp => server.0.retain(|_, note| note.1),
                _ => send(&mut entry, &mut server, event),
            }
        }
        let mut rounds = 0;
        while entry.next().is_some() {
            send(&mut entry, &mut server, &Event::Answered);
            rounds += 1;
            prop_assert!(rounds < 6, "it comes to rest: {:?}", entry);
        }
        let there = server.0.get("id").filter(|note| note.1).map(|note| note.0.clone());
        prop_assert_eq!(there, entry.present.then(|| kept(&typed)));
        prop_assert!(!entry.present || entry.text == kept(&typed));
    }
}

#[test]
fn an_addition_that_may_have_arrived_is_deleted_all_the_same() {
    let (mut entry, mut server) = (Entry::new("id".to_owned(), "a".to_owned()), Server::default());
    send(&mut entry, &mut server, &Event::AnswerLost);
    entry.present = false;
    send(&mut entry, &mut server, &Event::Answered);
    entry.present = true;
    send(&mut entry, &mut server, &Event::AnswerLost);
    entry.present = false;
    send(&mut entry, &mut server, &Event::Answered);
    assert!(!server.0["id"].1);
}

#[test]
fn a_refused_addition_goes_back_and_a_lost_one_stays() {
    let refused = |error: ApiError| {
        let mut entry = Entry::new("id".to_owned(), "a".to_owned());
        entry.answered(&Step::Add("a".to_owned()), Err(error));
        (entry.goes_back(), entry.is_shown())
    };
    assert_eq!(refused(ApiError::field("text", "No.")), (true, true));
    assert_eq!(refused(Code::Unreachable.into()), (false, true));
    assert_eq!(refused(Code::RateLimited.into()), (false, true));
}

#[test]
fn what_is_gone_already_is_deleted() {
    let mut entry = Entry::saved(item("id", "A"));
    entry.present = false;
    entry.answered(&Step::Delete, Err(Code::NotFound.into()));
    assert_eq!((entry.next(), entry.is_shown()), (None, false));
}

#[test]
fn an_edit_of_what_was_deleted_elsewhere_is_not_lost() {
    let (mut entry, mut server) = (Entry::saved(item("id", "A")), Server::default());
    server.0.insert("id".to_owned(), ("A".to_owned(), false));
    entry.text = "b".to_owned();
    send(&mut entry, &mut server, &Event::Answered);
    assert!(entry.failed.as_ref().is_some_and(|error| error.code == Code::NotFound));
    while entry.next().is_some() {
        send(&mut entry, &mut server, &Event::Answered);
    }
    assert_eq!((entry.text.as_str(), &server.0["id"]), ("B", &("B".to_owned(), true)));
}

#[test]
fn a_new_list_takes_nothing_away_that_is_not_saved() {
    let unsent = Entry { failed: Some(Code::Unreachable.into()), ..Entry::new("new".to_owned(), "n".to_owned()) };
    let deleted = Entry { present: false, ..Entry::saved(item("deleted", "D")) };
    let edited = Entry { busy: true, text: "e".to_owned(), ..Entry::saved(item("edited", "E")) };
    let old = Entry::saved(item("old", "O"));
    let items = vec![item("edited", "E"), item("deleted", "D"), item("other", "X")];
    let all = merged(vec![unsent.clone(), deleted.clone(), edited.clone(), old], items);
    assert_eq!(all, [unsent, edited, deleted, Entry::saved(item("other", "X"))]);
}

#[test]
fn what_the_network_lost_goes_on_by_itself() {
    let waits = |answer| {
        let mut entry = Entry::new("id".to_owned(), "a".to_owned());
        entry.answered(&Step::Add("a".to_owned()), answer);
        assert!(!Entry { busy: true, ..entry.clone() }.waits(), "it is under way");
        entry.waits()
    };
    assert!(waits(Err(Code::Unreachable.into())) && waits(Err(Code::Overloaded.into())));
    assert!(!waits(Err(Code::Internal.into())), "it would fail again");
    assert!(!waits(Ok(Some(item("id", "A")))));
}

#[test]
fn what_was_saved_while_the_list_was_on_its_way_stays() {
    let mut new = Entry::new("new".to_owned(), "n".to_owned());
    let mut edited = Entry { text: "e".to_owned(), ..Entry::saved(item("edited", "A")) };
    for entry in [&mut new, &mut edited] {
        entry.asked();
    }
    new.answered(&Step::Add("n".to_owned()), Ok(Some(item("new", "N"))));
    edited.answered(&Step::Edit("e".to_owned()), Ok(Some(item("edited", "E"))));
    let list = || vec![item("edited", "A")];
    let mut all = merged(vec![new.clone(), edited.clone()], list());
    assert_eq!(all, [new, edited]);
    all.iter_mut().for_each(Entry::asked);
    assert_eq!(merged(all, list()), [Entry::saved(item("edited", "A"))], "the next list has the last word");
}
