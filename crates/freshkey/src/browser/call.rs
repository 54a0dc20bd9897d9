//! Calls a server function from the browser. The server's half is `server/call.rs`.

use super::{
    clock,
    driver::{self, dispatch},
    fetch::Outgoing,
    json, page,
    refresh_lock::RefreshLock,
    waiting,
};
use crate::{
    app::{
        api::protocol::Access,
        error::{ApiError, Code},
        paths,
        session::NetworkState,
        types::{EndReason, SignInAnswer},
    },
    client::{
        answer::Answer,
        event::{Event, Waiting},
        state::Client,
        token::Token,
    },
};
use futures::future::select;
use gloo_timers::future::TimeoutFuture;
use http::Method;
use js_sys::Reflect;
use leptos::prelude::{document, window};
use send_wrapper::SendWrapper;
use serde::{Serialize, de::DeserializeOwned};
use std::{future::Future, pin::pin, rc::Rc};
use wasm_bindgen::JsValue;

/// How long a sign-out waits for a running refresh, in milliseconds; the user should not have to wait longer to leave.
const SIGN_OUT_PATIENCE_MS: u32 = 1000;
/// Milliseconds before a call is tried a third time; doubles each time.
const PAUSE_MS: u32 = 2000;
/// The longest pause, in milliseconds.
const LONGEST_PAUSE_MS: u32 = 30_000;
/// The message of a call that the user did not confirm.
const NOT_CONFIRMED: &str = "Nothing was done: you did not confirm that it's you.";

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
            Access::SignOut => sign_out(&request).await?,
            // During a sign-in, the page needs no session, even if a user is signed in.
            Access::Enrol if !paths::is_protected(&page::path()) => sign_in(&request, true).await?,
            Access::Bearer | Access::StepUp | Access::Enrol => protected(&request).await?,
        };
        // The answer is the server's, but of another release.
        json::from_str(&body).map_err(|_| Code::Internal.into())
    })
}

/// Sends a call that anybody may make. It carries the access token if there is one; if the server refuses that, the
/// call goes on as a protected one.
async fn public(request: &Outgoing<'_>) -> Result<String, ApiError> {
    let latest = driver::read(|client| client.latest().cloned());
    match driver::send(request, latest.as_deref(), None).await {
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
    driver::refresh_landed().await;
    let _lock = RefreshLock::take(driver::read(Client::patience_ms)).await;
    let body = driver::send(request, None, None).await?;
    match json::from_str(&body) {
        Ok(SignInAnswer::Session(answer)) => dispatch(Event::SignedIn(Answer::new(body.clone(), *answer))),
        // Another step follows; nobody is signed in yet.
        Ok(SignInAnswer::Step(_)) => {}
        // While a second step is being set up, only the last call begins the session.
        Err(_) if sets_up => {}
        Err(_) => return Err(Code::Unreachable.into()),
    }
    Ok(body)
}

/// Signs out, without a refresh of the same session getting in between: the server would refuse it, or its cookie
/// would arrive after the sign-out deleted the cookie.
async fn sign_out(request: &Outgoing<'_>) -> Result<String, ApiError> {
    /// It is over when this is dropped, whatever the result, and also if the page drops the call.
    struct UnderWay;
    impl Drop for UnderWay {
        fn drop(&mut self) {
            dispatch(Event::SignOutEnded);
        }
    }
    select(pin!(driver::refresh_landed()), TimeoutFuture::new(SIGN_OUT_PATIENCE_MS)).await;
    dispatch(Event::SignOutBegun);
    let _under_way = UnderWay;
    let latest = driver::read(|client| client.latest().cloned());
    let body = driver::send(request, latest.as_deref(), None).await?;
    dispatch(Event::SignedOut(Some(EndReason::SignedOut)));
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
        Err(refused) if refused.code == Code::StepUpRequired && is_confirmed().await => signed(request).await,
        answered => answered,
    };
    answered.map_err(|refused| match refused.code {
        Code::StepUpRequired => ApiError { message: NOT_CONFIRMED.into(), ..refused },
        _ => refused,
    })
}

/// Waits until the user has confirmed; returns false if they decline, or the page has no dialog.
async fn is_confirmed() -> bool {
    page::ask_to_confirm(true) && waiting::wait(Waiting::StepUp).await
}

/// Sends a call with an access token. If the server refuses the token, the call waits for a newer one and is sent once
/// more.
async fn signed(request: &Outgoing<'_>) -> Result<String, ApiError> {
    let caller = driver::read_now(Client::caller);
    let token = usable().await?;
    if !caller.may_use(&token) {
        return Err(Code::TokenNotFound.into());
    }
    match driver::send(request, Some(&token), None).await {
        Err(refused) if refused.code.wants_refresh() => {
            if driver::read_now(|client, now| client.is_overtaken(&caller, now)) {
                return Err(refused);
            }
            let token = renewed(Some(&token)).await?;
            if !caller.may_use(&token) {
                return Err(refused);
            }
            driver::send(request, Some(&token), None).await
        }
        answered => answered,
    }
}

/// Returns an access token that has not expired.
pub(super) async fn usable() -> Result<Rc<Token>, ApiError> {
    match driver::read_now(|client, now| client.current(now).cloned()) {
        Some(token) => Ok(token),
        None => renewed(driver::read(|client| client.latest().cloned()).as_ref()).await,
    }
}

/// Returns a token newer than `spent`. If the session is over and the page stays, it waits for the same user's next
/// sign-in. While the server can't be reached, it keeps trying, as the page says. That is safe: nothing has been sent
/// yet that could be carried out twice.
pub(super) async fn renewed(spent: Option<&Rc<Token>>) -> Result<Rc<Token>, ApiError> {
    let caller = driver::read_now(Client::caller);
    for failures in 1.. {
        match driver::token_after(spent).await {
            Err(lost) if lost.code.is_passing() => back_after(failures).await,
            Err(over) if over.code.ends_session() && driver::read_now(|_, now| now.is_interrupted()) => {
                if !waiting::wait(Waiting::SignIn).await {
                    return Err(over);
                }
                return driver::read_now(|client, now| client.current(now).cloned()).ok_or(over);
            }
            outcome => return outcome,
        }
        if driver::read_now(|client, now| client.is_overtaken(&caller, now)) {
            break;
        }
    }
    Err(Code::TokenNotFound.into())
}

/// Waits before a retry after `failures` failures in a row: until the server answers, and longer each time if only
/// this call keeps failing.
pub async fn back_after(failures: u32) {
    if driver::read(Client::network) != NetworkState::Fine {
        waiting::wait(Waiting::Network).await;
    }
    if failures > 1 {
        let pause = PAUSE_MS << (failures - 2).min(4);
        TimeoutFuture::new(clock::jittered(pause.min(LONGEST_PAUSE_MS))).await;
    }
}
