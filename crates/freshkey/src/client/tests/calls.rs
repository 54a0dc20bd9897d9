//! The rules of a single call.

use super::{
    super::{
        call::{Call, Kind, News, Next},
        event::{Event, TabMessage, Waiting},
        moment::Moment,
        state::Client,
    },
    answer, moment, signed_in,
};
use crate::app::{
    error::{ApiError, Code},
    session::SessionState,
    types::{EndReason, Secret},
};

/// A call of a tab, and the tab that it is made in.
struct Played {
    client: Client,
    now: Moment,
    call: Call,
}

impl Played {
    /// Begins a call in Ada's tab, which has a token.
    fn begin(kind: Kind) -> (Self, Next) {
        let (mut client, now) = (Client::new(), moment(signed_in("session", "ada"), 0.0));
        let token = Event::Heard(TabMessage::Refreshed(answer("session", "ada", 900, 1)));
        drop(client.step(token, now.clone()));
        let (call, next) = Call::begin(kind, &client, &now);
        (Self { client, now, call }, next)
    }

    fn goes_on(&mut self, news: News) -> Next {
        self.call.step(news, &self.client, &self.now)
    }

    fn is_refused(&mut self, code: Code) -> Next {
        self.goes_on(News::Answered(Err(code.into())))
    }

    /// Returns the news of a token that the refresh got.
    fn refreshed(&mut self) -> News {
        let token = Event::Heard(TabMessage::Refreshed(answer("renewed", "ada", 900, 2)));
        drop(self.client.step(token, self.now.clone()));
        News::Token(self.client.latest().cloned().ok_or(Code::Internal.into()))
    }

    /// Returns the news of the token of this user's new sign-in.
    fn newer(&mut self, user: &str) -> News {
        let effects = self.client.step(Event::SignedIn(answer("next", user, 900, 2)), self.now.clone());
        drop(effects);
        News::Token(self.client.latest().cloned().ok_or(Code::Internal.into()))
    }
}

fn sends(next: &Next) -> Option<&str> {
    match next {
        Next::Send(Some(token)) => Some(token.answer.text()),
        _ => None,
    }
}

fn fails(next: Next) -> ApiError {
    match next {
        Next::Done(Err(error)) => error,
        next => panic!("{next:?}"),
    }
}

#[test]
fn a_call_is_sent_once_more_with_a_newer_token_and_not_again() {
    let (mut played, next) = Played::begin(Kind::Protected);
    assert_eq!(sends(&next), Some("session"));
    let next = played.is_refused(Code::TokenExpired);
    assert!(matches!(next, Next::Renew(Some(spent)) if spent.answer.text() == "session"));
    let newer = played.refreshed();
    assert_eq!(sends(&played.goes_on(newer)), Some("renewed"));
    assert_eq!(fails(played.is_refused(Code::TokenExpired)).code, Code::TokenExpired);
}

#[test]
fn a_call_with_an_expired_token_asks_for_another_first() {
    let (mut client, now) = (Client::new(), moment(signed_in("session", "ada"), 0.0));
    drop(client.step(Event::Heard(TabMessage::Refreshed(answer("session", "ada", 0, 1))), now.clone()));
    for kind in [Kind::Protected, Kind::StepUp] {
        let (_, next) = Call::begin(kind, &client, &now);
        assert!(matches!(next, Next::Renew(Some(spent)) if spent.answer.text() == "session"));
    }
    let (_, next) = Call::begin(Kind::Public, &client, &now);
    assert_eq!(sends(&next), Some("session"), "it may not need one");
}

#[test]
fn a_public_call_that_carries_a_refused_token_is_sent_once_more_too() {
    let (mut played, next) = Played::begin(Kind::Public);
    assert_eq!(sends(&next), Some("session"));
    assert!(matches!(played.is_refused(Code::TokenExpired), Next::Renew(Some(_))));
    let newer = played.newer("ada");
    assert_eq!(sends(&played.goes_on(newer)), Some("next"));
    assert!(
        matches!(played.goes_on(News::Answered(Ok("text".to_owned().into()))), Next::Done(Ok(text)) if text.reveal() == "text")
    );
}

#[test]
fn a_public_call_without_a_token_asks_for_one_if_it_needs_one() {
    let (client, now) = (Client::new(), moment(SessionState::SignedOut(None), 0.0));
    let (call, next) = Call::begin(Kind::Public, &client, &now);
    assert!(matches!(next, Next::Send(None)));
    let mut played = Played { client, now, call };
    assert!(matches!(played.is_refused(Code::TokenNotFound), Next::Renew(None)));
    let nobody = News::Token(Err(Code::RefreshTokenNotFound.into()));
    assert_eq!(fails(played.goes_on(nobody)).code, Code::RefreshTokenNotFound);
}

