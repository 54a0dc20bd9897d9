//! Many connections, from clients that want to keep others out.

use crate::support::{FOR_EVER, Raw, Running, SITE, TestApp, TestDatabase, program};
use std::process::Command;
use tokio::time::timeout;

const LIVEZ: &str = "GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[tokio::test]
async fn a_client_that_never_reads_is_not_served_for_ever() {
    let app = TestApp::start().await;
    let mut deaf: Vec<Raw> = Vec::new();
    for _ in 0..5 {
        deaf.push(app.raw().await);
    }
    let pages = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(50);
    futures::future::join_all(deaf.iter_mut().map(|raw| raw.send_until_closed(&pages))).await;
    assert_eq!(app.get("/livez").send().await.unwrap().status(), 200);
    app.stop().await;
}

/// The real program, with so few file descriptors.
fn with_descriptors(count: usize, folder: &std::path::Path) -> Running {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("ulimit -n {count}; exec \"$0\" serve")])
        .arg(program().get_program())
        .env("LEPTOS_SITE_ROOT", SITE)
        .env("FRESHKEY_DATA_DIR", folder);
    Running::from(command, &folder.with_extension("log"))
}

#[tokio::test]
async fn silent_connections_lock_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let program = with_descriptors(256, &folder.path().join("data"));
    let mut polite = Raw::from("127.0.0.1", &program.address).await;
    let mut silent = Vec::new();
    // Of one address, and of many: each has its bound, and all together have one below the descriptors.
    for own in ["127.0.0.2"; 4].into_iter().chain(["127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6", "127.0.0.7"]) {
        for nth in 0..30 {
            let mut raw = Raw::from(own, &program.address).await;
            if nth % 2 == 0 {
                raw.send("POST /api/login HTTP/1.1\r\nhost: localhost\r\ncontent-").await;
            }
            silent.push(raw);
        }
        polite.send(LIVEZ).await;
        assert_eq!(polite.answer().await.status, 200, "a connection that is used stays");
        let mut new = Raw::from("127.0.0.8", &program.address).await;
        new.send(LIVEZ).await;
        assert_eq!(new.answer().await.status, 200, "a new one is served");
        let mut file = Raw::from("127.0.0.8", &program.address).await;
        file.send("GET /favicon.svg HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
        assert_eq!(file.answer().await.status, 200, "and there are descriptors left for files");
    }
    assert_eq!(timeout(FOR_EVER, silent[0].rest()).await, Ok(String::new()), "the first one made room");
    assert!(!program.log().contains("connection_not_accepted"));
}

#[tokio::test]
async fn the_metrics_listener_has_a_bound_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    // A port that was free a moment ago.
    let metrics = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let database = TestDatabase::create(folder.path()).await;
    let program = Running::start(&folder.path().join("data"), &database, &["--metrics-addr", &metrics]);
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(Raw::from("127.0.0.1", &metrics).await);
    }
    let mut new = Raw::from("127.0.0.1", &metrics).await;
    new.send("GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert_eq!(new.answer().await.status, 200);
    assert_eq!(silent[0].rest().await, "", "the first one made room");
    program.signal("TERM");
    program.ended().await;
    database.drop().await;
}
