//! docs/asvs.md answers each requirement and says where the answer is shown. The test, the file or the heading that it
//! names is there, its figures are right, and what it says of the code's structure holds.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

const ANSWERS: &str = "docs/asvs.md";
/// How many requirements of each level apply.
const REQUIREMENTS: [(&str, usize); 3] = [("1", 36), ("2", 85), ("3", 39)];
/// What an answer begins with; the first two say that the requirement is met.
const STATES: [&str; 6] = ["yes", "document", "part", "operator", "deviates", "open"];

fn read(path: &str) -> Option<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).ok()
}

/// A row of the tables.
struct Row {
    ids: Vec<String>,
    level: String,
    state: &'static str,
    reason: String,
    shown: Vec<String>,
}

fn rows() -> Vec<Row> {
    let text = read(ANSWERS).unwrap();
    let row = |line: &str| {
        let cells: Vec<_> = line.trim().trim_matches('|').split(" | ").map(str::trim).collect();
        let [ids, level, answer, shown] = cells[..] else { panic!("four cells: {line}") };
        let state = STATES.into_iter().find(|state| {
            answer.strip_prefix(state).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', ' ', ',']))
        });
        Row {
            ids: ids.split(", ").map(str::to_owned).collect(),
            level: level.to_owned(),
            state: state.unwrap_or_else(|| panic!("a state: {line}")),
            reason: answer.to_owned(),
            shown: shown.split('`').skip(1).step_by(2).map(str::to_owned).collect(),
        }
    };
    text.lines().filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit()).map(row).collect()
}

/// What is wrong with a reference: `FILE: NAME`, a test, or a heading of a document; or a file alone.
fn fault(reference: &str) -> Option<String> {
    let (file, name) = reference.split_once(": ").map_or((reference, None), |(file, name)| (file, Some(name)));
    let extension = Path::new(file).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let folder = match extension {
        _ if file.contains('/') || file == "README.md" => "",
        "ts" => "end2end/tests/",
        "md" => "docs/",
        _ => "crates/freshkey/tests/server/",
    };
    let Some(text) = read(&format!("{folder}{file}")) else {
        return Some(format!("{reference}: there is no such file"));
    };
    let found = match (name, extension) {
        // A test file alone would say too little; a file that holds no test is named by its path.
        (None, _) => file.contains('/'),
        (Some(name), "rs") => is_test(&text, name),
        (Some(name), "md") => {
            text.lines().any(|line| line.starts_with('#') && line.trim_start_matches('#').trim() == name)
        }
        (Some(name), _) => {
            ["test(\"", "test(`", "test.describe(\""].iter().any(|before| text.contains(&format!("{before}{name}")))
        }
    };
    (!found).then(|| format!("{reference}: there is no such test or heading"))
}

/// Whether the source has a test function of this name.
fn is_test(text: &str, name: &str) -> bool {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let function = format!("fn {name}(");
    let Some(at) = lines.iter().position(|line| line.contains(&function)) else { return false };
    lines[at.saturating_sub(4)..at].iter().any(|line| line.starts_with("#[") && line.contains("test"))
}

