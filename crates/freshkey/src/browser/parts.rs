//! Loads the code of a page if the build is split.

use super::{driver, script, waiting};
use crate::{
    app::part::{Part, built},
    client::event::Waiting,
};
use futures::future::LocalBoxFuture;
use leptos::{ev, leptos_dom::helpers::WindowListenerHandle, prelude::*, wasm_split::SplitLoaderError};
use leptos_router::{hooks::use_location, location::Location};
use std::{cell::Cell, future::pending, rc::Rc};

/// A future that loads a part's code and builds one of its pages. It is one type for all parts; otherwise each would
/// add a copy of [`fetched`] to the code that every user downloads.
pub type Page = LocalBoxFuture<'static, Result<AnyView, SplitLoaderError>>;

/// Returns the page when its code has arrived. Until then the previous page stays, and says if the server can't be
/// reached. If the server answers but does not have the code, it runs another release than the page came from: then
/// the new page is loaded from it as a whole document. It is not if the browser has begun to leave for another
/// document: that is what aborted the fetch, and where the user wants to go.
pub async fn fetched(page: &'static str, part: fn(&'static str, PendingNavigation) -> Page) -> AnyView {
    let (navigation, leaving) = (PendingNavigation::of_now(), Leaving::watch());
    loop {
        if let Ok(view) = part(page, navigation.clone()).await {
            return if script::has_ended() { pending().await } else { view };
        }
        let there = driver::reaches_server().await;
        if leaving.has_begun() {
            return pending().await;
        }
        if !navigation.stands() {
            return nothing();
        }
        if there {
            if navigation.hydrating {
                script::put_back();
                leave_it_to_the_browser(navigation);
            } else {
                load(&untrack(|| navigation.url()));
            }
            return pending().await;
        }
        waiting::wait(Waiting::Network).await;
    }
}

/// A navigation to a page that waits for its code. If the user navigates elsewhere before the code arrives, the view
/// is not built: it would set the title, take the focus and load data for a page that nobody sees.
#[derive(Clone)]
pub struct PendingNavigation {
    path: String,
    /// The router's current or pending path.
    pathname: Memo<String>,
    search: Memo<String>,
    /// Whether this is the server-rendered page, which is hydrated whatever the user opens next.
    hydrating: bool,
}

impl PendingNavigation {
    fn of_now() -> Self {
        let Location { pathname, search, .. } = use_location();
        let hydrating = Owner::current_shared_context().is_some_and(|context| context.during_hydration());
        Self { path: untrack(|| pathname.get()), pathname, search, hydrating }
    }

    /// Returns the URL that is wanted now; tracked.
    fn url(&self) -> String {
        let Self { pathname, search, .. } = self;
        match search.get().as_str() {
            "" => pathname.get(),
            query => format!("{}?{query}", pathname.get()),
        }
    }

    /// Builds the page, if it is still wanted and can still be hydrated.
    pub fn page(&self, page: &str, part: Part) -> AnyView {
        if self.hydrating && !script::is_untouched() {
            script::end();
            return nothing();
        }
        if self.stands() { built(page, part) } else { nothing() }
    }

    /// Whether the page is still wanted. Another query is still the same page.
    fn stands(&self) -> bool {
        self.hydrating || self.pathname.try_with_untracked(|now| *now == self.path) == Some(true)
    }
}

/// Observes whether the browser has begun to leave the document.
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

/// Returns an empty view for a navigation that the router has abandoned and will not show.
fn nothing() -> AnyView {
    ().into_any()
}

/// Leaves a page that was just loaded as plain HTML, because loading it again would not help. Its forms work as they
/// are. The router catches the clicks on its links, so this loads each new URL as a document.
fn leave_it_to_the_browser(navigation: PendingNavigation) {
    Effect::new(move |before: Option<String>| {
        let now = navigation.url();
        if before.is_some_and(|before| before != now) {
            load(&now);
        }
        now
    });
}

fn load(url: &str) {
    // If the browser can't leave the page, it stays.
    let _ = window().location().assign(url);
}
