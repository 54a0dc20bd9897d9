//! Administrators, and everybody else.

mod last_admin;
mod search;

use crate::support::{PASSWORD, Signed, TestApp, code, eventually};
use reqwest::Response;
use serde_json::{Value, json};

async fn set_role(app: &TestApp, email: &str, role: Option<&str>) {
    let pool = app.database().connect().await;
    let sql = "UPDATE users SET role = $2 WHERE email_key = $1";
    let done = sqlx::query(sql).bind(email).bind(role).execute(&pool).await.unwrap();
    assert_eq!(done.rows_affected(), 1);
    pool.close().await;
}

async fn admin(app: &TestApp) -> Signed {
    let session = app.register("root@example.org").await;
    set_role(app, "root@example.org", Some("admin")).await;
    session
}

async fn get(app: &TestApp, session: &Signed, path: &str) -> Response {
    app.get(path).bearer_auth(&session.access).send().await.unwrap()
}

async fn read(app: &TestApp, session: &Signed, path: &str) -> Value {
    let answer = get(app, session, path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

async fn act(app: &TestApp, session: &Signed, what: &str, id: &str) -> Response {
    let request = app.post(&format!("/api/admin/{what}")).bearer_auth(&session.access);
    request.header("x-csrf-token", &session.csrf).json(&json!({"id": id})).send().await.unwrap()
}

async fn id(app: &TestApp, session: &Signed) -> String {
    read(app, session, "/api/me").await["id"].as_str().unwrap().to_owned()
}

async fn page(app: &TestApp, session: &Signed, path: &str) -> (u16, String) {
    let answer = app.get(path).header("cookie", format!("refresh={}", session.cookie)).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// What happened to an account, once it is written that `event` did.
async fn activity(app: &TestApp, session: &Signed, id: &str, event: &str) -> Value {
    eventually("the event is written", async || {
        let view = read(app, session, &format!("/api/admin/user?id={id}")).await;
        view["activity"].as_array().unwrap().iter().find(|item| item["event"] == event).cloned()
    })
    .await
}

const CALLS: [&str; 4] = ["users/disable", "users/enable", "users/sign-out", "sessions/end"];

#[tokio::test]
async fn for_everybody_else_nothing_is_there() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.register("ada@example.com").await, app.register("bob@example.com").await);
    let bobs = id(&app, &bob).await;
    let session = read(&app, &bob, "/api/sessions").await[0]["id"].as_str().unwrap().to_owned();
    for path in ["/api/admin/users", "/api/admin/user?id=", &format!("/api/admin/user?id={bobs}")] {
        let answer = get(&app, &ada, path).await;
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(answer.json::<Value>().await.unwrap(), json!({"code": "NOT_FOUND", "message": "Not found"}));
    }
    for what in CALLS {
        for id in [bobs.as_str(), session.as_str(), "", "x"] {
            let answer = act(&app, &ada, what, id).await;
            assert_eq!((answer.status().as_u16(), code(answer).await.as_str()), (404, "NOT_FOUND"), "{what} {id}");
        }
    }
    assert_eq!(app.protected(&bob.access).await.status(), 200, "nothing was done");
    for path in ["/app/admin", "/app/admin/users/x", &format!("/app/admin/users/{bobs}"), "/app/admin/nothing"] {
        let (status, html) = page(&app, &ada, path).await;
        assert_eq!(status, 404, "{path}");
        assert!(html.contains("Page not found") && !html.contains("Accounts"), "{path}");
        assert!(!html.contains("bob@example.com"));
    }
    assert!(!page(&app, &ada, "/app").await.1.contains("/app/admin"), "no link leads there");
    let nobody = app.get("/app/admin").send().await.unwrap();
    assert_eq!(nobody.headers()["location"], "/login?next=%2Fapp%2Fadmin");
    assert_eq!(app.get("/api/admin/users").send().await.unwrap().status(), 401);
    app.stop().await;
}

#[tokio::test]
async fn the_role_is_asked_for_at_each_call() {
    let app = TestApp::start().await;
    let root = app.register("root@example.org").await;
    assert_eq!(get(&app, &root, "/api/admin/users").await.status(), 404);
    set_role(&app, "root@example.org", Some("admin")).await;
    assert_eq!(get(&app, &root, "/api/admin/users").await.status(), 200, "with the token that was there before");
    assert_eq!(read(&app, &root, "/api/me").await["role"], "admin");
    assert!(page(&app, &root, "/app").await.1.contains(r#"href="/app/admin""#));
    assert_eq!(page(&app, &root, "/app/admin").await.0, 200);
    set_role(&app, "root@example.org", None).await;
    assert_eq!(get(&app, &root, "/api/admin/users").await.status(), 404, "the same token");
    assert_eq!(page(&app, &root, "/app/admin").await.0, 404);
    assert!(read(&app, &root, "/api/me").await.get("role").is_none(), "it is not mentioned");
    app.stop().await;
}

#[tokio::test]
async fn each_act_takes_the_csrf_token() {
    let app = TestApp::start().await;
    let (root, ada) = (admin(&app).await, app.register("ada@example.com").await);
    let adas = id(&app, &ada).await;
    for what in CALLS {
        for csrf in ["", ada.csrf.as_str()] {
            let request = app.post(&format!("/api/admin/{what}")).bearer_auth(&root.access);
            let answer = request.header("x-csrf-token", csrf).json(&json!({"id": adas})).send().await.unwrap();
            assert_eq!(code(answer).await, "INVALID_CSRF_TOKEN", "{what}");
        }
    }
    assert_eq!(app.protected(&ada.access).await.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once_until_it_is_enabled() {
    let app = TestApp::start().await;
    let (root, ada) = (admin(&app).await, app.register("ada@example.com").await);
    let adas = id(&app, &ada).await;
    assert_eq!(act(&app, &root, "users/disable", &adas).await.status(), 204);
    let ended = app.protected(&ada.access).await;
    assert_eq!(ended.json::<Value>().await.unwrap()["reason"], "disabled");
    assert_eq!(app.refresh(&ada.cookie).await.reason(), "disabled");
    assert_eq!(code(app.login("ada@example.com", PASSWORD).await).await, "INVALID_CREDENTIALS");
    let view = read(&app, &root, &format!("/api/admin/user?id={adas}")).await;
    assert_eq!((&view["account"]["disabled_at"], &view["sessions"]), (&json!(app.now()), &json!([])));
    assert_eq!(act(&app, &root, "users/disable", &adas).await.status(), 204, "it is");

    assert_eq!(act(&app, &root, "users/enable", &adas).await.status(), 204);
    assert_eq!(app.refresh(&ada.cookie).await.status, 403, "what is over stays over");
    app.sign_in("ada@example.com").await;
    for event in ["account_disabled_by_admin", "account_enabled_by_admin"] {
        let item = activity(&app, &root, &adas, event).await;
        assert_eq!((&item["ip"], &item["user_agent"]), (&Value::Null, &Value::Null), "not from where");
    }
    app.stop().await;
}

#[tokio::test]
async fn sessions_are_seen_and_ended() {
    let app = TestApp::start().await;
    let (root, one) = (admin(&app).await, app.register("ada@example.com").await);
    let two = app.sign_in("ada@example.com").await;
    let adas = id(&app, &one).await;
    let path = format!("/api/admin/user?id={adas}");
    let view = read(&app, &root, &path).await;
    assert_eq!((&view["own"], &view["last_sign_in_at"]), (&json!(false), &json!(app.now())));
    let sessions = view["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    assert_eq!((&sessions[0]["ip"], &sessions[0]["last_seen_at"]), (&json!("127.0.0.1"), &json!(app.now())));
    assert!(!view.to_string().contains("argon2") && !view.to_string().contains("password_hash"));

    let first = read(&app, &one, "/api/sessions").await;
    let own = first.as_array().unwrap().iter().find(|item| item["current"] == true).unwrap()["id"].clone();
    let own = own.as_str().unwrap();
    assert_eq!(act(&app, &root, "sessions/end", own).await.status(), 204);
    assert_eq!(app.protected(&one.access).await.status(), 401);
    assert_eq!(app.refresh(&one.cookie).await.reason(), "revoked");
    assert_eq!(act(&app, &root, "sessions/end", own).await.status(), 404, "it is over");
    assert_eq!(app.protected(&two.access).await.status(), 200);
    activity(&app, &root, &adas, "session_ended_by_admin").await;

    assert_eq!(act(&app, &root, "users/sign-out", &adas).await.status(), 204);
    assert_eq!(app.refresh(&two.cookie).await.reason(), "revoked");
    activity(&app, &root, &adas, "sessions_ended_by_admin").await;
    app.sign_in("ada@example.com").await;
    for (what, id, status) in [
        ("users/disable", "x", 404),
        ("users/enable", adas.as_str(), 204),
        ("users/sign-out", "", 422),
        ("sessions/end", "x", 404),
        ("sessions/end", "", 422),
    ] {
        assert_eq!(act(&app, &root, what, id).await.status(), status, "{what} {id:?}");
    }
    app.stop().await;
}

#[tokio::test]
async fn nobody_disables_themselves() {
    let app = TestApp::start().await;
    let root = admin(&app).await;
    let own = id(&app, &root).await;
    let refused = act(&app, &root, "users/disable", &own).await;
    assert_eq!((refused.status().as_u16(), code(refused).await.as_str()), (403, "FORBIDDEN"));
    assert_eq!(read(&app, &root, &format!("/api/admin/user?id={own}")).await["own"], true);
    let (status, html) = page(&app, &root, &format!("/app/admin/users/{own}")).await;
    assert!(status == 200 && html.contains("This is your own account") && !html.contains("Disable account"));
    app.stop().await;
}

#[tokio::test]
async fn the_forms_work_without_wasm() {
    let app = TestApp::start().await;
    let (root, ada) = (admin(&app).await, app.register("ada@example.com").await);
    let adas = id(&app, &ada).await;
    let at = format!("/app/admin/users/{adas}");
    let (status, html) = page(&app, &root, &at).await;
    assert!(status == 200 && html.contains("Disable account") && html.contains("ada@example.com"));
    let send = async |what: &str, id: &str, next: &str| {
        let request = app.post(&format!("/api/admin/{what}")).header("accept", "text/html");
        let request = request.header("referer", format!("{}{at}?done=x", app.origin));
        let request = request.header("cookie", format!("refresh={}", root.cookie));
        let answer = request.form(&[("_csrf", &*root.csrf), ("id", id), ("next", next)]).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        answer.headers()["location"].to_str().unwrap().to_owned()
    };
    let next = format!("{at}?done=disabled");
    assert_eq!(send("users/disable", &adas, &next).await, next);
    let html = page(&app, &root, &next).await.1;
    assert!(html.contains("Account disabled") && html.contains("Enable account"));
    let failed = send("sessions/end", "x", &next).await;
    assert!(failed.starts_with(&format!("{at}?error=NOT_FOUND&next=")), "back to the account: {failed}");
    assert!(page(&app, &root, &failed).await.1.contains("Not found"));
    let unknown = page(&app, &root, "/app/admin/users/x").await;
    assert!(unknown.0 == 404 && unknown.1.contains("Page not found"));
    app.stop().await;
}
