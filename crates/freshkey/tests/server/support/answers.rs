//! What an answer says.

use super::Signed;
use reqwest::Response;
use serde_json::Value;

/// What a refresh was answered.
#[derive(Debug)]
pub struct Refreshed {
    pub status: u16,
    /// The cookie's new value; empty if it was cleared.
    pub cookie: Option<String>,
    pub body: Value,
}

impl Refreshed {
    pub async fn read(answer: Response) -> Self {
        let (status, cookie) = (answer.status().as_u16(), cookie(&answer, "refresh"));
        Self { status, cookie, body: answer.json().await.unwrap_or(Value::Null) }
    }

    pub fn access(&self) -> &str {
        self.body["access_token"].as_str().expect("an access token")
    }

    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    pub fn reason(&self) -> &str {
        self.body["reason"].as_str().unwrap_or_default()
    }
}

/// Reads a session off an answer.
pub async fn signed(answer: Response) -> Signed {
    let cookie = cookie(&answer, "refresh").expect("a refresh cookie");
    let body: Value = answer.json().await.unwrap();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    Signed { access: text("access_token"), csrf: text("csrf_token"), cookie }
}

/// The value of a cookie that an answer sets.
pub fn cookie(answer: &Response, name: &str) -> Option<String> {
    set_cookie(answer, name)?.split(';').next()?.split_once('=').map(|(_, value)| value.to_owned())
}

/// The whole `Set-Cookie` of that name.
pub fn set_cookie(answer: &Response, name: &str) -> Option<String> {
    answer
        .headers()
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap().to_owned())
        .find(|value| value.split_once('=').is_some_and(|(key, _)| key == name))
}

/// The code in a refusal's body.
pub async fn code(answer: Response) -> String {
    let body: Value = answer.json().await.expect("JSON");
    body["code"].as_str().expect("a code").to_owned()
}
