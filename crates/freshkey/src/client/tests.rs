//! Tests of the client's decisions: the rules of a single call, those of a single tab, and any order of events in a
//! world of tabs.

mod calls;
mod interleavings;
mod rules;
mod world;

use super::{answer::Answer, moment::Moment};
use crate::app::{
    session::{SessionState, SessionView},
    types::{Millis, OwnClaims, Seconds, TokenAnswer, UserView},
};

/// The answer that begins or renews a session. Its text is the session's name, and its access token the same with the
/// time of issue.
fn answer(session: &str, user: &str, expires_in: i64, issued_at: i64) -> Answer {
    let read = TokenAnswer {
        access_token: format!("{session} at {issued_at}").into(),
        token_type: "Bearer".to_owned(),
        expires_in: Seconds(expires_in),
        server_time: Millis(issued_at),
        refresh_timeout: 10.0,
        csrf_token: format!("csrf of {session}").into(),
        user: UserView {
            id: user.to_owned(),
            email: "a@b".to_owned(),
            name: None,
            role: None,
            claims: OwnClaims::default(),
        },
    };
    Answer::new(session.to_owned(), read)
}

/// What a page shows of a session.
fn signed_in(session: &str, user: &str) -> SessionState {
    let answer = answer(session, user, 0, 0);
    let csrf_token = answer.csrf_token.reveal().to_owned();
    SessionState::SignedIn(SessionView { user: answer.user.clone(), csrf_token })
}

/// A visible page of a machine with a network and other tabs.
fn moment(page: SessionState, at_ms: f64) -> Moment {
    Moment {
        monotonic_ms: at_ms,
        wall_ms: at_ms,
        page,
        is_protected: true,
        is_visible: true,
        is_online: true,
        has_channel: true,
    }
}
