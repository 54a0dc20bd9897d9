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
    types::{PasskeyCredential, Secret},
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

/// What the person confirms with.
#[derive(Serialize)]
struct Proof {
    password: Secret,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<PasskeyCredential>,
    sent_at: Option<u64>,
}

/// Confirms with this password, and the code that goes with it where two-step sign-in is on; or with a passkey's answer
/// alone. The answer is a refresh's, and it is sent like one: by one tab at a time, with its moment, and given up when it
/// takes too long.
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
        // It was late, or this machine's clock was moved, which is corrected by now.
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
        // Somebody signed in or out meanwhile: this answer is about a session of before.
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
