//! The code of a page, where the build is split.

use super::{fetch, network, script};
use futures::future::LocalBoxFuture;
use leptos::{ev, leptos_dom::helpers::WindowListenerHandle, prelude::*, wasm_split::SplitLoaderError};
use leptos_router::{hooks::use_location, location::Location};
use std::{cell::Cell, future::pending, rc::Rc};

/// What asks for the code of a page and makes the page of it. Of one type for all pages, or each would have
/// a copy of [`fetched`] in what everybody loads.
pub type Page = LocalBoxFuture<'static, Result<AnyView, SplitLoaderError>>;

/// The page, when its code is there. Until then one stays where one was, and the page says if the server
/// can't be reached. A server that answers and does not have the code is another one than the page came
/// from: then the new page is loaded from it, as a whole. Not where the browser has begun to leave for another
/// document: that aborts the fetch, and is what the person wants by now.
pub async fn fetched(page: fn(Wish) -> Page) -> AnyView {
    let (wish, leaving) = (Wish::of_now(), Leaving::watch());
    loop {
        if let Ok(view) = page(wish.clone()).await {
            return if script::has_ended() { pending().await } else { view };
        }
        let there = fetch::is_there().await;
        if leaving.has_begun() {
            return pending().await;
        }
        if !wish.stands() {
            return nothing();
        }
        if there {
            if wish.hydrating {
                script::put_back();
                leave_it_to_the_browser(wish);
            } else {
                load(&untrack(|| wish.url()));
            }
            return pending().await;
        }
        network::back().await;
    }
}

/// That a page is wanted, until another one is. Its code may come after that: then nothing is made of it,
/// or it would name the window, take the focus and ask the server for what nobody sees.
#[derive(Clone)]
pub struct Wish {
    path: String,
    /// Where one is, or is going to be.
    pathname: Memo<String>,
    search: Memo<String>,
    /// What the server rendered is taken over, whatever is wanted next.
    hydrating: bool,
}

impl Wish {
    fn of_now() -> Self {
        let Location { pathname, search, .. } = use_location();
        let hydrating = Owner::current_shared_context().is_some_and(|context| context.during_hydration());
        Self { path: untrack(|| pathname.get()), pathname, search, hydrating }
    }

    /// What is wanted by now, tracked.
    fn url(&self) -> String {
        let Self { pathname, search, .. } = self;
        match search.get().as_str() {
            "" => pathname.get(),
            query => format!("{}?{query}", pathname.get()),
        }
    }

    /// The page, if it is still wanted, and can still be taken over.
    pub fn page(&self, make: fn() -> AnyView) -> AnyView {
        if self.hydrating && !script::is_untouched() {
            script::end();
            return nothing();
        }
        if self.stands() { make() } else { nothing() }
    }

    /// Another query is the same page.
    fn stands(&self) -> bool {
        self.hydrating || self.pathname.try_with_untracked(|now| *now == self.path) == Some(true)
    }
}

/// Knows whether the browser has begun to leave the document.
struct Leaving {
    begun: Rc<Cell<bool>>,
    listener: Option<WindowListenerHandle>,
}

impl Leaving {
    fn watch() -> Self {
        let begun = Rc::new(Cell::new(false));
        let seen = Rc::clone(&begun);
        Self { begun, listener: Some(window_event_listener(ev::beforeunload, move |_| seen.set(true))) }
    }

    fn has_begun(&self) -> bool {
        self.begun.get()
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        if let Some(listener) = self.listener.take() {
            listener.remove();
        }
    }
}

/// For the router, which does not show it: it is elsewhere by now.
fn nothing() -> AnyView {
    ().into_any()
}

/// The page has just been loaded, and once more would be no better. It stays as the server rendered it:
/// its forms work, and so do its links, which the router takes the clicks of.
fn leave_it_to_the_browser(wish: Wish) {
    Effect::new(move |before: Option<String>| {
        let now = wish.url();
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
