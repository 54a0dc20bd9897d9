//! What docs/architecture.md promises of the code's structure.

use std::{
    collections::{BTreeMap, BTreeSet},
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
        &["src/lib.rs", "src/app/seam.rs", "freshkey/tests/"],
    ));
    assert_none(&offenders("crates/freshkey/src/app", &["web_sys::", "gloo_", "js_sys::", "sqlx::"], &[]));
    assert_none(&offenders("crates/freshkey/src/browser", &["crate::server"], &[]));
    assert_none(&offenders("crates/freshkey/src/server", &["crate::browser"], &[]));
}

#[test]
fn all_sql_is_in_a_store() {
    assert_none(&offenders(
        "crates",
        &["sqlx::query"],
        &["freshkey-core/src/store/", "freshkey/tests/", "freshkey/benches/"],
    ));
    assert_none(&offenders("src", &["sqlx::query"], &["/store.rs"]));
}

/// The modules at the top of the crate that the text names by `crate::`, alone or in a list.
fn named_modules(text: &str) -> BTreeSet<String> {
    let first = |path: &str| path.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = BTreeSet::new();
    for rest in text.split("crate::").skip(1) {
        let Some(list) = rest.strip_prefix('{') else {
            found.insert(first(rest));
            continue;
        };
        let (mut depth, mut begin) = (1, 0);
        for (index, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 || depth == 1 && c == ',' {
                found.insert(first(&list[begin..index]));
                begin = index + 1;
            }
            if depth == 0 {
                break;
            }
        }
    }
    found
}

/// The arrows between the modules at the top of a crate.
fn arrows(krate: &str) -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(krate);
    let mut arrows = BTreeMap::<String, BTreeSet<String>>::new();
    for (path, text) in files(krate) {
        let first = path.strip_prefix(&root).unwrap().components().next().unwrap();
        let module = first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
        arrows.entry(module.clone()).or_default().extend(named_modules(&text).into_iter().filter(|to| *to != module));
    }
    let modules: Vec<_> = arrows.keys().cloned().collect();
    for to in arrows.values_mut() {
        to.retain(|to| modules.contains(to));
    }
    arrows
}

#[test]
fn the_core_has_no_circle_of_modules() {
    let all = arrows("crates/freshkey-core/src");
    let mut left = all.clone();
    // Whatever names nothing that is left goes, until nothing is.
    while let Some(leaf) = left.iter().find(|(_, to)| to.iter().all(|to| !left.contains_key(to))) {
        let leaf = leaf.0.clone();
        left.remove(&leaf);
    }
    assert!(left.is_empty(), "{left:#?}");
    assert!(all["services"].contains("store") && all["store"].contains("rules"), "{all:#?}");
    assert!(all["rules"].is_empty(), "the rules are the ground floor: {:?}", all["rules"]);
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
    let list = include_str!("../../../../docs/reference/events.md");
    let folders = ["crates", "src"].iter().flat_map(|folder| files(folder));
    let texts: Vec<_> =
        folders.filter(|(path, _)| !path.to_str().unwrap().contains("/tests/")).map(|(_, text)| text).collect();
    let logged = texts.iter().flat_map(|text| text.split("event = \"").skip(1));
    let logged = logged.filter_map(|rest| rest.split('"').next());
    // What an account's activity names is there under the same name.
    let words = texts.iter().find_map(|text| text.split_once("Happened, unknown: Other {")).unwrap().1;
    let words = words.split_once("\n    }").unwrap().0;
    let noted = words.lines().filter_map(|line| line.split('"').nth(1)).filter(|name| *name != "other");
    let missing: Vec<_> = logged.chain(noted).filter(|name| !list.contains(&format!("| `{name}` |"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let events = list.split_once("\n## Metrics\n").unwrap().0;
    let listed = events.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let gone: Vec<_> = listed.filter(|name| !texts.iter().any(|text| text.contains(&format!("\"{name}\"")))).collect();
    assert!(gone.is_empty(), "{gone:?}");
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
