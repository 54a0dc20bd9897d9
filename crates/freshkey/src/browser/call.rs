//! A server function's way from the browser. The server's half is `server/call.rs`.

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

/// Sends a call and reads its answer. A protected one gets the access token, waits for THE refresh
/// where the token has run out, and is sent once more after it.
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
    // There is one thread in a page; the framework asks for `Send` all the same.
    SendWrapper::new(async move {
        let request = Outgoing::new(&method, &path, &input)?;
        let body = match access {
            Access::Public => public(&request).await?,
            Access::SignIn | Access::Refresh => sign_in(&request, false).await?,
            Access::SignOut => sign_out::send(&request).await?,
            // In the middle of a sign-in the page is none that needs a session, whoever may be signed in.
            Access::Enrol if !paths::is_protected(&here()) => sign_in(&request, true).await?,
            Access::Bearer | Access::StepUp | Access::Enrol => protected(&request).await?,
        };
        // It is the server's, and of another release.
        json::from_str(&body).map_err(|_| Code::Internal.into())
    })
}

/// A call that anybody may make, and that may be about somebody: then its token has to be a good one.
async fn public(request: &Outgoing<'_>) -> Result<String, ApiError> {
    let latest = access::latest();
    match request.send(latest.as_deref(), None).await {
        Err(refused) if refused.code.wants_refresh() => signed(request).await,
        answered => answered,
    }
}

/// A new session: what the client knew of another one is forgotten. A refresh of that one, in any
/// tab, lands first, so that its cookie can't come after the new one. A page with a form for it says
/// itself who is signed in.
async fn sign_in(request: &Outgoing<'_>, sets_up: bool) -> Result<String, ApiError> {
    if blocks_cookies() {
        return Err(Code::CookiesBlocked.into());
    }
    refresh::landed().await;
    let _turn = turn::take(refresh::patience_ms()).await;
    let body = request.send(None, None).await?;
    let answer = match json::from_str(&body) {
        Ok(SignInAnswer::Session(answer)) => Answer::new(body.clone(), *answer),
        // Nobody is signed in yet.
        Ok(SignInAnswer::Step(_)) => return Ok(body),
        // Of what sets a second step up, only the last call begins the session.
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

/// Whether the browser keeps no cookies for this site. A session without one is over with the page. It is tried
/// with a cookie of this moment: Chromium says `cookieEnabled` all the same.
fn blocks_cookies() -> bool {
    let (page, cookie) = (document(), JsValue::from("cookie"));
    let write = |text: &str| drop(Reflect::set(&page, &cookie, &text.into()));
    write("cookie-check=1; SameSite=Strict");
    let kept = Reflect::get(&page, &cookie).ok().and_then(|all| all.as_string());
    write("cookie-check=; SameSite=Strict; Max-Age=0");
    !kept.is_some_and(|kept| kept.split(';').any(|cookie| cookie.trim() == "cookie-check=1"))
        || Reflect::get(&window().navigator(), &"cookieEnabled".into()).is_ok_and(|enabled| enabled == false)
}

/// A call that needs a more recent sign-in waits until the person has confirmed that it is them, and is sent once more.
async fn protected(request: &Outgoing<'_>) -> Result<String, ApiError> {
    let answered = match signed(request).await {
        Err(refused) if refused.code == Code::StepUpRequired && step_up::for_person().await => signed(request).await,
        answered => answered,
    };
    answered.map_err(step_up::in_words)
}

/// An access token that has not run out.
pub(super) async fn usable() -> Result<Rc<Token>, ApiError> {
    match access::current() {
        Some(access) => Ok(access),
        None => renewed(access::latest().as_ref()).await,
    }
}

async fn signed(request: &Outgoing<'_>) -> Result<String, ApiError> {
    let (caller, epoch) = (page_user(), access::epoch());
    let access = usable().await?;
    // What one person has begun is not sent in the name of another.
    let anothers = |access: &Token| caller.as_ref().is_some_and(|caller| *caller != access.answer.user.id);
    if anothers(&access) {
        return Err(Code::TokenNotFound.into());
    }
    match request.send(Some(&access), None).await {
        Err(refused) if refused.code.wants_refresh() => {
            // A sign-out that overtook the call is why: there is nothing left to renew.
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

/// A token that is newer than `spent`. If the session is over and the page stays, that of the same
/// person's next sign-in. While the server can't be reached the page says that it keeps trying, and so it
/// does: nothing has been sent yet that could be done twice.
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
