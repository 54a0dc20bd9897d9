//! A server function's way from the browser. The server's half is `server/call.rs`.

use super::{
    client::{self, Call},
    fetch::Outgoing,
    json, lock,
};
use crate::{
    app::{
        api::protocol::Access,
        error::{ApiError, Code},
    },
    client::{CallKind, Event, Next, State},
};
use http::Method;
use js_sys::Reflect;
use leptos::prelude::{document, window};
use send_wrapper::SendWrapper;
use serde::{Serialize, de::DeserializeOwned};
use std::future::Future;
use wasm_bindgen::JsValue;

/// Sends a call and reads its answer. A protected one gets the access token, waits for the refresh
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
        let kind = match access {
            Access::Public => CallKind::Public,
            Access::SignIn | Access::Refresh => CallKind::SignIn,
            Access::SignOut => CallKind::SignOut,
            Access::Bearer => CallKind::Protected,
        };
        let body = send(&request, kind).await?;
        // It is the server's, and of another release.
        json::from_str(&body).map_err(|_| Code::Internal.into())
    })
}

async fn send(request: &Outgoing<'_>, kind: CallKind) -> Result<String, ApiError> {
    if kind == CallKind::SignIn && blocks_cookies() {
        return Err(Code::CookiesBlocked.into());
    }
    let call = Call::new();
    let mut next = call.begin(kind).await;
    loop {
        let token = match next {
            Next::Go(token) => token,
            Next::Fail(error) => return Err(error),
        };
        // A refresh in another tab lands first, so that its cookie can't come after that of a sign-in.
        let _lock = match kind {
            CallKind::SignIn => lock::take(client::with_state(State::patience_ms)).await,
            _ => None,
        };
        match request.send(token.as_deref()).await {
            Ok(body) => {
                if kind == CallKind::SignIn {
                    client::happened(Event::SignedIn(json::from_str(&body).map_err(|_| Code::Unreachable)?));
                }
                call.answered(Ok(()));
                return Ok(body);
            }
            Err(refused) => next = call.refused(refused).await,
        }
    }
}

/// Whether the browser keeps no cookies for this site. A session without one is over with the page. It is tried
/// with a cookie of this moment: Chromium says `cookieEnabled` all the same.
fn blocks_cookies() -> bool {
    let (page, cookie) = (document(), JsValue::from("cookie"));
    let write = |text: &str| drop(Reflect::set(&page, &cookie, &text.into()));
    write("cookie-check=1; SameSite=Strict");
    let kept = Reflect::get(&page, &cookie).ok().and_then(|all| all.as_string());
    write("cookie-check=; SameSite=Strict; Max-Age=0");
    !kept.is_some_and(|kept| kept.contains("cookie-check=1"))
        || Reflect::get(&window().navigator(), &"cookieEnabled".into()).is_ok_and(|enabled| enabled == false)
}
