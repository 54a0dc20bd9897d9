//! A real access token, taken apart.

use super::parts::{Code, Part, Run, Standard, status, told};
use crate::app::{
    api::lab::{Begin, Protected},
    components::{FormAlert, LiveText},
    error::ApiError,
    seam::lab,
    token::Token,
    types::{Secret, lab::Checked},
};
use http::Method;
use leptos::prelude::*;
use std::time::Duration;

pub(super) const CODE: Code = Code {
    file: "crates/freshkey-core/src/services/access_token.rs",
    text: r"if claims.iss != self.issuer || claims.aud != self.audience || begins > now + CLOCK_AHEAD {
    return Err(Flaw::Invalid);
}
// A life that was shortened is shorter for tokens of before as well.
if now >= claims.exp.min(claims.iat.saturating_add(self.life)) {
    return Err(Flaw::Expired);
}",
};
const STANDARDS: &[Standard] = &[
    ("RFC 7519, JSON Web Token", "https://www.rfc-editor.org/rfc/rfc7519"),
    ("RFC 9068, access tokens", "https://www.rfc-editor.org/rfc/rfc9068"),
    ("RFC 8725, best practices", "https://www.rfc-editor.org/rfc/rfc8725"),
];
/// Seconds that this token lives.
const LIFE: u64 = 60;
const TICK: Duration = Duration::from_millis(500);

const HEADER: [(&str, &str); 3] = [
    ("typ", "What this is: an access token, and nothing that could be mistaken for one."),
    ("alg", "How it is signed. The checker goes by the key's algorithm, never by this word alone."),
    ("kid", "Which key signed it: the key's own fingerprint."),
];
const PAYLOAD: [(&str, &str); 9] = [
    ("iss", "Who issued it: this server."),
    ("aud", "Who may take it. A real one names the app; this one names the lab, so nobody else takes it."),
    ("sub", "Whose it is: a user's id, never given to anybody else."),
    ("email", "The address, so that a call need not look it up."),
    ("sid", "The session it belongs to. When that ends, this ends with it."),
    ("gen", "The generation of the refresh token that it came with."),
    ("jti", "This token's own name."),
    ("iat", "When it was issued, in seconds since 1970."),
    ("exp", "When it runs out: no second later."),
];

#[derive(Clone)]
struct Held {
    secret: Secret,
    token: Token,
    runs_out_at: f64,
}

/// The part.
#[component]
pub(super) fn Anatomy(live: bool) -> impl IntoView {
    view! {
        <Part id="anatomy" title="A token, taken apart" code=CODE standards=STANDARDS>
            <p>
                "An access token is a note that the server has signed: who you are, for whom it is meant, and until when. \
                 Anybody can read it; nobody can change it unnoticed. It lives for minutes, since whoever has it may use it."
            </p>
            {live.then(|| view! { <Live /> })}
        </Part>
    }
}

#[component]
fn Live() -> impl IntoView {
    let (held, checked) = (RwSignal::new(None::<Held>), RwSignal::new(None::<(Checked, bool)>));
    let (failed, busy) = (RwSignal::new(None::<String>), RwSignal::new(false));
    let begin = move || {
        busy.set(true);
        leptos::task::spawn_local(async move {
            let result = async {
                let made = make().await?;
                let token = made.token.clone();
                held.try_set(Some(made));
                checked.try_set(None);
                let good = lab::check(&token).await?;
                checked.try_set(Some((good, false)));
                Ok::<_, ApiError>(())
            };
            let result = result.await;
            failed.try_set(result.err().as_ref().map(told));
            busy.try_set(false);
        });
    };
    let label = move || if held.with(Option::is_some) { "Make another one" } else { "Make a token" }.to_owned();
    view! {
        <FormAlert message=failed />
        <p class="lab-actions"><Run label=Signal::derive(label) busy run=begin /></p>
        {move || held.get().map(|held| view! { <TakenApart held checked failed /> })}
    }
}

async fn make() -> Result<Held, ApiError> {
    let answer = lab::call(&Method::POST, &Begin { life: Some(LIFE.into()) }, None, None).await?;
    let token = Token::take_apart(answer.access_token.reveal()).ok_or(crate::app::error::Code::Internal)?;
    #[expect(clippy::cast_precision_loss, reason = "seconds of a token's life")]
    let runs_out_at = lab::now() + answer.expires_in as f64 * 1000.0;
    Ok(Held { secret: answer.access_token, token, runs_out_at })
}

