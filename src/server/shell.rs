//! The HTML document around the app.

use super::web_files::WebFiles;
use crate::app::{App, brand};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::{MetaTags, Title};

/// The document. The one inline script, which starts the client, carries the answer's nonce. It does not
/// start where the document did not arrive as a whole: the framework ends it by setting that name.
///
/// Not the framework's `HydrationScripts`: that one asks for the names of hashed files at every
/// render, and puts the nonce where style sheets can read it.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let files = use_context::<WebFiles>().unwrap_or_default();
    let start = format!(
        "import init, {{ hydrate }} from '{}';self.__INCOMPLETE_CHUNKS&&init({{ module_or_path: '{}' }}).then(hydrate)",
        files.js, files.wasm
    );
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="description" content=brand::DESCRIPTION />
                <link rel="stylesheet" href=files.css />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="modulepreload" href=files.js />
                {files.split.map(|split| view! { <link rel="modulepreload" href=split /> })}
                // Soon, but after what the first paint needs.
                <link rel="preload" href=files.wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"
                    fetchpriority="low" />
                <AutoReload options=options />
                <script type="module" nonce=use_nonce()>{start}</script>
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Names the page that is being rendered. Only here by the framework's component: in the browser, where
/// one line does, that is 9 KB.
pub fn set_title(title: &str) {
    // Rendered into the document's head, which is not where this is.
    let _ = view! { <Title text=title.to_owned() /> };
}
