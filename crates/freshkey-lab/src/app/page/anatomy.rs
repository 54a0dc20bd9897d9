//! A real access token, taken apart. The visitor can edit its header and its payload.

use super::parts::{Code, Part, Run, Standard, fixed, told};
use crate::app::{
    api::{Begin, Check},
    seam,
    types::Checked,
};
use freshkey::app::{
    components::{CopyButton, LiveText},
    device,
    error::{ApiError, Code as Refusal},
    seam::pause,
    token::{Token, compact, pretty},
    types::{Millis, Secret},
};
use http::Method;
use leptos::prelude::*;

pub(super) const CODE: Code = Code {
    file: "crates/freshkey-core/src/services/access_token.rs",
    text: r"if claims.iss != self.issuer || claims.aud != self.audience || begins > now + CLOCK_AHEAD {
    return Err(TokenError::Invalid);
}
// If the setting for the life was shortened, it also applies to older tokens.
if now >= claims.exp.min(claims.iat.saturating_add(self.life)) {
    return Err(TokenError::Expired);
}",
};
const STANDARDS: &[Standard] = &[
    ("RFC 7519, JSON Web Token", "https://www.rfc-editor.org/rfc/rfc7519"),
    ("RFC 9068, access tokens", "https://www.rfc-editor.org/rfc/rfc9068"),
    ("RFC 8725, best practices", "https://www.rfc-editor.org/rfc/rfc8725"),
];
/// Milliseconds between the last keystroke and the request to the server.
const PAUSE_MS: u32 = 400;

/// The first second, since 1970, of a year with five digits.
const YEAR_10000: i64 = 253_402_300_800;

/// The placeholder until there is a token.
const EXAMPLE: [&str; 3] = ["eyJ0eXAiOiJh…", "eyJpc3MiOiJo…", "d2Ue8kQx…"];
const HEADER: &str =
    "{\n  \"typ\": \"at+jwt\",\n  \"alg\": \"EdDSA\",\n  \"kid\": \"vyZuwseB99ZOlHFLHmU9Gq5VeJDjRvvCJamKv_BNlc8\"\n}";
const PAYLOAD: &str = r#"{
  "iss": "https://this.server",
  "aud": "https://this.server/lab",
  "sub": "the user's id",
  "email": "visitor@lab.invalid",
  "sid": "the session's id",
  "gen": 0,
  "jti": "the token's id",
  "iat": 1795939458,
  "exp": 1795940058,
  "auth_time": 1795939458,
  "amr": []
}"#;

#[derive(Clone, Copy)]
struct Live {
    /// The token as the server issued it.
    issued: RwSignal<Option<Token>>,
    /// The texts in the header's box and in the payload's.
    header: RwSignal<String>,
    payload: RwSignal<String>,
    /// The token with the edited texts.
    shown: Memo<Option<Token>>,
    /// The number of the newest check; answers to older ones are dropped.
    newest: RwSignal<u32>,
    browser: RwSignal<Option<Checked>>,
    server: RwSignal<Option<Result<Option<Refusal>, String>>>,
}

impl Live {
    fn new() -> Self {
        let issued = RwSignal::new(None::<Token>);
        let [header, payload] = [HEADER, PAYLOAD].map(|text| RwSignal::new(text.to_owned()));
        let shown = Memo::new(move |_| {
            let typed = |part: RwSignal<String>| part.with(|text| compact(text));
            issued.with(|issued| issued.as_ref().map(|token| token.forged(typed(header), typed(payload))))
        });
        let (newest, browser, server) = (RwSignal::new(0), RwSignal::new(None), RwSignal::new(None));
        Self { issued, header, payload, shown, newest, browser, server }
    }

    /// Requests another token.
    fn begin(self, busy: RwSignal<bool>) {
        busy.set(true);
        leptos::task::spawn_local(async move {
            match issue().await {
                Ok(token) => {
                    self.header.try_set(pretty(&token.header));
                    self.payload.try_set(pretty(&token.payload));
                    self.issued.try_set(Some(token));
                    self.check();
                }
                Err(error) => {
                    self.server.try_set(Some(Err(told(&error))));
                }
            }
            busy.try_set(false);
        });
    }

