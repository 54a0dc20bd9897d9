//! Any order of events: what must never happen, does not; and when nobody does anything more, nothing waits.

use super::world::{Does, Of, Running, Tab, Waits, World};
use crate::{
    app::{session::SessionState, types::EndReason},
    client::event::{Event, Timer, Waiting},
};
use proptest::prelude::*;

/// One step of the world: what happens, and to which of those that it can happen to.
type Choice = (u8, u8);

fn pick<T: Clone>(from: &[T], which: u8) -> Option<T> {
    from.get(usize::from(which) % from.len().max(1)).cloned()
}

/// What people do.
fn people(world: &mut World, (what, which): Choice) {
    let Some(tab) = pick(&(0..world.tabs.len()).collect::<Vec<_>>(), which) else { return };
    let is_signed_in = world.tabs[tab].page.view().is_some();
    let asks = world.tabs[tab].calls.values().any(|running| running.waits.are_for(Waiting::StepUp));
    match what % 12 {
        0..=2 => world.begin(tab, Does::Read),
        3 if world.tabs.len() < 4 => world.open(which.is_multiple_of(2)),
        // The form is on pages of their own, and over a page whose session is over.
        4 if !is_signed_in => world.begin(tab, signs_in(if which > 40 { "ada" } else { "bob" })),
        4 if matches!(world.tabs[tab].page, SessionState::Interrupted(..)) => world.begin(tab, signs_in("ada")),
        5 if is_signed_in => world.begin(tab, Does::SignOut),
        6 => world.tell(tab, Event::TokenSpoiled),
        7 => {
            world.tabs[tab].is_visible ^= true;
            world.tell(tab, Event::Visibility);
        }
        8 => world.reload(tab),
        9 if which < 60 => {
            let cookie = world.cookie.clone();
            world.end(cookie.as_ref(), EndReason::Replay);
        }
        10 => world.begin(tab, Does::Sensitive),
        11 if asks && which > 40 => world.begin(tab, Does::Confirm),
        11 if asks => world.tell(tab, Event::NotConfirmed),
        _ => world.tell(tab, Event::Touched),
    }
}

fn signs_in(user: &str) -> Does {
    Does::SignIn(user.to_owned())
}

/// What goes on by itself. Returns false if there is nothing of this kind.
fn goes_on(world: &mut World, (what, which): Choice, may_lose: bool) -> bool {
    let answered = |is: bool| move |at: &usize, world: &World| world.requests[*at].answered.is_some() == is;
    let requests =
        |world: &World, is: bool| (0..world.requests.len()).filter(|at| answered(is)(at, world)).collect::<Vec<_>>();
    match what % 8 {
        0 | 1 => pick(&requests(world, false), which).map(|at| world.serve(at)).is_some(),
        2 | 3 => pick(&requests(world, true), which).map(|at| world.deliver(at, false)).is_some(),
        4 => {
            let full: Vec<_> = (0..world.tabs.len()).filter(|tab| !world.tabs[*tab].inbox.is_empty()).collect();
            pick(&full, which)
                .map(|tab| {
                    let message = world.tabs[tab].inbox.remove(0);
                    world.tell(tab, Event::Heard(message));
                })
                .is_some()
        }
        5 => {
            let free = world.lock.is_none() && !world.queue.is_empty();
            if free {
                world.settle_lock(0);
            }
            free
        }
        6 => call_goes_on(world, which) || passes(world),
        _ if may_lose => {
            let all: Vec<_> = (0..world.requests.len()).collect();
            pick(&all, which).map(|at| world.deliver(at, true)).is_some()
        }
        _ => false,
    }
}

fn call_goes_on(world: &mut World, which: u8) -> bool {
    pick(&world.ready_calls(), which).map(|(tab, number)| world.resume(tab, number)).is_some()
}