#[component]
fn TakenApart(
    held: Held,
    checked: RwSignal<Option<(Checked, bool)>>,
    failed: RwSignal<Option<String>>,
) -> impl IntoView {
    let Held { secret, token, runs_out_at } = held;
    let busy = RwSignal::new(false);
    let forge = {
        let token = token.clone();
        move || {
            let forged = token.forged();
            busy.set(true);
            leptos::task::spawn_local(async move {
                match lab::check(&forged).await {
                    Ok(good) => {
                        checked.try_set(Some((good, true)));
                    }
                    Err(error) => {
                        failed.try_set(Some(told(&error)));
                    }
                }
                busy.try_set(false);
            });
        }
    };
    let facts = |part: &serde_json::Value, names: &'static [(&'static str, &'static str)]| {
        let fact = |(name, meaning): &(&'static str, &'static str)| {
            view! {
                <div class="claim">
                    <dt><code>{*name}</code></dt>
                    <dd><code>{Token::text(part, name)}</code></dd>
                    <dd>{*meaning}</dd>
                </div>
            }
        };
        names.iter().map(fact).collect_view()
    };
    let (header, payload) = (facts(&token.header, &HEADER), facts(&token.payload, &PAYLOAD));
    let bytes = token.signature.len();
    let said = Signal::derive(move || {
        let said = |(what, forged): &(Checked, bool)| verdict(what, *forged).to_owned();
        checked.with(|checked| checked.as_ref().map(said)).unwrap_or_default()
    });
    view! {
        <p class="token" dir="ltr">
            <span class="token-part token-header">{token.header_text}</span> "."
            <span class="token-part token-payload">{token.payload_text}</span> "."
            <span class="token-part token-signature">{token.signature_text}</span>
        </p>
        <div class="anatomy">
            <h3><span class="token-part token-header">"1 Header"</span> " how to check it"</h3>
            <dl class="claims">{header}</dl>
            <h3><span class="token-part token-payload">"2 Payload"</span> " what it says"</h3>
            <dl class="claims">{payload}</dl>
            <h3><span class="token-part token-signature">"3 Signature"</span> " why it is believed"</h3>
            <p>
                {format!("{bytes} bytes over the first two parts, made with a key that only the server has. \
                    Your browser has just checked them with the public half, from ")}
                <a href="/.well-known/jwks.json" rel="external">"/.well-known/jwks.json"</a> ", as any other service could."
            </p>
            <p class="verdict" role="status"><LiveText text=said /></p>
            <p class="lab-actions">
                <Run label="Forge it: put another address in" busy quiet=true run=forge />
            </p>
            <h3>"Its life"</h3>
            <Life secret runs_out_at />
        </div>
    }
}

fn verdict(checked: &Checked, forged: bool) -> &'static str {
    match (checked, forged) {
        (Checked::Good, _) => "✓ The signature is good: this server signed exactly these words.",
        (Checked::Bad, true) => "✗ With admin@example.com as its address the signature is no longer good: refused.",
        (Checked::Bad, false) => "✗ The signature is not good.",
        (Checked::NoKey, _) => {
            "This server signs with HS256, whose one key both signs and checks: there is no public key, \
             so only the server itself can check it."
        }
        (Checked::Unable, _) => "This browser can't check such a signature; the server can.",
    }
}

/// Running down, and what a call with the token is answered.
#[component]
fn Life(secret: Secret, runs_out_at: f64) -> impl IntoView {
    let (left, answer, busy) = (RwSignal::new(LIFE), RwSignal::new(None::<String>), RwSignal::new(false));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
    let tick = move || left.set(((runs_out_at - lab::now()).max(0.0) / 1000.0).ceil() as u64);
    let timer = set_interval_with_handle(tick, TICK).ok();
    on_cleanup(move || {
        if let Some(timer) = timer {
            timer.clear();
        }
    });
    let run_out = Signal::derive(move || {
        let sentence = "It has run out. From now on it is refused, and a client asks for a new one.";
        if left.get() == 0 { sentence } else { "" }.to_owned()
    });
    let try_it = move || {
        let secret = secret.clone();
        busy.set(true);
        leptos::task::spawn_local(async move {
            let called = lab::call(&Method::GET, &Protected {}, Some(secret.reveal()), None).await.map(drop);
            answer.try_set(Some(status(&called)));
            busy.try_set(false);
        });
    };
    view! {
        <p class="life">
            <meter min="0" max=LIFE.to_string() value=move || left.get().to_string() aria-label="Seconds that are left" />
            <span class="life-left"><LiveText text=Signal::derive(move || format!("{} of {LIFE} s left", left.get())) /></span>
        </p>
        <p role="status"><LiveText text=run_out /></p>
        <p class="lab-actions">
            <Run label="Call with it" busy quiet=true run=try_it />
            <span role="status">
                {move || answer.with(Option::is_some).then(|| view! {
                    <code>"GET /api/lab/protected"</code> " → "
                    <LiveText text=Signal::derive(move || answer.get().unwrap_or_default()) />
                })}
            </span>
        </p>
    }
}
