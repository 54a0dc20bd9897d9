//! Requests that no page of ours would make, and where they bounce.

use super::parts::{Code, Part, Run, Standard, told};
use crate::app::{
    api::lab::{Begin, Bounce, ProtectedPost},
    components::{FormAlert, LiveText},
    error::{ApiError, Code as Refusal},
    seam::lab,
    types::lab::{Forgery, LabAnswer, LabBounce, SeenHeader},
};
use http::Method;
use leptos::prelude::*;

pub(super) const CODE: Code = Code {
    file: "crates/freshkey/src/server/guard/origin.rs",
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

/// How far a request got.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reached {
    Origin,
    Tokens,
    All,
}

/// A request, and what became of it.
#[derive(Clone)]
struct Tried {
    name: &'static str,
    about: &'static str,
    seen: Vec<(String, String)>,
    refused: Option<Refusal>,
}

impl Tried {
    fn reached(&self) -> Reached {
        match self.refused {
            None => Reached::All,
            Some(Refusal::CrossOrigin) => Reached::Origin,
            Some(_) => Reached::Tokens,
        }
    }
}

/// The part.
#[component]
pub(super) fn CrossSite(live: bool) -> impl IntoView {
    view! {
        <Part id="cross-site" title="Requests from other sites" code=CODE standards=STANDARDS>
            <p>
                "Another site can make your browser send requests here. Three things stand in its way: the cookie is \
                 SameSite=Strict, so it stays behind; the browser says where a request comes from, which no page can change, \
                 and the server refuses what comes from elsewhere before it reads on; and whatever changes something needs \
                 a CSRF token, which another site can't read."
            </p>
            {live.then(|| view! { <Live /> })}
        </Part>
    }
}

#[component]
fn Live() -> impl IntoView {
    let tried = RwSignal::new(Vec::<Tried>::new());
    let (failed, busy) = (RwSignal::new(None::<String>), RwSignal::new(false));
    let go = move || {
        busy.set(true);
        tried.set(Vec::new());
        leptos::task::spawn_local(async move {
            let done = try_all(move |one| {
                tried.try_update(|tried| tried.push(one));
            })
            .await;
            failed.try_set(done.err().as_ref().map(told));
            busy.try_set(false);
        });
    };
    let say = Signal::derive(move || {
        tried.with(|tried| {
            let bounced = tried.iter().filter(|one| one.refused.is_some()).count();
            if tried.is_empty() || busy.get() {
                return String::new();
            }
            format!("{bounced} bounced, {} went through.", tried.len() - bounced)
        })
    });
    view! {
        <FormAlert message=failed />
        <p class="lab-actions">
            <Run label="Send the forgeries" busy run=go />
            <span class="panel-summary" role="status"><LiveText text=say /></span>
        </p>
        <ul class="bounces" aria-label="Requests">
            <For each=move || tried.get() key=|one| one.name let:one>
                <Way one />
            </For>
        </ul>
        <p class="lab-aside">
            "A page can't lie about where it is, so the four requests from elsewhere are made on the server, and put before \
             the same guard that the others have passed. The rest were sent by your browser just now."
        </p>
    }
}

async fn try_all(tell: impl Fn(Tried)) -> Result<(), ApiError> {
    for (forgery, name) in Forgery::ALL {
        let bounce = bounce(Some(name)).await?;
        let (name, about) = words(forgery);
        tell(Tried { name, about, seen: seen(bounce.headers), refused: bounce.refused });
    }
    let own = seen(bounce(None).await?.headers);
    let begun: LabAnswer = lab::call(&Method::POST, &Begin { life: None }, None, None).await?;
    let other: LabAnswer = lab::call(&Method::POST, &Begin { life: None }, None, None).await?;
    let (access, csrf) = (begun.access_token.reveal(), begun.csrf_token.reveal());
    let sent = [
        (
            "Without an access token",
            "A script of our own site that has only the cookie to go with.",
            None,
            None,
            "none",
        ),
        ("Without a CSRF token", "The access token alone changes nothing.", Some(access), None, "none"),
        (
            "With another session's CSRF token",
            "A CSRF token is bound to its session: the attacker's own is no use.",
            Some(access),
            Some(other.csrf_token.reveal()),
            "another session's",
        ),
        ("As our own pages send it", "From this site, with both tokens.", Some(access), Some(csrf), "its own"),
    ];
    for (name, about, bearer, csrf, which) in sent {
        let answer = lab::call(&Method::POST, &ProtectedPost {}, bearer, csrf).await;
        let mut seen = own.clone();
        seen.push(("authorization".to_owned(), if bearer.is_some() { "Bearer …" } else { "none" }.to_owned()));
        seen.push(("x-csrf-token".to_owned(), which.to_owned()));
        tell(Tried { name, about, seen, refused: answer.err().map(|refused| refused.code) });
    }
    Ok(())
}

async fn bounce(forgery: Option<&str>) -> Result<LabBounce, ApiError> {
    let input = Bounce { forgery: forgery.map(str::to_owned) };
    lab::call(&Method::POST, &input, None, None).await
}

fn seen(headers: Vec<SeenHeader>) -> Vec<(String, String)> {
    headers.into_iter().map(|header| (header.name, header.value)).collect()
}

const fn words(forgery: Forgery) -> (&'static str, &'static str) {
    match forgery {
        Forgery::AnotherSite => ("A form on another site", "Your browser says that it comes from elsewhere."),
        Forgery::Neighbour => ("A neighbour on the same domain", "A subdomain that was taken over is no friend."),
        Forgery::OldBrowser => ("An old browser", "It says less, but it does name the origin."),
        Forgery::Frame => ("A frame that hides its origin", "A sandboxed frame has none: that is no better."),
    }
}

/// A request on its way past two guards; the arrow turns back where it bounced.
#[component]
fn Way(one: Tried) -> impl IntoView {
    let path = match one.reached() {
        Reached::Origin => "M4 14H62V34H12",
        Reached::Tokens => "M4 14H152V34H12",
        Reached::All => "M4 24H214",
    };
    let head = match one.reached() {
        Reached::All => "M208 18l8 6-8 6",
        _ => "M18 28l-8 6 8 6",
    };
    let passed = one.reached() == Reached::All;
    let answer = one.refused.map_or_else(|| "200 OK".to_owned(), |code| format!("{} {}", code.status(), code.text()));
    let headers = one
        .seen
        .into_iter()
        .map(|(name, value)| view! { <div><dt><code>{name}</code></dt> <dd><code>{value}</code></dd></div> });
    view! {
        <li class="bounce" class:bounce-passed=passed>
            <div>
                <h3>{one.name}</h3>
                <p>{one.about}</p>
                <dl class="seen" aria-label="What the server saw">{headers.collect_view()}</dl>
            </div>
            <div class="bounce-way">
                <svg viewBox="0 0 220 64" aria-hidden="true">
                    <path class="guard" d="M68 4V44M158 4V44" />
                    <text class="guard-name" x="68" y="58" text-anchor="middle">"origin"</text>
                    <text class="guard-name" x="158" y="58" text-anchor="middle">"tokens"</text>
                    <path class="way" d=path /> <path class="way" d=head />
                </svg>
                <p><code class="answer">{answer}</code></p>
            </div>
        </li>
    }
}
