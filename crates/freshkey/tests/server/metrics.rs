//! The metrics, as Prometheus reads them.

use crate::support::program;
use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::Stdio,
};

#[tokio::test]
async fn they_are_on_a_listener_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    // A port that was free a moment ago.
    let metrics = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut child = program()
        .env("LEPTOS_SITE_ADDR", "127.0.0.1:0")
        .env("FRESHKEY_DATA_DIR", folder.path())
        .env("FRESHKEY_METRICS_ADDR", metrics.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port = line.split("http://localhost:").nth(1).unwrap().split_whitespace().next().unwrap();
    let public = format!("http://127.0.0.1:{port}");

    let client = reqwest::Client::new();
    for (path, status) in
        [("/livez", 200), ("/api/protected", 401), ("/api/protected", 401), ("/nowhere", 404), ("/metrics", 404)]
    {
        assert_eq!(client.get(format!("{public}{path}")).send().await.unwrap().status(), status, "{path}");
    }
    let bearer = client.get(format!("{public}/api/me")).bearer_auth("forged");
    assert_eq!(bearer.send().await.unwrap().status(), 403);
    let answer = client.get(format!("http://{metrics}/metrics")).send().await.unwrap();
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    let text = answer.text().await.unwrap();
    for line in [
        r#"freshkey_http_requests_total{route="/livez",status="2xx"} 1"#,
        r#"freshkey_http_requests_total{route="/api/protected",status="4xx"} 2"#,
        r#"freshkey_http_requests_total{route="other",status="4xx"} 2"#,
        r#"freshkey_http_request_seconds_count{route="/api/protected"} 2"#,
        r#"freshkey_events_total{event="access_token_refused",reason=""} 1"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
    child.kill().unwrap();
    child.wait().unwrap();
}
