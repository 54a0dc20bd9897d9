//! The rules of a single tab.

use super::{
    super::{
        event::{Effect, Event, Pause, Reach, TabMessage, Timer, Waiting},
        moment::Moment,
        state::Client,
    },
    answer, moment, signed_in,
};
use crate::app::{
    error::{ApiError, Code},
    session::{NetworkState, SessionState},
    types::{EndReason, Millis, Seconds},
};

/// A tab of Ada's with a token that lives for this many seconds.
fn tab(life_s: i64) -> (Client, Moment) {
    let (mut client, now) = (Client::new(), moment(signed_in("session", "ada"), 0.0));
    let effects = client.step(Event::Heard(TabMessage::Refreshed(answer("session", "ada", life_s, 1))), now.clone());
    assert!(!has(&effects, |effect| matches!(effect, Effect::Reload)));
    (client, now)
}

fn has(effects: &[Effect], what: impl Fn(&Effect) -> bool) -> bool {
    effects.iter().any(what)
}

/// A tab whose refresh was just sent.
fn refreshing() -> (Client, Moment) {
    let (mut client, now) = tab(900);
    let effects = client.step(Event::TokenWanted, now.clone());
    assert!(matches!(effects[..], [Effect::TakeLock(5000)]), "{effects:?}");
    let effects = client.step(Event::LockSettled, now.clone());
    assert!(matches!(effects[..], [Effect::SendRefresh(Some(Millis(1)))]), "the server's time is 1: {effects:?}");
    (client, now)
}

/// Answers the refresh with a refusal; returns the pause before the next attempt, if there is one.
fn refused(client: &mut Client, now: &Moment, error: ApiError) -> Option<Pause> {
    let effects = client.step(Event::Refreshed(Err(error)), now.clone());
    effects.iter().find_map(|effect| match effect {
        Effect::Wait(Timer::Refresh, pause) => Some(*pause),
        _ => None,
    })
}

fn send_again(client: &mut Client, now: &Moment) {
    let _ = client.step(Event::Due(Timer::Refresh), now.clone());
    assert!(has(&client.step(Event::LockSettled, now.clone()), |effect| matches!(effect, Effect::SendRefresh(_))));
}

#[test]
fn a_refresh_that_gets_no_answer_is_sent_three_times() {
    let (mut client, now) = refreshing();
    let lost = || ApiError::from(Code::Unreachable);
    assert_eq!(refused(&mut client, &now, lost()), Some(Pause::Jittered(400, 0)));
    send_again(&mut client, &now);
    assert_eq!(refused(&mut client, &now, lost()), Some(Pause::Jittered(800, 0)));
    send_again(&mut client, &now);
    let effects = client.step(Event::Refreshed(Err(lost())), now);
    assert!(has(&effects, |effect| matches!(effect, Effect::Land(Err(lost)) if lost.code == Code::Unreachable)));
    assert!(!client.is_refreshing() && client.latest().is_some(), "no answer is not a sign-out");
}

#[test]
fn a_server_that_asks_for_a_short_wait_gets_it_and_a_long_one_is_not_waited_for() {
    let busy = |wait| ApiError { retry_after: Seconds(wait), ..Code::RateLimited.into() };
    let (mut client, now) = refreshing();
    assert_eq!(refused(&mut client, &now, busy(5)), Some(Pause::Jittered(400, 5000)));
    let (mut client, now) = refreshing();
    let effects = client.step(Event::Refreshed(Err(busy(6))), now);
    assert!(has(&effects, |effect| matches!(effect, Effect::Land(Err(busy)) if busy.code == Code::RateLimited)));
}

#[test]
fn a_refresh_that_was_late_is_sent_at_once_with_the_servers_time() {
    let (mut client, now) = refreshing();
    let _ = client.step(Event::Dated(Some(5_000_000.0)), now.clone());
    let effects = client.step(Event::Refreshed(Err(Code::StaleRequest.into())), now.clone());
    assert!(has(&effects, |effect| matches!(effect, Effect::TakeLock(_))), "{effects:?}");
    let effects = client.step(Event::LockSettled, now);
    assert!(matches!(effects[..], [Effect::SendRefresh(Some(Millis(5_000_000)))]), "{effects:?}");
}

