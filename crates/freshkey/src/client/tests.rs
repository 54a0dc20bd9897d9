//! Any order of events, in several tabs. `world.rs` holds what must be true at every moment; here is what must be
//! true at the end.

mod network;
mod server;
mod world;

use super::{CallKind, Event};
use crate::app::{error::Code, session::SessionState};
use proptest::{collection::vec, prelude::*, sample::Index};
use world::World;

#[derive(Clone, Copy, Debug)]
enum Act {
    Call,
    SignIn(u32),
    SignOut,
    Freeze,
    Thaw,
    Navigate,
    Return,
    Touch,
    Hear(usize),
}

#[derive(Clone, Debug)]
enum Step {
    In(usize, Act),
    Arrive(Index),
    Answer(Index),
    Lose(Index),
    Pass(u32),
    TokensRunOut,
    EndSession,
    Network(bool),
}

const TABS: usize = 3;

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => Just(Act::Call),
        1 => (1..3u32).prop_map(Act::SignIn),
        1 => Just(Act::SignOut),
        1 => Just(Act::Freeze),
        1 => Just(Act::Thaw),
        1 => Just(Act::Navigate),
        1 => Just(Act::Return),
        1 => Just(Act::Touch),
        8 => (0..TABS).prop_map(Act::Hear),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..TABS, act()).prop_map(|(tab, act)| Step::In(tab, act)),
        6 => any::<Index>().prop_map(Step::Arrive),
        6 => any::<Index>().prop_map(Step::Answer),
        1 => any::<Index>().prop_map(Step::Lose),
        2 => prop_oneof![0..200u32, 200..12_000u32, 12_000..1_000_000u32].prop_map(Step::Pass),
        1 => Just(Step::TokensRunOut),
        1 => Just(Step::EndSession),
        1 => any::<bool>().prop_map(Step::Network),
    ]
}

fn play(world: &mut World, step: &Step) {
    let one = |index: &Index, world: &World| (!world.requests.is_empty()).then(|| index.index(world.requests.len()));
    match step {
        Step::In(tab, act) => play_in(world, *tab, *act),
        Step::Arrive(index) => {
            if let Some(index) = one(index, world) {
                world.arrive(index);
            }
        }
        Step::Answer(index) => {
            if let Some(index) = one(index, world) {
                world.answer(index);
            }
        }
        Step::Lose(index) => {
            if let Some(index) = one(index, world) {
                world.lose(index);
            }
        }
        Step::Pass(ms) => world.pass(f64::from(*ms)),
        Step::TokensRunOut => world.server.expire(),
        Step::EndSession => world.server.end(),
        Step::Network(is_up) => {
            world.is_up = *is_up;
            for tab in (0..TABS).filter(|tab| !world.is_frozen(*tab)).collect::<Vec<_>>() {
                world.happens(tab, if *is_up { Event::Online } else { Event::Offline });
            }
        }
    }
}

fn play_in(world: &mut World, tab: usize, act: Act) {
    match act {
        Act::Freeze => world.freeze(tab),
        Act::Thaw => world.thaw(tab),
        Act::Navigate => {
            world.thaw(tab);
            world.open(tab);
            world.happens(tab, Event::Live);
        }
        _ if world.is_frozen(tab) => {}
        Act::Call => drop(world.call(tab, CallKind::Protected)),
        Act::SignIn(_) | Act::SignOut if world.is_signing_in_or_out() => {}
        Act::SignIn(user) => {
            world.server.user = user;
            world.call(tab, CallKind::SignIn);
        }
        Act::SignOut => drop(world.call(tab, CallKind::SignOut)),
        Act::Return => world.happens(tab, Event::Returned),
        Act::Touch => world.happens(tab, Event::Touched),
        Act::Hear(from) => world.hear(tab, from),
    }
}

