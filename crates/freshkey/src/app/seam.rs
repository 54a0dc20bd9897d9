//! The seam: where code that is compiled twice meets the side it was compiled for. Whatever else
//! differs between server and browser stands in `server/` and `browser/`.
//!
//! | | on the server | in the browser |
//! |---|---|---|
//! | `answer` | runs a server function for a request | does not happen |
//! | `call` | does not happen: a server function is a plain call there | sends it |
//! | `page_state` | what is known of the visitor | came with the HTML |
//! | `from_json` | reads JSON by `serde_json` | by the browser's own reader |
//! | `no_page` | the answer is 404 | there is no answer |
//! | `set_title` | in the document's head | of the window, and the focus goes to the page's heading |
//! | `title_refused` | `set_title` says it | the window's title says that a form was refused |
//! | `fetched!` | the page's view | the same, when its code is there |
//! | `preload_page` | the browser fetches the page's code beside the rest | is fetching it |
//! | `fresh_id` | a UUIDv7 | a UUIDv4 |
//! | `now` | when the page is rendered | the server's clock, as far as it is known |
//! | `attach` | nothing to attach to | lets the client set the page's session and network |
//! | `ask_before_leaving` | nobody to ask | whoever closes the page is asked, while something is unsaved |
//! | `back_after` | the server is not away from itself | waits until what failed for want of a network may be tried again |
//! | `signed_out` | nothing to forget | forgets the tokens, tells the page and the other tabs |
//! | `leave` | nothing to leave | gives up this page's session, and no other tab's |
//! | `token_life` | there is no token | how long the access token lives |
//! | `expire_token` | does not happen | makes the access token useless |
//! | `refreshes` | none | how many this page has sent |
//! | `local_time` | UTC | the zone of this machine |
//! | `user_agent` | of the request | of the browser |
//! | `choose_theme`, `show_theme` | do not happen | keep the choice, and apply it |
//! | `confirm`, `asks_by`, `not_confirmed` | do not happen | what the dialog "Confirm it's you" does |
//! | `copy`, `download` | do not happen | put a text into the clipboard, or into a file |
//! | `in_browser` | does nothing | does this beside the rest |
//! | `passkeys` | do not happen | what `navigator.credentials` is asked, and told |
//! | `lab` | does not happen | what the page `/lab` does |

#[cfg(not(feature = "hydrate"))]
mod no_browser;
#[cfg(not(feature = "ssr"))]
mod no_server;

#[cfg(feature = "hydrate")]
pub use crate::browser::{
    access::{expire as expire_token, life as token_life},
    attach, blur,
    call::call,
    files::{copy, download},
    fresh_id,
    json::{NotOurs, from_str as from_json},
    lab, leave, local_time,
    network::back_after,
    now,
    page::ask_before_leaving,
    passkeys,
    refresh::sent as refreshes,
    set_title, signed_out,
    step_up::{asks_by, confirm, not_confirmed},
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
    NotOurs, ask_before_leaving, asks_by, attach, back_after, blur, call, choose_theme, confirm, copy, download,
    expire_token, from_json, in_browser, lab, leave, local_time, not_confirmed, now, passkeys, refreshes, show_theme,
    signed_out, title_refused, token_life,
};
#[cfg(not(feature = "ssr"))]
pub use no_server::{answer, no_page, page_state, preload_page};

/// What makes a page by `$view`, whose code is in the part `$part` of a split build.
#[cfg(not(feature = "split"))]
#[doc(hidden)]
#[macro_export]
macro_rules! fetched {
    ($page:ident, $part:ident, $view:path) => {
        || Box::pin(async { $crate::leptos::prelude::IntoAny::into_any($view()) })
    };
}
// Not the framework's `#[lazy_route]`: there a file that does not come is the end of the client.
#[cfg(feature = "split")]
#[doc(hidden)]
#[macro_export]
macro_rules! fetched {
    ($page:ident, $part:ident, $view:path) => {{
        #[allow(non_snake_case)] // it needs a name of its own
        #[$crate::leptos::wasm_split::wasm_split($part, wasm_split_path = $crate::leptos::wasm_split, fallible)]
        fn $page(
            wish: $crate::browser::parts::Wish,
        ) -> Result<$crate::leptos::prelude::AnyView, $crate::leptos::wasm_split::SplitLoaderError> {
            Ok(wish.page(|| $crate::leptos::prelude::IntoAny::into_any($view())))
        }
        || Box::pin($crate::browser::parts::fetched(|wish| Box::pin($page(wish))))
    }};
}

/// A function whose code a browser fetches when it is called, where the build is split: none where it does not come. The
/// second name is the part's own for it.
#[cfg(not(feature = "split"))]
#[doc(hidden)]
#[macro_export]
macro_rules! in_part {
    ($part:ident: $(#[$doc:meta])* fn $name:ident, $own:ident($argument:ident: $type:ty) -> $answer:ty = $body:expr;) => {
        $(#[$doc])*
        #[allow(clippy::unused_async)] // split, it waits
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
