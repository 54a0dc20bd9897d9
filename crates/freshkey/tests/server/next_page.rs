//! After the sign-in, exactly the page opens that was asked for.

use crate::support::{HtmlForm, PASSWORD, TestApp, location};

#[tokio::test]
async fn a_sign_in_leads_to_exactly_the_page_that_was_asked_for() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    for wanted in [
        "/app/sessions?q=a%20b",
        "/app/sessions?q=a+b",
        "/app?q=%26",
        "/app?q=%2B",
        "/app?q=%2526%252B",
        "/app?q=100%25",
        "/app?q=100%",
        "/app?q=%C3%A4%F0%9F%98%80",
        "/app?q=%23x&next=%2Flogin",
        "/app?q=%00&r=%ff",
        "/app?a=1&a=2&&b",
        "/app?to=https://example.com//",
        r"/app?file=C:\temp",
        "/app/report%20of%20May.pdf",
        "/app/a%2Fb",
        "/app/.hid",
        "/app/.git/config?a=/../b",
        &format!("/app?q={}", "a".repeat(7000)),
        &format!("/app?q={}", "/".repeat(2500)),
        &format!("/app?q={}", "%C3%A4".repeat(700)),
    ] {
        let asked = app.page(wanted, "").await;
        let login = app.page(&location(&asked), "").await.text().await.unwrap();
        let form = HtmlForm::find(&login, "/api/login").with("email", "ada@example.com");
        let wrong = app.submit(&form.clone().with("password", "a wrong password"), "").await;
        let again = app.page(&location(&wrong), "").await.text().await.unwrap();
        for html in [login, again] {
            let form = HtmlForm::find(&html, "/api/login").with("email", "ada@example.com").with("password", PASSWORD);
            assert_eq!(location(&app.submit(&form, "").await), wanted);
            // Somebody without an account goes the same way.
            let register = html.rsplit(r#"href="/register"#).next().unwrap().split('"').next().unwrap();
            let register = app.page(&format!("/register{register}"), "").await;
            let form = HtmlForm::find(&register.text().await.unwrap(), "/api/register");
            assert_eq!(form.field("next"), wanted);
        }
    }
    app.stop().await;
}

/// A link may be written as people read it: then it leads to the address that a browser makes of it.
#[tokio::test]
async fn a_next_page_that_is_written_for_people_is_found() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    let form = HtmlForm { action: "/api/login".to_owned(), fields: Vec::new() };
    let form = form.with("email", "ada@example.com").with("password", PASSWORD);
    for (next, leads_to) in [("/app?q=ä b", "/app?q=%C3%A4%20b"), ("/app?q=1#Größe", "/app?q=1#Gr%C3%B6%C3%9Fe")] {
        assert_eq!(location(&app.submit(&form.clone().with("next", next), "").await), leads_to);
    }
    app.stop().await;
}

/// `/login?next=…` is an address as well, and a proxy takes no longer one than it took before.
#[tokio::test]
async fn a_page_whose_address_is_too_long_is_led_back_to_without_its_query() {
    let app = TestApp::start().await;
    for long in ["a".repeat(8000), "/".repeat(2600)] {
        let asked = app.page(&format!("/app/sessions?q={long}"), "").await;
        assert_eq!(location(&asked), "/login?next=%2Fapp%2Fsessions");
    }
    let asked = app.page(&format!("/app/{}", "a".repeat(8000)), "").await;
    assert_eq!(location(&asked), "/login");
    app.stop().await;
}

#[tokio::test]
async fn an_address_that_no_browser_sends_leads_nowhere_after_the_sign_in() {
    let app = TestApp::start().await;
    for path in ["/app/../login", "/app/%2e%2e/login", "/app/./sessions", "/app/.."] {
        let mut raw = app.raw().await;
        raw.send(&format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")).await;
        let answer = raw.answer().await;
        assert_eq!((answer.status, answer.header("location")), (303, Some("/login")), "{path}");
    }
    let session = app.register("ada@example.com").await;
    let hidden = app.page("/app/.hid", &format!("refresh={}", session.cookie)).await;
    assert_eq!(hidden.status(), 404);
    app.stop().await;
}

#[tokio::test]
async fn who_is_signed_in_already_is_led_on() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let cookie = format!("refresh={}", session.cookie);
    let html = app.page("/login?next=%2Fapp%2Fsessions%3Fq%3Da%2520b", &cookie).await.text().await.unwrap();
    let link = html.split("Continue as").next().unwrap().rsplit("<a").next().unwrap();
    assert!(link.contains(r#"href="/app/sessions?q=a%20b""#), "{link}");
    app.stop().await;
}
