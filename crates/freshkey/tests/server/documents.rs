//! What the documents say of the program and of this repository is so.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The pages of docs/ and of its folders.
fn pages() -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join("docs")]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found
}

/// The documents, with their texts.
fn documents() -> Vec<(PathBuf, String)> {
    let mut paths = pages();
    paths.extend(["README.md", "CHANGELOG.md"].map(|name| root().join(name)));
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// What the text links to that is no other site.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|link| !link.contains("://"))
}

/// How a heading is named in an address.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|char| char.is_alphanumeric() || [' ', '-', '_'].contains(char));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let mut lost = Vec::new();
    let documents = documents();
    for (path, text) in &documents {
        for link in links(text) {
            let (file, heading) = link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let found = target.exists()
                && heading.is_none_or(|heading| {
                    let text = fs::read_to_string(&target).unwrap();
                    text.lines()
                        .filter(|line| line.starts_with('#'))
                        .any(|line| anchor(line.trim_start_matches('#')) == heading)
                });
            if !found {
                lost.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(documents.len() > 4 && lost.is_empty(), "{lost:#?}");
}

#[test]
fn every_page_is_in_the_summary_once() {
    let folder = root().join("docs");
    let summary = fs::read_to_string(folder.join("SUMMARY.md")).unwrap();
    let listed: Vec<_> = links(&summary).map(|link| folder.join(link)).collect();
    let is_listed_once = |page: &PathBuf| listed.iter().filter(|listed| *listed == page).count() == 1;
    let pages = pages().into_iter().filter(|page| !page.ends_with("SUMMARY.md"));
    let wrong: Vec<_> = pages.filter(|page| !is_listed_once(page)).collect();
    assert!(wrong.is_empty(), "not in docs/SUMMARY.md, or twice: {wrong:#?}");
}

#[test]
fn the_rust_in_the_readme_stands_in_the_code() {
    let mut code = String::new();
    let mut folders = vec![root().join("src"), root().join("crates")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                code.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let code: Vec<_> = code.lines().map(str::trim).collect();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let blocks = readme.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines: Vec<_> =
        blocks.flat_map(str::lines).map(str::trim).filter(|line| !line.is_empty() && !line.contains('…')).collect();
    assert!(lines.len() > 10);
    let strange: Vec<_> = lines.into_iter().filter(|line| !code.contains(line)).collect();
    assert!(strange.is_empty(), "{strange:#?}");
}
