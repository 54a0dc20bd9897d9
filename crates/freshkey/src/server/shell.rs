//! The HTML document around the app.

use super::{freshkey::Freshkey, web_files::WebFiles};
use crate::app::{address, brand::REFUSED, error::Code};
use http::request::Parts;
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::{MetaTags, Title};
use std::sync::LazyLock;

/// The script that starts the client, without its comments.
static START: LazyLock<String> = LazyLock::new(|| {
    let lines = include_str!("start.js").lines().map(str::trim).filter(|line| !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
});

/// Renders the document. Its one inline script, which starts the client, carries the answer's nonce. The script comes
/// first, so that it sees what others change in the page.
///
/// Not the framework's `HydrationScripts`: it reads the names of hashed files at every render, and puts the nonce where
/// style sheets can read it.
pub fn shell(app: &Freshkey, options: LeptosOptions) -> impl IntoView + use<> {
    let files = use_context::<WebFiles>().unwrap_or_default();
    let start = START.replace("{js}", &files.js).replace("{wasm}", &files.wasm);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <script nonce=use_nonce()>{start}</script>
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="description" content=app.brand().description />
                <link rel="stylesheet" href=files.css />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="modulepreload" href=files.js />
                {files.split.map(|split| view! { <link rel="modulepreload" href=split /> })}
                // Soon, but after what the first paint needs.
                <link rel="preload" href=files.wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"
                    fetchpriority="low" />
                <AutoReload options=options />
                <MetaTags />
            </head>
            <body>
                {app.view()}
            </body>
        </html>
    }
}

/// Sets the title of the page that is being rendered; it begins with the error if a refused form led back to the page.
/// Only the server uses the framework's component: in the browser it would cost 9 KB, and one line does the same.
pub fn set_title(title: &str) {
    let code = |parts: &Parts| Code::parse(&address::in_query(parts.uri.query()?, "error")?);
    let refused = with_context(code).flatten().map_or("", |_| REFUSED);
    // The component renders into the document's head, not here.
    let _ = view! { <Title text=format!("{refused}{title}") /> };
}
