//! Confirming a sensitive action. A call that needs it waits while a dialog over the page asks for the password.
//! There is one dialog, however many calls wait.

use super::{
    call,
    driver::{self, dispatch},
    refresh_lock::RefreshLock,
};
use crate::{
    app::{
        error::{ApiError, Code},
        paths,
        types::{Integer, PasskeyCredential, Secret},
    },
    client::{event::Event, state::Client, token::Token},
};
use serde::Serialize;

/// Fails the waiting calls: the user declined.
pub fn not_confirmed() {
    dispatch(Event::NotConfirmed);
}

/// What the user confirms with.
#[derive(Serialize)]
struct Proof {
    password: Secret,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<PasskeyCredential>,
    sent_at: Option<Integer>,
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
    let token = call::usable().await?;
    match send(&token, &mut proof).await {
        Err(refused) if refused.code.wants_refresh() => send(&*call::renewed(Some(&token)).await?, &mut proof).await,
        // The request was late, or this machine's clock was changed; the offset is corrected by now.
        Err(refused) if refused.code == Code::StaleRequest => send(&token, &mut proof).await,
        answered => answered,
    }
}

async fn send(token: &Token, proof: &mut Proof) -> Result<(), ApiError> {
    driver::refresh_landed().await;
    let caller = driver::read_now(Client::caller);
    let is_late = || driver::read(|client| client.is_another_epoch(&caller));
    let lock = RefreshLock::take(driver::read(Client::patience_ms) / 2).await;
    proof.sent_at = driver::read_now(Client::server_now).map(Integer::from);
    let answered = driver::post(paths::API_STEP_UP, proof, Some(token)).await;
    drop(lock);
    if is_late() {
        // Somebody signed in or out meanwhile, so this answer is about an earlier session.
        return Err(Code::TokenNotFound.into());
    }
    match answered {
        Ok(answer) => {
            dispatch(Event::SteppedUp(answer));
            // The page belongs to another user, and is being loaded again.
            if is_late() { Err(Code::SessionEnded.into()) } else { Ok(()) }
        }
        Err(refused) => {
            if refused.code.ends_session() {
                dispatch(Event::SessionOver(refused.end_reason()));
            }
            Err(refused)
        }
    }
}