#[test]
fn a_protected_page_stays_when_its_session_ends_and_the_first_reason_wins() {
    let (mut client, mut now) = refreshing();
    let over = ApiError::from(Code::InvalidRefreshToken).because(EndReason::Replay);
    let effects = client.step(Event::Refreshed(Err(over)), now.clone());
    let shown = effects.iter().find_map(|effect| match effect {
        Effect::Show(page) => Some(page.clone()),
        _ => None,
    });
    now.page = shown.expect("a page");
    assert!(matches!(now.page, SessionState::Interrupted(_, Some(EndReason::Replay))), "{:?}", now.page);
    let effects = client.step(Event::SessionOver(None), now.clone());
    assert!(has(&effects, |effect| matches!(
        effect,
        Effect::Show(SessionState::Interrupted(_, Some(EndReason::Replay)))
    )));
    // The same page without protection shows that nobody is signed in.
    now.is_protected = false;
    let effects = client.step(Event::SessionOver(None), now);
    assert!(has(&effects, |effect| matches!(effect, Effect::Show(SessionState::SignedOut(Some(EndReason::Replay))))));
}

#[test]
fn another_users_sign_in_loads_the_page_again_and_nothing_is_kept() {
    let (mut client, now) = tab(900);
    let effects = client.step(Event::Heard(TabMessage::SignedIn(answer("next", "bob", 900, 2))), now);
    assert!(has(&effects, |effect| matches!(effect, Effect::Reload)));
    assert!(!has(&effects, |effect| matches!(effect, Effect::Show(_) | Effect::Resume(Waiting::SignIn))));
    assert!(client.latest().is_none());
}

#[test]
fn a_token_is_renewed_ahead_of_time_only_for_a_user_who_is_there() {
    let renews = |change: fn(&mut Moment), life_s| {
        let (mut client, mut now) = tab(life_s);
        let _ = client.step(Event::Touched, now.clone());
        now.monotonic_ms = 870_000.0;
        now.wall_ms = 100_000.0;
        change(&mut now);
        let _ = client.step(Event::Due(Timer::Renewal), now);
        client.is_refreshing()
    };
    assert!(renews(|_| (), 900));
    assert!(!renews(|now| now.monotonic_ms = 869_999.0, 900), "it is not due");
    assert!(!renews(|now| now.is_visible = false, 900), "nobody sees the page");
    assert!(!renews(|now| now.wall_ms = 300_000.0, 900), "nobody touched it for five minutes");
    assert!(!renews(|now| now.page = SessionState::SignedOut(None), 900), "nobody is signed in");
    assert!(!renews(|now| now.monotonic_ms = 59_000.0, 60), "the token hardly lives longer");
}

#[test]
fn who_was_away_for_a_minute_is_checked() {
    let checks = |away_ms| {
        let (mut client, mut now) = tab(900);
        now.is_visible = false;
        let _ = client.step(Event::Visibility, now.clone());
        now.is_visible = true;
        now.wall_ms = away_ms;
        has(&client.step(Event::Visibility, now), |effect| matches!(effect, Effect::CheckSession))
    };
    assert!(checks(60_001.0) && !checks(60_000.0));
    assert!(checks(-60_001.0), "the clock was set back");
}

#[test]
fn a_lost_server_is_looked_for_until_it_answers() {
    let (mut client, now) = tab(900);
    let mut effects = client.step(Event::Reached(Reach::Lost), now.clone());
    assert!(has(&effects, |effect| matches!(effect, Effect::ShowNetwork(NetworkState::Unreachable))));
    for pause in [2000, 4000, 8000, 16_000, 30_000, 30_000] {
        assert!(has(
            &effects,
            |effect| matches!(effect, Effect::Wait(Timer::Retry, Pause::Jittered(ms, 0)) if *ms == pause)
        ));
        effects = client.step(Event::Due(Timer::Retry), now.clone());
        assert!(has(&effects, |effect| matches!(effect, Effect::CheckSession)));
    }
    effects = client.step(Event::Reached(Reach::Answered), now.clone());
    assert!(has(&effects, |effect| matches!(effect, Effect::Resume(Waiting::Network))));
    assert_eq!(client.network(), NetworkState::Fine);
    assert!(client.step(Event::Due(Timer::Retry), now.clone()).is_empty(), "and no longer");
    let offline = Moment { is_online: false, ..now };
    let _ = client.step(Event::Connection, offline);
    assert_eq!(client.network(), NetworkState::Offline);
}

