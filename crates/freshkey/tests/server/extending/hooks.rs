//! What an app does when something happens to an account, and what it asks for at a registration.

use crate::{
    steps::{MAIL, NEW, email, link, token},
    support::{Browser, HtmlForm, PASSWORD, Signed, TestApp, elements, eventually, location, signed},
};
use freshkey::{
    Freshkey,
    app::types::AuditEvent,
    server::{
        after::HookError,
        registration::{Registration, Wrong},
        store::{Store, activity::Event},
    },
};
use futures::future::BoxFuture;
use reqwest::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::AnyConnection;

/// Whom one works for. Kept where the starter keeps notes, for want of a table.
#[derive(Deserialize)]
struct Company {
    #[serde(default)]
    company: String,
}

impl Registration for Company {
    fn check(&self) -> Wrong {
        if self.company.trim().is_empty() { vec![("company", "Enter your company.".into())] } else { vec![] }
    }

    fn insert<'c>(
        &'c self,
        connection: &'c mut AnyConnection,
        user: &'c str,
    ) -> BoxFuture<'c, Result<(), sqlx::Error>> {
        Box::pin(note(connection, user, "company", &self.company))
    }
}

async fn note(connection: &mut AnyConnection, user: &str, id: &str, text: &str) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO notes (id, user_id, text, created_at, updated_at) VALUES ($1, $2, $3, 0, 0)";
    sqlx::query(sql).bind(id).bind(user).bind(text).execute(connection).await.map(drop)
}

fn written_down<'c>(connection: &'c mut AnyConnection, event: &'c Event) -> BoxFuture<'c, Result<(), sqlx::Error>> {
    Box::pin(note(connection, event.user(), event.kind().text(), "in the transaction"))
}

/// Fails once it has written.
fn forbidden<'c>(connection: &'c mut AnyConnection, event: &'c Event) -> BoxFuture<'c, Result<(), sqlx::Error>> {
    Box::pin(async {
        written_down(connection, event).await?;
        if event.kind() == AuditEvent::PasswordChanged { Err(sqlx::Error::RowNotFound) } else { Ok(()) }
    })
}

async fn told(store: Store, event: Event) -> Result<(), HookError> {
    assert_ne!(
        event.kind(),
        AuditEvent::SignedIn,
        "for the first event that there is; the next ones are told all the same"
    );
    let text = (event.user().to_owned(), event.kind().text());
    store
        .write(text, |connection, (user, happened)| {
            Box::pin(async move { note(connection, &user, &format!("{happened} after"), "afterwards").await })
        })
        .await?;
    Ok(())
}

fn extended() -> Freshkey {
    starter::freshkey().describe(super::operations).registration::<Company>()
}

async fn register(app: &TestApp, email: &str, more: Value) -> Response {
    let mut body = json!({"email": email, "password": PASSWORD});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    app.post("/api/register").json(&body).send().await.unwrap()
}

async fn notes(app: &TestApp) -> Vec<(String, String)> {
    let pool = app.database().connect().await;
    let rows = sqlx::query_as("SELECT id, text FROM notes ORDER BY id").fetch_all(&pool).await.unwrap();
    pool.close().await;
    rows
}

async fn change_password(app: &TestApp, session: &Signed) -> u16 {
    let change = json!({"current_password": PASSWORD, "new_password": "four other animals here"});
    let call = app.post("/api/profile/password").bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
    call.json(&change).send().await.unwrap().status().as_u16()
}

fn row(id: &str, text: &str) -> (String, String) {
    (id.to_owned(), text.to_owned())
}

#[tokio::test]
async fn a_registration_needs_the_apps_field_and_writes_it_down_with_the_account() {
    let app = TestApp::of(extended(), &[]).await;
    let refused = register(&app, "ada@example.com", json!({"email": "ada"})).await;
    assert_eq!(refused.status(), 422);
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["fields"]["company"], "Enter your company.");
    assert!(refused["fields"]["email"].is_string(), "ours and the app's are said together");
    assert_eq!(register(&app, "ada@example.com", json!({"company": 7})).await.status(), 400);
    assert!(notes(&app).await.is_empty());

    let registered = register(&app, "ada@example.com", json!({"company": "Analytical Engines"})).await;
    assert_eq!(registered.status(), 201);
    signed(registered).await;
    assert_eq!(notes(&app).await, [row("company", "Analytical Engines")]);
    // An account that is there gets no other one's field.
    assert_eq!(
        register(&app, "ADA@example.com", json!({"company": "Other", "password": "wrong horse battery"}))
            .await
            .status(),
        409
    );
    assert_eq!(notes(&app).await.len(), 1);

    let described: Value = app.get("/api/openapi.json").send().await.unwrap().json().await.unwrap();
    let body = &described["paths"]["/api/register"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["properties"]["company"]["type"], "string");
    app.stop().await;
}

