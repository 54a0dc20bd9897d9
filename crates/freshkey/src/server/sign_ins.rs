//! One sign-in that a browser sends twice at once: a double click, a network that repeats a request.
//!
//! Each would begin a session, and the browser keep the cookie of one of them; the other session would
//! stay, with nobody to end it. So requests that are under way at the same time and are the same in all
//! that they bring are answered with one session: with the identical cookie, it does not matter which
//! answer arrives last. Only a browser repeats itself like that: of programs, which may well sign in
//! several times at once, each has a session of its own.

use super::{
    auth::sessions::Granted,
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
pub(crate) type Begun = OnceCell<Granted>;

/// The sign-ins that are under way.
#[derive(Default)]
pub struct SignIns(Mutex<HashMap<Request, Weak<Begun>>>);

impl SignIns {
    /// Takes note of the sign-in of the present call, before its password is verified and until what is returned is
    /// dropped.
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

/// A digest of all that makes two requests the same; none for what no browser sent.
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