fn is_interrupted(world: &World, tab: usize) -> bool {
    matches!(world.tabs[tab].state.session(), SessionState::Interrupted(..))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Nobody waits for ever, and whoever is signed in is not told otherwise.
    #[test]
    fn whatever_happens(steps in vec(step(), 0..120)) {
        let mut world = World::new(TABS);
        for step in &steps {
            play(&mut world, step);
        }
        world.settle();
        // What has not ended waits for its user: they sign in again, or will not.
        for tab in 0..TABS {
            prop_assert!(is_interrupted(&world, tab) || world.unended().iter().all(|(of, _)| *of != tab));
            if is_interrupted(&world, tab) {
                world.call(tab, CallKind::SignIn);
                world.settle();
            }
        }
        prop_assert_eq!(world.unended(), vec![]);

        for tab in 0..TABS {
            if matches!(world.tabs[tab].state.session(), SessionState::SignedIn(_)) {
                let document = world.document(tab);
                let call = world.call(tab, CallKind::Protected);
                world.settle();
                let ended = world.ended(tab, call);
                if world.server.living().is_none() {
                    prop_assert_ne!(ended, Some(Ok(())));
                } else if world.document(tab) == document {
                    // Another tab may have told a token that is no good any more, either: the call fails then, after
                    // its second try, and that is no sign-out.
                    let is_sent_twice = matches!(ended, Some(Err(code)) if code.wants_refresh());
                    prop_assert!(ended == Some(Ok(())) || is_sent_twice, "{:?}", ended);
                    prop_assert!(matches!(world.tabs[tab].state.session(), SessionState::SignedIn(_)));
                }
            }
        }
    }

    /// One refresh, however many calls fail in however many tabs, and each of them is sent once more.
    #[test]
    fn one_refresh_serves_every_call(
        calls in vec(0..TABS, 1..40),
        order in vec((any::<bool>(), any::<Index>()), 0..400),
        late in vec(0..TABS, 0..10),
    ) {
        let mut world = World::new(TABS);
        world.is_prompt = true;
        world.call(0, CallKind::Protected);
        world.settle();
        let before = world.server.refreshes;
        world.server.expire();
        let mut begun: Vec<_> = calls.iter().map(|tab| (*tab, world.call(*tab, CallKind::Protected))).collect();
        let mut late = late.iter();
        for (arrives, index) in &order {
            if world.requests.is_empty() {
                break;
            }
            let index = index.index(world.requests.len());
            if *arrives {
                world.arrive(index);
            } else {
                world.answer(index);
            }
            if let Some(tab) = late.next() {
                begun.push((*tab, world.call(*tab, CallKind::Protected)));
            }
        }
        world.settle();
        for (tab, call) in begun {
            prop_assert_eq!(world.ended(tab, call), Some(Ok(())));
        }
        prop_assert_eq!(world.server.refreshes, before + 1);
    }
}

#[test]
fn without_a_network_a_call_waits_and_goes_on_by_itself() {
    let mut world = World::new(1);
    world.is_up = false;
    let call = world.call(0, CallKind::Protected);
    for _ in 0..100 {
        world.arrive(0);
        world.pass(1000.0);
    }
    assert_eq!(world.ended(0, call), None, "nothing has been sent yet: it waits");
    world.settle();
    assert_eq!(world.ended(0, call), Some(Ok(())));
}

#[test]
fn a_call_whose_user_will_not_sign_in_again_fails() {
    let mut world = World::new(1);
    world.server.end();
    let call = world.call(0, CallKind::Protected);
    world.settle();
    assert_eq!(world.ended(0, call), None, "it waits for the sign-in");
    world.happens(0, Event::Left(None));
    assert_eq!(world.ended(0, call), Some(Err(Code::InvalidRefreshToken)));
}

#[test]
fn without_a_channel_nobody_is_waited_for() {
    let mut world = World::new(1);
    world.call(0, CallKind::Protected);
    assert!(world.requests.is_empty(), "the other tabs are asked first");
    world.happens(0, Event::NobodyToAsk);
    assert_eq!(world.requests.len(), 1);
}

#[test]
fn a_tab_that_thaws_goes_by_the_last_token_that_it_was_told() {
    let mut world = World::new(2);
    world.call(0, CallKind::Protected);
    world.settle();
    world.server.expire();
    let call = world.call(0, CallKind::Protected);
    world.arrive(0);
    world.answer(0); // refused: now its refresh is under way
    world.freeze(0);
    for _ in 0..2 {
        world.server.expire();
        world.call(1, CallKind::Protected);
        for _ in 0..10 {
            world.pass(1000.0);
            while let Some(index) = world.requests.iter().position(|request| request.tab == 1) {
                world.arrive(index);
                world.answer(index);
            }
        }
    }
    world.thaw(0);
    world.hear_all();
    world.settle();
    assert_eq!(world.ended(0, call), Some(Ok(())));
}
