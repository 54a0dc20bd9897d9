//! A fault of ours in the middle of a call.

use crate::support::{APP, settings};
use freshkey::{
    app::types::Millis,
    server::{Server, clock::Clock},
};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::oneshot;

/// A clock that panics once stands for a fault of ours anywhere in a call.
#[tokio::test]
async fn a_panic_is_one_answer_and_the_server_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let broken = Arc::new(AtomicBool::new(false));
    let clock = {
        let (broken, system) = (Arc::clone(&broken), Clock::system());
        Clock::new(
            move || if broken.swap(false, Ordering::SeqCst) { panic!("the clock fell") } else { system.now() },
            || Millis::ZERO,
        )
    };
    let server = Server::bind(APP.clone(), settings(folder.path(), &[]), clock).await.unwrap();
    let address = format!("http://{}", server.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(server.run(async { drop(stopped.await) }));
    let client = Client::new();
    // A task in the background may look at the clock first, and recovers: then it is broken again.
    let mut answers = Vec::new();
    while answers.len() < 10 && answers.last().is_none_or(|answer: &Response| answer.status() != 500) {
        broken.store(true, Ordering::SeqCst);
        answers.push(client.get(format!("{address}/.well-known/jwks.json")).send().await.unwrap());
    }
    let answer = answers.pop().unwrap();
    assert_eq!(answer.status(), 500);
    for name in ["x-request-id", "content-security-policy", "x-content-type-options"] {
        assert!(answer.headers().contains_key(name), "{name}");
    }
    assert_eq!(answer.json::<Value>().await.unwrap(), json!({"code": "INTERNAL", "message": "Internal server error"}));
    let next = client.get(format!("{address}/.well-known/jwks.json")).send().await.unwrap();
    assert_eq!(next.status(), 200, "the server goes on");
    stop.send(()).unwrap();
    task.await.unwrap();
}
