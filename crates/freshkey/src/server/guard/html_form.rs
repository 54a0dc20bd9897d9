//! Browsers without WASM. A browser that posts a form itself expects a page, not JSON. So the call runs as always, and
//! its answer becomes a redirect: to the next page, or after an error back to the form, which shows the error and what
//! had been typed.
//!
//! The framework's own way puts the error and the input into the URL of whatever page the request claims to come from.
//! Here the URL gets only a code, and the page is one of ours.

use super::{body_limit, caller, form_echo, is_api};
use crate::{
    app::{
        device,
        error::{ApiError, Code},
        paths,
        session::FormEcho,
        types::{Seconds, StepView},
    },
    server::{body, call_info::CallInfo, refusal::refuse, settings::Http, state::AppState, step_page},
};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    response::Response,
};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{
        ACCEPT, ALLOW, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, REFERER, RETRY_AFTER, SET_COOKIE,
        WWW_AUTHENTICATE,
    },
};
use std::{collections::BTreeMap, future::Future, time::Duration};

/// The hidden field that names the form's page, with the query that the page needs to show the form.
const PAGE_FIELD: &str = "form";
/// The hidden field that names the page to open after success.
const NEXT_FIELD: &str = "next";
/// How long the server waits for the body of a form that it refuses anyway.
const REFUSED_PATIENCE: Duration = Duration::from_millis(250);

/// Whether a browser posted this form by itself and expects a page.
pub fn wants_page(request: &Request) -> bool {
    let headers = request.headers();
    request.method() == Method::POST && is_api(request) && is_form(headers) && prefers_html(headers)
}

/// Answers a form with a redirect. If the call was `refused` by its head, the server waits for the body only as long as
/// an ordinary browser takes, and keeps the fields if they arrive. If it is refused for its caller, the server waits
/// for the whole body: the user may have typed a long text while the session ended.
pub async fn answer<F: Future<Output = Response>>(
    state: &AppState,
    mut request: Request,
    refused: Option<Response>,
    call: impl FnOnce(Request) -> F,
) -> Response {
    let (patience, refused) = match refused {
        Some(refused) => (REFUSED_PATIENCE, Some(refused)),
        None => (state.settings.timeouts.body, caller::check(state, &mut request).await.err()),
    };
    let (head, body) = request.into_parts();
    let (bytes, refused) = match body_limit::whole(body, patience).await {
        Ok(bytes) => (bytes, refused),
        Err(code) => (Bytes::new(), Some(refused.unwrap_or_else(|| refuse(&code.into())))),
    };
    let described = state.app.call_info(&head.method, head.uri.path());
    let form = Form::new(&described, &head.uri, &head.headers, &bytes, &state.settings.http);
    let response = match refused {
        Some(response) => response,
        None => call(Request::from_parts(head, Body::from(bytes))).await,
    };
    if response.headers().contains_key(CONTENT_DISPOSITION) {
        // A file: the browser saves it, and the page stays.
        response
    } else if response.status() == StatusCode::ACCEPTED {
        form.to_next_step(state, response).await
    } else if response.status().is_success() {
        form.succeeded(response, &state.settings.http)
    } else {
        form.failed(response, &state.settings.http).await
    }
}

struct Form {
    call: String,
    call_page: Option<&'static str>,
    call_leads_to: Option<&'static str>,
    page: Option<String>,
    came_from: Option<String>,
    next: Option<String>,
    typed: Vec<(String, String)>,
}

impl Form {
    fn new(call: &CallInfo, uri: &http::Uri, headers: &HeaderMap, bytes: &Bytes, http: &Http) -> Self {
        let fields: Vec<_> = body::pairs(bytes).collect();
        let page =
            |field: &str| fields.iter().find(|(name, _)| name == field).and_then(|(_, value)| paths::page(value));
        let (page, next) = (page(PAGE_FIELD), page(NEXT_FIELD));
        let (path, call_page, came_from) = (uri.path().to_owned(), call.form_page, came_from(headers, http));
        // A repeated field is given back once.
        let typed = |name: &String| fields.iter().find(|(field, _)| field == name).cloned();
        let typed = call.given_back.iter().filter_map(typed).collect();
        Self { call: path, call_page, call_leads_to: call.leads_to, page, came_from, next, typed }
    }

    /// Returns the page to open after success.
    fn leads_to(&self) -> &str {
        let next = self.next.as_deref().or(self.call_leads_to);
        next.or(self.page.as_deref()).or(self.came_from.as_deref()).unwrap_or(paths::HOME)
    }

    /// Redirects to the next page. After a new password that is the sign-in page, which says why by a cookie: nothing
    /// else on it would tell whether it worked.
    fn succeeded(self, response: Response, http: &Http) -> Response {
        let (mut headers, location) = (response.into_parts().0.headers, self.leads_to().to_owned());
        if self.call == paths::API_RESET {
            for cookie in form_echo::keep(FormEcho::done(self.call), None, http) {
                headers.append(SET_COOKIE, cookie);
            }
        }
        redirect(headers, &location)
    }

