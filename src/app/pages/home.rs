//! The front page: for the developer who has just cloned this. Replace it with yours.

use crate::app::{paths, session::Session};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

/// Where to look first.
const FILES: [(&str, &str); 6] = [
    ("src/app/pages", "The pages. This one is home.rs: replace it with yours."),
    ("src/app/api", "What the browser may ask of the server. Get<Bearer> on a function protects it."),
    ("src/server", "The rules of sign-in, the guards, the tables. You rarely need to change it."),
    ("style/tokens.css", "Colours, fonts and spacing. The README's \u{201c}Make it yours\u{201d} says how."),
    ("docs/architecture.md", "The map, and the reasons."),
    ("docs/security.md", "What can go wrong, and what is done about it."),
];

/// The front page.
#[component]
pub fn Home() -> impl IntoView {
    let session = Session::get_context();
    let signed_in = Memo::new(move |_| session.user().is_some());
    view! {
        <Title text="Sign-in for Rust web apps" />
        <section class="page-head hero">
            <h1>"Sign-in is done. Build the rest."</h1>
            <p class="lead">
                "This is a Leptos and axum app with accounts, sessions and their protection in place. \
                 You write your product inside it."
            </p>
            <p class="hero-actions">
                {move || if signed_in.get() {
                    view! { <A href=paths::APP attr:class="button">"Open the dashboard"</A> }.into_any()
                } else {
                    view! {
                        <A href=paths::REGISTER attr:class="button">"Create account"</A>
                        <A href=paths::LOGIN attr:class="button button-quiet">"Sign in"</A>
                    }
                    .into_any()
                }}
                <A href=paths::LAB attr:class="button button-quiet">"See how it works"</A>
            </p>
        </section>
        <section class="hanging">
            <h2>"Two commands"</h2>
            <dl class="terms">
                <dt><code>"make watch"</code></dt>
                <dd>"Runs it, and rebuilds what you edit."</dd>
                <dt><code>"make test"</code></dt>
                <dd>"Checks everything: the server, the client, and both in a browser."</dd>
            </dl>
        </section>
        <section class="hanging">
            <h2>"Where to look"</h2>
            <dl class="terms">
                {FILES.map(|(file, what)| view! { <dt><code>{file}</code></dt> <dd>{what}</dd> }).collect_view()}
            </dl>
        </section>
        <section class="hanging">
            <h2>"What to try"</h2>
            <ol class="steps">
                <li>
                    <A href=paths::LOGIN>"Sign in"</A>
                    ". A development build has an account for it: " <code>"demo@example.com"</code> ", " <code>"try-freshkey"</code> "."
                </li>
                <li>
                    "Open the " <A href=paths::APP>"dashboard"</A>
                    " in two tabs, with the network panel beside it, and make a hundred calls. When the access token has run out, "
                    "one request renews it and all the calls are sent again."
                </li>
                <li>"Sign out in one tab: the other one follows. Turn the network off: nobody is signed out."</li>
                <li>
                    "Steal a session: the " <A href=paths::LAB>"laboratory"</A>
                    " takes the tokens apart and plays the thief."
                </li>
                <li>
                    "Read what a program can call: " <a href=paths::API_OPENAPI rel="external">"the API as OpenAPI"</a> "."
                </li>
            </ol>
        </section>
    }
}
