//! The web files, and the one address of each page.

use crate::support::{Running, SITE, TestApp, code};
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

#[tokio::test]
async fn a_file_answers_get_and_head_only() {
    let app = TestApp::start().await;
    for path in ["/favicon.svg", "/pkg/freshkey.js"] {
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"] {
            let answer = app.request(method, path).send().await.unwrap();
            assert_eq!(answer.status(), 405, "{method} {path}");
            assert_eq!(answer.headers()["allow"], "GET,HEAD");
        }
        let head = app.request("HEAD", path).send().await.unwrap();
        assert_eq!(head.status(), 200);
        assert_eq!(head.headers()["content-length"], fs::metadata(format!("{SITE}{path}")).unwrap().len().to_string());
    }
    app.stop().await;
}

#[tokio::test]
async fn a_file_has_one_address() {
    let app = TestApp::start().await;
    for path in [
        "/favicon.svg/",
        "//favicon.svg",
        "/favicon%2Esvg",
        "/pkg%2ffreshkey.js",
        "/pkg%2Ffreshkey.wasm",
        "/%70kg/freshkey.js",
        "/pkg//freshkey.js",
        "/pkg/",
        "/pkg",
    ] {
        let answer = app.get(path).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn what_is_announced_of_a_file_is_kept() {
    let app = TestApp::start().await;
    let whole = app.get("/favicon.svg").send().await.unwrap();
    assert_eq!(whole.headers()["accept-ranges"], "bytes");
    let modified = whole.headers()["last-modified"].clone();
    let text = whole.text().await.unwrap();

    let part = app.get("/favicon.svg").header("range", "bytes=0-3").send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.headers()["content-range"], format!("bytes 0-3/{}", text.len()));
    assert_eq!(part.text().await.unwrap(), text[..4]);
    let beyond = app.get("/favicon.svg").header("range", "bytes=99999-").send().await.unwrap();
    assert_eq!(beyond.status(), 416);

    let same = app.get("/favicon.svg").header("if-modified-since", modified).send().await.unwrap();
    assert_eq!(same.status(), 304);
    assert_eq!(same.headers()["vary"], "accept-encoding", "as on the answer that it stands for");
    assert_eq!(same.text().await.unwrap(), "");
    app.stop().await;
}

#[tokio::test]
async fn a_missing_file_is_not_kept() {
    let app = TestApp::start().await;
    for path in ["/pkg/freshkey.0123.js", "/pkg/nothing", "/robots.txt", "/nowhere"] {
        let answer = app.get(path).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
        assert!(answer.text().await.unwrap().contains("Page not found"), "{path}");
    }
    app.stop().await;
}

/// Copies the web files of the tests.
fn copy_site(to: &Path) {
    fs::create_dir_all(to.join("pkg")).unwrap();
    for file in ["freshkey.js", "freshkey.wasm", "freshkey.css"] {
        fs::copy(format!("{SITE}/pkg/{file}"), to.join("pkg").join(file)).unwrap();
    }
}

#[tokio::test]
async fn a_file_that_can_not_be_read_is_not_missing() {
    let site = tempfile::tempdir().unwrap();
    copy_site(site.path());
    // As good as a lack of file descriptors: it can't be opened, and that is no fault of the request.
    std::os::unix::fs::symlink("loop.txt", site.path().join("loop.txt")).unwrap();
    let app = TestApp::with(&["--site-root", site.path().to_str().unwrap()]).await;
    let answer = app.get("/loop.txt").send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(code(answer).await, "OVERLOADED");
    app.stop().await;
}

#[tokio::test]
async fn a_page_has_one_address() {
    let app = TestApp::start().await;
    for (path, location) in [
        ("/login/", "/login"),
        ("/app/", "/app"),
        ("/app/sessions/", "/app/sessions"),
        ("/lab/?a=1&b=%2F", "/lab?a=1&b=%2F"),
        ("/app/admin/users/7/?q=", "/app/admin/users/7?q="),
    ] {
        for method in ["GET", "HEAD"] {
            let answer = app.request(method, path).send().await.unwrap();
            assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (308, location));
        }
    }
    for path in ["/login//", "//login/", "//evil.example/", "/nowhere/", "/%6Cogin"] {
        let answer = app.get(path).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
        assert!(answer.text().await.unwrap().contains("Page not found"), "both routers say so: {path}");
    }
    let change = app.get("/.well-known/change-password").send().await.unwrap();
    assert_eq!((change.status().as_u16(), change.headers()["location"].to_str().unwrap()), (303, "/app/profile"));
    app.stop().await;
}

/// A copy of the program, where an operator has put it.
fn install(folder: &Path) -> Command {
    let program = folder.join("freshkey");
    fs::copy(env!("CARGO_BIN_EXE_freshkey"), &program).unwrap();
    let mut command = Command::new(program);
    command.current_dir(folder).env("LEPTOS_SITE_ADDR", "127.0.0.1:0").env_remove("LEPTOS_SITE_ROOT");
    command
}

/// Fails before it serves.
fn output(command: &mut Command) -> Output {
    command.output().unwrap()
}

#[test]
fn without_its_web_files_it_does_not_start_and_says_where_it_looked() {
    let folder = tempfile::tempdir().unwrap();
    let flat = folder.path().join("flat");
    fs::create_dir_all(flat.join("site/pkg")).unwrap();
    // Half of them are none.
    fs::write(flat.join("site/pkg/freshkey.js"), "").unwrap();
    let mut command = install(&flat);
    let said = output(command.env("LEPTOS_SITE_ROOT", "elsewhere"));
    assert_eq!(said.status.code(), Some(1));
    let said = String::from_utf8(said.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    for looked_in in [flat.join("elsewhere"), flat.join("site"), folder.path().join("site")] {
        assert!(said.contains(looked_in.to_str().unwrap()), "{said}");
    }
    assert!(!flat.join("data").exists(), "nothing was touched");
}

#[test]
fn a_part_of_the_client_that_is_missing_is_named_and_it_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let pkg = folder.path().join("site/pkg");
    fs::create_dir_all(&pkg).unwrap();
    for file in ["freshkey.a.js", "freshkey.b.wasm", "freshkey.c.css", "__wasm_split.d.js", "split_lab.f.wasm"] {
        fs::write(pkg.join(file), "").unwrap();
    }
    fs::write(pkg.join("__wasm_split_manifest.e.json"), r#"{"lab":["split_lab.f","chunk_5.g"]}"#).unwrap();
    let said = output(&mut install(folder.path()));
    assert_eq!(said.status.code(), Some(1));
    let said = String::from_utf8(said.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(pkg.join("chunk_5.g.wasm").to_str().unwrap()), "{said}");
    assert!(!folder.path().join("data").exists(), "nothing was touched");
}

#[tokio::test]
async fn it_finds_its_web_files_beside_itself() {
    for site in ["flat/site", "site"] {
        let folder = tempfile::tempdir().unwrap();
        copy_site(&folder.path().join(site));
        let flat = folder.path().join("flat");
        fs::create_dir_all(&flat).unwrap();
        let program = Running::from(install(&flat), &folder.path().join("log"));
        let file = reqwest::get(program.url("/pkg/freshkey.wasm")).await.unwrap();
        assert_eq!(file.status(), 200, "{site}");
    }
}
