//! A browser that keeps its cookies.

use super::{HtmlForm, TestApp, location};
use reqwest::Response;
use serde_json::Value;

/// A browser without WASM: its cookies.
#[derive(Clone, Default)]
pub struct Browser {
    cookies: Vec<(String, String)>,
}

impl Browser {
    /// Posts JSON: the status, and what was answered.
    pub async fn post(&mut self, app: &TestApp, path: &str, body: Value) -> (u16, Value) {
        let answer = app.post(path).header("cookie", self.header()).json(&body).send().await.unwrap();
        self.keep(&answer);
        (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
    }

    /// Reads JSON: the status, and what was answered.
    pub async fn get(&mut self, app: &TestApp, path: &str) -> (u16, Value) {
        let answer = app.get(path).header("cookie", self.header()).send().await.unwrap();
        self.keep(&answer);
        (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
    }

    /// Submits a form: where that leads.
    pub async fn submit(&mut self, app: &TestApp, form: &HtmlForm) -> String {
        let answer = app.submit(form, &self.header()).await;
        self.keep(&answer);
        location(&answer)
    }

    /// Opens a page: the status, and the page, or where it leads.
    pub async fn open(&mut self, app: &TestApp, path: &str) -> (u16, String) {
        let answer = app.page(path, &self.header()).await;
        self.keep(&answer);
        let status = answer.status().as_u16();
        let text = match answer.headers().get("location") {
            Some(location) => location.to_str().unwrap().to_owned(),
            None => answer.text().await.unwrap(),
        };
        (status, text)
    }

    /// The header `Cookie`.
    pub fn header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// The value of a cookie.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Has this cookie from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.cookies.retain(|(key, _)| key != name);
        self.cookies.push((name.to_owned(), value.to_owned()));
    }

    fn keep(&mut self, answer: &Response) {
        for set in answer.headers().get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(key, _)| key != name);
            if !value.is_empty() {
                self.set(name, value);
            }
        }
    }
}
