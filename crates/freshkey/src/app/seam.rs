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
//! | `choose_theme` | does not happen | keeps the choice, and applies it |
//! | `confirm`, `asks_by`, `not_confirmed` | do not happen | what the dialog "Confirm it's you" does |
//! | `lab` | does not happen | what the page `/lab` does |

#[cfg(not(feature = "hydrate"))]
mod no_browser;
#[cfg(not(feature = "ssr"))]
mod no_server;

#[cfg(feature = "hydrate")]
pub use crate::browser::{
    access::{expire as expire_token, life as token_life},
    attach,
    call::call,
    fresh_id,
    json::{NotOurs, from_str as from_json},
    lab, leave, local_time,
    network::back_after,
    now,
    page::ask_before_leaving,
    refresh::sent as refreshes,
    set_title, signed_out,
    step_up::{asks_by, confirm, not_confirmed},
    theme::choose as choose_theme,
    user_agent,
};
#[cfg(feature = "ssr")]
pub use crate::server::{
    call::answer,
    pages::{no_page, page_state},
    web_files::preload_page,
};
#[cfg(all(feature = "ssr", not(feature = "hydrate")))]
pub use crate::server::{ids::fresh_id, pages::user_agent, shell::set_title};
#[cfg(not(feature = "hydrate"))]
pub use no_browser::{
    NotOurs, ask_before_leaving, asks_by, attach, back_after, call, choose_theme, confirm, expire_token, from_json,
    lab, leave, local_time, not_confirmed, now, refreshes, signed_out, token_life,
};
#[cfg(not(feature = "ssr"))]
pub use no_server::{answer, no_page, page_state, preload_page};

/// A page, made by `$view`, whose code is in the part `$part` of a split build.
#[cfg(not(feature = "split"))]
#[doc(hidden)]
#[macro_export]
macro_rules! fetched {
    ($page:ident, $part:ident, $view:path) => {
        $crate::leptos::prelude::IntoAny::into_any($view())
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
        $crate::browser::parts::fetched(|wish| Box::pin($page(wish))).await
    }};
}

/// Declares pages whose code a browser fetches when they are opened, where the build is split (feature `split`);
/// elsewhere they are in the one file. A line is `Page(part) = view;`: `Lazy::<Page>::new()` is then a route's
/// view. Pages of one part share a file.
///
/// ```
/// # mod reports { use leptos::prelude::*; #[component] pub fn Reports() -> impl IntoView {} }
/// freshkey::lazy_pages! {
///     /// What was sold.
///     Reports(reports) = reports::Reports;
/// }
/// ```
#[macro_export]
macro_rules! lazy_pages {
    ($($(#[$doc:meta])* $page:ident($part:ident) = $view:path;)*) => {$(
        $(#[$doc])*
        pub struct $page;

        impl $crate::leptos_router::LazyRoute for $page {
            fn data() -> Self {
                $crate::app::seam::preload_page(stringify!($part));
                Self
            }

            async fn view(_: Self) -> $crate::leptos::prelude::AnyView {
                $crate::fetched!($page, $part, $view)
            }
        }
    )*};
}
