//! The app: what every page shares, and the list of all pages.

use crate::{
    brand::BRAND,
    lazily::{
        ACCOUNT, ACCOUNTS, DASHBOARD, FORGOT, HOME, LAB, LOGIN_CODE, LOGIN_ENROL, LOGIN_KEEP, LOGIN_SECOND_FACTOR,
        PROFILE, REGISTER, REGISTER_CONFIRM, REGISTER_FINISH, RESET, SECURE, SECURITY, SECURITY_RECOVERY_CODES,
        SECURITY_TOTP, SESSIONS, STEP_UP, STYLEGUIDE,
    },
    notes::page::Notes,
};
use freshkey::app::{
    At,
    components::{Header, NavLink, StatusLine, ThemeSwitch},
    pages::{Login, NotFound},
    root::{Main, Root},
};
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route},
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
        <Header everywhere=|| view! { <NavLink href=freshkey_lab::PATH>"How it works"</NavLink> } />
        <Main>
            <FlatRoutes fallback=NotFound>
                <Route path=At("/") view=HOME ssr=SsrMode::Async />
                <Route path=At("/login") view=Login />
                <Route path=At("/register") view=REGISTER ssr=SsrMode::Async />
                <Route path=At("/register/confirm") view=REGISTER_CONFIRM ssr=SsrMode::Async />
                <Route path=At("/register/finish") view=REGISTER_FINISH ssr=SsrMode::Async />
                <Route path=At("/login/code") view=LOGIN_CODE ssr=SsrMode::Async />
                <Route path=At("/login/second-factor") view=LOGIN_SECOND_FACTOR ssr=SsrMode::Async />
                <Route path=At("/login/enrol") view=LOGIN_ENROL ssr=SsrMode::Async />
                <Route path=At("/login/keep") view=LOGIN_KEEP ssr=SsrMode::Async />
                <Route path=At("/forgot") view=FORGOT ssr=SsrMode::Async />
                <Route path=At("/reset") view=RESET ssr=SsrMode::Async />
                <Route path=At("/secure") view=SECURE ssr=SsrMode::Async />
                <Route path=At("/lab") view=LAB ssr=SsrMode::Async />
                <Route path=At("/styleguide") view=STYLEGUIDE ssr=SsrMode::Async />
                <Route path=At("/app") view=DASHBOARD ssr=SsrMode::Async />
                <Route path=At("/app/sessions") view=SESSIONS ssr=SsrMode::Async />
                <Route path=At("/app/security") view=SECURITY ssr=SsrMode::Async />
                <Route path=At("/app/security/totp") view=SECURITY_TOTP ssr=SsrMode::Async />
                <Route path=At("/app/security/recovery-codes") view=SECURITY_RECOVERY_CODES ssr=SsrMode::Async />
                <Route path=At("/app/profile") view=PROFILE ssr=SsrMode::Async />
                <Route path=At("/app/step-up") view=STEP_UP ssr=SsrMode::Async />
                <Route path=At("/app/admin") view=ACCOUNTS ssr=SsrMode::Async />
                <Route path=At("/app/admin/users/:id") view=ACCOUNT ssr=SsrMode::Async />
            </FlatRoutes>
        </Main>
        <StatusLine />
        <footer class="footer">
            <p>{BRAND.name} ": " {BRAND.what} "."</p>
            <div>
                <a href="/">"Home"</a>
                <a href="/lab">"How it works"</a>
                <a href="/api/openapi.json" rel="external">"API"</a>
                <ThemeSwitch name="theme" />
            </div>
        </footer>
    }
}
