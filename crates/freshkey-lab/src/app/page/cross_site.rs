//! Requests that no page of ours would make, and where they bounce.

use super::parts::{Answer, Code, Controls, Part, Standard, Work, fixed, status};
use crate::app::{
    api::{Begin, Bounce, ProtectedPost},
    seam,
    types::{Forgery, LabAnswer, LabBounce},
};
use freshkey::app::{components::LiveText, error::ApiError};
use http::Method;
use leptos::prelude::*;

pub(super) const CODE: Code = Code {
    file: "crates/freshkey/src/server/origin.rs",
    text: r#"match (single(headers, &SEC_FETCH_SITE), single(headers, &ORIGIN)) {
    (Header::Unclear, _) | (_, Header::Unclear) => false,
    (Header::One(site), _) => matches!(site, "same-origin" | "none"),
    (Header::None, Header::One(from)) => from == origin,
    (Header::None, Header::None) => true,
}"#,
};
const STANDARDS: &[Standard] = &[
    ("W3C, Fetch Metadata", "https://www.w3.org/TR/fetch-metadata/"),
    (
        "OWASP, cross-site request forgery",
        "https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html",
    ),
];

/// A request: its name, its description, the headers that the server sees, and the expected answer.
struct Case(&'static str, &'static str, &'static str, &'static str);

const CASES: [Case; 8] = [
    Case(
        "A form on another site",
        "Your browser says that it comes from elsewhere.",
        "sec-fetch-site: cross-site\norigin: https://evil.example",
        "403 CROSS_ORIGIN",
    ),
    Case(
        "A sibling subdomain",
        "Same domain, different site: still refused.",
        "sec-fetch-site: same-site\norigin: https://blog.example.com",
        "403 CROSS_ORIGIN",
    ),
    Case(
        "An old browser",
        "It says less, but it does name the origin.",
        "origin: https://evil.example",
        "403 CROSS_ORIGIN",
    ),
    Case(
        "A frame that hides its origin",
        "A sandboxed frame has none. That is no better.",
        "sec-fetch-site: cross-site\norigin: null",
        "403 CROSS_ORIGIN",
    ),
    Case(
        "Without an access token",
        "A script on our own site that has only the cookie.",
        "sec-fetch-site: same-origin\norigin: this site\nauthorization: none\nx-csrf-token: none",
        "401 TOKEN_NOT_FOUND",
    ),
    Case(
        "Without a CSRF token",
        "The access token alone changes nothing.",
        "sec-fetch-site: same-origin\norigin: this site\nauthorization: Bearer …\nx-csrf-token: none",
        "403 INVALID_CSRF_TOKEN",
    ),
    Case(
        "With another session's CSRF token",
        "It is bound to its session: the attacker's own is no use.",
        "sec-fetch-site: same-origin\norigin: this site\nauthorization: Bearer …\nx-csrf-token: another's",
        "403 INVALID_CSRF_TOKEN",
    ),
    Case(
        "As our own pages send it",
        "From this site, with both tokens.",
        "sec-fetch-site: same-origin\norigin: this site\nauthorization: Bearer …\nx-csrf-token: its own",
        "200 OK",
    ),
];

/// The headers that the server saw, and its answer.
type Tried = (String, String);

/// This part of the page.
#[component]
pub(super) fn CrossSite(live: bool) -> impl IntoView {
    let tried = RwSignal::new(Vec::<Tried>::new());
    view! {
        <Part id="csrf" title="CSRF: requests from other sites" code=CODE standards=STANDARDS>
            {fixed(include_str!("text/csrf.html"))}
            <div class="stage">
                {live.then(|| view! { <Play tried /> })}
                <ul class="bounces" aria-label="Requests">
                    {CASES.iter().enumerate().map(|(at, case)| view! { <Way case at tried /> }).collect_view()}
                </ul>
                <p class="lab-aside">
                    "A page can't lie about where it is, so the four requests from elsewhere are made on the server and put \
                     before the same guard that the others have passed. Your browser sends the rest."
                </p>
            </div>
        </Part>
    }
}

