//! Joins a sign-in that a browser sends twice at once: a double click, or a network that repeats a request.
//!
//! Otherwise each would begin a session, and the browser would keep the cookie of only one; the other session would
//! stay, and nobody could end it. So simultaneous requests that are identical in everything they send are answered with
//! one session: since the cookie is identical, it does not matter which answer arrives last. Only browsers repeat
//! requests like this. Programs, which may well sign in several times at once, get a session for each request.

use super::{
    auth::sessions::IssuedTokens,
    body::format,
    cookies,
    device::caller_device,
    settings::{CookieName, Http},
};
use crate::app::types::Secret;
use aws_lc_rs::digest;
use http::{
    HeaderMap, HeaderName,
    header::{COOKIE, ORIGIN},
    request::Parts,
};
use leptos::prelude::with_context;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio::sync::OnceCell;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

type Request = [u8; 32];
/// The session of a sign-in, once it has begun.
pub(crate) type Begun = OnceCell<IssuedTokens>;

/// The sign-ins that are under way.
#[derive(Default)]
pub struct SignIns(Mutex<HashMap<Request, Weak<Begun>>>);

impl SignIns {
    /// Registers the sign-in of the current call, before its password is verified. It stays registered until the
    /// returned value is dropped.
    pub(crate) fn enter(&self, http: &Http, email: &str, password: &Secret, remember: bool) -> Arc<Begun> {
        let request = with_context(|parts: &Parts| request(http, &parts.headers, email, password, remember)).flatten();
        request.map_or_else(Arc::default, |request| self.of(request))
    }

    fn of(&self, request: Request) -> Arc<Begun> {
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.retain(|_, begun| begun.strong_count() > 0);
        if let Some(begun) = under_way.get(&request).and_then(Weak::upgrade) {
            return begun;
        }
        let begun = Arc::default();
        under_way.insert(request, Arc::downgrade(&begun));
        begun
    }
}

/// Returns a digest of everything that makes two requests the same; none if no browser sent the request.
fn request(http: &Http, headers: &HeaderMap, email: &str, password: &Secret, remember: bool) -> Option<Request> {
    let sent: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(http::HeaderValue::as_bytes).collect();
    let known = [CookieName::Refresh, CookieName::Device]
        .iter()
        .any(|name| cookies::every(http, headers, *name).next().is_some());
    if !known && !headers.contains_key(SEC_FETCH_SITE) && !headers.contains_key(ORIGIN) {
        return None;
    }
    let device = caller_device();
    let (ip, agent) = (device.ip.unwrap_or_default(), device.user_agent.unwrap_or_default());
    let sent = sent.join(&b"; "[..]);
    let format = format!("{:?}{remember}", format());
    let parts =
        [&sent, ip.as_bytes(), agent.as_bytes(), email.as_bytes(), password.reveal().as_bytes(), format.as_bytes()];
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&part.len().to_be_bytes());
        context.update(part);
    }
    let mut request = [0; 32];
    request.copy_from_slice(context.finish().as_ref());
    Some(request)
}
