//! Confirming that it is you. A call that needs it waits while a dialog over the page asks for the password; one
//! dialog, however many calls wait.

use super::{
    access::{self, Access},
    call, refresh, server_clock,
    tabs::{self, Said},
    turn,
    waiting::{self, STEP_UP},
};
use crate::app::{
    error::{ApiError, Code},
    paths,
    types::Secret,
};
use leptos::prelude::{RwSignal, Set};
use serde::Serialize;
use std::cell::Cell;

/// What a call is answered that the person did not confirm.
const NOT_CONFIRMED: &str = "Nothing was done: you did not confirm that it's you.";

thread_local! {
    static ASKED: Cell<Option<RwSignal<bool>>> = const { Cell::new(None) };
}

/// The page has a dialog, which is open while this signal says so.
pub fn asks_by(asked: RwSignal<bool>) {
    ASKED.set(Some(asked));
}

/// Opens or closes the page's dialog; false if it has none.
fn ask(open: bool) -> bool {
    ASKED.get().is_some_and(|asked| asked.try_set(open).is_none())
}

/// Waits until the person has confirmed that it is them; false if they won't, or the page has no dialog.
pub(super) async fn for_person() -> bool {
    ask(true) && waiting::wait(&STEP_UP).await
}

/// The person has confirmed, here or in another tab, or signed in anew: the calls that wait go on.
pub(super) fn resume() {
    ask(false);
    waiting::resume(&STEP_UP);
}

/// The person will not confirm: the calls that wait fail.
pub fn not_confirmed() {
    ask(false);
    waiting::give_up(&STEP_UP);
}

/// Says what a refusal means to a person who was asked.
pub(super) fn in_words(refused: ApiError) -> ApiError {
    match refused.code {
        Code::StepUpRequired => ApiError { message: NOT_CONFIRMED.into(), ..refused },
        _ => refused,
    }
}

/// Confirms with this password. The answer is a refresh's, and it is sent like one: by one tab at a time, with its
/// moment, and given up when it takes too long.
///
/// # Errors
/// The server's refusal, or [`Code::Unreachable`].
pub async fn confirm(password: Secret) -> Result<(), ApiError> {
    let access = call::usable().await?;
    match send(&access, &password).await {
        Err(refused) if refused.code.wants_refresh() => send(&*call::renewed(Some(&access)).await?, &password).await,
        // It was late, or this machine's clock was moved, which is corrected by now.
        Err(refused) if refused.code == Code::StaleRequest => send(&access, &password).await,
        answered => answered,
    }
}

async fn send(access: &Access, password: &Secret) -> Result<(), ApiError> {
    #[derive(Serialize)]
    struct Input<'a> {
        password: &'a Secret,
        sent_at: Option<u64>,
    }
    refresh::landed().await;
    let (epoch, turn) = (access::epoch(), turn::take(refresh::patience_ms() / 2).await);
    let input = Input { password, sent_at: server_clock::now() };
    let answered = refresh::send(paths::API_STEP_UP, &input, Some(access)).await;
    drop(turn);
    if access::epoch() != epoch {
        // Somebody signed in or out meanwhile: this answer is about a session of before.
        return Err(Code::TokenNotFound.into());
    }
    match answered {
        Ok(answer) => {
            tabs::say(&Said::SteppedUp(answer.clone()));
            refresh::take_over(answer)?;
            resume();
            Ok(())
        }
        Err(refused) if refused.code.ends_session() => {
            super::over(refused.end_reason());
            Err(refused)
        }
        Err(refused) => Err(refused),
    }
}
