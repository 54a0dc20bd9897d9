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
        types::{Secret, SignInAnswer},
    },
    client::{
        answer::Answer,
        call::{Call, Kind, News, Next},
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

/// Milliseconds before a call is tried a third time; doubles each time.
const PAUSE_MS: u32 = 2000;
/// The longest pause, in milliseconds.
const LONGEST_PAUSE_MS: u32 = 30_000;

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
        let body = answer(access, &request).await?;
        // The answer is the server's, but of another release.
        json::from_str(body.reveal()).map_err(|_| Code::Internal.into())
    })
}

/// The part of [`call`] that all calls share: generic code is compiled once per call.
async fn answer(access: Access, request: &Outgoing<'_>) -> Result<Secret, ApiError> {
    // During a sign-in, the page needs no session, even if a user is signed in.
    let is_set_up = access == Access::Enrol && !paths::is_protected(&page::path());
    let kind = match access {
        Access::Public => Kind::Public,
        Access::SignIn | Access::Refresh => Kind::SignIn,
        Access::SignOut => Kind::SignOut,
        Access::Enrol if is_set_up => Kind::SignIn,
        Access::Bearer | Access::StepUp | Access::Enrol => Kind::Protected,
    };
    if kind == Kind::SignIn && blocks_cookies() {
        return Err(Code::CookiesBlocked.into());
    }
    let send = async |token: Option<Rc<Token>>| {
        let answered = driver::send(request, token.as_deref(), None).await;
        if kind == Kind::SignIn {
            sign_in_answered(answered, is_set_up)
        } else {
            News::Answered(answered.map(Secret::from))
        }
    };
    run(kind, send).await
}

/// Makes a call. `send` sends its request with a token, and reads the answer.
pub(super) async fn run(kind: Kind, send: impl AsyncFn(Option<Rc<Token>>) -> News) -> Result<Secret, ApiError> {
    let (call, mut next) = driver::read_now(|client, now| Call::begin(kind, client, now));
    let mut call = UnderWay(call);
    let mut lock = None;
    loop {
        let news = match next {
            Next::Land(patience_ms) => {
                landed(patience_ms).await;
                News::Ready
            }
            Next::TakeLock(patience_ms) => {
                lock = RefreshLock::take(patience_ms).await;
                News::Ready
            }
            Next::Tell(event) => {
                dispatch(event);
                News::Ready
            }
            Next::BackOff(failures) => {
                back_after(failures).await;
                News::Ready
            }
            Next::Renew(spent) => News::Token(driver::token_after(spent.as_ref()).await),
            Next::Wait(Waiting::StepUp) => {
                // The page may have no dialog.
                let is_asked = page::ask_to_confirm(true);
                News::Waited(is_asked && waiting::wait(Waiting::StepUp).await)
            }
            Next::Wait(what) => News::Waited(waiting::wait(what).await),
            Next::Send(token) => {
                let news = send(token).await;
                drop(lock.take());
                news
            }
            Next::Done(result) => return result,
        };
        next = driver::read_now(|client, now| call.0.step(news, client, now));
    }
}

/// A sign-out is over when this is dropped, whatever the result, and also if the page drops the call.
struct UnderWay(Call);

impl Drop for UnderWay {
    fn drop(&mut self) {
        if self.0.is_signing_out() {
            dispatch(Event::SignOutEnded);
        }
    }
}

async fn landed(patience_ms: Option<u32>) {
    match patience_ms {
        Some(ms) => drop(select(pin!(driver::refresh_landed()), TimeoutFuture::new(ms)).await),
        None => driver::refresh_landed().await,
    }
}

/// Reads the answer to a sign-in: a session, or another step. Of the calls that set up a second step, only the last one
/// begins the session; the others have answers of their own.
fn sign_in_answered(answered: Result<String, ApiError>, is_set_up: bool) -> News {
    let body = match answered {
        Ok(body) => body,
        Err(refused) => return News::Answered(Err(refused)),
    };
    match json::from_str(&body) {
        Ok(SignInAnswer::Session(answer)) => News::Session(Answer::new(body, *answer)),
        Ok(SignInAnswer::Step(_)) => News::Answered(Ok(body.into())),
        Err(_) if is_set_up => News::Answered(Ok(body.into())),
        Err(_) => News::Answered(Err(Code::Unreachable.into())),
    }
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
