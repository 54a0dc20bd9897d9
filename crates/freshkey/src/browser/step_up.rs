//! Confirming a sensitive action. A call that needs it waits while a dialog over the page asks for the password.
//! There is one dialog, however many calls wait.

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
    types::{PasskeyCredential, Secret},
};
use leptos::prelude::{RwSignal, Set};
use serde::Serialize;
use std::cell::Cell;

/// The message of a call that the user did not confirm.
const NOT_CONFIRMED: &str = "Nothing was done: you did not confirm that it's you.";

thread_local! {
    static ASKED: Cell<Option<RwSignal<bool>>> = const { Cell::new(None) };
}

/// Sets the signal that opens and closes the page's dialog.
pub fn asks_by(asked: RwSignal<bool>) {
    ASKED.set(Some(asked));
}

/// Opens or closes the page's dialog; returns false if the page has none.
fn ask(open: bool) -> bool {
    ASKED.get().is_some_and(|asked| asked.try_set(open).is_none())
}

/// Waits until the user has confirmed; returns false if they decline, or the page has no dialog.
pub(super) async fn for_person() -> bool {
    ask(true) && waiting::wait(&STEP_UP).await
}

/// Lets the waiting calls go on: the user has confirmed, here or in another tab, or has signed in again.
pub(super) fn resume() {
    ask(false);
    waiting::resume(&STEP_UP);
}

/// Fails the waiting calls: the user declined.
pub fn not_confirmed() {
    ask(false);
    waiting::give_up(&STEP_UP);
}

/// Replaces a refusal's message with one for a user who was asked to confirm.
pub(super) fn in_words(refused: ApiError) -> ApiError {
    match refused.code {
        Code::StepUpRequired => ApiError { message: NOT_CONFIRMED.into(), ..refused },
        _ => refused,
    }
}

/// What the user confirms with.
#[derive(Serialize)]
struct Proof {
    password: Secret,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<PasskeyCredential>,
    sent_at: Option<u64>,
}

/// Confirms with this password, plus a code if two-step sign-in is on; or with a passkey's answer alone. The answer
/// is that of a refresh, so it is sent like one: by one tab at a time, with the time of sending, and with a timeout.
///
/// # Errors
/// The server's refusal, or [`Code::Unreachable`].
pub async fn confirm(
    password: Secret,
    code: Option<Secret>,
    credential: Option<PasskeyCredential>,
) -> Result<(), ApiError> {
    let mut proof = Proof { password, code, credential, sent_at: None };
    let access = call::usable().await?;
    match send(&access, &mut proof).await {
        Err(refused) if refused.code.wants_refresh() => send(&*call::renewed(Some(&access)).await?, &mut proof).await,
        // The request was late, or this machine's clock was changed; the offset is corrected by now.
        Err(refused) if refused.code == Code::StaleRequest => send(&access, &mut proof).await,
        answered => answered,
    }
}

async fn send(access: &Access, proof: &mut Proof) -> Result<(), ApiError> {
    refresh::landed().await;
    let (epoch, turn) = (access::epoch(), turn::take(refresh::patience_ms() / 2).await);
    proof.sent_at = server_clock::now();
    let answered = refresh::send(paths::API_STEP_UP, proof, Some(access)).await;
    drop(turn);
    if access::epoch() != epoch {
        // Somebody signed in or out meanwhile, so this answer is about an earlier session.
        return Err(Code::TokenNotFound.into());
    }
    match answered {
        Ok(answer) => {
            tabs::say(&Said::SteppedUp(answer.as_it_is()));
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
