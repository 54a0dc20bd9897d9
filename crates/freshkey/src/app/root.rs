//! What surrounds an app's routes: the contexts that every page needs, the router, and what is on every page.

use super::{
    brand::Brand,
    components::{Menu, Refusal, Toaster, Toasts, fixed},
    seam,
    session::{Network, NetworkState, PageState, Session},
    wire,
};
use leptos::prelude::*;
use leptos_router::components::Router;

/// Around the whole app, on the server and in the browser: provides [`Brand`], [`Session`], [`Network`] and
/// [`Toasts`], and routes. The children are what is on every page, and one `FlatRoutes`.
#[component]
pub fn Root(
    /// The app's name and mark.
    brand: Brand,
    /// The header, [`Main`] with the routes, the footer.
    children: Children,
) -> impl IntoView {
    // What the server found out, handed over with the HTML: no second look, no flash.
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
    seam::attach(session, network);

    view! {
        <Router>
            <a class="skip" href="#main">"Skip to content"</a>
            {children()}
            <Menu />
        </Router>
        <Toaster />
    }
}

/// Around the routes: where the link "Skip to content" leads, and above a page why a form was refused that led to it.
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
