//! Whose request a line of the log belongs to.

use crate::support::{PASSWORD, Running, TestDatabase, program, signed};
use reqwest::{Client, Response};
use serde_json::{Value, json};

const EMAIL: &str = "ada@example.com";

/// The id that the server gave a request.
fn id(answer: &Response) -> String {
    answer.headers()["x-request-id"].to_str().unwrap().to_owned()
}

/// The user in the last line of a request: by then the server knows who calls.
fn user_of(log: &str, id: &str) -> Option<String> {
    let records = log.lines().map(|line| serde_json::from_str::<Value>(line).expect(line));
    let last = records.rev().find(|record| record["span"]["id"] == id);
    let last = last.unwrap_or_else(|| panic!("no line of request {id}: {log}"));
    last["span"]["user"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn each_line_of_an_authenticated_request_names_its_user() {
    let folder = tempfile::tempdir().unwrap();
    let (data, database) = (folder.path().join("data"), TestDatabase::create(folder.path()).await);
    let mut command = program();
    command.arg("serve").args(database.flags()).env("FRESHKEY_DATA_DIR", &data);
    command.env("RUST_LOG", "warn,freshkey=debug");
    let (program, client) = (Running::from(command, &folder.path().join("log")), Client::new());
    let post = |path: &str| client.post(program.url(path));
    let (mut known, mut unknown) = (Vec::new(), Vec::new());

    let credentials = json!({"email": EMAIL, "password": PASSWORD});
    let registered = post("/api/register").json(&credentials).send().await.unwrap();
    known.push(id(&registered));
    drop(registered);
    let answer = post("/api/login").json(&credentials).send().await.unwrap();
    known.push(id(&answer));
    let session = signed(answer).await;
    let cookie = format!("refresh={}", session.cookie);
    let by_token = client.get(program.url("/api/me")).bearer_auth(&session.access).send().await.unwrap();
    let user = {
        known.push(id(&by_token));
        by_token.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let refused = post("/api/protected").bearer_auth(&session.access).header("x-csrf-token", "forged");
    known.push(id(&refused.send().await.unwrap()));
    let form = post("/api/protected").header("cookie", &cookie).form(&[("_csrf", &session.csrf)]);
    known.push(id(&form.send().await.unwrap()));
    known.push(id(&client.get(program.url("/app")).header("cookie", &cookie).send().await.unwrap()));
    known.push(id(&post("/api/refresh-token").header("cookie", &cookie).send().await.unwrap()));

    unknown.push(id(&client.get(program.url("/api/me")).send().await.unwrap()));
    unknown.push(id(&client.get(program.url("/api/me")).bearer_auth("forged").send().await.unwrap()));
    unknown.push(id(&client.get(program.url("/")).send().await.unwrap()));
    let wrong = json!({"email": EMAIL, "password": "another brown horse"});
    unknown.push(id(&post("/api/login").json(&wrong).send().await.unwrap()));

    let log = program.stopped().await;
    assert_eq!(known.iter().map(|id| user_of(&log, id)).collect::<Vec<_>>(), vec![Some(user); known.len()], "{log}");
    assert_eq!(unknown.iter().map(|id| user_of(&log, id)).collect::<Vec<_>>(), vec![None; unknown.len()], "{log}");
    assert!(!log.contains("ada@") && !log.contains("example.com"), "{log}");
    database.drop().await;
}
