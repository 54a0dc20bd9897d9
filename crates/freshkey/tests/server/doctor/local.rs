//! `freshkey doctor --local` on machines that each have one fault.

use super::{Said, dns_server::DnsServer, said};
use crate::{
    mail::smtp_server::{Manners, SmtpServer},
    places::CITIES,
    redis_server::RedisServer,
    support::{SECRET, TestApp, TestDatabase, administer, program},
};
use std::{
    fs::{self, File, Permissions},
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tempfile::TempDir;

const DAY: Duration = Duration::from_hours(24);
const SPF: (&str, &str) = ("example.com", "v=spf1 include:_spf.example.net -all");
const DKIM: (&str, &str) = ("s1._domainkey.example.com", "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A");
const DMARC: (&str, &str) = ("_dmarc.example.com", "v=DMARC1; p=reject");

/// A machine on which all is as it should be.
struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let machine = Self { folder };
        // As any folder of a system: everybody may enter it.
        mode(machine.folder.path(), 0o755);
        for (name, of) in [("data", 0o700), ("backups", 0o700)] {
            fs::create_dir(machine.at(name)).unwrap();
            mode(&machine.at(name), of);
        }
        fs::write(machine.at("backups/freshkey.db"), "a copy").unwrap();
        machine
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_owned()
    }

    /// What doctor says with these settings, after those of the machine.
    async fn doctor(&self, settings: &[(&str, &str)], flags: &[&str]) -> Said {
        let mut program = program();
        program.args(["doctor", "--local", "--json", "--backups", &self.text("backups")]).args(flags);
        program.env("FRESHKEY_DATA_DIR", self.at("data")).env("FRESHKEY_ORIGIN", "https://app.example.com");
        program.env("FRESHKEY_TRUSTED_PROXIES", "10.0.0.1/32").envs(settings.iter().copied());
        said(program).await
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// An address at which nobody listens.
fn nobody() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[tokio::test]
async fn a_sound_machine_has_no_finding() {
    let (machine, redis, mail) = (Machine::new(), RedisServer::start(), SmtpServer::start(&[]).await);
    let dns = DnsServer::start(&[SPF, DKIM, DMARC]).await;
    let settings = [
        ("REDIS_URL", redis.url()),
        ("FRESHKEY_MAIL", mail.url()),
        ("FRESHKEY_MAIL_FROM", "no-reply@example.com".to_owned()),
    ];
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    let said = machine.doctor(&settings, &["--dns", "--resolver", &dns.address.to_string(), "--dkim", "s1"]).await;
    said.found(&[]);
    assert_eq!(said.report["target"], "this machine");
    assert!(said.report["unchecked"].as_array().unwrap().is_empty(), "{:#}", said.report);
    assert!(mail.received().is_empty(), "nothing is sent");
    let changed: Vec<_> = fs::read_dir(machine.at("data")).unwrap().collect();
    assert!(changed.is_empty(), "nothing is written: {changed:?}");
}

#[tokio::test]
async fn each_setting_that_does_not_fit_is_named() {
    let machine = Machine::new();
    for (setting, value, id) in [
        ("FRESHKEY_ORIGIN", "http://localhost:3000", "origin-not-set"),
        ("FRESHKEY_TRUSTED_PROXIES", "", "proxy-not-trusted"),
        ("FRESHKEY_RATE_LIMIT", "off", "limit-off"),
        ("FRESHKEY_LOGIN_RATE_LIMIT", "off", "limit-off"),
        ("FRESHKEY_METRICS_ADDR", "0.0.0.0:9100", "metrics-listen-everywhere"),
    ] {
        machine.doctor(&[(setting, value)], &[]).await.found(&[id]);
    }
}

#[tokio::test]
async fn a_limit_of_open_files_is_named() {
    let machine = Machine::new();
    let mut limited = Command::new("sh");
    let freshkey = env!("CARGO_BIN_EXE_freshkey");
    limited.args(["-c", "ulimit -n 1024; exec \"$0\" doctor --local --json", freshkey]);
    limited.env("FRESHKEY_DATA_DIR", machine.at("data")).env("FRESHKEY_ORIGIN", "https://app.example.com");
    limited.env("FRESHKEY_TRUSTED_PROXIES", "10.0.0.1").env("FRESHKEY_MAIL", "none");
    said(limited).await.found(&["descriptors-few"]);
}

#[tokio::test]
async fn files_are_looked_at() {
    let machine = Machine::new();
    let secret = machine.text("secret");
    fs::write(&secret, SECRET).unwrap();
    mode(Path::new(&secret), 0o644);
    let settings = [("FRESHKEY_SECRET_FILE", secret.as_str())];
    let said = machine.doctor(&settings, &[]).await;
    said.found(&["file-readable"]);
    assert!(!said.report.to_string().contains(SECRET), "{:#}", said.report);
    mode(Path::new(&secret), 0o600);
    machine.doctor(&settings, &[]).await.found(&[]);
    mode(&machine.at("data"), 0o755);
    machine.doctor(&[], &[]).await.found(&["file-readable"]);
    mode(&machine.at("data"), 0o700);
    machine.doctor(&[], &["--free-disk", "1000000000"]).await.found(&["disk-full"]);
}

#[tokio::test]
async fn backups_are_looked_at() {
    let machine = Machine::new();
    let backup = machine.at("backups/freshkey.db");
    mode(&machine.at("backups"), 0o755);
    mode(&backup, 0o644);
    machine.doctor(&[], &[]).await.found(&["backup-readable"]);
    mode(&machine.at("backups"), 0o700);
    machine.doctor(&[], &[]).await.found(&[]);
    File::options().write(true).open(&backup).unwrap().set_modified(SystemTime::now() - 2 * DAY).unwrap();
    machine.doctor(&[], &[]).await.found(&["backup-old"]);
    machine.doctor(&[], &["--backup-age", "3d"]).await.found(&[]);
    fs::write(&backup, "").unwrap();
    machine.doctor(&[], &[]).await.found(&["backup-missing"]);
}

#[tokio::test]
async fn the_city_database_is_looked_at() {
    let (machine, mut bytes) = (Machine::new(), fs::read(CITIES).unwrap());
    let cities = machine.text("cities.mmdb");
    let settings = [("FRESHKEY_PLACES_FILE", cities.as_str())];
    machine.doctor(&settings, &[]).await.found(&["places-unusable"]);
    fs::write(&cities, &bytes).unwrap();
    machine.doctor(&settings, &[]).await.found(&["places-old"]);
    // Its last four bytes are the time when it was built.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let end = bytes.len() - 4;
    bytes[end..].copy_from_slice(&u32::try_from(now).unwrap().to_be_bytes());
    fs::write(&cities, &bytes).unwrap();
    machine.doctor(&settings, &[]).await.found(&[]);
}

#[tokio::test]
async fn redis_is_looked_at() {
    let (machine, redis) = (Machine::new(), RedisServer::start());
    let url = redis.url();
    let mut connection = TcpStream::connect(url.strip_prefix("redis://").unwrap()).unwrap();
    connection.write_all(b"CONFIG SET maxmemory 100mb maxmemory-policy allkeys-lru\r\n").unwrap();
    let mut answer = [0; 5];
    connection.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"+OK\r\n");
    machine.doctor(&[("REDIS_URL", &url)], &[]).await.found(&["redis-evicts"]);
    let gone = format!("redis://:hidden@{}", nobody());
    let said = machine.doctor(&[("REDIS_URL", &gone)], &[]).await;
    said.found(&["redis-unreachable"]);
    assert!(!said.report.to_string().contains("hidden"), "{:#}", said.report);
}

