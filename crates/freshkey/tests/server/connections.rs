//! Clients that are slow, silent, or speak HTTP in a way that two readers could understand
//! differently.

use crate::support::TestApp;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Sends `text`, and reads whatever comes until the server closes the connection.
async fn until_closed(app: &TestApp, text: &str) -> String {
    let mut stream = app.connect().await;
    stream.write_all(text.as_bytes()).await.unwrap();
    read_to_end(&mut stream).await
}

async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // A connection that is reset is closed as well.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

#[tokio::test]
async fn a_client_that_says_too_little_is_not_waited_for() {
    let app = TestApp::start().await;
    for begun in ["", "GET / HT", "GET / HTTP/1.1\r\nhost: localhost\r\nx: "] {
        assert_eq!(until_closed(&app, begun).await, "", "{begun}");
    }
    let half =
        "POST /api/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{";
    let answer = until_closed(&app, half).await;
    assert_eq!(status(&answer), "400");
    assert!(answer.contains("BAD_REQUEST"), "{answer}");
    assert_eq!(app.get("/livez").send().await.unwrap().status(), 200, "and the others are served");
    app.stop().await;
}

#[tokio::test]
async fn a_head_has_a_limit() {
    let app = TestApp::start().await;
    let many = format!("GET / HTTP/1.1\r\nhost: localhost\r\n{}\r\n", "x: y\r\n".repeat(500));
    let long = format!("GET / HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "y".repeat(64 * 1024));
    for head in [many, long] {
        assert_eq!(status(&until_closed(&app, &head).await), "431");
    }
    app.stop().await;
}

#[tokio::test]
async fn what_two_readers_could_understand_differently_is_refused() {
    let app = TestApp::start().await;
    let hidden = "GET /hidden HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let post = |headers: &str, body: &str| {
        format!("POST /api/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{headers}\r\n{body}")
    };
    let two_lengths =
        post(&format!("content-length: 2\r\ncontent-length: {}\r\n", 2 + hidden.len()), &format!("{{}}{hidden}"));
    let strange = post("transfer-encoding: xchunked\r\n", &format!("0\r\n\r\n{hidden}"));
    let odd_length = post("content-length: +2\r\n", "{}");
    for smuggled in [two_lengths, strange, odd_length] {
        let answer = until_closed(&app, &smuggled).await;
        assert_eq!(status(&answer), "400", "{smuggled}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "what was hidden is not answered: {answer}");
    }
    // Of both, the chunks are the body (RFC 9112, section 6.3), and the connection is not used again.
    let both = post("content-length: 5\r\ntransfer-encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n");
    let answer = until_closed(&app, &both).await;
    assert!(matches!(status(&answer), "400" | "422"), "{answer}");
    app.stop().await;
}

#[tokio::test]
async fn methods_that_nobody_needs_are_refused() {
    let app = TestApp::start().await;
    for line in ["TRACE /", "CONNECT /", "CONNECT localhost:80", "PROPFIND /"] {
        let answer = until_closed(
            &app,
            &format!("{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-secret: 1\r\n\r\n"),
        )
        .await;
        assert!(status(&answer).starts_with('4'), "{line}: {answer}");
        assert!(!answer.contains("x-secret"), "nothing is sent back");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_stop_lets_a_request_finish_and_takes_no_more() {
    let app = TestApp::start().await;
    let body = json!({"email": "ada@example.com", "password": crate::support::PASSWORD}).to_string();
    let (begun, rest) = body.split_at(10);
    let mut stream = app.connect().await;
    let head = format!(
        "POST /api/register HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100"), "it waits for the body");
    stream.write_all(begun.as_bytes()).await.unwrap();
    // An idle connection is no reason to wait.
    let mut idle = app.connect().await;
    let stopping = tokio::spawn(app.stop());
    assert_eq!(read_to_end(&mut idle).await, "");
    stream.write_all(rest.as_bytes()).await.unwrap();
    assert_eq!(status(&read_to_end(&mut stream).await), "201");
    stopping.await.unwrap();
}
