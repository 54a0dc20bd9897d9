//! `freshkey ready`: whether the server with the same settings is ready.

use crate::support::{Running, TestDatabase, program};
use std::{net::TcpListener, process::Output, thread};

fn ready(address: &str) -> Output {
    program().args(["ready", "--site-addr", address]).output().unwrap()
}

#[tokio::test]
async fn it_says_whether_the_server_is_ready() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create(folder.path()).await;
    let server = Running::start(&folder.path().join("data"), &database, &[]);
    let port = server.address.rsplit(':').next().unwrap().to_owned();
    for address in [server.address.clone(), format!("0.0.0.0:{port}")] {
        let output = ready(&address);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    drop(server);
    let output = ready(&format!("127.0.0.1:{port}"));
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    if let TestDatabase::Postgres { .. } = database {
        database.drop().await;
    }
}

#[test]
fn a_server_that_is_not_ready_or_says_nothing_fails_the_check() {
    for answer in ["HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n", "HTTP/1.1 2", ""] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = thread::spawn(move || {
            use std::io::{Read, Write};
            let (mut client, _) = listener.accept().unwrap();
            let _ = client.read(&mut [0; 1024]).unwrap();
            client.write_all(answer.as_bytes()).unwrap();
        });
        let output = ready(&address);
        server.join().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.lines().count()), (Some(1), 1), "{answer:?}: {said}");
    }
}