#[tokio::test]
async fn a_mail_server_that_fails_is_named() {
    let machine = Machine::new();
    let from = ("FRESHKEY_MAIL_FROM", "no-reply@example.com");
    let busy = SmtpServer::start(&[Manners::Busy]).await;
    for url in [busy.url(), format!("smtp://ada:hidden@{}", nobody())] {
        let said = machine.doctor(&[("FRESHKEY_MAIL", &url), from], &[]).await;
        said.found(&["mail-fails"]);
        assert!(!said.report.to_string().contains("hidden"), "{:#}", said.report);
    }
}

#[tokio::test]
async fn the_records_of_the_mail_domain_are_looked_at() {
    let (machine, mail) = (Machine::new(), SmtpServer::start(&[]).await);
    let long = format!("v=spf1 {} -all", "include:_spf.example.net ".repeat(30));
    for (zone, ids) in [
        (&[("other.example", "")][..], &["mail-domain-missing"][..]),
        (&[DKIM, DMARC], &["spf-missing"]),
        (&[("example.com", &long), DKIM, DMARC], &[]),
        (&[SPF, ("example.com", "v=spf1 a -all"), DKIM, DMARC], &["spf-doubled"]),
        (&[("example.com", "v=spf1 +all"), DKIM, DMARC], &["spf-open"]),
        (&[SPF, DMARC], &["dkim-missing"]),
        (&[SPF, DKIM], &["dmarc-missing"]),
        (&[SPF, DKIM, ("_dmarc.example.com", "v=DMARC1; p=none")], &["dmarc-none"]),
    ] {
        let dns = DnsServer::start(zone).await;
        let settings = [("FRESHKEY_MAIL", mail.url()), ("FRESHKEY_MAIL_FROM", "Ada <no-reply@example.com>".to_owned())];
        let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
        let resolver = dns.address.to_string();
        machine.doctor(&settings, &["--dns", "--resolver", &resolver, "--dkim", "s1"]).await.found(ids);
    }
}