/// Time passes until something is due.
fn passes(world: &mut World) -> bool {
    let timers = world.tabs.iter().flat_map(|tab| tab.timers.iter().map(|(_, at)| *at));
    let requests = world.requests.iter().map(|request| request.deadline_ms);
    let queue = world.queue.iter().map(|locker| locker.deadline_ms);
    let landings = world.tabs.iter().flat_map(|tab| tab.calls.values()).filter_map(|running| match running.waits {
        Waits::Landing { until_ms } if until_ms > world.now_ms => Some(until_ms),
        _ => None,
    });
    let due = timers.chain(requests).chain(queue).chain(landings).fold(f64::INFINITY, f64::min);
    if due == f64::INFINITY {
        return false;
    }
    world.now_ms = world.now_ms.max(due);
    let now = world.now_ms;
    if let Some(at) = world.requests.iter().position(|request| request.deadline_ms <= now) {
        world.deliver(at, true);
    } else if let Some(at) = world.queue.iter().position(|locker| locker.deadline_ms <= now) {
        world.settle_lock(at);
    } else if let Some((tab, timer)) = due_timer(world) {
        world.tabs[tab].timers.retain(|(running, _)| *running != timer);
        world.tell(tab, Event::Due(timer));
    }
    true
}

fn due_timer(world: &World) -> Option<(usize, Timer)> {
    (0..world.tabs.len()).find_map(|tab| {
        let due = world.tabs[tab].timers.iter().find(|(_, at)| *at <= world.now_ms);
        due.map(|(timer, _)| (tab, *timer))
    })
}

/// Lets everything come to an end, in pages that somebody looks at: a hidden one does not look for a lost server.
fn settles(world: &mut World) {
    for tab in 0..world.tabs.len() {
        world.tabs[tab].is_visible = true;
        world.tell(tab, Event::Visibility);
    }
    for _ in 0..2000 {
        let goes =
            (0..7).any(|what| what < 6 && goes_on(world, (what, 0), false) || what == 6 && call_goes_on(world, 0));
        let waits = world.tabs.iter().any(|tab| tab.timers.iter().any(|(timer, _)| *timer != Timer::Renewal));
        let may_pass = waits || !world.queue.is_empty();
        if !(goes || may_pass && passes(world)) {
            return;
        }
    }
    world.faults.push("it does not come to an end".to_owned());
}

/// What must hold when nothing goes on any more.
fn left_over(world: &mut World) {
    let mut faults = Vec::new();
    for (at, tab) in world.tabs.iter().enumerate() {
        if tab.client.is_refreshing() {
            faults.push(format!("tab {at} is not finished"));
        }
        let interrupted = matches!(tab.page, SessionState::Interrupted(..));
        for running in tab.calls.values() {
            match running.waits {
                Waits::Nothing(_) => {}
                Waits::For(Waiting::StepUp) if tab.page.view().is_some() => {}
                Waits::For(Waiting::SignIn) if interrupted => {}
                _ => faults.push(format!("a call of tab {at} waits: {running:?}")),
            }
        }
        let token = tab.client.latest();
        if let (Some(token), Some(view)) = (token, tab.page.view())
            && token.answer.user.id != view.user.id
        {
            faults.push(format!("tab {at} has another user's token"));
        }
        let signed_out = matches!(tab.page, SessionState::SignedOut(_) | SessionState::Interrupted(..));
        if signed_out && let Some(token) = token {
            faults.push(format!("tab {at} is signed out and has the token of {:?}", token.answer.text()));
        }
        // A session that a user ended here is shown nowhere, unless the answer was lost, or cookies arrived in another
        // order than they were made. (One that the server ended is shown until a call finds out.)
        let ended_here =
            |session: &str| world.sessions.get(session).is_some_and(|(_, over)| *over == Some(EndReason::SignedOut));
        if let Some(token) = token
            && ended_here(token.answer.text())
            && !world.lost
            && !world.impatient
        {
            faults.push(format!("tab {at} shows a session that was signed out"));
        }
    }
    // While the cookie is good, every tab shows its user.
    let cookies = world.cookie.as_ref().is_some_and(|session| world.sessions[session].1.is_none());
    if cookies && !world.lost && !world.impatient {
        let out = |tab: &&Tab| tab.page.view().is_none();
        faults.extend(world.tabs.iter().find(out).map(|tab| format!("signed out, but the cookie is good: {tab:?}")));
    }
    if world.lock.is_some() {
        faults.push("the lock is held".to_owned());
    }
    world.faults.extend(faults);
}

