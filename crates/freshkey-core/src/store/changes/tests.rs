//! A person with only the older mailbox gets back in, and a person with only the newer ones never beats them, in
//! whatever order and at whatever time changes are made and emails are answered.

use super::*;
use crate::{
    rules::{challenge::ChallengeKind, email_kind::EmailKind, language::Language, session::Device},
    store::{
        activity::Event,
        challenges::{Address, EmailChange, Finished, NewChallenge},
        outbox::{self, Undoable},
        testing,
        users::NewUser,
    },
};
use freshkey_types::AuditEvent;
use proptest::{collection::vec, prelude::*};

const TTL: Millis = Millis::from_hours(72);
/// The owner reads the first mailbox, an attacker the others.
const MAILBOXES: [&str; 4] = ["owner@x.de", "one@x.de", "two@x.de", "three@x.de"];
const LOCKED: &str = "nobody knows it";

#[derive(Clone, Debug)]
enum Act {
    /// The address changes, in one of two sessions.
    Change(usize, u128),
    /// The password changes.
    Password(u128),
    /// A sign-in is reported.
    Device(u128),
    /// A refused second step is reported.
    SecondStep,
    /// Some hours pass.
    Wait(i64),
    /// The attacker answers one of the emails that they received.
    Answer(prop::sample::Index, bool),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1..4_usize, 0..2_u128).prop_map(|(to, session)| Act::Change(to, session)),
        1 => (0..2_u128).prop_map(Act::Password),
        2 => (0..2_u128).prop_map(Act::Device),
        1 => Just(Act::SecondStep),
        2 => (1..30_i64).prop_map(Act::Wait),
        3 => (any::<prop::sample::Index>(), any::<bool>()).prop_map(|(which, me)| Act::Answer(which, me)),
    ]
}

/// An account and the emails written about it: their ids, and the mailbox of each.
struct World {
    store: Store,
    now: Millis,
    address: String,
    told: Vec<(Uuid, String)>,
}

impl World {
    async fn new(store: Store) -> Self {
        let address = MAILBOXES[0].to_owned();
        let user =
            NewUser { id: "u".to_owned(), email: address.clone(), email_key: address.clone(), ..NewUser::default() };
        assert!(store.insert_user(user).await.expect("a user"));
        Self { store, now: Millis::ZERO, address, told: Vec::new() }
    }

    fn email(&self, kind: EmailKind, session: Option<u128>, undo: Option<Undo>) -> NewEmail {
        let undoable = Undoable { session: session.map(Uuid::from_u128), undo, until: self.now + TTL };
        let new = NewEmail::new(kind, &self.address, Language::En, self.now);
        NewEmail { user_id: Some("u".to_owned()), undoable: Some(undoable), ..new }
    }

    async fn write(&mut self, email: NewEmail) {
        self.told.push((email.id, email.email.clone()));
        let written = self
            .store
            .write(email, |connection, email| Box::pin(async move { outbox::insert(connection, &email).await }));
        assert!(written.await.expect("written"));
    }

    async fn change(&mut self, to: usize, session: u128) {
        let address = |email: &str| Address { email: email.to_owned(), key: email.to_owned(), verified_at: None };
        let (old, new) = (address(&self.address), address(MAILBOXES[to]));
        if old.key == new.key {
            return;
        }
        let undo = Undo::Email { email: old.email.clone(), key: old.key.clone() };
        let notice = self.email(EmailKind::EmailChanged, Some(session), Some(undo));
        let id = Uuid::from_u128(session);
        let event = Event::new("u", Some(id), AuditEvent::EmailChanged, &Device::default(), self.now);
        let told = (notice.id, notice.email.clone());
        let change = EmailChange { user: "u".to_owned(), session: id, old, new, event, notices: vec![notice] };
        assert!(matches!(self.store.change_email(None, change).await, Ok(Finished::Done(_))));
        self.told.push(told);
        self.address = MAILBOXES[to].to_owned();
    }

    async fn row(&self, id: Uuid) -> ChangeRow {
        self.store.change(id).await.expect("read").expect("it is kept")
    }

