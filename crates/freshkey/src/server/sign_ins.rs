//! One sign-in that a browser sends twice at once: a double click, a network that repeats a request.
//!
//! Each would begin a session, and the browser keep the cookie of one of them; the other session would
//! stay, with nobody to end it. So requests that are under way at the same time and are the same in all
//! that they bring are answered with one session: with the identical cookie, it does not matter which
//! answer arrives last. Only a browser repeats itself like that: of programs, which may well sign in
//! several times at once, each has a session of its own.

use super::{
    auth::sessions::{Device, Granted, Refused, SignIn},
    body::format,
    cookies,
    device::caller_device,
    settings::CookieName,
    state::AppState,
    store::StoreError,
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
use tracing::Instrument as _;
use uuid::Uuid;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

type Request = [u8; 32];
type Begun = OnceCell<Granted>;

/// The sign-ins that are under way.
#[derive(Default)]
pub struct SignIns(Mutex<HashMap<Request, Weak<Begun>>>);

impl SignIns {
    /// Takes note of a sign-in, until what is returned is dropped.
    fn enter(&self, request: Request) -> Arc<Begun> {
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

/// A sign-in that is under way, from before its password is verified.
pub(crate) struct UnderWay(Arc<Begun>);

impl UnderWay {
    /// The sign-in of the present call.
    pub(crate) fn enter(state: &AppState, email: &str, password: &Secret, remember: bool) -> Self {
        let request = with_context(|parts: &Parts| request(state, &parts.headers, email, password, remember)).flatten();
        Self(request.map_or_else(Arc::default, |request| state.sign_ins.enter(request)))
    }

    /// Begins the session, or joins the one that the same request has just begun.
    pub(crate) async fn begin(&self, state: &AppState, new: SignIn) -> Result<Granted, Refused> {
        let (state, first, device, now) = (state.clone(), Arc::clone(&self.0), caller_device(), state.clock.now());
        let begin = async move {
            let granted = first.get_or_try_init(|| begin(&state, new.clone(), &device, now)).await?;
            let (session, grace) = (&granted.session, state.settings.sessions.rotation.grace);
            let at = session.refreshed_at;
            let same = now - at < grace && session.user.id == new.user.id;
            if same && !state.sessions.is_over(session.id, at).await {
                return Ok(granted.clone());
            }
            begin(&state, SignIn { id: Uuid::now_v7(), ..new }, &device, now).await
        };
        // Whether or not this client waits for it: the other may.
        tokio::spawn(begin.in_current_span()).await.map_err(|_| StoreError::from(sqlx::Error::WorkerCrashed))?
    }
}

async fn begin(state: &AppState, new: SignIn, device: &Device, now: i64) -> Result<Granted, Refused> {
    let method = new.method;
    let granted = state.sessions.begin(new, device, now).await?;
    let session = &granted.session;
    tracing::info!(event = "signed_in", user = %session.user.id);
    state.sessions.activity.note_sign_in(&session.user.id, session.id, method, device, now);
    Ok(granted)
}

/// A digest of all that makes two requests the same; none for what no browser sent.
fn request(state: &AppState, headers: &HeaderMap, email: &str, password: &Secret, remember: bool) -> Option<Request> {
    let sent: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(http::HeaderValue::as_bytes).collect();
    let http = &state.settings.http;
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
