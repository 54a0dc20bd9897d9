//! The front page: for the developer who has just cloned this. Replace it with yours.

use crate::brand::BRAND;
use freshkey::app::{brand::set_title, paths, session::Session};
use leptos::prelude::*;

/// Where to look first.
const FILES: [(&str, &str); 6] = [
    ("src/app.rs", "The list of the pages. This one is src/pages/home.rs: replace it with yours."),
    ("src/pages", "The pages. A call with Get<Bearer> on it is protected."),
    ("src/notes", "The sample to copy: the rules, the calls, the SQL and the page of a list that belongs to its user."),
    ("migrations", "The app's own tables. The library brings its own."),
    ("style/tokens.css", "Colours, fonts and spacing. The README's \u{201c}Make it yours\u{201d} says how."),
    ("README.md", "How to add a page, and where the rest is."),
];

/// The front page.
#[component]
pub fn Home() -> impl IntoView {
    set_title(BRAND.what);
    let session = Session::get_context();
    let signed_in = Memo::new(move |_| session.user().is_some());
    view! {
        <section class="page-head hero">
            <h1>"Sign-in is done. Build the rest."</h1>
            <p class="lead">
                "This is a Leptos and axum app with accounts, sessions and their protection in place. \
                 You write your product inside it."
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
                <a href=paths::LAB class="button button-quiet">"See how it works"</a>
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
                    <a href=paths::LOGIN>"Sign in"</a>
                    ". A development build has an account for it: " <code>"demo@example.com"</code> ", " <code>"try-freshkey"</code> "."
                </li>
                <li>
                    "Open the " <a href=paths::APP>"dashboard"</a>
                    " in two tabs, with the network panel beside it, and make a hundred calls. When the access token has run out, "
                    "one request renews it and all the calls are sent again."
                </li>
                <li>"Sign out in one tab: the other one follows. Turn the network off: nobody is signed out."</li>
                <li>
                    "Steal a session: the " <a href=paths::LAB>"laboratory"</a>
                    " takes the tokens apart and plays the thief."
                </li>
                <li>
                    "Read what a program can call: " <a href=paths::API_OPENAPI rel="external">"the API as OpenAPI"</a> "."
                </li>
            </ol>
        </section>
    }
}
