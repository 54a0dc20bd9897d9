//! The code of a page, where the build is split.

use super::{fetch, refresh::jittered};
use futures::future::LocalBoxFuture;
use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, wasm_split::SplitLoaderError};
use leptos_router::hooks::use_url;
use std::future::pending;

/// Milliseconds before it is tried again; twice that each time.
const PAUSE_MS: u32 = 1000;
/// Milliseconds at the most.
const LONGEST_PAUSE_MS: u32 = 30_000;

/// What asks for the code of a page and makes the page of it. Of one type for all pages, or each would have
/// a copy of [`fetched`] in what everybody loads.
pub type Page = LocalBoxFuture<'static, Result<AnyView, SplitLoaderError>>;

/// The page, when its code is there. Until then one stays where one was, and the page says if the server
/// can't be reached. A server that answers and does not have the code is another one than the page came
/// from: then the new page is loaded from it, as a whole.
pub async fn fetched(page: fn() -> Page) -> AnyView {
    let hydrating = Owner::current_shared_context().is_some_and(|context| context.during_hydration());
    let url = use_url().with_untracked(|url| match url.search() {
        "" => url.path().to_owned(),
        query => format!("{}?{query}", url.path()),
    });
    let mut pause = PAUSE_MS;
    loop {
        if let Ok(view) = page().await {
            return view;
        }
        if fetch::is_there().await {
            // What has just been loaded would be no better: it stays as the server rendered it, and its
            // links and forms work.
            if !hydrating {
                // A page that can't be left stays.
                let _ = window().location().assign(&url);
            }
            return pending().await;
        }
        TimeoutFuture::new(jittered(pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE_MS);
    }
}
