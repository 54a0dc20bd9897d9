//! Roles of the app's own.

use crate::support::{Signed, TestApp};
use freshkey::{
    Freshkey,
    app::{
        api::protocol::{Bearer, Get},
        components::Protected,
        error::ApiError,
        types::Role,
    },
    server::request::caller_as,
};
use leptos::prelude::*;
use starter::brand::BRAND;

const EDITOR: Role = Role::new("editor");

/// What only an editor may read.
#[server(prefix = "/api", endpoint = "test/drafts", protocol = Get<Bearer>)]
pub async fn drafts() -> Result<String, ApiError> {
    Ok(caller_as(&EDITOR).await?.user.email)
}

/// A page for editors.
#[component]
pub fn DraftsPage() -> impl IntoView {
    view! {
        <Protected role=EDITOR>
            <h1>"Drafts"</h1>
        </Protected>
    }
}

async fn reads(app: &TestApp, session: &Signed) -> u16 {
    app.get("/api/test/drafts").bearer_auth(&session.access).send().await.unwrap().status().as_u16()
}

async fn opens(app: &TestApp, session: &Signed) -> (u16, bool) {
    let cookie = format!("refresh={}", session.cookie);
    let page = app.get("/app/drafts").header("cookie", cookie).send().await.unwrap();
    let status = page.status().as_u16();
    (status, page.text().await.unwrap().contains(">Drafts<"))
}

async fn give(app: &TestApp, email: &str, role: Option<&str>) {
    let pool = app.database().connect().await;
    sqlx::query("UPDATE users SET role = $2 WHERE email_key = $1").bind(email).bind(role).execute(&pool).await.unwrap();
    pool.close().await;
}

#[tokio::test]
async fn a_role_opens_its_calls_and_its_pages_and_from_the_next_call_on_it_does_not() {
    let app = TestApp::of(Freshkey::new(BRAND, super::Pages).describe(super::operations).role(EDITOR), &[]).await;
    let session = app.register("ada@example.com").await;
    assert_eq!((reads(&app, &session).await, opens(&app, &session).await), (403, (404, false)));
    for role in ["editor", "admin"] {
        give(&app, "ada@example.com", Some(role)).await;
        assert_eq!((reads(&app, &session).await, opens(&app, &session).await), (200, (200, true)), "{role}");
    }
    for role in [Some("Editor"), Some("auditor"), None] {
        give(&app, "ada@example.com", role).await;
        assert_eq!((reads(&app, &session).await, opens(&app, &session).await), (403, (404, false)), "{role:?}");
    }
    assert_eq!(app.get("/api/test/drafts").send().await.unwrap().status(), 401, "nobody is signed in");
    app.stop().await;
}

#[test]
#[should_panic(expected = "is no name of a role")]
fn a_role_has_a_plain_name() {
    let _ = starter::freshkey().role(Role::new("Chief Editor"));
}