#[test]
fn what_one_user_began_is_not_sent_as_another() {
    let (mut played, _) = Played::begin(Kind::Protected);
    let _ = played.is_refused(Code::SessionEnded);
    let newer = played.newer("bob");
    assert_eq!(fails(played.goes_on(newer)).code, Code::SessionEnded, "its own refusal");
}

#[test]
fn what_one_user_began_is_not_for_another_to_confirm() {
    let (mut played, _) = Played::begin(Kind::Protected);
    let _ = played.newer("bob");
    played.now.page = signed_in("next", "bob");
    assert_eq!(fails(played.is_refused(Code::StepUpRequired)).code, Code::StepUpRequired);

    let (mut played, _) = Played::begin(Kind::Protected);
    assert!(matches!(played.is_refused(Code::StepUpRequired), Next::Wait(Waiting::StepUp)));
    let _ = played.newer("bob");
    played.now.page = signed_in("next", "bob");
    assert_eq!(fails(played.goes_on(News::Waited(true))).code, Code::StepUpRequired);
}

#[test]
fn a_call_that_a_sign_out_overtook_asks_for_no_token() {
    let (mut played, _) = Played::begin(Kind::Protected);
    drop(played.client.step(Event::SignedOut(None), played.now.clone()));
    played.now.page = SessionState::SignedOut(None);
    assert_eq!(fails(played.is_refused(Code::SessionEnded)).code, Code::SessionEnded);
}

#[test]
fn a_sensitive_call_waits_for_its_user_and_is_sent_once_more() {
    let (mut played, _) = Played::begin(Kind::Protected);
    assert!(matches!(played.is_refused(Code::StepUpRequired), Next::Wait(Waiting::StepUp)));
    assert_eq!(sends(&played.goes_on(News::Waited(true))), Some("session"));
    assert!(fails(played.is_refused(Code::StepUpRequired)).message.contains("did not confirm"));

    let (mut played, _) = Played::begin(Kind::Protected);
    let _ = played.is_refused(Code::StepUpRequired);
    assert!(fails(played.goes_on(News::Waited(false))).message.contains("did not confirm"));
}

#[test]
fn a_user_who_confirmed_while_a_call_was_on_its_way_is_not_asked_again() {
    let (mut played, _) = Played::begin(Kind::Protected);
    let _ = played.refreshed();
    assert_eq!(sends(&played.is_refused(Code::StepUpRequired)), Some("renewed"));
    assert!(matches!(played.is_refused(Code::StepUpRequired), Next::Wait(Waiting::StepUp)), "a token that is too old");
}

#[test]
fn a_call_without_a_session_waits_for_its_user_to_sign_in_again() {
    let (mut played, _) = Played::begin(Kind::Protected);
    let _ = played.is_refused(Code::SessionEnded);
    let over = || News::Token(Err(Code::InvalidRefreshToken.into()));
    let view = played.now.page.view().cloned().expect("Ada's page");
    played.now.page = SessionState::Interrupted(view, Some(EndReason::Replay));
    assert!(matches!(played.goes_on(over()), Next::Wait(Waiting::SignIn)));
    let _ = played.newer("ada");
    assert_eq!(sends(&played.goes_on(News::Waited(true))), Some("next"));

    let (mut played, _) = Played::begin(Kind::Protected);
    let _ = played.is_refused(Code::SessionEnded);
    let view = played.now.page.view().cloned().expect("Ada's page");
    played.now.page = SessionState::Interrupted(view, Some(EndReason::Replay));
    let _ = played.goes_on(over());
    assert_eq!(fails(played.goes_on(News::Waited(false))).code, Code::InvalidRefreshToken, "the user left");

    let (mut played, _) = Played::begin(Kind::Protected);
    let _ = played.is_refused(Code::SessionEnded);
    assert_eq!(fails(played.goes_on(over())).code, Code::InvalidRefreshToken, "a page without data does not stay");
}

