//! Finding accounts.

use super::{admin, page, read};
use crate::support::{PASSWORD, Signed, TestApp};
use freshkey::app::paths::encode;
use serde_json::{Value, json};

/// The addresses that a search finds.
async fn found(app: &TestApp, session: &Signed, q: &str) -> Vec<String> {
    let path = format!("/api/admin/users?q={}", encode(q));
    emails(&read(app, session, &path).await)
}

fn emails(page: &Value) -> Vec<String> {
    page["accounts"].as_array().unwrap().iter().map(|item| item["email"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_search_means_what_it_says() {
    let app = TestApp::with(&["--rate-limit", "off"]).await;
    let root = admin(&app).await;
    for (email, name) in [
        ("100%@example.com", "Ada O'Neil"),
        ("100x@example.com", "Bob_B"),
        ("straße@example.com", "BobxB!"),
        ("carol@example.com", "back\\slash"),
    ] {
        let body = json!({"email": email, "name": name, "password": PASSWORD});
        assert_eq!(app.post("/api/register").json(&body).send().await.unwrap().status(), 201);
    }
    for (q, expected) in [
        ("100", &["100x@example.com", "100%@example.com"][..]),
        ("100%", &["100%@example.com"]),
        ("%", &["100%@example.com"]),
        ("_", &["100x@example.com"]),
        ("bob_b", &["100x@example.com"]),
        ("b!", &["straße@example.com"]),
        ("!", &["straße@example.com"]),
        ("STRASSE@", &["straße@example.com"]),
        ("ada o'n", &["100%@example.com"]),
        ("k\\s", &["carol@example.com"]),
        (" CAROL ", &["carol@example.com"]),
        ("' OR 1=1 --", &[]),
        ("nobody", &[]),
    ] {
        assert_eq!(found(&app, &root, q).await, expected, "{q}");
    }
    let all = read(&app, &root, "/api/admin/users").await;
    assert_eq!((all["accounts"].as_array().unwrap().len(), &all["more"]), (5, &json!(false)));
    let carol = all["accounts"][0].clone();
    assert_eq!(carol["email"], "carol@example.com", "the newest first");
    let by_id = found(&app, &root, &carol["id"].as_str().unwrap().to_uppercase()).await;
    assert_eq!(by_id, ["carol@example.com"]);
    app.stop().await;
}

/// The form's field and the list mean the same text, however it is written in the address.
#[tokio::test]
async fn what_stands_in_the_address_is_decoded_once() {
    let app = TestApp::start().await;
    let root = admin(&app).await;
    for (query, looked_for) in [
        ("50%2525", "50%25"),
        ("50%25", "50%"),
        ("a+b", "a b"),
        ("a%2Bb", "a+b"),
        ("%26%23", "&amp;#"),
        ("%C3%A4", "ä"),
    ] {
        let (status, html) = page(&app, &root, &format!("/app/admin?q={query}")).await;
        let input = html.split("<input").find(|input| input.contains(r#" id="q""#)).unwrap();
        assert_eq!(status, 200);
        assert_eq!(input.split(r#" value=""#).nth(1).unwrap().split('"').next(), Some(looked_for), "{query}");
    }
    app.stop().await;
}

#[tokio::test]
async fn there_are_fifty_on_a_page() {
    let app = TestApp::start().await;
    let root = admin(&app).await;
    let pool = app.database().connect().await;
    for n in 0..119 {
        let sql = "INSERT INTO users (id, email, email_key, password_hash, created_at) VALUES ($1, $2, $2, '', $3)";
        let (id, email) = (uuid::Uuid::now_v7().to_string(), format!("n{n}@example.com"));
        sqlx::query(sql).bind(id).bind(email).bind(app.now()).execute(&pool).await.unwrap();
    }
    pool.close().await;
    let (mut all, mut sizes, mut path) = (Vec::new(), Vec::new(), "/api/admin/users".to_owned());
    for _ in 0..9 {
        let page = read(&app, &root, &path).await;
        let some = emails(&page);
        sizes.push(some.len());
        all.extend(some);
        let last = page["accounts"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap();
        path = format!("/api/admin/users?before={last}");
        if page["more"] == false {
            break;
        }
        // Somebody new is on the first page, and moves nobody.
        app.register(&format!("new{}@example.org", sizes.len())).await;
    }
    assert_eq!(sizes, [50, 50, 20]);
    let expected: Vec<String> = (0..119).rev().map(|n| format!("n{n}@example.com")).collect();
    assert_eq!((&all[..119], all[119].as_str()), (&expected[..], "root@example.org"));
    let html = page(&app, &root, "/app/admin?q=example.com").await.1;
    assert!(html.contains("Older accounts") && html.contains("/app/admin?q=example.com&amp;before="));
    app.stop().await;
}

#[tokio::test]
async fn what_no_account_has_in_it_finds_nothing() {
    let app = TestApp::with(&["--rate-limit", "off"]).await;
    let root = admin(&app).await;
    app.register("lena@xn--mnchen-3ya.de").await;
    app.register("Max@München.de").await;
    for q in ["\0", "a\0", "\0%", "root\0", "\u{200b}", "\u{ad}", "\u{feff}\u{200d}"] {
        assert_eq!(found(&app, &root, q).await, [""; 0], "{q:?}");
    }
    for before in ["%00", "x", "%00%00", "%F0%9F%98%80"] {
        let page = read(&app, &root, &format!("/api/admin/users?before={before}")).await;
        assert_eq!(page["accounts"], json!([]), "{before}");
    }
    for id in ["%00", "x%00y", "%EF%BF%BF", "'"] {
        let answer = super::get(&app, &root, &format!("/api/admin/user?id={id}")).await;
        assert_eq!(answer.status(), 404, "{id}");
        assert_eq!(super::page(&app, &root, &format!("/app/admin/users/{id}")).await.0, 404, "{id}");
    }
    for what in super::CALLS {
        assert_eq!(super::act(&app, &root, what, "\0").await.status(), 404, "{what}");
    }
    for q in ["münchen", "MAX@MÜNCHEN", "@münchen.de"] {
        assert!(found(&app, &root, q).await.contains(&"Max@München.de".to_owned()), "{q}");
    }
    assert_eq!(found(&app, &root, "@münchen.de").await.len(), 2, "however it was written");
    app.stop().await;
}
