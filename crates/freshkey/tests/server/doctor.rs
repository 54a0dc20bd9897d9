//! `freshkey doctor` at deployments that each have one fault: it names that one, and finds nothing at a sound one.

mod dns_server;
mod faults;
mod instances;
mod local;
mod proxy;

use crate::support::{TestApp, program};
use faults::{FAULTS, LINES};
use proxy::{Certificate, Fault, Proxy};
use serde_json::Value;
use std::{collections::BTreeSet, path::Path, process::Command};
use tempfile::TempDir;
use tokio::net::TcpListener;

const DAYS: u32 = 90;
/// More connections than are ever opened.
const MANY: usize = 1000;

/// A server behind a proxy with TLS.
struct Deployment {
    app: TestApp,
    proxy: Proxy,
    site: String,
    certificate: Certificate,
    folder: TempDir,
}

/// What doctor said.
struct Said {
    code: Option<i32>,
    ids: Vec<String>,
    report: Value,
}

impl Deployment {
    /// A sound one.
    async fn start(flags: &[&str]) -> Self {
        Self::with(Fault::NONE, DAYS, flags).await
    }

    async fn with(fault: Fault, days: u32, flags: &[&str]) -> Self {
        Self::of(MANY, fault, days, flags).await
    }

    /// One whose proxy takes so many connections at once.
    async fn of(most: usize, fault: Fault, days: u32, flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let files = web_files(folder.path());
        let origin = if flags.contains(&"--origin") { Vec::new() } else { vec!["--origin", &site] };
        let own = ["--site-root", &files, "--trusted-proxies", "127.0.0.1"];
        let app = TestApp::with(&[&own, &origin[..], flags].concat()).await;
        let certificate = Certificate::make(folder.path(), days);
        let proxy = Proxy::with_tls(most, listener, &certificate, app.address(), fault);
        Self { app, proxy, site, certificate, folder }
    }

    async fn doctor(&self, flags: &[&str]) -> Said {
        doctor(&self.site, &self.certificate.file, flags).await
    }

    async fn stop(self) {
        drop(self.proxy);
        self.app.stop().await;
    }
}

/// What `freshkey doctor` says of the site, with the certificates that it is to accept.
async fn doctor(site: &str, certificates: &Path, flags: &[&str]) -> Said {
    let mut program = program();
    program.args(["doctor", site, "--json"]).args(flags).env("SSL_CERT_FILE", certificates);
    said(program).await
}

async fn said(mut program: Command) -> Said {
    let output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!("{}", String::from_utf8_lossy(&output.stderr));
    });
    let findings = report["findings"].as_array().unwrap();
    let mut ids: Vec<_> = findings.iter().map(|finding| finding["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    Said { code: output.status.code(), ids, report }
}

impl Said {
    fn found(&self, ids: &[&str]) {
        assert_eq!(self.ids, ids, "{:#}", self.report);
        assert_eq!(self.code, Some(i32::from(!ids.is_empty())), "{:#}", self.report);
    }
}

/// Web files as a release build makes them: a hash in each name, compressed beside it.
fn web_files(folder: &Path) -> String {
    let pkg = folder.join("site/pkg");
    std::fs::create_dir_all(&pkg).unwrap();
    for kind in ["js", "css", "wasm"] {
        std::fs::write(pkg.join(format!("freshkey.Zm9v.{kind}")), " ".repeat(64 * 1024)).unwrap();
        std::fs::write(pkg.join(format!("freshkey.Zm9v.{kind}.br")), "compressed").unwrap();
    }
    folder.join("site").to_str().unwrap().to_owned()
}

/// Answers at plain http, by leading elsewhere or not.
async fn plain(app: &TestApp, fault: Fault) -> (String, Proxy) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    (address, Proxy::without_tls(listener, app.address(), fault))
}

fn to_https(_: &str, answer: &mut proxy::Answer) {
    *answer.status_mut() = 308_u16.try_into().unwrap();
    *answer.body_mut() = "<h1>308 Permanent Redirect</h1>".into();
    answer.headers_mut().insert("location", "https://localhost/login".parse().unwrap());
}

#[tokio::test]
async fn a_sound_deployment_has_no_finding() {
    let sound = Deployment::start(&[]).await;
    let (http, _plain) = plain(&sound.app, Fault::answer(to_https)).await;
    let said = sound.doctor(&["--limits", "--http", &http]).await;
    said.found(&[]);
    assert_eq!(said.report["target"], sound.site);
    assert!(said.report["unchecked"].as_array().unwrap().is_empty(), "{:#}", said.report);
    sound.stop().await;
}

#[tokio::test]
async fn each_fault_of_a_proxy_is_named_and_nothing_else() {
    let deployment = Deployment::start(&["--rate-limit", "off"]).await;
    for (id, fault) in FAULTS {
        deployment.proxy.fail(*fault);
        deployment.doctor(&[]).await.found(&[id]);
    }
    deployment.stop().await;
}

#[tokio::test]
async fn what_one_line_breaks_is_one_finding() {
    let deployment = Deployment::start(&["--rate-limit", "off"]).await;
    for (id, fault) in LINES {
        deployment.proxy.fail(*fault);
        deployment.doctor(&[]).await.found(&[id]);
    }
    deployment.stop().await;
}