#[test]
fn a_call_pauses_while_no_token_can_be_had_longer_each_time() {
    let (mut played, _) = Played::begin(Kind::Protected);
    let _ = played.is_refused(Code::TokenExpired);
    for failures in 1..=3 {
        let lost = News::Token(Err(Code::Unreachable.into()));
        assert!(matches!(played.goes_on(lost), Next::BackOff(so_far) if so_far == failures));
        assert!(matches!(played.goes_on(News::Ready), Next::Renew(Some(_))));
    }
    let _ = played.goes_on(News::Token(Err(Code::Unreachable.into())));
    drop(played.client.step(Event::SignedOut(None), played.now.clone()));
    played.now.page = SessionState::SignedOut(None);
    assert_eq!(fails(played.goes_on(News::Ready)).code, Code::TokenNotFound, "there is none to wait for");
}

#[test]
fn a_sign_in_lets_the_refresh_land_takes_its_lock_and_carries_no_token() {
    let (mut played, next) = Played::begin(Kind::SignIn);
    assert!(matches!(next, Next::Land(None)));
    assert!(matches!(played.goes_on(News::Ready), Next::TakeLock(10_000)));
    assert!(matches!(played.goes_on(News::Ready), Next::Send(None)));
    let next = played.goes_on(News::Session(answer("next", "ada", 900, 2)));
    assert!(matches!(next, Next::Tell(Event::SignedIn(_))));
    assert!(matches!(played.goes_on(News::Ready), Next::Done(Ok(text)) if text.reveal() == "next"));

    let (mut played, _) = Played::begin(Kind::SignIn);
    let _ = (played.goes_on(News::Ready), played.goes_on(News::Ready));
    assert_eq!(fails(played.is_refused(Code::InvalidCredentials)).code, Code::InvalidCredentials);
}

#[test]
fn a_sign_out_waits_for_a_refresh_a_second_at_most_and_says_when_it_is_over() {
    let (mut played, next) = Played::begin(Kind::SignOut);
    assert!(matches!(next, Next::Land(Some(1000))));
    assert!(!played.call.is_signing_out(), "nobody was told yet");
    assert!(matches!(played.goes_on(News::Ready), Next::Tell(Event::SignOutBegun)));
    assert_eq!(sends(&played.goes_on(News::Ready)), Some("session"));
    let next = played.goes_on(News::Answered(Ok(Secret::default())));
    assert!(matches!(next, Next::Tell(Event::SignedOut(Some(EndReason::SignedOut)))));
    assert!(matches!(played.goes_on(News::Ready), Next::Done(Ok(_))));
    assert!(played.call.is_signing_out());
}

#[test]
fn a_proof_that_was_late_is_sent_once_more_and_one_of_an_earlier_session_counts_for_nothing() {
    let sent = || {
        let (mut played, next) = Played::begin(Kind::StepUp);
        assert!(matches!(next, Next::Land(None)));
        assert!(matches!(played.goes_on(News::Ready), Next::TakeLock(5000)));
        assert_eq!(sends(&played.goes_on(News::Ready)), Some("session"));
        played
    };
    let mut played = sent();
    assert!(matches!(played.is_refused(Code::StaleRequest), Next::Land(None)));
    let _ = (played.goes_on(News::Ready), played.goes_on(News::Ready));
    assert_eq!(fails(played.is_refused(Code::StaleRequest)).code, Code::StaleRequest);

    let mut played = sent();
    drop(played.client.step(Event::SignedOut(None), played.now.clone()));
    played.now.page = SessionState::SignedOut(None);
    let next = played.goes_on(News::Session(answer("session", "ada", 900, 2)));
    assert_eq!(fails(next).code, Code::TokenNotFound);

    let mut played = sent();
    let next = played.goes_on(News::Session(answer("session", "ada", 900, 2)));
    assert!(matches!(next, Next::Tell(Event::SteppedUp(_))));
    drop(played.client.step(Event::SignedOut(None), played.now.clone()));
    assert_eq!(fails(played.goes_on(News::Ready)).code, Code::SessionEnded, "it was another user's");

    let mut played = sent();
    assert!(matches!(played.is_refused(Code::TokenExpired), Next::Renew(Some(_))));
    let newer = played.refreshed();
    assert!(matches!(played.goes_on(newer), Next::Land(None)));

    let mut played = sent();
    let over = ApiError::from(Code::InvalidRefreshToken).because(EndReason::Replay);
    let next = played.goes_on(News::Answered(Err(over)));
    assert!(matches!(next, Next::Tell(Event::SessionOver(Some(EndReason::Replay)))));
    assert_eq!(fails(played.goes_on(News::Ready)).code, Code::InvalidRefreshToken);
}
