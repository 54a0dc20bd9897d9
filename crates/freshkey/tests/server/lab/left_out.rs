//! An app without the lab. (Its crate is linked here, for the starter.)

use crate::support::TestApp;
use freshkey::{
    Freshkey,
    app::{
        At,
        brand::Brand,
        pages::{Login, NotFound},
        root::{Main, Root},
    },
};
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route},
};
use starter::brand::BRAND;

const WITHOUT: Brand = Brand { how_it_works: None, ..BRAND };

#[component]
fn Pages() -> impl IntoView {
    view! {
        <Root brand=WITHOUT>
            <Main>
                <FlatRoutes fallback=NotFound>
                    <Route path=At("/login") view=Login ssr=SsrMode::Async />
                </FlatRoutes>
            </Main>
        </Root>
    }
}

#[tokio::test]
async fn nothing_leads_to_it_and_nothing_of_it_works() {
    let app = TestApp::of(Freshkey::new(WITHOUT, Pages), &[]).await;
    let page = app.get("/login").send().await.unwrap().text().await.unwrap();
    assert!(page.contains("No token is stored") && page.contains("<a hidden"), "{page}");
    assert!(!page.contains("\"/lab"), "{page}");
    assert_eq!(app.get("/lab/verify-tokens.md").send().await.unwrap().status(), 404);
    assert_eq!(app.post("/api/lab/begin").json(&serde_json::json!({})).send().await.unwrap().status(), 404);
    let described = app.get("/api/openapi.json").send().await.unwrap().text().await.unwrap();
    assert!(!described.contains("/api/lab"));
    app.stop().await;
}

#[test]
fn its_setting_is_unknown_and_its_names_are_free() {
    let app = Freshkey::new(WITHOUT, Pages);
    assert!(app.settings_from(&["--lab", "off"]).is_err());
    assert!(app.settings_from(&["--audience", "http://localhost:3000/lab"]).is_ok());
}