    /// Answers "It was not me". Returns whether that counted.
    async fn not_me(&mut self, id: Uuid) -> bool {
        let row = self.row(id).await;
        let email =
            |kind| NewEmail { user_id: Some("u".to_owned()), ..NewEmail::new(kind, "", Language::En, self.now) };
        let reset = Uuid::now_v7();
        let challenge = NewChallenge {
            id: reset,
            kind: ChallengeKind::Reset,
            browser: Some("b".to_owned()),
            user: Some("u".to_owned()),
            email: String::new(),
            email_key: String::new(),
            decoy: false,
            data: None,
            created_at: self.now,
            expires_at: self.now + Millis(1),
            event: None,
        };
        let securing = Securing {
            password_hash: LOCKED.to_owned(),
            secured: email(EmailKind::Secured),
            undone: email(EmailKind::Undone),
            reset: (challenge, NewEmail { challenge_id: Some(reset.to_string()), ..email(EmailKind::Reset) }),
            device: Device::default(),
        };
        let done = self.store.secure_account(&row, "b".to_owned(), securing, self.now).await.expect("answered");
        let user = self.store.user_by_id("u").await.expect("read").expect("a user");
        self.address = user.email;
        let done = matches!(done, Answered::Done(_));
        assert!(!done || user.password_hash == LOCKED);
        done
    }

    async fn act(&mut self, act: &Act) {
        match act {
            Act::Change(to, session) => self.change(*to, *session).await,
            Act::Password(session) => self.write(self.email(EmailKind::PasswordChanged, Some(*session), None)).await,
            Act::Device(session) => self.write(self.email(EmailKind::NewDevice, Some(*session), None)).await,
            Act::SecondStep => self.write(self.email(EmailKind::SecondStepRefused, None, None)).await,
            Act::Wait(hours) => self.now += Millis::from_hours(*hours),
            Act::Answer(which, me) => {
                let thiefs: Vec<_> = self.told.iter().filter(|(_, to)| to != MAILBOXES[0]).map(|(id, _)| *id).collect();
                if thiefs.is_empty() {
                    return;
                }
                let id = *which.get(&thiefs);
                if *me {
                    let event = Event::new("u", None, AuditEvent::AlarmAnswered, &Device::default(), self.now);
                    self.store.note_alarm(&self.row(id).await, "b".to_owned(), event).await.expect("answered");
                } else {
                    self.not_me(id).await;
                }
            }
        }
    }
}

/// Returns what was reported to the owner, the oldest first: changes of the address, or sign-ins.
async fn told_owner(world: &World, changes: bool) -> Vec<ChangeRow> {
    let mut rows = Vec::new();
    for (id, _) in world.told.iter().filter(|(_, to)| to == MAILBOXES[0]) {
        let row = world.row(*id).await;
        let kinds: &[_] =
            if changes { &[EmailKind::EmailChanged] } else { &[EmailKind::NewDevice, EmailKind::SecondStepRefused] };
        rows.extend(Some(row).filter(|row| kinds.iter().any(|kind| row.kind == kind.text())));
    }
    rows
}

fn id(row: &ChangeRow) -> Uuid {
    Uuid::parse_str(&row.id).expect("an id")
}

/// Answers an email about a sign-in first, if there is one. Returns whether that counted.
async fn aside(world: &mut World, which: Option<prop::sample::Index>) -> bool {
    let asides = told_owner(world, false).await;
    match which.filter(|_| !asides.is_empty()) {
        Some(which) => world.not_me(id(which.get(&asides))).await,
        None => false,
    }
}

async fn check(acts: Vec<Act>, first_of: Option<prop::sample::Index>) {
    let (store, _folder) = testing::store().await;
    let mut world = World::new(store).await;
    for act in &acts {
        world.act(act).await;
    }
    let answered = aside(&mut world, first_of).await;
    // The first email to the owner whose change can be undone.
    let mut rows = told_owner(&world, true).await;
    if answered {
        rows.retain(|row| row.change().over(world.now).is_none());
        assert!(!rows.is_empty() || world.address == MAILBOXES[0], "no answer of the owner's is in their own way");
    }
    if let Some(first) = rows.first() {
        let (open, before) = (world.now < first.until, world.address.clone());
        assert_eq!(first.change().over(world.now).is_none(), open, "nobody else ends the owner's link");
        assert_eq!(world.not_me(id(first)).await, open);
        assert_eq!(world.address, if open { MAILBOXES[0] } else { &before });
        for (id, to) in world.told.clone() {
            if open && to != MAILBOXES[0] && world.row(id).await.number > first.number {
                assert!(!world.not_me(id).await, "nothing of before is worth anything");
            }
        }
        assert_eq!(world.address, if open { MAILBOXES[0] } else { &before });
        let reserved = world.store.is_reserved(MAILBOXES[1], "", world.now).await.expect("read");
        assert!(!open || !reserved, "what is undone is free");
    }
    world.store.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_older_mailbox_gets_the_account_back_whatever_the_newer_ones_do(
        acts in vec(act(), 1..12), first_of in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(check(acts, first_of));
    }
}