#[test]
fn a_token_is_shared_if_it_lives_long_enough_with_what_is_left_of_it() {
    let shares = |at_ms| {
        let (mut client, mut now) = tab(900);
        now.monotonic_ms = at_ms;
        now.wall_ms = at_ms;
        let effects = client.step(Event::Heard(TabMessage::Ask), now);
        effects.into_iter().find_map(|effect| match effect {
            Effect::Say(TabMessage::Refreshed(answer)) => Some((answer.expires_in.0, answer.server_time.0)),
            _ => None,
        })
    };
    assert_eq!(shares(100_000.0), Some((800, 100_001)));
    assert_eq!(shares(894_999.0), Some((5, 894_999 + 1)));
    assert_eq!(shares(895_000.0), None);
}

#[test]
fn a_new_tab_asks_the_others_and_a_token_that_arrives_is_enough() {
    let (mut client, now) = (Client::new(), moment(signed_in("session", "ada"), 0.0));
    let effects = client.step(Event::TokenWanted, now.clone());
    assert!(matches!(effects[..], [Effect::Say(TabMessage::Ask), Effect::Wait(Timer::Refresh, Pause::Exactly(80))]));
    let effects = client.step(Event::Heard(TabMessage::Refreshed(answer("session", "ada", 900, 1))), now.clone());
    assert!(has(&effects, |effect| matches!(effect, Effect::Land(Ok(_)))));
    assert_eq!(client.refreshes(), 0);
    // Where tabs can't be asked, nobody waits for them.
    let mut alone = Client::new();
    let effects = alone.step(Event::TokenWanted, Moment { has_channel: false, ..now });
    assert!(matches!(effects[..], [Effect::TakeLock(_)]));
}

#[test]
fn the_refused_token_of_another_tab_is_no_newer_one() {
    let (mut client, now) = tab(900);
    let again = Event::Heard(TabMessage::Refreshed(answer("session", "ada", 900, 1)));
    let _ = client.step(Event::TokenWanted, now.clone());
    let _ = client.step(again.clone(), now.clone());
    let effects = client.step(Event::LockSettled, now.clone());
    assert!(matches!(effects[..], [Effect::SendRefresh(_)]), "{effects:?}");
    // Nor while the refresh pauses.
    assert!(refused(&mut client, &now, Code::Unreachable.into()).is_some());
    assert!(!has(&client.step(again, now), |effect| matches!(effect, Effect::Land(_))));
}

#[test]
fn a_refresh_waits_for_a_sign_out() {
    let (mut client, mut now) = tab(900);
    let _ = client.step(Event::SignOutBegun, now.clone());
    let effects = client.step(Event::TokenWanted, now.clone());
    assert!(matches!(effects[..], [Effect::Wait(Timer::Refresh, Pause::Exactly(10_000))]), "{effects:?}");
    let _ = client.step(Event::SignedOut(Some(EndReason::SignedOut)), now.clone());
    now.page = SessionState::SignedOut(Some(EndReason::SignedOut));
    let effects = client.step(Event::SignOutEnded, now.clone());
    assert!(has(&effects, |effect| matches!(effect, Effect::TakeLock(_))), "{effects:?}");
    let effects = client.step(Event::LockSettled, now);
    assert!(has(&effects, |effect| matches!(effect, Effect::Land(Err(over)) if over.code == Code::TokenNotFound)));
    assert_eq!(client.refreshes(), 0, "there is nothing to refresh");
}
