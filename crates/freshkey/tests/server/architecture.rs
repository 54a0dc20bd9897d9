//! What docs/architecture.md promises of the code's structure.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty());
    found
}

/// The files below `folder` that contain one of `words`, but for those below `except`.
fn offenders(folder: &str, words: &[&str], except: &[&str]) -> Vec<PathBuf> {
    let excepted = |path: &Path| except.iter().any(|part| path.to_str().unwrap().contains(part));
    files(folder)
        .into_iter()
        .filter(|(path, text)| !excepted(path) && words.iter().any(|word| text.contains(word)))
        .map(|(path, _)| path)
        .collect()
}

fn assert_none(paths: &[PathBuf]) {
    assert!(paths.is_empty(), "{paths:?}");
}

#[test]
fn where_code_runs_stands_in_its_folder() {
    assert_none(&offenders(
        "crates",
        &["cfg(feature", "cfg(not(feature"],
        &["src/lib.rs", "src/app/seam.rs", "/tests/"],
    ));
    assert_none(&offenders("crates/freshkey/src/app", &["web_sys::", "gloo_", "js_sys::", "sqlx::"], &[]));
    assert_none(&offenders("crates/freshkey/src/browser", &["crate::server"], &[]));
    assert_none(&offenders("crates/freshkey/src/server", &["crate::browser"], &[]));
}

#[test]
fn all_sql_is_in_the_store() {
    assert_none(&offenders("crates/freshkey/src", &["sqlx::query"], &["src/server/store"]));
}

#[test]
fn a_file_can_be_held_in_the_head() {
    let long: Vec<_> = ["src", "crates"]
        .iter()
        .flat_map(|folder| files(folder))
        .filter(|(_, text)| text.lines().count() > 300)
        .map(|(path, _)| path)
        .collect();
    assert_none(&long);
}

#[test]
fn every_event_is_in_the_operators_list() {
    let list = include_str!("../../../../docs/operations.md");
    let missing: Vec<_> = files("crates/freshkey/src")
        .iter()
        .flat_map(|(_, text)| text.split("event = \"").skip(1).filter_map(|rest| rest.split('"').next()))
        .filter(|name| !list.contains(&format!("| `{name}` |")))
        .map(str::to_owned)
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_client_that_has_ended_hears_no_event() {
    let script = include_str!("../../src/server/start.js");
    let stopped: Vec<_> = script.split(['"', ' ']).map(str::trim).collect();
    let name = |rest: &str| rest.chars().take_while(char::is_ascii_lowercase).collect::<String>();
    let heard = ["crates/freshkey/src/app", "crates/freshkey/src/browser", "src"]
        .iter()
        .flat_map(|folder| files(folder))
        .flat_map(|(_, text)| {
            let by_attribute = text.split(" on:").skip(1).map(name).collect::<Vec<_>>();
            let by_window = text.split("ev::").skip(1).map(name).collect::<Vec<_>>();
            by_attribute.into_iter().chain(by_window)
        });
    let missing: Vec<_> = heard.filter(|name| !name.is_empty() && !stopped.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// A form's field is kept for the page that shows it again, unless its name says that it is a secret.
#[test]
fn every_secret_that_a_call_takes_is_known_by_its_name() {
    let calls = files("crates/freshkey/src/app/api");
    let takes = |text: &str| {
        let names =
            text.split(": Secret").map(|before| before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next());
        let mut names: Vec<_> = names.flatten().map(str::to_owned).collect();
        names.pop(); // after the last one
        names
    };
    let secrets: Vec<_> = calls.iter().flat_map(|(_, text)| takes(text)).collect();
    assert!(secrets.contains(&"new_password".to_owned()), "{secrets:?}");
    let unknown: Vec<_> = secrets.iter().filter(|name| !freshkey::app::types::is_secret_field(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
