//! The seam: where code that is compiled for both sides calls what only one side has. Everything else that differs
//! between server and browser is in `server/` and `browser/`.
//!
//! | | on the server | in the browser |
//! |---|---|---|
//! | `answer` | runs a server function for a request | not called |
//! | `call` | not called: a server function is a plain call there | sends it |
//! | `page_state` | what the server knows about the visitor | came with the HTML |
//! | `from_json` | reads JSON with `serde_json` | reads it with the browser's own parser |
//! | `no_page` | makes the answer 404 | does nothing |
//! | `set_title` | sets the title in the document's head | sets the window's title and focuses the page's heading |
//! | `title_refused` | does nothing: `set_title` does it | says in the window's title that a form was refused |
//! | `fetched!` | the page's view | the same, once its code has arrived |
//! | `preload_page` | makes the browser fetch the page's code along with the rest | does nothing: it is being fetched |
//! | `fresh_id` | a UUIDv7 | a UUIDv4 |
//! | `now` | the time of rendering | the server's clock, as far as it is known |
//! | `attach` | does nothing | lets the client update the page's session and network state |
//! | `ask_before_leaving` | does nothing | asks the user before they close the page while something is unsaved |
//! | `back_after` | returns at once | waits until a call that got no answer may be tried again |
//! | `signed_out` | does nothing | forgets the tokens, tells the page and the other tabs |
//! | `leave` | does nothing | signs out this page, but no other tab |
//! | `token_life` | `None` | the access token's remaining time |
//! | `expire_token` | does nothing | makes the access token useless |
//! | `refreshes` | 0 | how many refreshes this page has sent |
//! | `local_time` | UTC | this machine's time zone |
//! | `user_agent` | that of the request | that of the browser |
//! | `choose_theme`, `show_theme` | do nothing | store the choice, and apply it |
//! | `confirm`, `asks_by`, `not_confirmed` | do nothing | drive the dialog "Confirm it's you" |
//! | `copy`, `download` | do nothing | copy a text to the clipboard, or save it as a file |
//! | `in_browser` | does nothing | runs a task in the background |
//! | `pause` | returns at once | waits |
//! | `passkeys` | does nothing | calls `navigator.credentials` |

#[cfg(not(feature = "hydrate"))]
mod no_browser;
#[cfg(not(feature = "ssr"))]
mod no_server;

#[cfg(feature = "hydrate")]
pub use crate::browser::{
    access::{expire as expire_token, life as token_life, refreshes},
    attach, blur,
    call::{back_after, call},
    files::{copy, download},
    fresh_id,
    json::{JsonError, from_str as from_json},
    leave, local_time, now,
    page::{ask_before_leaving, asks_by},
    passkeys, pause, set_title, signed_out,
    step_up::{confirm, not_confirmed},
    theme::{choose as choose_theme, show as show_theme},
    title_refused, user_agent,
};
#[cfg(feature = "ssr")]
pub use crate::server::{
    call::answer,
    pages::{no_page, page_state},
    web_files::preload_page,
};
#[cfg(all(feature = "ssr", not(feature = "hydrate")))]
pub use crate::server::{ids::fresh_id, pages::user_agent, shell::set_title};
#[cfg(feature = "hydrate")]
pub use leptos::task::spawn_local as in_browser;
#[cfg(not(feature = "hydrate"))]
pub use no_browser::{
    JsonError, ask_before_leaving, asks_by, attach, back_after, blur, call, choose_theme, confirm, copy, download,
    expire_token, from_json, in_browser, leave, local_time, not_confirmed, now, passkeys, pause, refreshes, show_theme,
    signed_out, title_refused, token_life,
};
#[cfg(not(feature = "ssr"))]
pub use no_server::{answer, no_page, page_state, preload_page};

/// Declares a function that builds a page of the part by its name. In a split build it loads the part's code first. One
/// function for each part: a function for each page would be in the code that everybody loads.
#[cfg(not(feature = "split"))]
#[doc(hidden)]
#[macro_export]
macro_rules! part_of_pages {
    ($part:ident { $($page:ident = $view:path;)* }) => {
        fn $part(page: &'static str) -> std::pin::Pin<Box<dyn Future<Output = $crate::leptos::prelude::AnyView>>> {
            let part: $crate::app::part::Part =
                &[$((stringify!($page), || $crate::leptos::prelude::IntoAny::into_any($view()))),*];
            Box::pin(async move { $crate::app::part::built(page, part) })
        }
    };
}
// Not the framework's `#[lazy_route]`, which stops the client if a file does not arrive.
#[cfg(feature = "split")]
#[doc(hidden)]
#[macro_export]
macro_rules! part_of_pages {
    ($part:ident { $($page:ident = $view:path;)* }) => {
        fn $part(page: &'static str) -> std::pin::Pin<Box<dyn Future<Output = $crate::leptos::prelude::AnyView>>> {
            #[$crate::leptos::wasm_split::wasm_split($part, wasm_split_path = $crate::leptos::wasm_split, fallible)]
            fn $part(
                page: &'static str,
                navigation: $crate::browser::parts::PendingNavigation,
            ) -> Result<$crate::leptos::prelude::AnyView, $crate::leptos::wasm_split::SplitLoaderError> {
                Ok(navigation.page(page, &[$((stringify!($page), || $crate::leptos::prelude::IntoAny::into_any($view()))),*]))
            }
            Box::pin($crate::browser::parts::fetched(page, |page, navigation| Box::pin($part(page, navigation))))
        }
    };
}

/// A function whose code the browser fetches on the first call, if the build is split; returns `None` if the code
/// does not arrive. The second name is that of the split function.
#[cfg(not(feature = "split"))]
#[doc(hidden)]
#[macro_export]
macro_rules! in_part {
    ($part:ident: $(#[$doc:meta])* fn $name:ident, $own:ident($argument:ident: $type:ty) -> $answer:ty = $body:expr;) => {
        $(#[$doc])*
        #[allow(clippy::unused_async)] // it only waits in a split build
        async fn $name($argument: $type) -> Option<$answer> {
            Some($body)
        }
    };
}
#[cfg(feature = "split")]
#[doc(hidden)]
#[macro_export]
macro_rules! in_part {
    ($part:ident: $(#[$doc:meta])* fn $name:ident, $own:ident($argument:ident: $type:ty) -> $answer:ty = $body:expr;) => {
        #[$crate::leptos::wasm_split::wasm_split($part, wasm_split_path = $crate::leptos::wasm_split, fallible)]
        fn $own($argument: $type) -> Result<$answer, $crate::leptos::wasm_split::SplitLoaderError> {
            Ok($body)
        }
        $(#[$doc])*
        async fn $name($argument: $type) -> Option<$answer> {
            $own($argument).await.ok()
        }
    };
}