#[component]
fn Play(tried: RwSignal<Vec<Tried>>) -> impl IntoView {
    let work = Work::new();
    let go = move || {
        tried.set(Vec::new());
        let tell = move |seen, answer| {
            tried.try_update(|tried| tried.push((seen, answer)));
        };
        work.begin(Box::pin(try_all(tell)));
    };
    let say = Signal::derive(move || {
        tried.with(|tried| {
            if work.busy.get() {
                return "Under way …".to_owned();
            }
            if tried.is_empty() {
                return "This is what to expect.".to_owned();
            }
            let passed = tried.iter().filter(|(_, answer)| answer.starts_with('2')).count();
            format!("{} bounced, {passed} went through.", tried.len() - passed)
        })
    });
    view! { <Controls work say buttons=vec![("Send the forgeries", Box::new(go))] /> }
}

async fn try_all(tell: impl Fn(String, String)) -> Result<(), ApiError> {
    for (_, name) in Forgery::ALL {
        let bounce = bounce(Some(name)).await?;
        let answer = bounce.refused.map_or(Ok(()), |code| Err(code.into()));
        tell(seen(&bounce), status(&answer));
    }
    let own = seen(&bounce(None).await?);
    let start = || seam::call(&Method::POST, &Begin { life: None }, None, None);
    let (begun, other): (LabAnswer, LabAnswer) = (start().await?, start().await?);
    let access = Some(begun.access_token.reveal());
    let sent = [
        (None, None, "none"),
        (access, None, "none"),
        (access, Some(other.csrf_token.reveal()), "another's"),
        (access, Some(begun.csrf_token.reveal()), "its own"),
    ];
    for (bearer, csrf, which) in sent {
        let answer = seam::call(&Method::POST, &ProtectedPost {}, bearer, csrf).await;
        let token = if bearer.is_some() { "Bearer …" } else { "none" };
        tell(format!("{own}\nauthorization: {token}\nx-csrf-token: {which}"), status(&answer.map(drop)));
    }
    Ok(())
}

async fn bounce(forgery: Option<&str>) -> Result<LabBounce, ApiError> {
    let input = Bounce { forgery: forgery.map(str::to_owned) };
    seam::call(&Method::POST, &input, None, None).await
}

fn seen(bounce: &LabBounce) -> String {
    let lines = bounce.headers.iter().map(|header| format!("{}: {}", header.name, header.value));
    lines.collect::<Vec<_>>().join("\n")
}

/// A request on its way past two guards; the arrow turns back where the request bounces.
#[component]
fn Way(case: &'static Case, at: usize, tried: RwSignal<Vec<Tried>>) -> impl IntoView {
    let Case(name, about, expected_seen, expected) = case;
    let given = Signal::derive(move || tried.with(|tried| tried.len() > at));
    let seen = Signal::derive(move || {
        tried.with(|tried| tried.get(at).map_or_else(|| (*expected_seen).to_owned(), |(seen, _)| seen.clone()))
    });
    let answer = Signal::derive(move || {
        tried.with(|tried| tried.get(at).map_or_else(|| (*expected).to_owned(), |(_, answer)| answer.clone()))
    });
    let passed = Signal::derive(move || answer.with(|answer| answer.starts_with('2')));
    let path = move || match answer.get().as_str() {
        "403 CROSS_ORIGIN" => "M4 14H62V34H10M18 28l-8 6 8 6",
        answer if answer.starts_with('2') => "M4 24H214M206 18l8 6-8 6",
        _ => "M4 14H152V34H10M18 28l-8 6 8 6",
    };
    view! {
        <li class="bounce" class:bounce-passed=passed class:bounce-given=given>
            <h3>{*name}</h3>
            <p>{*about}</p>
            <pre class="seen" aria-label="What the server sees"><LiveText text=seen /></pre>
            <svg viewBox="0 0 220 62" aria-hidden="true">
                <path class="guard" d="M68 4V44M158 4V44" />
                <text class="guard-name" x="68" y="58" text-anchor="middle">"origin"</text>
                <text class="guard-name" x="158" y="58" text-anchor="middle">"tokens"</text>
                <path class="way" d=path />
            </svg>
            <p><Answer text=answer given /></p>
        </li>
    }
}
