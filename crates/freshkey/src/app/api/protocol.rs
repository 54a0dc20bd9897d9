//! How a server function is sent: JSON or an HTML form in, JSON out, with the contract's statuses.
//!
//! A function only has to name its method and who may call it:
//!
//! ```
//! use freshkey::app::{api::protocol::{Bearer, Get}, error::ApiError};
//! use leptos::prelude::*;
//!
//! #[server(prefix = "/api", endpoint = "greeting", protocol = Get<Bearer>)]
//! pub async fn greeting() -> Result<String, ApiError> {
//!     Ok("Hello".to_owned())
//! }
//! ```
//!
//! With [`Bearer`], the server verifies the access token (and, for a [`Post`], the CSRF token) before it reads the
//! input. The browser attaches both; if the token has expired, it waits for the shared refresh and sends the call
//! once more.
//!
//! While the server renders a page, it calls a function's body directly, without the protocol. So a protected body
//! begins with `crate::server::caller::caller()?`.
//!
//! This is a protocol and not a `Client`, because a `Client` gets a request whose body it can't send twice. A
//! protocol still has the typed input, and a retry builds the request again.

pub use crate::app::types::Access;

use crate::app::{error::ApiError, seam};
use http::Method;
use leptos::server_fn::{self, Protocol};
use serde::{Serialize, de::DeserializeOwned};
use std::{future::Future, marker::PhantomData};

/// Sent with GET: reads, changes nothing.
pub struct Get<Caller>(PhantomData<Caller>);

/// Sent with POST: may change something.
pub struct Post<Caller>(PhantomData<Caller>);

/// Anybody may call.
pub struct Public;

/// Anybody may call, and the answer is a new session or a new access token.
pub struct SignIn;

/// Anybody may call, and nobody is signed in afterwards.
pub struct SignOut;

/// Only a browser with the refresh cookie may call, and the answer is a new access token. As everywhere, the caller
/// is checked before the input.
pub struct Refresh;

/// Only a signed-in user may call. A [`Post`] also carries the session's CSRF token.
pub struct Bearer;

/// As [`Bearer`], for sensitive calls: those that could take an account away from its owner, or can't be undone. The
/// user must have signed in with the password, or confirmed with it, recently (`FRESHKEY_STEP_UP_TTL`). Otherwise the
/// server refuses the call with [`Code::StepUpRequired`](crate::app::error::Code::StepUpRequired) before it reads the
/// input. The page then asks for the password in a dialog and sends the call once more; a browser without WASM is
/// redirected to a page that asks.
pub struct StepUp;

/// As [`StepUp`]; or a user in the middle of a sign-in that has to set up a second step. The server knows such a user
/// by the browser's cookie, and by `challenge` if the browser has several sign-ins in progress.
pub struct Enrol;

/// The marker types that say who may call.
pub trait Caller {
    /// The type as a value.
    const ACCESS: Access;
}

impl Caller for Public {
    const ACCESS: Access = Access::Public;
}
impl Caller for SignIn {
    const ACCESS: Access = Access::SignIn;
}
impl Caller for SignOut {
    const ACCESS: Access = Access::SignOut;
}
impl Caller for Refresh {
    const ACCESS: Access = Access::Refresh;
}
impl Caller for Bearer {
    const ACCESS: Access = Access::Bearer;
}
impl Caller for StepUp {
    const ACCESS: Access = Access::StepUp;
}
impl Caller for Enrol {
    const ACCESS: Access = Access::Enrol;
}

/// A protocol's method and caller, as values.
pub trait Terms {
    /// The method.
    const METHOD: Method;
    /// Who may call.
    const ACCESS: Access;
}

macro_rules! travels_by {
    ($kind:ident, $method:expr) => {
        impl<C: Caller> Terms for $kind<C> {
            const METHOD: Method = $method;
            const ACCESS: Access = C::ACCESS;
        }

        impl<C, Input, Output, Client, Server> Protocol<Input, Output, Client, Server, ApiError> for $kind<C>
        where
            C: Caller,
            Input: Serialize + DeserializeOwned + Send + 'static,
            Output: Serialize + DeserializeOwned + Send + 'static,
            Client: server_fn::client::Client<ApiError>,
            Server: server_fn::server::Server<ApiError>,
        {
            const METHOD: Method = <Self as Terms>::METHOD;

            async fn run_server<F, Fut>(request: Server::Request, server_fn: F) -> Result<Server::Response, ApiError>
            where
                F: Fn(Input) -> Fut + Send,
                Fut: Future<Output = Result<Output, ApiError>> + Send,
            {
                seam::answer(C::ACCESS, &$method, request, server_fn).await
            }

            async fn run_client(path: &str, input: Input) -> Result<Output, ApiError> {
                seam::call(C::ACCESS, &$method, path, input).await
            }
        }
    };
}

travels_by!(Get, Method::GET);
travels_by!(Post, Method::POST);
