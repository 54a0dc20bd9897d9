//! What is in deploy/ fits the program: its settings, metrics, events and routes. That it works is shown by
//! scripts/test-deploy.sh.

use crate::support::{Running, TestDatabase};
use serde_json::Value;
use std::{collections::BTreeSet, fs, net::TcpListener, path::Path, process::Command};

fn files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy");
    let read =
        |path: &Path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap());
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| read(&entry.unwrap().path())).collect();
    assert!(files.len() > 8, "{files:?}");
    files
}

fn file(name: &str) -> String {
    files().into_iter().find(|(found, _)| found == name).unwrap().1
}

/// The words in the text that begin so, of letters, digits and `_`.
fn words<'a>(text: &'a str, begin: &str) -> BTreeSet<&'a str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c| !is_part(c)).filter(|word| word.starts_with(begin)).collect()
}

/// The expressions of the alert rules and of the board.
fn expressions() -> Vec<String> {
    let alerts = file("alerts.yaml");
    let alerts = alerts.lines().filter_map(|line| line.trim().strip_prefix("expr: ")).map(str::to_owned);
    let board: Value = serde_json::from_str(&file("grafana.json")).unwrap();
    let panels = board["panels"].as_array().unwrap().clone();
    let targets = panels.into_iter().flat_map(|panel| panel["targets"].as_array().unwrap().clone());
    let found: Vec<_> = alerts.chain(targets.map(|target| target["expr"].as_str().unwrap().to_owned())).collect();
    assert!(found.len() > 20, "{found:?}");
    found
}

/// The values of a label in an expression: those of `event="one"` and `event=~"one|other"`.
fn labels<'a>(expression: &'a str, label: &str) -> Vec<&'a str> {
    let values = [format!("{label}=\""), format!("{label}=~\"")];
    let found = values.iter().flat_map(|begin| expression.split(begin.as_str()).skip(1));
    found.flat_map(|rest| rest.split('"').next().unwrap().split('|')).collect()
}

/// What a server says of itself.
async fn metrics() -> String {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create(folder.path()).await;
    // A port that was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let server = Running::start(&folder.path().join("data"), &database, &["--metrics-addr", &address]);
    let text = reqwest::get(format!("http://{address}/metrics")).await.unwrap().text().await.unwrap();
    drop(server);
    if let TestDatabase::Postgres { .. } = database {
        database.drop().await;
    }
    text
}

/// The events and metrics, as the documents describe them.
const REFERENCE: &str = include_str!("../../../../docs/reference/events.md");

/// The metrics that there are by it.
fn described() -> BTreeSet<String> {
    let section = REFERENCE.split_once("\n## Metrics\n").unwrap().1;
    let rows = section.lines().filter(|line| line.starts_with("| `")).map(|row| row[2..].split('|').next().unwrap());
    rows.flat_map(|names| words(names, "freshkey_")).map(|name| family(name).to_owned()).collect()
}

fn family(metric: &str) -> &str {
    ["_total", "_bucket", "_count", "_sum"].iter().find_map(|end| metric.strip_suffix(end)).unwrap_or(metric)
}

#[tokio::test]
async fn alerts_and_board_ask_for_metrics_events_and_routes_that_there_are() {
    let (text, described) = (metrics().await, described());
    let named: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert!(named.len() > 3 && named.iter().all(|name| described.contains(*name)), "{named:?} {described:?}");
    let mut wrong = Vec::new();
    for expression in expressions() {
        for metric in words(&expression, "freshkey_") {
            if !described.contains(family(metric)) {
                wrong.push(metric.to_owned());
            }
        }
        // Those of which one is enough are there before: a series that begins with 1 does not increase.
        let first_counts = expression.ends_with("> 0") && expression.contains("increase(");
        let born = |event: &&str| !first_counts || text.contains(&format!("event=\"{event}\""));
        wrong.extend(labels(&expression, "event").into_iter().filter(|event| !born(event)).map(str::to_owned));
        let unknown = |event: &&str| !REFERENCE.contains(&format!("| `{event}` |"));
        wrong.extend(labels(&expression, "event").into_iter().filter(unknown).map(str::to_owned));
        let routes =
            labels(&expression, "route").into_iter().filter(|route| !text.contains(&format!("route=\"{route}\"")));
        wrong.extend(routes.map(str::to_owned));
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn the_settings_in_it_are_settings() {
    let output = Command::new(env!("CARGO_BIN_EXE_freshkey")).args(["serve", "--help"]).env_clear().output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    // Settings of the files themselves.
    let own = ["FRESHKEY_HOST", "FRESHKEY_ONE", "FRESHKEY_TWO"];
    let mut seen = 0;
    for (name, text) in files() {
        let settings = [words(&text, "FRESHKEY_"), words(&text, "LEPTOS_")];
        for setting in settings.into_iter().flatten().filter(|setting| !own.contains(setting)) {
            seen += 1;
            assert!(help.contains(&format!("[env: {setting}]")), "{name}: {setting}");
        }
    }
    assert!(seen > 10, "{seen}");
}
