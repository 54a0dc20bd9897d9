//! What surrounds an app's routes: the contexts that every page needs, the router, and what every page shares.

use super::{
    brand::Brand,
    components::{Menu, Refusal, Toaster, Toasts, fixed},
    seam,
    session::{Network, NetworkState, PageState, Session},
    wire,
};
use leptos::prelude::*;
use leptos_router::components::Router;

/// Wraps the whole app, on the server and in the browser: provides [`Brand`], [`Session`], [`Network`] and
/// [`Toasts`], and the router. Its children are what every page shares, and one `FlatRoutes`.
#[component]
pub fn Root(
    /// The app's name and mark.
    brand: Brand,
    /// The header, [`Main`] with the routes, and the footer.
    children: Children,
) -> impl IntoView {
    // The server's state comes with the HTML, so that the browser need not ask again and nothing flickers.
    let PageState { session, echo, features, facts } = wire::handed_over(seam::page_state);
    let session = Session(RwSignal::new(session));
    provide_context(brand);
    provide_context(session);
    provide_context(StoredValue::new(echo));
    provide_context(features);
    provide_context(facts);
    let network = Network(RwSignal::new(NetworkState::Fine));
    provide_context(network);
    Toasts::provide_context();
    seam::attach(session, network, facts.now);

    view! {
        <Router>
            <a class="skip" href="#main">"Skip to content"</a>
            {children()}
            <Menu />
        </Router>
        <Toaster />
    }
}

/// Wraps the routes: the target of "Skip to content", and above the page the reason if a refused form led to it.
#[component]
pub fn Main(
    /// The routes.
    children: Children,
) -> impl IntoView {
    view! {
        <main {..fixed([("id", "main"), ("tabindex", "-1")])}>
            <Refusal />
            {children()}
        </main>
    }
}
