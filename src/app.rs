//! The app: what is on every page, and the one list of its pages.

use crate::{
    brand::BRAND,
    lazily::{
        Account, Accounts, Dashboard, Forgot, Home, Lab, LoginCode, LoginKeep, Profile, Register, RegisterConfirm,
        RegisterFinish, Reset, Security, Sessions, StepUp, Styleguide,
    },
    notes::page::Notes,
};
use freshkey::app::{
    components::{Header, NavLink, Refusal, StatusLine, ThemeSwitch},
    pages::{Login, NotFound},
    paths,
    root::Root,
};
use leptos::prelude::*;
use leptos_router::{
    Lazy, SsrMode,
    components::{FlatRoutes, Route},
    path,
};

/// The whole app, on the server and in the browser.
#[component]
pub fn App() -> impl IntoView {
    view! {
        <Root brand=BRAND>
            <Page />
        </Root>
    }
}

#[component]
fn Page() -> impl IntoView {
    Notes::provide_context();
    view! {
        <Header everywhere=|| view! { <NavLink href=paths::LAB>"How it works"</NavLink> } />
        <main id="main" tabindex="-1">
            <Refusal />
            <FlatRoutes fallback=NotFound>
                <Route path=path!("/") view={Lazy::<Home>::new()} ssr=SsrMode::Async />
                <Route path=path!("/login") view=Login />
                <Route path=path!("/register") view={Lazy::<Register>::new()} ssr=SsrMode::Async />
                <Route path=path!("/register/confirm") view={Lazy::<RegisterConfirm>::new()} ssr=SsrMode::Async />
                <Route path=path!("/register/finish") view={Lazy::<RegisterFinish>::new()} ssr=SsrMode::Async />
                <Route path=path!("/login/code") view={Lazy::<LoginCode>::new()} ssr=SsrMode::Async />
                <Route path=path!("/login/keep") view={Lazy::<LoginKeep>::new()} ssr=SsrMode::Async />
                <Route path=path!("/forgot") view={Lazy::<Forgot>::new()} ssr=SsrMode::Async />
                <Route path=path!("/reset") view={Lazy::<Reset>::new()} ssr=SsrMode::Async />
                <Route path=path!("/lab") view={Lazy::<Lab>::new()} ssr=SsrMode::Async />
                <Route path=path!("/styleguide") view={Lazy::<Styleguide>::new()} ssr=SsrMode::Async />
                <Route path=path!("/app") view={Lazy::<Dashboard>::new()} ssr=SsrMode::Async />
                <Route path=path!("/app/sessions") view={Lazy::<Sessions>::new()} ssr=SsrMode::Async />
                <Route path=path!("/app/security") view={Lazy::<Security>::new()} ssr=SsrMode::Async />
                <Route path=path!("/app/profile") view={Lazy::<Profile>::new()} ssr=SsrMode::Async />
                <Route path=path!("/app/step-up") view={Lazy::<StepUp>::new()} ssr=SsrMode::Async />
                <Route path=path!("/app/admin") view={Lazy::<Accounts>::new()} ssr=SsrMode::Async />
                <Route path=path!("/app/admin/users/:id") view={Lazy::<Account>::new()} ssr=SsrMode::Async />
            </FlatRoutes>
        </main>
        <StatusLine />
        <footer class="footer">
            <p>{BRAND.name} ": " {BRAND.what} "."</p>
            <div>
                <a href=paths::HOME>"Home"</a>
                <a href=paths::LAB>"How it works"</a>
                <a href=paths::API_OPENAPI rel="external">"API"</a>
                <ThemeSwitch name="theme" />
            </div>
        </footer>
    }
}