#[test]
fn each_answer_names_what_shows_it_or_says_what_is_missing() {
    let mut faults = Vec::new();
    for row in rows() {
        let ids = row.ids.join(", ");
        faults.extend(row.shown.iter().filter_map(|reference| fault(reference)).map(|fault| format!("{ids}: {fault}")));
        let is_document = |reference: &String| reference.contains(".md");
        match row.state {
            "yes" if row.shown.is_empty() || row.shown.iter().all(is_document) => {
                faults.push(format!("{ids}: no test"));
            }
            "document" if row.shown.is_empty() => faults.push(format!("{ids}: no document")),
            "yes" | "document" => {}
            state if row.reason.len() <= state.len() + 2 => faults.push(format!("{ids}: no reason")),
            _ => {}
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn each_requirement_is_answered_once_and_the_figures_are_right() {
    let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    let rows = rows();
    let mut ids: Vec<_> = rows.iter().flat_map(|row| &row.ids).collect();
    for row in &rows {
        *levels.entry(&row.level).or_default() += row.ids.len();
        if row.level != "3" {
            *states.entry(row.state).or_default() += row.ids.len();
        }
    }
    assert_eq!(levels.into_iter().collect::<Vec<_>>(), REQUIREMENTS);
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "each once");

    let text = read(ANSWERS).unwrap();
    let figures: Vec<_> =
        STATES.iter().map(|state| format!("| *{state}* | {} |", states.get(state).unwrap_or(&0))).collect();
    let wrong: Vec<_> = figures.iter().filter(|figure| !text.contains(figure.as_str())).collect();
    assert!(wrong.is_empty(), "the figures are {figures:?}");
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The crates of the library.
const CRATES: [&str; 4] = ["freshkey-types", "freshkey-core", "freshkey", "freshkey-lab"];

/// The files of the source that name one of `words`, as they are written in the documents.
fn that_name(words: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for krate in CRATES {
        sources(&root.join("crates").join(krate).join("src"), &mut found);
    }
    found.retain(|path| {
        !path.ends_with("tests.rs") && words.iter().any(|word| fs::read_to_string(path).unwrap().contains(word))
    });
    let mut names: Vec<_> =
        found.iter().map(|path| path.strip_prefix(root).unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// The dependencies of the program itself, by name.
fn dependencies() -> Vec<String> {
    let manifests = CRATES.map(|krate| read(&format!("crates/{krate}/Cargo.toml")).unwrap());
    let section =
        |manifest: &str| manifest.split("\n[dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap().to_owned();
    let sections = manifests.map(|manifest| section(&manifest)).concat();
    let names: Vec<_> = sections.lines().filter_map(|line| line.split([' ', '.']).next()).collect();
    let names: Vec<_> = names.into_iter().filter(|name| !name.is_empty() && *name != "#").map(str::to_owned).collect();
    assert!(names.iter().any(|name| name == "argon2") && names.len() > 30);
    names
}

#[test]
fn cryptography_comes_from_vetted_libraries_and_each_use_is_listed() {
    let others = [
        "ring",
        "sha1",
        "sha2",
        "sha3",
        "md5",
        "hmac",
        "hkdf",
        "aes",
        "aes-gcm",
        "rand",
        "getrandom",
        "rsa",
        "chacha20poly1305",
        "ed25519-dalek",
        "p256",
        "openssl",
        "bcrypt",
        "scrypt",
        "blake2",
        "blake3",
        "fastrand",
        "orion",
    ];
    let found: Vec<_> = dependencies().into_iter().filter(|name| others.contains(&name.as_str())).collect();
    assert!(found.is_empty(), "{found:?}");
    let inventory = read("docs/security.md").unwrap();
    let missing: Vec<_> = that_name(&["aws_lc_rs::", "argon2::", "jsonwebtoken::"])
        .into_iter()
        .filter(|file| !inventory.contains(&format!("`{file}`")))
        .collect();
    assert!(missing.is_empty(), "not in the inventory of docs/security.md: {missing:?}");
}

#[test]
fn nothing_calls_an_address_that_a_request_names() {
    let clients = ["reqwest", "hyper-tls", "ureq", "curl", "isahc"];
    let found: Vec<_> = dependencies().into_iter().filter(|name| clients.contains(&name.as_str())).collect();
    assert!(found.is_empty(), "docs/operations.md says what is called: {found:?}");
    // Commands ask what their operator names: a site, the server that has their settings. A server has no way to them.
    let commands = ["crates/freshkey/src/server/cli/doctor/client.rs", "crates/freshkey/src/server/cli/ready.rs"];
    let named =
        that_name(&["TcpStream::connect", "UnixStream::connect", "UdpSocket", "hyper::client", "client::legacy"]);
    assert_eq!(named, commands);
}
