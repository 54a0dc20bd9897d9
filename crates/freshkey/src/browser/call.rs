//! Calls a server function from the browser. The server's half is `server/call.rs`.

use super::{
    access::{self, Access as Token},
    answer::Answer,
    fetch::Outgoing,
    here, is_interrupted, json, network, page_user, refresh, sign_out, signed_in_here, step_up,
    tabs::{self, Said},
    turn, waiting,
};
use crate::app::{
    api::protocol::Access,
    error::{ApiError, Code},
    paths,
    types::SignInAnswer,
};
use http::Method;
use js_sys::Reflect;
use leptos::prelude::{document, window};
use send_wrapper::SendWrapper;
use serde::{Serialize, de::DeserializeOwned};
use std::{future::Future, rc::Rc};
use wasm_bindgen::JsValue;

/// Sends a call and reads its answer. A protected call gets the access token; if that has expired, the call waits for
/// the shared refresh and is sent once more.
///
/// # Errors
/// The server's refusal, or [`Code::Unreachable`].
pub fn call<Input, Output>(
    access: Access,
    method: &Method,
    path: &str,
    input: Input,
) -> impl Future<Output = Result<Output, ApiError>> + Send
where
    Input: Serialize + Send + 'static,
    Output: DeserializeOwned + Send + 'static,
{
    let (method, path) = (method.clone(), path.to_owned());
    // A page has only one thread, but the framework requires `Send`.
    SendWrapper::new(async move {
        let request = Outgoing::new(&method, &path, &input)?;
        let body = match access {
            Access::Public => public(&request).await?,
            Access::SignIn | Access::Refresh => sign_in(&request, false).await?,
            Access::SignOut => sign_out::send(&request).await?,
            // During a sign-in, the page needs no session, even if a user is signed in.
            Access::Enrol if !paths::is_protected(&here()) => sign_in(&request, true).await?,
            Access::Bearer | Access::StepUp | Access::Enrol => protected(&request).await?,
        };
        // The answer is the server's, but of another release.
        json::from_str(&body).map_err(|_| Code::Internal.into())
    })
}

/// Sends a call that anybody may make. It carries the access token if there is one; if the server refuses that, the
/// call goes on as a protected one.
async fn public(request: &Outgoing<'_>) -> Result<String, ApiError> {
    let latest = access::latest();
    match request.send(latest.as_deref(), None).await {
        Err(refused) if refused.code.wants_refresh() => signed(request).await,
        answered => answered,
    }
}

/// Begins a new session and forgets the old one. A refresh of the old session, in any tab, finishes first, so that
/// its cookie can't arrive after the new one. The page with the sign-in form updates its own session state.
async fn sign_in(request: &Outgoing<'_>, sets_up: bool) -> Result<String, ApiError> {
    if blocks_cookies() {
        return Err(Code::CookiesBlocked.into());
    }
    refresh::landed().await;
    let _turn = turn::take(refresh::patience_ms()).await;
    let body = request.send(None, None).await?;
    let answer = match json::from_str(&body) {
        Ok(SignInAnswer::Session(answer)) => Answer::new(body.clone(), *answer),
        // Another step follows; nobody is signed in yet.
        Ok(SignInAnswer::Step(_)) => return Ok(body),
        // While a second step is being set up, only the last call begins the session.
        Err(_) if sets_up => return Ok(body),
        Err(_) => return Err(Code::Unreachable.into()),
    };
    access::forget();
    refresh::learn(&answer);
    if !is_interrupted() || signed_in_here(&answer) {
        access::keep(answer.clone());
    }
    tabs::say(&Said::SignedIn(answer.as_it_is()));
    Ok(body)
}

/// Whether the browser blocks cookies for this site. Without cookies a session would end with the page. This sets a
/// test cookie, because Chromium says `cookieEnabled` even when it blocks them.
fn blocks_cookies() -> bool {
    let (page, cookie) = (document(), JsValue::from("cookie"));
    let write = |text: &str| drop(Reflect::set(&page, &cookie, &text.into()));
    write("cookie-check=1; SameSite=Strict");
    let kept = Reflect::get(&page, &cookie).ok().and_then(|all| all.as_string());
    write("cookie-check=; SameSite=Strict; Max-Age=0");
    !kept.is_some_and(|kept| kept.split(';').any(|cookie| cookie.trim() == "cookie-check=1"))
        || Reflect::get(&window().navigator(), &"cookieEnabled".into()).is_ok_and(|enabled| enabled == false)
}

/// Sends a protected call. If it needs a more recent sign-in, it waits until the user has confirmed, and is sent once
/// more.
async fn protected(request: &Outgoing<'_>) -> Result<String, ApiError> {
    let answered = match signed(request).await {
        Err(refused) if refused.code == Code::StepUpRequired && step_up::for_person().await => signed(request).await,
        answered => answered,
    };
    answered.map_err(step_up::in_words)
}

/// Returns an access token that has not expired.
pub(super) async fn usable() -> Result<Rc<Token>, ApiError> {
    match access::current() {
        Some(access) => Ok(access),
        None => renewed(access::latest().as_ref()).await,
    }
}

async fn signed(request: &Outgoing<'_>) -> Result<String, ApiError> {
    let (caller, epoch) = (page_user(), access::epoch());
    let access = usable().await?;
    // A call that one user began is never sent as another user.
    let anothers = |access: &Token| caller.as_ref().is_some_and(|caller| *caller != access.answer.user.id);
    if anothers(&access) {
        return Err(Code::TokenNotFound.into());
    }
    match request.send(Some(&access), None).await {
        Err(refused) if refused.code.wants_refresh() => {
            // A sign-out overtook the call, so there is no token to renew.
            if access::epoch() != epoch && page_user().is_none() {
                return Err(refused);
            }
            let access = renewed(Some(&access)).await?;
            if anothers(&access) {
                return Err(refused);
            }
            request.send(Some(&access), None).await
        }
        answered => answered,
    }
}

/// Returns a token newer than `spent`. If the session is over and the page stays, it waits for the same user's next
/// sign-in. While the server can't be reached, it keeps trying, as the page says. That is safe: nothing has been sent
/// yet that could be carried out twice.
pub(super) async fn renewed(spent: Option<&Rc<Token>>) -> Result<Rc<Token>, ApiError> {
    let epoch = access::epoch();
    for failures in 1.. {
        match refresh::instead_of(spent).await {
            Err(lost) if lost.code.is_passing() => network::back_after(failures).await,
            Err(over) if over.code.ends_session() && is_interrupted() && waiting::wait(&waiting::SIGN_IN).await => {
                return access::current().ok_or(over);
            }
            outcome => return outcome,
        }
        if access::epoch() != epoch && page_user().is_none() {
            break;
        }
    }
    Err(Code::TokenNotFound.into())
}
