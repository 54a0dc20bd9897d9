//! Confirming a sensitive action. A call that needs it waits while a dialog over the page asks for the password.
//! There is one dialog, however many calls wait.

use super::{
    call,
    driver::{self, dispatch},
};
use crate::{
    app::{
        error::ApiError,
        paths,
        types::{Integer, PasskeyCredential, Secret},
    },
    client::{
        call::{Kind, News},
        event::Event,
        state::Client,
        token::Token,
    },
};
use serde::Serialize;
use std::rc::Rc;

/// Fails the waiting calls: the user declined.
pub fn not_confirmed() {
    dispatch(Event::NotConfirmed);
}

/// What the user confirms with.
#[derive(Serialize)]
struct Proof<'a> {
    password: &'a Secret,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<&'a PasskeyCredential>,
    sent_at: Option<Integer>,
}

/// Confirms with this password, plus a code if two-step sign-in is on; or with a passkey's answer alone. The answer
/// is that of a refresh, so it is sent like one: by one tab at a time, with the time of sending, and with a timeout.
///
/// # Errors
/// The server's refusal, or [`Code::Unreachable`](crate::app::error::Code::Unreachable).
pub async fn confirm(
    password: Secret,
    code: Option<Secret>,
    credential: Option<PasskeyCredential>,
) -> Result<(), ApiError> {
    let send = async |token: Option<Rc<Token>>| {
        let sent_at = driver::read_now(Client::server_now).map(Integer::from);
        let proof = Proof { password: &password, code: code.as_ref(), credential: credential.as_ref(), sent_at };
        driver::post(paths::API_STEP_UP, &proof, token.as_deref())
            .await
            .map_or_else(|refused| News::Answered(Err(refused)), News::Session)
    };
    call::run(Kind::StepUp, send).await.map(drop)
}
