//! `FRESHKEY_MAIL=dev`: the page on which a developer reads the emails that are not sent. It works without scripts, and
//! updates itself with them.

use super::{
    auth::{
        colour::Palette,
        mail::{DevMailbox, KeptEmail},
    },
    state::AppState,
};
use crate::app::types::Millis;
use axum::{
    Extension, Json, Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST},
};
use leptos::nonce::Nonce;
use serde::Deserialize;
use std::net::IpAddr;

/// The page's path.
pub const PATH: &str = "/dev/mailbox";
/// The policy of an email in its frame: it may show itself, and open its links elsewhere.
const EMAIL_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox",
);
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// Returns the routes of the mailbox, if there is one.
pub(super) fn routes(state: &AppState) -> Router<AppState> {
    let Some(mailbox) = state.mailbox.clone() else { return Router::new() };
    Router::new().route(PATH, get(show)).route("/dev/mailbox/{id}", get(email)).layer(Extension(mailbox))
}

/// The query: the chosen email.
#[derive(Deserialize)]
struct Chosen {
    id: Option<String>,
}

async fn show(
    State(state): State<AppState>,
    Extension(mailbox): Extension<DevMailbox>,
    Extension(nonce): Extension<Nonce>,
    Query(Chosen { id }): Query<Chosen>,
    headers: HeaderMap,
) -> Response {
    if !is_local(&headers) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let emails = mailbox.emails();
    let wants_html =
        headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|a| a.contains("text/html"));
    if !wants_html {
        return ([(CACHE_CONTROL, NO_STORE)], Json(emails)).into_response();
    }
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self'; connect-src 'self'; \
         frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let policy = HeaderValue::try_from(policy).unwrap_or(EMAIL_POLICY);
    let page = Page { state: &state, nonce: &nonce, emails: &emails, chosen: id.as_deref() };
    ([(CONTENT_TYPE, HTML), (CACHE_CONTROL, NO_STORE), (CONTENT_SECURITY_POLICY, policy)], page.print()).into_response()
}

/// Shows an email as its reader would see it. Its links open in a window of their own.
async fn email(Extension(mailbox): Extension<DevMailbox>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let email = mailbox.emails().into_iter().find(|email| email.id == id).filter(|_| is_local(&headers));
    let Some(email) = email else { return StatusCode::NOT_FOUND.into_response() };
    let html = email.html.replacen("<head>", "<head><base target=\"_blank\">", 1);
    ([(CONTENT_TYPE, HTML), (CACHE_CONTROL, NO_STORE), (CONTENT_SECURITY_POLICY, EMAIL_POLICY)], html).into_response()
}

/// Whether the request names this machine as its host. Another site could point its own name here (DNS rebinding) and
/// read the codes.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.ends_with(".localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

struct Page<'a> {
    state: &'a AppState,
    nonce: &'a str,
    emails: &'a [KeptEmail],
    chosen: Option<&'a str>,
}

