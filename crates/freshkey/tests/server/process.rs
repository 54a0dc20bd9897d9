//! The process: where its output goes, and how it is told to stop.

use crate::support::{FOR_EVER, Raw, Running, TestDatabase, program};
use std::{
    fs::File,
    net::TcpListener,
    process::{Child, Stdio},
};
use tokio::time::timeout;

fn full() -> Stdio {
    File::options().write(true).open("/dev/full").unwrap().into()
}

/// A pipe whose reader has gone.
fn broken() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

/// Asks until the server answers, or has ended.
async fn serves(child: &mut Child, address: &str) -> bool {
    let asked = async {
        loop {
            if child.try_wait().unwrap().is_some() {
                return false;
            }
            if reqwest::get(format!("http://{address}/api/nothing")).await.is_ok() {
                return child.try_wait().unwrap().is_none();
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(FOR_EVER, asked).await.expect("it serves or ends")
}

#[tokio::test]
async fn it_serves_on_where_nobody_reads_what_it_says() {
    for (out, log) in [(full(), Stdio::null()), (broken(), Stdio::null()), (full(), full()), (broken(), broken())] {
        let folder = tempfile::tempdir().unwrap();
        // A port that was free a moment ago.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let mut child = program()
            .env("LEPTOS_SITE_ADDR", &address)
            .env("FRESHKEY_DATA_DIR", folder.path())
            .env("RUST_LOG", "debug")
            .stdout(out)
            .stderr(log)
            .spawn()
            .unwrap();
        assert!(serves(&mut child, &address).await);
        // Something of every request is in the log.
        assert!(serves(&mut child, &address).await);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn a_command_says_that_its_output_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let command = |out: Stdio, log: Stdio| {
        let mut list = program();
        list.args(["keys", "list"]).env("FRESHKEY_DATA_DIR", folder.path()).stdout(out).stderr(log);
        list.spawn().unwrap().wait_with_output().unwrap()
    };
    let lost = command(full(), Stdio::piped());
    assert_eq!(lost.status.code(), Some(1));
    let said = String::from_utf8(lost.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("No space left"), "{said}");
    assert_eq!(command(broken(), Stdio::piped()).status.code(), Some(0), "a reader that has gone wants no more");
    assert_eq!(command(full(), full()).status.code(), Some(1), "it does not end in a panic");
}

#[tokio::test]
async fn it_lets_requests_finish_whatever_signal_tells_it_to_stop() {
    for signal in ["TERM", "HUP", "INT", "QUIT"] {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::create(folder.path()).await;
        let program = Running::start(&folder.path().join("data"), &database, &[]);
        let mut raw = Raw::from("127.0.0.1", &program.address).await;
        raw.send(
            "POST /api/logout HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n",
        )
        .await;
        assert_eq!(raw.answer().await.status, 100);
        program.signal(signal);
        raw.send("{}").await;
        assert_eq!(raw.answer().await.status, 204, "{signal}");
        assert_eq!(program.ended().await.code(), Some(0), "{signal}");
        database.drop().await;
    }
}