    /// Redirects to the page of the next step, which leads on to the page that the user wanted.
    async fn to_next_step(&self, state: &AppState, response: Response) -> Response {
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, body_limit::MAX_BYTES).await.unwrap_or_default();
        let page = match serde_json::from_slice::<StepView>(&bytes) {
            Ok(step) => step_page::of(state, &step).await,
            Err(_) => None,
        };
        let page = match (page, &self.next) {
            (None, _) => self.leads_to().to_owned(),
            (Some(page), None) => page.to_owned(),
            (Some(page), Some(next)) if path_only(next) == page => next.clone(),
            (Some(page), Some(next)) => paths::with_next(page, next),
        };
        redirect(head.headers, &page)
    }

    /// Returns the page that shows the form again, with the code of the error. Our forms name their page; for any other
    /// form, only its `Referer`, if the browser sends one, or its `next` is known.
    fn shows(&self, code: Code) -> String {
        if let Some(page) = &self.page {
            return paths::with_error(page, code.text());
        }
        let elsewhere = || self.came_from.as_ref().or(self.next.as_ref()).map_or(paths::HOME, |page| path_only(page));
        let page = self.call_page.unwrap_or_else(elsewhere);
        let next = self.next.iter().filter_map(|next| Some(format!("&next={}", paths::next_value(next)?)));
        next.fold(paths::with_error(page, code.text()), |location, next| location + &next)
    }

    /// Redirects back to the form, with a code in the URL and the rest in cookies that last a minute.
    async fn failed(self, response: Response, http: &Http) -> Response {
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, body_limit::MAX_BYTES).await.unwrap_or_default();
        let error: ApiError = serde_json::from_slice(&bytes).unwrap_or_else(|_| Code::Internal.into());
        let code = error.code;
        let location = match code {
            // The page that asks for the password leads back to the form.
            Code::StepUpRequired => paths::with_next(paths::STEP_UP, &self.shows(code)),
            _ => self.shows(code),
        };
        let mut headers = head.headers;
        let names = error.fields.iter().map(|(name, _)| name).chain(["email", "code"]);
        let sentences: BTreeMap<_, _> = names.filter_map(|name| Some((name, error.sentence(name)?))).collect();
        let mut fields: Vec<_> = sentences.into_iter().map(|(name, sentence)| (name.to_owned(), sentence)).collect();
        if let Some(off) = error.clock_off_seconds {
            fields.retain(|(name, _)| name != "code");
            fields.push(("code".to_owned(), device::clock_off(off)));
        }
        // A code can't carry how long to wait, so the form's message is sent along.
        let wait = headers.get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok()).map(Seconds);
        if let Some(wait) = wait.filter(|_| error.code == Code::RateLimited) {
            fields.push((FormEcho::WHOLE.to_owned(), error.after(wait).above_form(&self.call)));
        }
        // While the password is asked for, the cookies belong to the form that needs it.
        if self.call != paths::API_STEP_UP {
            let echo = FormEcho { call: self.call, fields, values: self.typed, done: false };
            for cookie in form_echo::keep(echo, Some(code), http) {
                headers.append(SET_COOKIE, cookie);
            }
        }
        redirect(headers, &location)
    }
}

/// Answers 303 (RFC 9110, section 15.4.4): the browser fetches the page with GET, whatever it posted. The answer's own
/// headers, above all cookies, are kept; its body and the headers of its status are not.
fn redirect(mut headers: HeaderMap, location: &str) -> Response {
    for name in [CONTENT_TYPE, CONTENT_LENGTH, WWW_AUTHENTICATE, ALLOW] {
        headers.remove(name);
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(location) = HeaderValue::try_from(location) {
        headers.insert(LOCATION, location);
    }
    *response.headers_mut() = headers;
    response
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    body::Format::of(content_type) == body::Format::Form
}

/// Whether `Accept` names HTML before JSON (RFC 9110, section 12.5.1); `*/*` alone comes from a program.
fn prefers_html(headers: &HeaderMap) -> bool {
    let accept = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",");
    let quality = |wanted: &str| {
        accept
            .split(',')
            .filter_map(|range| {
                let (kind, parameters) = range.split_once(';').unwrap_or((range, ""));
                let named = kind.trim().eq_ignore_ascii_case(wanted);
                let q = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("q="));
                named.then(|| q.map_or(1.0, |q| q.trim().parse().unwrap_or(0.0)))
            })
            .fold(0.0_f32, f32::max)
    };
    let html = quality("text/html");
    html > 0.0 && html >= quality("application/json")
}

/// Returns the page of ours that the request came from.
fn came_from(headers: &HeaderMap, http: &Http) -> Option<String> {
    let referer = headers.get(REFERER)?.to_str().ok()?;
    let page = referer.strip_prefix(&http.origin)?;
    paths::page(page)
}

fn path_only(page: &str) -> &str {
    page.split(['?', '#']).next().unwrap_or(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_browser_prefers_html() {
        let prefers =
            |accept: &'static str| prefers_html(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]));
        assert!(prefers("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(prefers("application/json;q=0.5, text/html;q=0.6"));
        assert!(!prefers("*/*") && !prefers("application/json") && !prefers("text/html;q=0"));
        assert!(!prefers("application/json, text/html;q=0.9"));
        assert!(!prefers_html(&HeaderMap::new()));
    }
}