#[tokio::test]
async fn without_wasm_the_apps_field_keeps_what_was_typed_and_says_what_is_wrong() {
    let app = TestApp::of(Freshkey::new(starter::brand::BRAND, super::Pages).registration::<Nothing>(), &[]).await;
    let form = [("email", "ada"), ("password", PASSWORD), ("company", "Anal"), ("form", "/register")];
    let answer = app.post("/api/register").header("accept", "text/html").form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    let cookies: Vec<_> = answer.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    let cookies: Vec<_> = cookies.iter().filter_map(|cookie| cookie.split(';').next()).collect();
    let page = app.get(&location(&answer)).header("cookie", cookies.join("; ")).send().await.unwrap();
    let page = page.text().await.unwrap();
    let fields = elements(&page);
    let company = fields.iter().find(|field| field.contains("name=\"company\"")).expect("the app's field");
    assert!(company.contains("value=\"Anal\""), "{company}");
    assert!(page.contains("Not Anal."));
    app.stop().await;
}

#[tokio::test]
async fn by_a_link_in_another_browser_the_apps_field_is_asked_for_again() {
    let app = TestApp::of(extended(), MAIL).await;
    let (address, thiefs) = ("ada@example.com", json!({"company": "Thief and Sons"}));
    assert_eq!(register(&app, address, thiefs).await.status(), 202);
    let link = link(&app, &email(&app, address, "register", 1).await);
    let mut owner = Browser::default();
    let mut body = json!({"token": token(&link), "password": NEW});
    let (status, refused) = owner.post(&app, "/api/register/confirm", body.clone()).await;
    assert_eq!((status, &refused["fields"]["company"]), (422, &json!("Enter your company.")));
    body["company"] = json!("Analytical Engines");
    assert_eq!(owner.post(&app, "/api/register/confirm", body).await.0, 201);
    assert_eq!(notes(&app).await, [row("company", "Analytical Engines")]);
    app.stop().await;
}

#[tokio::test]
async fn its_page_has_the_apps_field_and_works_without_wasm() {
    let app = TestApp::of(Freshkey::new(starter::brand::BRAND, super::Pages).registration::<Any>(), MAIL).await;
    assert_eq!(register(&app, "ada@example.com", json!({"company": "Thief and Sons"})).await.status(), 202);
    let link = link(&app, &email(&app, "ada@example.com", "register", 1).await);
    let mut owner = Browser::default();
    owner.open(&app, &link).await;
    let (_, page) = owner.open(&app, "/register/finish").await;
    assert!(page.contains("name=\"company\"") && !page.contains("Thief"), "{page}");
    let form = HtmlForm::find(&page, "/api/register/confirm").with("password", NEW);
    let back = owner.submit(&app, &form).await;
    let (_, page) = owner.open(&app, &back).await;
    assert!(back.starts_with("/register/finish?") && page.contains("Say any."), "{back}: {page}");
    assert_eq!(owner.submit(&app, &form.with("company", "Analytical Engines")).await, "/app");
    app.stop().await;
}

/// Takes any company.
#[derive(Deserialize)]
struct Any {
    #[serde(default)]
    company: String,
}

impl Registration for Any {
    fn check(&self) -> Wrong {
        if self.company.is_empty() { vec![("company", "Say any.".into())] } else { vec![] }
    }

    fn insert<'c>(&'c self, _: &'c mut AnyConnection, _: &'c str) -> BoxFuture<'c, Result<(), sqlx::Error>> {
        Box::pin(async { Ok(()) })
    }
}

/// Takes no company at all.
#[derive(Deserialize)]
struct Nothing {
    #[serde(default)]
    company: String,
}

impl Registration for Nothing {
    fn check(&self) -> Wrong {
        vec![("company", format!("Not {}.", self.company).into())]
    }

    fn insert<'c>(&'c self, _: &'c mut AnyConnection, _: &'c str) -> BoxFuture<'c, Result<(), sqlx::Error>> {
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test]
async fn a_hook_in_the_transaction_goes_with_the_change_and_one_after_it_is_told() {
    let app =
        TestApp::of(starter::freshkey().describe(super::operations).in_transaction(written_down).after(told), &[])
            .await;
    let session = app.register("ada@example.com").await;
    assert!(notes(&app).await.contains(&row("registered", "in the transaction")), "once the account is there");
    assert_eq!(change_password(&app, &session).await, 204);
    assert!(notes(&app).await.contains(&row("password_changed", "in the transaction")));
    let rows = eventually("the hooks have run", async || Some(notes(&app).await).filter(|rows| rows.len() == 4)).await;
    for happened in ["registered after", "password_changed after"] {
        assert!(rows.contains(&row(happened, "afterwards")), "{happened}: {rows:?}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_hook_that_fails_undoes_the_change() {
    let app = TestApp::of(starter::freshkey().describe(super::operations).in_transaction(forbidden), &[]).await;
    let session = app.register("ada@example.com").await;
    assert_eq!(change_password(&app, &session).await, 500);
    assert_eq!(notes(&app).await, [row("registered", "in the transaction")]);
    assert!(app.login("ada@example.com", PASSWORD).await.status().is_success(), "the password is the old one");
    app.stop().await;
}
