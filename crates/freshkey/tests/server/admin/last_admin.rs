//! There is always an administrator who can sign in.

use super::{act, admin, get, id, set_role};
use crate::support::{PASSWORD, Signed, TestApp, at_once};
use reqwest::RequestBuilder;
use serde_json::json;

fn disable(app: &TestApp, session: &Signed, id: &str) -> RequestBuilder {
    let request = app.post("/api/admin/users/disable").bearer_auth(&session.access);
    request.header("x-csrf-token", &session.csrf).json(&json!({"id": id}))
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_administrators_who_disable_each_other_one_is_left() {
    let app = TestApp::with(&["--rate-limit", "off", "--login-rate-limit", "off"]).await;
    let mut one = admin(&app).await;
    let mut two = app.register("two@example.org").await;
    set_role(&app, "two@example.org", Some("admin")).await;
    let (id_of_one, id_of_two) = (id(&app, &one).await, id(&app, &two).await);
    for round in 0..6 {
        let requests = vec![disable(&app, &one, &id_of_two), disable(&app, &two, &id_of_one)];
        let mut statuses: Vec<_> =
            at_once(requests).await.iter().map(|(index, answer)| (answer.status().as_u16(), *index)).collect();
        statuses.sort_unstable();
        assert_eq!(statuses[0].0, 204, "round {round}: {statuses:?}");
        // Who is disabled first is no administrator any more, or not even signed in.
        assert!([401, 403, 404].contains(&statuses[1].0), "round {round}: {statuses:?}");
        let (left, gone) = if statuses[0].1 == 0 { (&one, &id_of_two) } else { (&two, &id_of_one) };
        assert_eq!(get(&app, left, "/api/admin/users").await.status(), 200);
        assert_eq!(act(&app, left, "users/enable", gone).await.status(), 204);
        one = app.sign_in("root@example.org").await;
        two = app.sign_in("two@example.org").await;
    }
    app.stop().await;
}

#[tokio::test]
async fn the_other_administrator_can_be_disabled_while_one_is_left() {
    let app = TestApp::start().await;
    let one = admin(&app).await;
    let two = app.register("two@example.org").await;
    set_role(&app, "two@example.org", Some("admin")).await;
    assert_eq!(act(&app, &one, "users/disable", &id(&app, &two).await).await.status(), 204);
    assert_eq!(app.login("two@example.org", PASSWORD).await.status(), 401);
    assert_eq!(get(&app, &one, "/api/admin/users").await.status(), 200);
    app.stop().await;
}