#[tokio::test]
async fn a_certificate_is_looked_at() {
    let ends = Deployment::with(Fault::NONE, 5, &[]).await;
    ends.doctor(&[]).await.found(&["certificate-expires"]);
    let other = Certificate::make(ends.folder.path(), DAYS);
    doctor(&ends.site, &other.file, &[]).await.found(&["certificate-refused"]);
    ends.stop().await;
}

#[tokio::test]
async fn plain_http_has_to_lead_to_https() {
    let deployment = Deployment::start(&[]).await;
    let (http, _plain) = plain(&deployment.app, Fault::NONE).await;
    deployment.doctor(&["--http", &http]).await.found(&["http-not-redirected"]);
    // By another address than localhost it is the public that is served without TLS.
    let public = http.replace("127.0.0.1", "0.0.0.0");
    doctor(&public, &deployment.certificate.file, &[]).await.found(&["no-https", "origin-differs"]);
    deployment.stop().await;
}

#[tokio::test]
async fn a_server_with_another_origin_or_a_mailbox_is_named() {
    let other = Deployment::start(&["--origin", "https://app.example.com"]).await;
    other.doctor(&[]).await.found(&["origin-differs"]);
    other.stop().await;
    let mailbox = Deployment::start(&["--mail", "dev"]).await;
    mailbox.doctor(&[]).await.found(&["mailbox-exposed"]);
    mailbox.stop().await;
}

#[tokio::test]
async fn a_developers_own_server_has_no_finding() {
    let app = TestApp::with(&["--mail", "dev"]).await;
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::make(folder.path(), DAYS);
    doctor(&app.origin, &certificate.file, &[]).await.found(&[]);
    app.stop().await;
}

#[tokio::test]
async fn a_limit_that_can_be_got_round_is_named() {
    let through = |headers: &mut axum::http::HeaderMap| drop(headers.remove("forwarded"));
    let forged = Deployment::with(Fault::request(through), DAYS, &[]).await;
    forged.doctor(&["--limits"]).await.found(&["forged-address"]);
    forged.stop().await;

    let none = Deployment::start(&["--rate-limit", "off"]).await;
    none.doctor(&["--limits"]).await.found(&["no-limit"]);
    none.stop().await;

    let stripped = |_: &str, answer: &mut proxy::Answer| drop(answer.headers_mut().remove("retry-after"));
    let stripped = Deployment::with(Fault::answer(stripped), DAYS, &[]).await;
    stripped.doctor(&["--limits"]).await.found(&["retry-after-stripped"]);
    stripped.stop().await;
}

#[tokio::test]
async fn a_proxy_that_refuses_connections_is_named() {
    let few = Deployment::of(12, Fault::NONE, DAYS, &[]).await;
    few.doctor(&[]).await.found(&["connections-refused"]);
    few.stop().await;
}

#[tokio::test]
async fn what_is_not_there_or_not_freshkey_can_not_be_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::make(folder.path(), DAYS);
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let other = Fault::answer(|_, answer| *answer.body_mut() = "<h1>Welcome to nginx!</h1>".into());
    let deployment = Deployment::with(other, DAYS, &[]).await;
    let mut words = vec![vec!["doctor", gone.as_str()], vec!["doctor", "https://ada:secret@example.com"]];
    words.push(vec!["doctor", &deployment.site]);
    // By plain http it leads to the site, which is the one to look at.
    let (http, _plain) = plain(&deployment.app, Fault::answer(to_https)).await;
    words.push(vec!["doctor", &http]);
    for words in words {
        let mut program = program();
        program.args(&words).env("SSL_CERT_FILE", &deployment.certificate.file);
        let output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {error}");
        assert!(output.stdout.is_empty() && !error.is_empty(), "{words:?}: {error}");
    }
    drop(certificate);
    deployment.stop().await;
}

#[tokio::test]
async fn a_page_of_findings_is_for_people() {
    let version = |_: &str, answer: &mut proxy::Answer| {
        answer.headers_mut().insert("server", "nginx/1.22.1".parse().unwrap());
    };
    let deployment = Deployment::with(Fault::answer(version), DAYS, &[]).await;
    let mut program = program();
    program.args(["doctor", &deployment.site]).env("SSL_CERT_FILE", &deployment.certificate.file);
    let output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<_> = page.lines().take(6).map(str::trim_start).collect();
    let begins = [
        &format!("{}: 1 finding", deployment.site),
        "",
        "version-told (low): ",
        "seen:   server: nginx/1.22.1",
        "why:    ",
        "change: ",
    ];
    assert!(lines.iter().zip(begins).all(|(line, begin)| line.starts_with(begin)), "{page}");
    deployment.stop().await;
}

#[test]
fn every_finding_is_in_the_document_and_has_a_test() {
    let output = program().args(["doctor", "--list"]).output().unwrap();
    let list = String::from_utf8(output.stdout).unwrap();
    let document = include_str!("../../../../docs/doctor.md");
    assert!(
        output.status.success() && document.contains(&list),
        "docs/doctor.md lacks what freshkey doctor --list says:\n{list}"
    );
    let listed: BTreeSet<_> = list.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let tests =
        [include_str!("doctor.rs"), include_str!("doctor/local.rs"), include_str!("doctor/instances.rs")].concat();
    let planted: BTreeSet<_> = FAULTS.iter().map(|(id, _)| *id).collect();
    let untested: Vec<_> =
        listed.iter().filter(|id| !planted.contains(*id) && !tests.contains(&format!("\"{id}\""))).collect();
    assert!(listed.len() > 40 && untested.is_empty(), "{untested:?}");
}
