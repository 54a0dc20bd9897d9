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
    for krate in ["freshkey", "freshkey-lab"] {
        let folder = |name| format!("crates/{krate}/src/{name}");
        assert_none(&offenders(&folder("app"), &["web_sys::", "gloo_", "js_sys::", "sqlx::"], &[]));
        assert_none(&offenders(&folder("browser"), &["crate::server"], &[]));
        assert_none(&offenders(&folder("server"), &["crate::browser"], &[]));
    }
    // The client's decisions need no browser, so that tests can play them.
    assert_none(&offenders(
        "crates/freshkey/src/client",
        &["crate::browser", "crate::server", "web_sys::", "gloo_", "js_sys::", "wasm_bindgen", "futures::"],
        &[],
    ));
}

/// The words of a text, also those inside a name: `LabArgs` is two.
fn words(text: &str) -> impl Iterator<Item = String> {
    let names = text.split(|c: char| !c.is_alphanumeric());
    names.flat_map(|name| {
        let mut words = vec![String::new()];
        for c in name.chars() {
            let after_small = words.last().and_then(|word| word.chars().last()).is_some_and(char::is_lowercase);
            if after_small && c.is_uppercase() {
                words.push(String::new());
            }
            words.last_mut().unwrap().push(c);
        }
        words
    })
}

