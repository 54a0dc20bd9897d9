//! The code of a page, where the build is split.

use super::{fetch, network};
use futures::future::LocalBoxFuture;
use leptos::{prelude::*, wasm_split::SplitLoaderError};
use leptos_router::{hooks::use_location, location::Location};
use std::future::pending;

/// What asks for the code of a page and makes the page of it. Of one type for all pages, or each would have
/// a copy of [`fetched`] in what everybody loads.
pub type Page = LocalBoxFuture<'static, Result<AnyView, SplitLoaderError>>;

/// The page, when its code is there. Until then one stays where one was, and the page says if the server
/// can't be reached. A server that answers and does not have the code is another one than the page came
/// from: then the new page is loaded from it, as a whole.
pub async fn fetched(page: fn() -> Page) -> AnyView {
    let hydrating = Owner::current_shared_context().is_some_and(|context| context.during_hydration());
    let wanted = wanted();
    loop {
        if let Ok(view) = page().await {
            return view;
        }
        if fetch::is_there().await {
            if hydrating {
                leave_it_to_the_browser(wanted);
            } else {
                load(&wanted.get_untracked());
            }
            return pending().await;
        }
        network::back().await;
    }
}

/// Where one is, or is going to be.
fn wanted() -> Signal<String> {
    let Location { pathname, search, .. } = use_location();
    Signal::derive(move || match search.get().as_str() {
        "" => pathname.get(),
        query => format!("{}?{query}", pathname.get()),
    })
}

/// The page has just been loaded, and once more would be no better. It stays as the server rendered it:
/// its forms work, and so do its links, which the router takes the clicks of.
fn leave_it_to_the_browser(wanted: Signal<String>) {
    Effect::new(move |before: Option<String>| {
        let now = wanted.get();
        if before.is_some_and(|before| before != now) {
            load(&now);
        }
        now
    });
}

fn load(url: &str) {
    // A page that can't be left stays.
    let _ = window().location().assign(url);
}
