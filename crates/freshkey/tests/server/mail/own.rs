//! An email of the app's own, and an email of ours in its words.

use super::SmtpServer;
use crate::support::{PASSWORD, TestApp};
use freshkey::{
    Freshkey,
    app::prelude::*,
    server::{
        mail::Texts,
        prelude::{Content, Language, NewEmail, OutboxEmail, caller, now, send_email},
    },
};
use serde_json::json;
use starter::brand::BRAND;

fn shipped(email: &OutboxEmail) -> Content {
    let order = email.facts().own.get("order").cloned().unwrap_or_default();
    Content::new(format!("Order {order} is on its way")).button("See the order", format!("/app/orders/{order}"))
}

#[server(prefix = "/api", endpoint = "test/ship", protocol = Post<Bearer>)]
pub async fn ship() -> Result<(), ApiError> {
    let mut email = NewEmail::own("order_shipped", &caller()?.user.email, Language::En, now());
    email.facts.own.insert("order".to_owned(), "7".to_owned());
    send_email(email).await
}

fn built() -> Freshkey {
    let texts = Texts { register_heading: "Come in, Ada", ..Texts::EN };
    Freshkey::new(BRAND, crate::extending::Pages)
        .describe(crate::extending::operations)
        .email("order_shipped", shipped)
        .email_texts(Language::En, texts)
}

#[tokio::test]
async fn an_app_sends_its_own_email_and_words_ours_differently() {
    let server = SmtpServer::start(&[]).await;
    let flags = ["--mail", &server.url(), "--mail-from", "no-reply@shop.example"];
    let app = TestApp::of(built(), &flags).await;
    let session = app.register_by_code(&server).await;
    assert!(server.received()[0].data.contains("Come in, Ada"), "{:?}", server.received());

    let call = app.post("/api/test/ship").bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
    assert_eq!(call.json(&json!({})).send().await.unwrap().status(), 204);
    let email = server.has(2).await.pop().unwrap();
    assert_eq!(email.header("Subject"), "Order 7 is on its way");
    assert!(email.data.contains(&format!("{}/app/orders/7", app.origin)), "{email:?}");
    app.stop().await;
}

impl TestApp {
    /// Makes an account as a person does, by the code in the email.
    async fn register_by_code(&self, server: &SmtpServer) -> crate::support::Signed {
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        let begun = self.post("/api/register").json(&body).send().await.unwrap();
        assert_eq!(begun.status(), 202);
        let pending = crate::support::cookie(&begun, "pending").unwrap();
        let code = server.has(1).await[0].header("Subject").replace("Your code: ", "");
        let confirm = self.post("/api/register/confirm").header("cookie", format!("pending={pending}"));
        let answer = confirm.json(&json!({"code": code})).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        crate::support::signed(answer).await
    }
}
