//! The description of the calls, of the library's and the app's.

use crate::support::{APP, TestApp};
use freshkey::server::router;
use serde_json::Value;

#[tokio::test]
async fn every_call_is_described() {
    let app = TestApp::start().await;
    let document: Value = app.get("/api/openapi.json").send().await.unwrap().json().await.unwrap();
    let calls: Vec<_> = router::paths(&APP).filter(|path| path.starts_with("/api/")).collect();
    assert!(calls.contains(&"/api/notes/edit".to_owned()) && calls.contains(&"/api/login".to_owned()), "{calls:?}");
    let missing: Vec<_> = calls.iter().filter(|path| !document["paths"][path.as_str()].is_object()).collect();
    assert!(missing.is_empty(), "describe them where the app is made (`Freshkey::describe`): {missing:?}");
    let text = &document["paths"]["/api/notes"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(text["properties"]["text"]["maxLength"], 2000);
    app.stop().await;
}