impl Page<'_> {
    fn print(&self) -> String {
        let chosen = self.chosen.and_then(|id| self.emails.iter().find(|email| email.id == id));
        let shown = chosen.or(self.emails.first());
        let items: String = self.emails.iter().map(|email| item(email, shown)).collect();
        let name = escape(self.state.app.brand().name);
        let count = match self.emails.len() {
            0 => "No email yet".to_owned(),
            1 => "1 email".to_owned(),
            n => format!("{n} emails"),
        };
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\">\
             <title>Mailbox · {name}</title><link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
             <style nonce=\"{nonce}\">{style}</style></head>\n<body class=\"{open}\">\n\
             <header><h1>Mailbox</h1><p id=\"count\">{count}</p><p class=\"why\">{name} does not send emails here \
             (<code>FRESHKEY_MAIL=dev</code>)</p></header>\n\
             <main><nav aria-label=\"Emails\"><ol id=\"list\">{items}</ol></nav>\n{article}</main>\n\
             <script nonce=\"{nonce}\">{script}</script></body></html>\n",
            nonce = self.nonce,
            style = self.style(),
            open = if chosen.is_some() { "chosen" } else { "" },
            article = shown.map_or_else(nothing_yet, |email| self.article(email)),
            script = include_str!("mailbox/mailbox.js"),
        )
    }

    fn style(&self) -> String {
        let accent = self.state.app.brand().accent;
        let Palette { paper, surface, ink, ink_soft, line, accent, on_accent, notice } =
            Palette::of(accent.hue, accent.vivid);
        let colours = [
            ("paper", paper),
            ("surface", surface),
            ("ink", ink),
            ("soft", ink_soft),
            ("line", line),
            ("accent", accent),
            ("on-accent", on_accent),
            ("notice", notice),
        ];
        let colours = colours.map(|(name, [light, dark])| format!("--{name}:light-dark({light},{dark});"));
        format!(":root{{color-scheme:light dark;{}}}\n{}", colours.concat(), include_str!("mailbox/mailbox.css"))
    }

    fn article(&self, email: &KeptEmail) -> String {
        let id = escape(&email.id);
        let code = code(email).map_or_else(String::new, |code| {
            let digits: String = code.chars().filter(char::is_ascii_digit).collect();
            format!("<button class=\"act\" data-copy=\"{digits}\">Copy the code <b>{code}</b></button>")
        });
        let link = link(email, &self.state.settings.http.origin).map_or_else(String::new, |link| {
            format!("<a class=\"act\" href=\"{}\" target=\"_blank\" rel=\"noopener\">Open the link</a>", escape(link))
        });
        let header = |(name, value): (&String, &String)| format!("{name}: {value}\n");
        let headers: String = email.headers.iter().map(header).collect();
        format!(
            "<article id=\"email\" data-id=\"{id}\"><a class=\"back\" href=\"{PATH}\">All emails</a>\
             <h2>{subject}</h2><p class=\"to\">To <b>{to}</b>{time}</p><p class=\"acts\">{code}{link}</p>\
             <div class=\"views\"><input type=\"radio\" name=\"view\" id=\"wide\" checked><label for=\"wide\">Desktop</label>\
             <input type=\"radio\" name=\"view\" id=\"phone\"><label for=\"phone\">Phone</label>\
             <input type=\"radio\" name=\"view\" id=\"text\"><label for=\"text\">Text</label>\
             <input type=\"radio\" name=\"view\" id=\"head\"><label for=\"head\">Headers</label>\
             <iframe src=\"{PATH}/{id}\" title=\"{subject}\" \
             sandbox=\"allow-popups allow-popups-to-escape-sandbox\"></iframe>\
             <pre class=\"text\">{text}</pre><pre class=\"head\">{headers}</pre></div></article>",
            subject = escape(&email.subject),
            to = escape(&email.to),
            time = time(email.sent_at),
            text = escape(&email.text),
            headers = escape(&headers),
        )
    }
}

fn item(email: &KeptEmail, shown: Option<&KeptEmail>) -> String {
    let current = if shown.is_some_and(|shown| shown.id == email.id) { " aria-current=\"true\"" } else { "" };
    format!(
        "<li><a href=\"{PATH}?id={id}\"{current}><strong>{subject}</strong><span>{to}</span>\
         <span class=\"tags\"><code>{kind}</code> {language}{time}</span></a></li>\n",
        id = escape(&email.id),
        subject = escape(&email.subject),
        to = escape(&email.to),
        kind = escape(&email.kind),
        language = escape(&email.language),
        time = time(email.sent_at),
    )
}

fn nothing_yet() -> String {
    "<article id=\"email\" data-id=\"\"><p class=\"empty\">Emails to your users will be here as soon as there are any. \
     This page updates by itself.</p></article>"
        .to_owned()
}

/// Prints a time, which the script shows in the developer's time zone.
fn time(at: Millis) -> String {
    format!("<time data-at=\"{at}\"></time>")
}

/// Finds the code in an email.
fn code(email: &KeptEmail) -> Option<&str> {
    let is_code = |line: &&str| {
        line.len() == 9 && line.chars().enumerate().all(|(at, c)| if at == 4 { c == ' ' } else { c.is_ascii_digit() })
    };
    email.text.lines().map(str::trim).find(is_code)
}

/// Finds the link with a token, or else the first link.
fn link<'a>(email: &'a KeptEmail, origin: &str) -> Option<&'a str> {
    let links = || email.text.lines().filter(|line| line.starts_with(origin));
    links().find(|link| link.contains("?t=")).or_else(|| links().next())
}

fn escape(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.replace('"', "&quot;").replace('\'', "&#39;")
}
