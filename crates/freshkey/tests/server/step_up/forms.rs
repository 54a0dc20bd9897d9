//! Without WASM: the form that was refused leads to a page that asks for the password, and that one back to it.

use super::{MOMENT, TTL, make_admin};
use crate::support::{HtmlForm, PASSWORD, TestApp, cookie, elements, location};
use freshkey::{
    Freshkey,
    app::{
        api::protocol::{Post, StepUp},
        components::{CallForm, FormField, Protected, Refusal, Typed},
        error::ApiError,
        pages::{NotFound, step_up::StepUp as StepUpPage},
        root::Root,
        types::Secret,
    },
    server::{
        openapi::{Operation, call},
        request::caller,
    },
};
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route},
    path,
};
use reqwest::Response;
use serde_json::Value;
use starter::brand::BRAND;

/// A sensitive call of the app's own.
#[server(prefix = "/api", endpoint = "test/hand-over", protocol = Post<StepUp>)]
pub async fn hand_over(#[server(default)] to: String, #[server(default)] code: Secret) -> Result<(), ApiError> {
    caller()?;
    if to.contains('@') && !code.reveal().is_empty() { Ok(()) } else { Err(ApiError::field("to", "Enter an address.")) }
}

pub fn operation() -> Operation {
    call::<HandOver>("handOver", "Hands something over.")
}

/// An app with a form for it.
#[component]
fn Pages() -> impl IntoView {
    view! {
        <Root brand=BRAND>
            <Refusal />
            <FlatRoutes fallback=NotFound>
                <Route path=path!("/app/hand-over") view=HandOverPage ssr=SsrMode::Async />
                <Route path=path!("/app/step-up") view=StepUpPage ssr=SsrMode::Async />
            </FlatRoutes>
        </Root>
    }
}

#[component]
fn HandOverPage() -> impl IntoView {
    let input = |form: Typed| HandOver { to: form.text("to"), code: form.text("code").into() };
    view! {
        <Protected>
            <CallForm page="/app/hand-over?a=1" next="/app/hand-over?done=1" button="Hand over" input done=|()| {}>
                <FormField name="to" label="To" />
                <FormField name="code" label="Code" kind="password" />
            </CallForm>
        </Protected>
    }
}

fn keeps(answer: &Response) -> String {
    let [first, rest] = ["form", "form-rest"].map(|name| cookie(answer, name).unwrap_or_default());
    format!("form={first}; form-rest={rest}")
}

