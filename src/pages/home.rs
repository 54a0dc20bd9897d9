//! The front page. A release presents the product to visitors; a development build shows where to begin. Replace it
//! with yours.

use crate::brand::BRAND;
use freshkey::app::{
    brand::set_title,
    components::{Icon, Shape},
    paths,
    session::Session,
};
use leptos::prelude::*;

/// Whether this is a development build. Only that has a demo account, and shows which files to begin with.
const IS_DEVELOPMENT: bool = cfg!(debug_assertions);

/// What Freshkey does that you would otherwise build yourself.
const PROMISES: [(Shape, &str, &str); 3] = [
    (
        Shape::Again,
        "One refresh, however many calls",
        "When the access token expires, one request renews it and every call is retried. Nobody notices.",
    ),
    (
        Shape::Shield,
        "Nothing for a script to steal",
        "The access token lives in memory, the refresh token in an HttpOnly cookie. Storage stays empty.",
    ),
    (
        Shape::Copied,
        "A stolen session ends itself",
        "Each refresh token works once. If a copy is used, both are signed out and the owner is told.",
    ),
];

/// The files to begin with.
const FILES: [(&str, &str); 5] = [
    ("src/app.rs", "The list of pages. This one is src/pages/home.rs: replace it with yours."),
    ("src/notes", "The sample to copy: a list that belongs to its user, with its page, its calls and its SQL."),
    ("style/tokens.css", "One hue, fonts and spacing. /styleguide shows what they draw."),
    ("make test", "Checks everything: the server, the client, and both in a browser."),
    ("README.md", "How to add a page, deploy, and where the rest is."),
];

/// The front page.
#[component]
pub fn Home() -> impl IntoView {
    set_title(BRAND.what);
    let session = Session::get_context();
    let signed_in = Memo::new(move |_| session.user().is_some());
    view! {
        <section class="hero">
            <div>
                <h1><span>"Sign-in is done. "</span><span>"Build the rest."</span></h1>
                <p class="lead">
                    "Accounts, sessions and their protection for Leptos and axum. One Rust binary, your database, nobody else's cloud."
                </p>
                <p class="hero-actions">
                    {move || if signed_in.get() {
                        view! { <a href=paths::APP class="button">"Open the dashboard"</a> }.into_any()
                    } else {
                        view! {
                            <a href=paths::REGISTER class="button">"Create account"</a>
                            <a href=paths::LOGIN class="button button-quiet">"Sign in"</a>
                        }
                        .into_any()
                    }}
                </p>
            </div>
            <Picture />
        </section>
        <div class="promises">
            {PROMISES.map(|(shape, title, text)| view! {
                <section class="panel">
                    <Icon shape />
                    <h2>{title}</h2>
                    <p class="quiet">{text}</p>
                </section>
            }).collect_view()}
        </div>
        <section class="panel">
            <h2>"See it in a minute"</h2>
            <ol class="steps">
                <li>
                    {if IS_DEVELOPMENT {
                        view! {
                            <strong><a href=paths::LOGIN>"Sign in"</a></strong>
                            "This development build has an account: " <code>"demo@example.com"</code> ", " <code>"try-freshkey"</code> "."
                        }
                        .into_any()
                    } else {
                        view! { <strong><a href=paths::REGISTER>"Create an account"</a></strong> "It takes a name, an email and a password." }
                            .into_any()
                    }}
                </li>
                <li>
                    <strong><a href=paths::APP>"Open the dashboard"</a></strong>
                    "Expire the token, then call 20 times: one refresh, twenty answers."
                </li>
                <li>
                    <strong><a href=freshkey_lab::PATH>"How it works"</a></strong>
                    "Take a token apart, and play the thief against a real server."
                </li>
            </ol>
        </section>
        {IS_DEVELOPMENT.then(|| view! {
            <section class="panel">
                <h2>"Make it yours"</h2>
                <p>"You see this in development only."</p>
                <dl class="terms">
                    {FILES.map(|(file, what)| view! { <dt><code>{file}</code></dt> <dd>{what}</dd> }).collect_view()}
                </dl>
                <p><a href=paths::API_OPENAPI rel="external">"Browse the API (OpenAPI)"</a></p>
            </section>
        })}
    }
}

/// The picture: twenty calls meet an expired token, one refresh renews it, and all of them go on.
#[component]
fn Picture() -> impl IntoView {
    view! {
        <svg class="hero-picture" viewBox="12 14 416 262" role="img" aria-label="Twenty calls meet an expired token. One refresh renews it, and all twenty are answered.">
            <rect class="sheet" x="12" y="14" width="416" height="262" rx="18" />
            <path d="M40 76H176M40 94H176M40 112H176M40 130H176M40 148H176" />
            <path class="wrong" d="M184 52V164" />
            <path class="accent" d="M256 76H396M256 94H396M256 112H396M256 130H396M256 148H396" />
            <path class="accent" stroke-width="2.5" d="M184 174C184 232 256 232 256 180M251 188L256 179L262 187" />
            <g class="filled">
                <circle cx="396" cy="76" r="4" /><circle cx="396" cy="94" r="4" /><circle cx="396" cy="112" r="4" />
                <circle cx="396" cy="130" r="4" /><circle cx="396" cy="148" r="4" />
            </g>
            <rect class="soft" x="196" y="198" width="48" height="48" rx="12" />
            <g class="accent" stroke-width="3" transform="translate(206 208) scale(1.17)">
                <circle cx="8" cy="12" r="4.5" /><path d="M12.5 12H22M18.5 12v4" />
            </g>
            <text x="40" y="56">"20 calls"</text>
            <text class="on-wrong" x="192" y="56">"401"</text>
            <text x="400" y="56" text-anchor="end">"20 answers"</text>
            <text x="262" y="220">"1 refresh"</text>
            <text class="note" x="262" y="238">"same session"</text>
            <text class="note" x="40" y="220">"expired token"</text>
        </svg>
    }
}
