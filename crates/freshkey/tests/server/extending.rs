//! What an app adds to the library without a change in it.

mod claims;
mod hooks;
mod lists;
mod realms;
mod roles;

use crate::support::TestApp;
use freshkey::{
    app::{
        api::protocol::{Bearer, Post},
        components::FormField,
        error::ApiError,
        pages::{NotFound, register::RegisterWith, steps::RegisterFinishWith},
        root::Root,
    },
    server::{
        limits::LimitedAction,
        openapi::{Operation, call},
        policy::Source,
        request::caller,
    },
};
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route},
    path,
};
use serde_json::Value;
use starter::brand::BRAND;
use std::time::Duration;

const EXPORT: LimitedAction =
    LimitedAction::new("export", 3, Duration::from_mins(1)).saying("Three exports a minute are enough.");

/// A call of the app's own, with a limit of its own.
#[server(prefix = "/api", endpoint = "test/export", protocol = Post<Bearer>)]
pub async fn export() -> Result<String, ApiError> {
    let caller = caller()?;
    EXPORT.count(&caller.user.id).await?;
    Ok(caller.user.email)
}

pub fn operations() -> Vec<Operation> {
    vec![
        call::<Export>("export", "What the test exports."),
        call::<claims::PlanOfCaller>("planOfCaller", "The caller's plan."),
        call::<roles::Drafts>("drafts", "What editors read."),
        call::<lists::Words>("words", "The words."),
        call::<lists::Say>("say", "Says a word."),
        call::<lists::Change>("change", "Changes a word."),
        call::<crate::mail::own::Ship>("ship", "Says that the order is on its way."),
        crate::step_up::operation(),
        call::<realms::BeginTrial>("beginTrial", "Begins a trial."),
        call::<realms::Guest>("guest", "The guest."),
    ]
}

/// Pages of another app than the starter.
#[component]
pub fn Pages() -> impl IntoView {
    view! {
        <Root brand=BRAND>
            <FlatRoutes fallback=NotFound>
                <Route path=path!("/app/drafts") view=roles::DraftsPage />
                <Route path=path!("/register") view=Register />
                <Route path=path!("/register/finish") view=RegisterFinish ssr=SsrMode::Async />
                <Route path=path!("/app/words") view=lists::WordsPage ssr=SsrMode::Async />
            </FlatRoutes>
        </Root>
    }
}

#[component]
fn Register() -> impl IntoView {
    view! {
        <RegisterWith>
            <FormField name="company" label="Company" autocomplete="organization" />
        </RegisterWith>
    }
}

#[component]
fn RegisterFinish() -> impl IntoView {
    view! {
        <RegisterFinishWith>
            <FormField name="company" label="Company" autocomplete="organization" />
        </RegisterFinishWith>
    }
}

async fn exports(app: &TestApp, email: &str, times: usize) -> Vec<u16> {
    let session = app.sign_in(email).await;
    let mut seen = Vec::new();
    for _ in 0..times {
        let call = app.post("/api/test/export").bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
        seen.push(call.send().await.unwrap().status().as_u16());
    }
    seen
}

#[tokio::test]
async fn an_action_of_the_apps_own_has_a_limit_of_its_own() {
    let app = TestApp::start().await;
    for email in ["ada@example.com", "eve@example.com"] {
        app.register(email).await;
    }
    assert_eq!(exports(&app, "ada@example.com", 4).await, [200, 200, 200, 429]);
    assert_eq!(exports(&app, "ada@example.com", 1).await, [429], "another session is the same user");
    assert_eq!(exports(&app, "eve@example.com", 1).await, [200], "another user has an allowance");
    app.wait(Duration::from_secs(20));
    assert_eq!(exports(&app, "ada@example.com", 2).await, [200, 429], "it refills evenly");
    let session = app.sign_in("ada@example.com").await;
    let refused = app.post("/api/test/export").bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
    let refused = refused.send().await.unwrap();
    assert_eq!(refused.headers()["retry-after"], "20");
    assert_eq!(refused.headers()["ratelimit-policy"], "\"export\";q=3;w=60");
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["code"], "RATE_LIMITED");
    assert_eq!(body["message"], "Three exports a minute are enough.");
    app.stop().await;
}

#[tokio::test]
async fn a_page_loads_from_where_the_app_allows_and_an_answer_of_a_call_from_nowhere() {
    let allowing = starter::freshkey()
        .describe(operations)
        .allow(Source::Script, "https://js.pay.example")
        .allow(Source::Frame, "https://js.pay.example")
        .allow(Source::Image, "https://pictures.example");
    let app = TestApp::of(allowing, &[]).await;
    let page = app.get("/").send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    for wanted in [
        "'wasm-unsafe-eval' https://js.pay.example;",
        "frame-src https://js.pay.example;",
        "img-src 'self' data: https://pictures.example;",
        "default-src 'none'",
    ] {
        assert!(policy.contains(wanted), "{wanted}: {policy}");
    }
    let call = app.get("/api/me").send().await.unwrap();
    assert!(!call.headers()["content-security-policy"].to_str().unwrap().contains("pay.example"));
    app.stop().await;
}