    /// Checks the token in the browser and, after a pause in typing, on the server.
    fn check(self) {
        let Some((Some(token), Some(issued))) = self.shown.try_get_untracked().zip(self.issued.try_get_untracked())
        else {
            return;
        };
        self.newest.update(|newest| *newest += 1);
        let number = self.newest.try_get_untracked();
        let is_newest = move || number.is_some() && self.newest.try_get_untracked() == number;
        self.server.set(None);
        leptos::task::spawn_local(async move {
            let checked = seam::check(&token).await.unwrap_or(Checked::Unable);
            if is_newest() {
                self.browser.set(Some(checked));
            }
            pause(PAUSE_MS).await;
            if !is_newest() {
                return;
            }
            let input = Check { access_token: Some(Secret::from(token.to_string())) };
            let answer = seam::call(&Method::POST, &input, Some(&issued.to_string()), None).await;
            if is_newest() {
                self.server.set(Some(answer.map(|check| check.refused).map_err(|error| told(&error))));
            }
        });
    }

    fn is_broken(self) -> bool {
        self.browser.get() == Some(Checked::Bad) || self.server.get() == Some(Ok(Some(Refusal::InvalidToken)))
    }

    /// Returns a part of the encoded token.
    fn text(self, part: usize) -> Signal<String> {
        Signal::derive(move || {
            self.shown.with(|token| match token {
                Some(token) => [&token.header_text, &token.payload_text, &token.signature_text][part].clone(),
                None => EXAMPLE[part].to_owned(),
            })
        })
    }
}

async fn issue() -> Result<Token, ApiError> {
    let answer = seam::call(&Method::POST, &Begin { life: None }, None, None).await?;
    Token::take_apart(answer.access_token.reveal()).ok_or(Refusal::Internal.into())
}

/// This part of the page.
#[component]
pub(super) fn Anatomy(live: bool) -> impl IntoView {
    view! {
        <Part id="anatomy" title="A token, taken apart" code=CODE standards=STANDARDS>
            {fixed(include_str!("text/anatomy.html"))}
            <Playground live />
            {fixed(include_str!("text/claims.html"))}
        </Part>
    }
}

#[component]
fn Playground(live: bool) -> impl IntoView {
    let (state, busy) = (Live::new(), RwSignal::new(false));
    if live {
        // Runs in the browser as soon as the page is live.
        Effect::new(move |_| state.begin(busy));
    }
    let broken = Memo::new(move |_| state.is_broken());
    view! {
        <div class="stage jwt" class:jwt-broken=broken>
            <div class="jwt-encoded">
                <h3>"The token, as it travels"</h3>
                <p class="token" dir="ltr">
                    <span class="token-part token-header"><LiveText text=state.text(0) /></span> "."
                    <span class="token-part token-payload"><LiveText text=state.text(1) /></span> "."
                    <span class="token-part token-signature"><LiveText text=state.text(2) /></span>
                </p>
            </div>
            <div class="jwt-decoded">
                <Editor id="token-header" name="Header" says=" how to check it: type here" rows="6" text=state.header example=HEADER state />
                <Editor id="token-payload" name="Payload" says=" what it says: type here, too" rows="13" text=state.payload example=PAYLOAD state />
                <p class="quiet"><LiveText text=Signal::derive(move || state.payload.with(|typed| life(typed))) /></p>
                <h3><span class="token-part token-signature">"Signature"</span> " why to believe it"</h3>
                <p class="quiet">
                    "Made over the first two parts with a private key that never leaves this server, and checked with the public one."
                </p>
            </div>
            {live.then(|| view! { <Verdicts state busy /> })}
        </div>
    }
}