fn play(choices: &[(bool, Choice)]) -> World {
    let mut world = World::default();
    world.open(false);
    world.open(true);
    world.begin(0, signs_in("ada"));
    for (is_person, choice) in choices {
        if *is_person {
            people(&mut world, *choice);
        } else {
            goes_on(&mut world, *choice, true);
        }
    }
    settles(&mut world);
    left_over(&mut world);
    still_works(&mut world);
    world
}

/// As long as the session of the cookie is not over, a call succeeds in every tab.
fn still_works(world: &mut World) {
    let cookies = world.cookie.as_ref().is_some_and(|session| world.sessions[session].1.is_none());
    if !cookies || world.lost || world.impatient {
        return;
    }
    for tab in 0..world.tabs.len() {
        let number = world.begun;
        world.begin(tab, Does::Read);
        settles(world);
        match world.tabs[tab].calls.get(&number) {
            Some(Running { waits: Waits::Nothing(Ok(())), .. }) => {}
            call => {
                let fault = format!("a call of tab {tab} came to {call:?}");
                world.faults.push(fault);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_any_order_nothing_goes_wrong(
        choices in prop::collection::vec((prop::bool::weighted(0.2), (any::<u8>(), any::<u8>())), 0..150),
    ) {
        let world = play(&choices);
        prop_assert!(world.faults.is_empty(), "{:#?}", world.faults);
    }
}

#[test]
fn the_world_does_what_it_is_for() {
    // Sign in; the second tab hears of it; twenty calls with a spoiled token are answered after one refresh.
    let mut world = World::default();
    world.open(true);
    world.open(true);
    world.begin(0, signs_in("ada"));
    settles(&mut world);
    assert!(world.tabs.iter().all(|tab| tab.client.latest().is_some()));
    let before = world.tabs[1].client.refreshes();
    world.tell(1, Event::TokenSpoiled);
    for _ in 0..20 {
        world.begin(1, Does::Read);
    }
    assert!(world.requests.iter().all(|request| matches!(request.of, Of::Call(_))));
    settles(&mut world);
    left_over(&mut world);
    assert!(world.tabs[1].calls.values().all(|running| matches!(running.waits, Waits::Nothing(Ok(())))));
    assert_eq!(world.tabs[1].client.refreshes() - before, 1);
    assert!(world.faults.is_empty(), "{:?}", world.faults);
}

#[test]
fn one_proof_is_enough_for_all_calls_that_wait_for_it_in_all_tabs() {
    let mut world = World::default();
    world.open(true);
    world.open(true);
    world.begin(0, signs_in("ada"));
    settles(&mut world);
    for tab in [0, 1, 0, 1] {
        world.begin(tab, Does::Sensitive);
    }
    settles(&mut world);
    let calls = |world: &World, which: fn(&Waits) -> bool| {
        world.tabs.iter().flat_map(|tab| tab.calls.values()).filter(|running| which(&running.waits)).count()
    };
    assert_eq!(calls(&world, |waits| waits.are_for(Waiting::StepUp)), 4);
    world.begin(0, Does::Confirm);
    settles(&mut world);
    left_over(&mut world);
    assert_eq!(calls(&world, |waits| !matches!(waits, Waits::Nothing(Ok(())))), 0);
    assert!(world.faults.is_empty(), "{:?}", world.faults);
}