/// An app can leave it out.
#[test]
fn only_its_own_crate_knows_the_lab() {
    for krate in ["freshkey-types", "freshkey-core", "freshkey"] {
        let folder = format!("crates/{krate}");
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(&folder).join("Cargo.toml");
        let manifest = (manifest.clone(), fs::read_to_string(manifest).unwrap());
        let knows = |text: &str| words(text).any(|word| matches!(word.to_lowercase().as_str(), "lab" | "labs"));
        let all = files(&format!("{folder}/src")).into_iter().chain([manifest]);
        assert_none(&all.filter(|(_, text)| knows(text)).map(|(path, _)| path).collect::<Vec<_>>());
    }
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

/// The paths in a file's code that begin with `crate` or `super`, each spelled out: `super::{a::B, c}` is two.
fn paths(code: &str) -> Vec<Vec<&str>> {
    let (mut found, mut left) = (Vec::new(), code);
    while let Some(at) = ["crate::", "super::"].iter().filter_map(|first| left.find(first)).min() {
        let inside = left[..at].ends_with(|c: char| is_word(c) || c == ':');
        left = if inside { &left[at + "crate::".len()..] } else { spell(&left[at..], &[], &mut found) };
    }
    found
}

/// Spells out the path or the list at the beginning of the code, which goes on after `before`; returns the code after it.
fn spell<'a>(code: &'a str, before: &[&'a str], found: &mut Vec<Vec<&'a str>>) -> &'a str {
    if let Some(mut list) = code.strip_prefix('{') {
        loop {
            list = list.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
            if let Some(rest) = list.strip_prefix('}') {
                return rest;
            }
            list = spell(list, before, found);
            list = list.strip_prefix(" as ").map_or(list, |alias| alias.trim_start_matches(is_word));
        }
    }
    let (name, rest) = code.split_at(code.find(|c| !is_word(c)).unwrap_or(code.len()));
    assert!(!name.is_empty(), "no path: {code:.80}");
    let path = [before, &[name]].concat();
    match rest.strip_prefix("::") {
        Some(more) if more.starts_with(|c| is_word(c) || c == '{') => spell(more, &path, found),
        _ => {
            found.push(path);
            rest
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '*')
}

/// The arrows between the modules in a folder of a crate, which is the crate itself for "". A type or a macro that
/// is no module's is the folder's own file's, which names all of them.
fn arrows(krate: &str, folder: &str) -> BTreeMap<String, BTreeSet<String>> {
    const OWN: &str = "mod";
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(krate);
    let parts = |path: &Path| {
        let parts = path.with_extension("");
        let parts = parts.iter().map(|part| part.to_str().unwrap().to_owned());
        parts.filter(|part| !matches!(part.as_str(), "mod" | "lib")).collect::<Vec<_>>()
    };
    let inside = parts(Path::new(folder));
    let files: Vec<_> = files(&format!("{krate}/{folder}"))
        .into_iter()
        .map(|(path, text)| (parts(path.strip_prefix(&root).unwrap()), text))
        .collect();
    let of = |path: &[String]| path.get(inside.len()).cloned().unwrap_or_else(|| OWN.to_owned());
    let mut arrows: BTreeMap<_, BTreeSet<_>> = files.iter().map(|(file, _)| (of(file), BTreeSet::new())).collect();
    let modules: BTreeSet<_> = arrows.keys().cloned().collect();
    for (file, text) in files {
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap();
        let code: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for path in paths(&code.join("\n")) {
            let up = path.iter().take_while(|part| **part == "super").count();
            let (base, named) = if up == 0 { (&[][..], &path[1..]) } else { (&file[..file.len() - up], &path[up..]) };
            let named: Vec<_> = base.iter().cloned().chain(named.iter().map(|part| (*part).to_owned())).collect();
            let Some(to) = named.strip_prefix(&inside[..]).and_then(<[_]>::first) else { continue };
            let own = to.starts_with(char::is_uppercase).then(|| OWN.to_owned());
            let to = modules.get(to).cloned().or(own);
            arrows.get_mut(&of(&file)).unwrap().extend(to.filter(|to| *to != of(&file)));
        }
    }
    arrows.insert(OWN.to_owned(), modules.into_iter().filter(|module| module != OWN).collect());
    arrows
}

/// The circles, and what lies between them: what is left when whatever names nothing that is left, or is named by nothing
/// that is left, has gone.
fn circles(mut arrows: BTreeMap<String, BTreeSet<String>>) -> BTreeMap<String, BTreeSet<String>> {
    loop {
        let named: BTreeSet<_> = arrows.values().flatten().cloned().collect();
        let before = arrows.len();
        arrows.retain(|module, to| !to.is_empty() && named.contains(module));
        let left: BTreeSet<_> = arrows.keys().cloned().collect();
        for to in arrows.values_mut() {
            to.retain(|to| left.contains(to));
        }
        if arrows.len() == before {
            return arrows;
        }
    }
}

#[test]
fn no_module_is_in_a_circle() {
    let folders = [
        ("crates/freshkey-core/src", ""),
        ("crates/freshkey/src", "server"),
        ("crates/freshkey/src", "app"),
        ("crates/freshkey/src", "client"),
        ("crates/freshkey/src", "browser"),
        ("crates/freshkey-lab/src", "app"),
        ("crates/freshkey-lab/src", "browser"),
        ("crates/freshkey-lab/src", "server"),
    ];
    for (krate, folder) in folders {
        let left = circles(arrows(krate, folder));
        assert!(left.is_empty(), "{krate}/{folder}: {left:#?}");
    }
}

#[test]
fn the_rules_are_the_ground_floor() {
    let core = arrows("crates/freshkey-core/src", "");
    assert!(core["services"].contains("store") && core["store"].contains("rules"), "{core:#?}");
    assert!(core["rules"].is_empty(), "{:?}", core["rules"]);
    let server = arrows("crates/freshkey/src", "server");
    assert!(server["router"].contains("guard") && server["guard"].contains("state"), "{server:#?}");
}

#[test]
fn every_module_is_on_the_map() {
    let map = include_str!("../../../../docs/architecture.md");
    let library = ["app", "browser", "client", "server"].map(|folder| format!("crates/freshkey/src/{folder}"));
    let core = ["", "/rules", "/services", "/store"].map(|folder| format!("crates/freshkey-core/src{folder}"));
    for folder in library.iter().chain(&core) {
        let entries = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).read_dir().unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let modules = paths.filter(|path| path.is_dir() || path.extension().is_some_and(|kind| kind == "rs"));
        for module in modules.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()) {
            let is_root = ["lib", "mod", "tests"].contains(&module.as_str());
            assert!(is_root || map.contains(&format!("`{module}`")), "{folder}/{module}");
        }
    }
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
    let words = texts.iter().find_map(|text| text.split_once("AuditEvent, unknown: Other {")).unwrap().1;
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
    let heard = ["crates/freshkey/src/app", "crates/freshkey/src/browser", "crates/freshkey-lab/src", "src"]
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
