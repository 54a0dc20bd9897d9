//! Starting, and why it may not.

use crate::support::{APP, program, settings};
use freshkey::server::{Server, causes::with_causes, clock::Clock};
use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    os::unix::ffi::OsStrExt,
    process::{Output, Stdio},
};

fn freshkey(folder: &std::path::Path, variables: &[(&str, &str)]) -> Output {
    program()
        .current_dir(folder)
        .env("LEPTOS_SITE_ADDR", "127.0.0.1:0")
        .envs(variables.iter().copied())
        .output()
        .expect("it runs")
}

#[test]
fn bad_settings_are_named_in_one_line_each_and_exit_2() {
    let folder = tempfile::tempdir().unwrap();
    let output = freshkey(folder.path(), &[("FRESHKEY_ACCESS_TTL", "soon"), ("FRESHKEY_SECRET", "hunter2")]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.contains("FRESHKEY_ACCESS_TTL is \"soon\"") && said.contains("FRESHKEY_SECRET"));
    assert!(!said.contains("hunter2"));
    assert!(!folder.path().join("data").exists(), "nothing was touched");
}

#[test]
fn no_secret_of_a_setting_is_shown_and_exits_2() {
    let folder = tempfile::tempdir().unwrap();
    for (variable, value) in [
        ("FRESHKEY_MAIL", "smtp://user:hunter2@mail.example.com"),
        ("FRESHKEY_ORIGIN", "https://user:hunter2@example.com"),
        ("DATABASE_URL", "postgres://user:hunter2@localhost/db?unknown=1"),
        ("DATABASE_URL", "sqlite://x?key=hunter2"),
        ("REDIS_URL", "http://user:hunter2@localhost"),
        ("FRESHKEY_SECRET_PREVIOUS", "hunter2"),
    ] {
        let output = freshkey(folder.path(), &[(variable, value)]);
        assert_eq!(output.status.code(), Some(2), "{variable}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(variable) && !said.contains("hunter2"), "{said}");
    }
    let help = program()
        .args(["serve", "--help"])
        .env("FRESHKEY_MAIL", "smtp://user:hunter2@mail.example.com")
        .output()
        .unwrap();
    assert!(help.status.success() && !String::from_utf8_lossy(&help.stdout).contains("hunter2"));
}

#[test]
fn a_setting_that_is_not_utf_8_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let garbled = OsStr::from_bytes(b"hunter2\xff");
    for variable in ["FRESHKEY_ORIGIN", "FRESHKEY_SECRET", "DATABASE_URL", "LEPTOS_SITE_ROOT"] {
        for arguments in [&[][..], &["serve"], &["users", "list"]] {
            let output = program().args(arguments).current_dir(folder.path()).env(variable, garbled).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{variable}");
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(said, format!("freshkey: {variable} is not UTF-8; it accepts text in UTF-8\n"));
        }
    }
    for arguments in
        [["--origin".as_ref(), garbled], ["--site-addr=127.0.0.1:0".as_ref(), OsStr::from_bytes(b"--origin=\xff")]]
    {
        let output = program().arg("serve").args(arguments).current_dir(folder.path()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), said.as_str()),
            (Some(2), "freshkey: --origin is not UTF-8; it accepts text in UTF-8\n")
        );
    }
}

#[test]
fn a_database_that_can_not_be_reached_is_named_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let url = "postgres://user:hunter2@127.0.0.1:1/db?password=hunter2&options=-c%20a=hunter2";
    let secret = "00".repeat(32);
    let output = freshkey(folder.path(), &[("DATABASE_URL", url), ("FRESHKEY_SECRET", &secret), ("RUST_LOG", "trace")]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("postgres://127.0.0.1:1/db") && !said.contains("hunter2"), "{said}");
}

#[test]
fn what_is_in_the_way_is_named_in_one_line_and_exits_1() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    std::fs::write(folder.path().join("file"), "this is no database, but a text".repeat(99)).unwrap();
    for (variable, value, named) in [
        ("LEPTOS_SITE_ADDR", addr.as_str(), addr.as_str()),
        ("FRESHKEY_METRICS_ADDR", addr.as_str(), addr.as_str()),
        ("FRESHKEY_DATA_DIR", "file/data", "file/data"),
        ("DATABASE_URL", "sqlite://file", "file is not a database"),
        ("FRESHKEY_PLACES_FILE", "file", "file (FRESHKEY_PLACES_FILE): it is not a database in MaxMind's format"),
        ("FRESHKEY_PLACES_FILE", "none.mmdb", "none.mmdb (FRESHKEY_PLACES_FILE): No such file"),
    ] {
        let output = freshkey(folder.path(), &[(variable, value)]);
        assert_eq!(output.status.code(), Some(1), "{variable}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(named), "{said}");
    }
}

#[tokio::test]
async fn another_root_secret_is_noticed_before_anybody_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let with = |secret: &str| settings(folder.path(), &["--secret", &secret.repeat(32)]);
    Server::bind(APP.clone(), with("01"), Clock::system()).await.expect("it starts");
    let refused = Server::bind(APP.clone(), with("02"), Clock::system()).await.err().expect("it does not");
    let refused = with_causes(&refused).to_string();
    assert!(refused.contains("FRESHKEY_SECRET"), "{refused}");
}

#[tokio::test]
async fn a_data_folder_that_is_a_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data");
    std::fs::write(&file, "").unwrap();
    let refused =
        Server::bind(APP.clone(), settings(&file, &[]), Clock::system()).await.err().expect("it does not start");
    assert!(refused.to_string().contains(file.to_str().unwrap()), "{refused}");
}

/// Under `cargo leptos watch`, pages listen for changes where that says.
#[tokio::test]
async fn a_watched_page_listens_at_the_port_that_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = program()
        .current_dir(folder.path())
        .envs([("LEPTOS_SITE_ADDR", "127.0.0.1:0"), ("LEPTOS_WATCH", "1"), ("LEPTOS_RELOAD_PORT", "34567")])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let said = BufReader::new(server.stdout.take().unwrap()).lines().map_while(Result::ok);
    let line = said.into_iter().find(|line| line.contains("http://")).expect("it says where it serves");
    let address = line.split("http://").nth(1).unwrap().split(|c: char| c.is_whitespace() || c == '"').next().unwrap();
    let page = reqwest::get(format!("http://{}", address.trim_end_matches('/'))).await.unwrap().text().await.unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(page.contains("(34567, 'ws://')") && !page.contains("3001"));
}