/// The JSON of one part, to be edited. `id` is also the part's class.
#[component]
fn Editor(
    id: &'static str,
    name: &'static str,
    says: &'static str,
    rows: &'static str,
    text: RwSignal<String>,
    /// What it shows until there is a token.
    example: &'static str,
    state: Live,
) -> impl IntoView {
    let type_in = move |event| {
        text.set(event_target_value(&event));
        state.check();
    };
    view! {
        <h3><label for=id><span class=format!("token-part {id}")>{name}</span> {says}</label></h3>
        <textarea
            id=id
            class=format!("json {id}")
            dir="ltr"
            rows=rows
            autocapitalize="none"
            autocomplete="off"
            spellcheck="false"
            readonly=move || state.issued.with(Option::is_none)
            prop:value=text
            inner_html=example
            on:input=type_in
        ></textarea>
    }
}

/// The verdicts of the browser and the server on the token.
#[component]
fn Verdicts(state: Live, busy: RwSignal<bool>) -> impl IntoView {
    let browser = Signal::derive(move || in_browser(state.browser.get().as_ref()).to_owned());
    let whole =
        Signal::derive(move || state.shown.with(|token| token.as_ref().map(Token::to_string).unwrap_or_default()));
    let server = Signal::derive(move || match state.server.get() {
        None => "…".to_owned(),
        Some(Ok(None)) => "✓ 200 OK: let in.".to_owned(),
        Some(Ok(Some(code))) => format!("✗ {} {}: refused.", code.status(), code.text()),
        Some(Err(told)) => told,
    });
    view! {
        <div class="verdicts" role="status">
            <Verdict by="Your browser, with the public key" text=browser />
            <Verdict by="This server, asked for protected data" text=server />
        </div>
        <p class="lab-actions jwt-again">
            <Run label="Get a new token" busy quiet=true run=Box::new(move || state.begin(busy)) />
            <CopyButton text=whole label="Copy the token" class="live-only button button-quiet" />
        </p>
    }
}

#[component]
fn Verdict(by: &'static str, text: Signal<String>) -> impl IntoView {
    let begins = |sign: char| Signal::derive(move || text.with(|text| text.starts_with(sign)));
    view! {
        <p class="verdict" class:verdict-good=begins('✓') class:verdict-bad=begins('✗')>
            <span>{by}</span> <strong><LiveText text /></strong>
        </p>
    }
}

/// Reads the payload's two times, which are seconds since 1970, and says them in UTC.
fn life(payload: &str) -> String {
    let [issued, expires] = ["\"iat\":", "\"exp\":"].map(|claim| {
        let (_, value) = payload.split_once(claim)?;
        let digits: String = value.trim_start().chars().take_while(char::is_ascii_digit).collect();
        digits
            .parse()
            .ok()
            .filter(|seconds| *seconds < YEAR_10000)
            .map(|seconds| device::rfc3339(Millis::from_secs(seconds)))
    });
    let or_unknown = |time: Option<String>| time.unwrap_or_else(|| "?".to_owned());
    format!("Issued {}, expires {}.", or_unknown(issued), or_unknown(expires))
}

fn in_browser(checked: Option<&Checked>) -> &'static str {
    match checked {
        None => "…",
        Some(Checked::Good) => "✓ The signature is good.",
        Some(Checked::Bad) => "✗ The signature is broken.",
        Some(Checked::NoKey) => "There is no public key with this kid. Only the server can check.",
        Some(Checked::Unable) => "This browser can't check such a signature. The server can.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_a_payload_are_read_whatever_was_typed() {
        assert_eq!(life(PAYLOAD), "Issued 2026-11-29T08:04:18Z, expires 2026-11-29T08:14:18Z.");
        assert_eq!(life(r#"{"exp": "soon", "iat":99999999999999999999}"#), "Issued ?, expires ?.");
        assert_eq!(life(r#"{"exp":0}"#), "Issued ?, expires 1970-01-01T00:00:00Z.");
    }
}