#[tokio::test]
async fn the_form_is_there_again_afterwards_as_it_was_typed() {
    let built = Freshkey::new(BRAND, Pages).describe(|| vec![operation()]);
    let app = TestApp::of(built, &[]).await;
    let session = app.register("ada@example.com").await;
    let mut refresh = format!("refresh={}", session.cookie);
    app.wait(TTL + MOMENT);
    let html = app.page("/app/hand-over", &refresh).await.text().await.unwrap();
    let form = HtmlForm::find(&html, "/api/test/hand-over").with("to", "who is it").with("code", "a typed secret");
    let refused = app.submit(&form, &refresh).await;
    let page = location(&refused);
    assert_eq!(page, "/app/step-up?next=%2Fapp%2Fhand-over%3Fa%3D1%26error%3DSTEP_UP_REQUIRED");
    assert!(refused.headers().get("www-authenticate").is_none());
    let kept = keeps(&refused);

    let answer = app.page(&page, &format!("{refresh}; {kept}")).await;
    assert_eq!((answer.status().as_u16(), cookie(&answer, "form")), (200, None), "it is kept until afterwards");
    let html = answer.text().await.unwrap();
    assert!(html.contains("<h1><bdi>Confirm it's you"), "{html}");
    let not_now = elements(&html)
        .into_iter()
        .filter(|tag| tag.starts_with("a "))
        .any(|tag| tag.contains("error=STEP_UP_REQUIRED"));
    assert!(not_now, "a way back");
    let confirm = HtmlForm::find(&html, "/api/step-up");
    let wrong = app.submit(&confirm.clone().with("password", "a wrong password"), &format!("{refresh}; {kept}")).await;
    let again = location(&wrong);
    assert!(again.starts_with("/app/step-up?next=") && again.ends_with("&error=VALIDATION"), "{again}");
    assert_eq!(cookie(&wrong, "form"), None, "what is kept stays");
    let html = app.page(&again, &format!("{refresh}; {kept}")).await.text().await.unwrap();
    assert!(html.contains("This is not your password.") && !html.contains("a wrong password"));

    let done = app
        .submit(&HtmlForm::find(&html, "/api/step-up").with("password", PASSWORD), &format!("{refresh}; {kept}"))
        .await;
    assert_eq!(location(&done), "/app/hand-over?a=1&error=STEP_UP_REQUIRED");
    refresh = format!("refresh={}", cookie(&done, "refresh").expect("it is a refresh as well"));
    let answer = app.page(&location(&done), &format!("{refresh}; {kept}")).await;
    assert_eq!(cookie(&answer, "form").as_deref(), Some(""), "it is shown once");
    let html = answer.text().await.unwrap();
    assert!(html.contains("Nothing is done yet. Press the button again to continue."));
    assert!(
        html.contains(r#"value="who is it""#) && !html.contains("a typed secret"),
        "what was typed, but for secrets"
    );

    let judged = app.submit(&form, &refresh).await;
    assert_eq!(location(&judged), "/app/hand-over?a=1&error=VALIDATION", "now its input counts");
    let done = app.submit(&form.with("to", "bob@example.com"), &refresh).await;
    assert_eq!(location(&done), "/app/hand-over?done=1");
    app.stop().await;
}

#[tokio::test]
async fn an_administrators_buttons_work_without_wasm() {
    let app = TestApp::with(&["--rate-limit", "off"]).await;
    let (admin, bob) = (app.register("root@example.org").await, app.register("bob@example.com").await);
    make_admin(&app).await;
    let mut refresh = format!("refresh={}", admin.cookie);
    let id =
        app.get("/api/me").bearer_auth(&bob.access).send().await.unwrap().json::<Value>().await.unwrap()["id"].clone();
    app.wait(TTL + MOMENT);
    let page = format!("/app/admin/users/{}", id.as_str().unwrap());
    let html = app.page(&page, &refresh).await.text().await.unwrap();
    let disable = HtmlForm::find(&html, "/api/admin/users/disable");
    let refused = app.submit(&disable, &refresh).await;
    assert_eq!(app.protected(&bob.access).await.status(), 200, "nothing is done");
    let html = app.page(&location(&refused), &refresh).await.text().await.unwrap();
    let done = app.submit(&HtmlForm::find(&html, "/api/step-up").with("password", PASSWORD), &refresh).await;
    refresh = format!("refresh={}", cookie(&done, "refresh").unwrap());
    let html = app.page(&location(&done), &refresh).await.text().await.unwrap();
    let done = app.submit(&HtmlForm::find(&html, "/api/admin/users/disable"), &refresh).await;
    assert_eq!(location(&done), format!("{page}?done=disabled"));
    assert_eq!(app.protected(&bob.access).await.status(), 401);
    app.stop().await;
}

#[tokio::test]
async fn the_page_is_for_whoever_is_signed_in() {
    let app = TestApp::start().await;
    let answer = app.page("/app/step-up?next=%2Fapp%2Fprofile", "").await;
    assert_eq!(location(&answer), "/login?next=%2Fapp%2Fstep-up%3Fnext%3D%252Fapp%252Fprofile");
    let session = app.register("ada@example.com").await;
    let refresh = format!("refresh={}", session.cookie);
    let html = app.page("/app/step-up?next=https%3A%2F%2Fexample.org%2F", &refresh).await.text().await.unwrap();
    assert_eq!(HtmlForm::find(&html, "/api/step-up").field("next"), "/app", "no other site");
    app.stop().await;
}
