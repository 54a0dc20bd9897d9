//! The app: its context and the one list of its pages.

use super::{
    brand,
    components::{Header, PasswordMin, Refusal, StatusLine, Toaster, Toasts},
    pages::{Account, Accounts, Dashboard, Home, Lab, Login, NotFound, Notes, Profile, Register, Security, Sessions},
    paths, seam,
    session::{Network, NetworkState, PageState, Session},
    wire,
};
use leptos::prelude::*;
use leptos_router::{
    Lazy, SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

/// The whole app, on the server and in the browser.
#[component]
pub fn App() -> impl IntoView {
    // What the server found out, handed over with the HTML: no second look, no flash.
    let PageState { session, echo, password_min } = wire::handed_over(seam::page_state);
    let session = Session(RwSignal::new(session));
    provide_context(session);
    provide_context(StoredValue::new(echo));
    let network = Network(RwSignal::new(NetworkState::Fine));
    provide_context(network);
    provide_context(PasswordMin(password_min));
    Toasts::provide_context();
    Notes::provide_context();
    seam::attach(session, network);

    view! {
        <Router>
            <a class="skip" href="#main">"Skip to content"</a>
            <Header />
            <main id="main" tabindex="-1">
                <Refusal />
                <FlatRoutes fallback=NotFound>
                    <Route path=path!("/") view=Home />
                    <Route path=path!("/login") view=Login />
                    <Route path=path!("/register") view={Lazy::<Register>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/lab") view={Lazy::<Lab>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/app") view={Lazy::<Dashboard>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/app/sessions") view={Lazy::<Sessions>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/app/security") view={Lazy::<Security>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/app/profile") view={Lazy::<Profile>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/app/admin") view={Lazy::<Accounts>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/app/admin/users/:id") view={Lazy::<Account>::new()} ssr=SsrMode::Async />
                </FlatRoutes>
            </main>
        </Router>
        <StatusLine />
        <footer class="footer">
            <p>{brand::NAME}</p>
            <p>{brand::WHAT} ". " <a href=paths::HOME>"Home"</a> " · " <a href=paths::LAB>"How it works"</a></p>
        </footer>
        <Toaster />
    }
}