#[tokio::test]
async fn a_policy_of_the_domain_above_counts_and_what_was_not_looked_at_is_said() {
    let (machine, mail) = (Machine::new(), SmtpServer::start(&[]).await);
    let dns = DnsServer::start(&[("mail.example.com", SPF.1), DMARC]).await;
    let settings = [("FRESHKEY_MAIL", mail.url()), ("FRESHKEY_MAIL_FROM", "no-reply@mail.example.com".to_owned())];
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    let unchecked = |said: &Said| said.report["unchecked"].to_string();
    let said = machine.doctor(&settings, &["--dns", "--resolver", &dns.address.to_string()]).await;
    said.found(&[]);
    assert!(unchecked(&said).contains("--dkim names the selector"), "{:#}", said.report);
    let said = machine.doctor(&settings, &["--dns", "--resolver", &nobody()]).await;
    said.found(&[]);
    assert!(unchecked(&said).contains("records of the mail domain"), "{:#}", said.report);
}

#[tokio::test]
async fn a_postgres_that_is_away_is_named() {
    let machine = Machine::new();
    let url = format!("postgres://ada:hidden@{}/freshkey", nobody());
    let said = machine.doctor(&[("DATABASE_URL", &url), ("FRESHKEY_SECRET", SECRET)], &[]).await;
    said.found(&["database-unreachable"]);
    assert!(!said.report.to_string().contains("hidden"), "{:#}", said.report);
}

/// The tests' Postgres waits for no disk, which is a finding by itself.
#[tokio::test]
async fn a_postgres_is_looked_at() {
    const DISK: &str = "postgres-not-durable";
    let app = TestApp::with(&["--origin", "https://app.example.com"]).await;
    if let TestDatabase::Postgres { name } = app.database() {
        let (machine, url) = (Machine::new(), app.database().url());
        let settings = [("DATABASE_URL", url.as_str()), ("FRESHKEY_SECRET", SECRET)];
        machine.doctor(&settings, &[]).await.found(&["postgres-forgets", DISK]);
        administer(&format!("ALTER DATABASE {name} SET synchronous_commit = on")).await;
        machine.doctor(&settings, &[]).await.found(&[DISK]);
        machine.doctor(&settings, &["--instances", "100"]).await.found(&[
            "instances-missing",
            "postgres-connections",
            DISK,
        ]);
        administer(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
        machine.doctor(&settings, &[]).await.found(&[DISK, "postgres-read-only"]);
    }
    app.stop().await;
}

#[tokio::test]
async fn settings_that_no_server_starts_with_can_not_be_looked_at() {
    let mut program = program();
    program.args(["doctor", "--local"]).env("FRESHKEY_ORIGIN", "nonsense");
    let output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("FRESHKEY_ORIGIN"));
}
