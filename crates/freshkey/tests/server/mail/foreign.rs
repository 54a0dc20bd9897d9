//! A mail server that is not ours, with TLS and passwords, and a parser that is not ours: Python's.

use crate::support::program;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
};
use tempfile::TempDir;

/// As its user and password are in a URL.
const LOGIN: &str = "ada%40x:p%2Fa%3As%20s";

struct Foreign {
    child: Child,
    says: BufReader<ChildStdout>,
    port: u16,
    folder: TempDir,
}

impl Foreign {
    fn start(mode: &str) -> Self {
        let python = std::env::var("FRESHKEY_PYTHON").expect("scripts/setup.sh test installs aiosmtpd");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/freshkey/tests/mail/server.py");
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(python);
        command.arg("-B").arg(script).arg(mode).arg(folder.path());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("Python runs");
        let mut says = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        says.read_line(&mut line).unwrap();
        Self { child, says, port: line.trim().parse().expect("a port"), folder }
    }

    /// `freshkey mail test`, by this server.
    fn test(&self, url: &str, settings: &[(&str, &str)]) -> Output {
        let data = self.folder.path().join("data");
        let mut command = program();
        command
            .args(["mail", "test", "Lena@münchen.de"])
            .env("FRESHKEY_DATA_DIR", data)
            .env("FRESHKEY_MAIL", url)
            .env("FRESHKEY_MAIL_FROM", "Jörgs Shop, Inc. <no-reply@shop.example>")
            .envs(settings.iter().copied());
        command.output().unwrap()
    }

    fn trusted(&self) -> String {
        self.folder.path().join("ca.pem").display().to_string()
    }

    /// The next email that it took.
    fn email(&mut self) -> Value {
        let mut line = String::new();
        self.says.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn emails_arrive_by_tls_and_a_password_and_have_no_defects() {
    for (mode, scheme) in [("starttls", "smtp"), ("smtps", "smtps")] {
        let mut server = Foreign::start(mode);
        let url = format!("{scheme}://{LOGIN}@localhost:{}", server.port);
        let trusted = server.trusted();
        for (language, subject) in [("en", "It works"), ("de", "Es klappt"), ("fr", "Ça marche"), ("es", "Funciona")] {
            let output = server.test(&url, &[("SSL_CERT_FILE", &trusted), ("FRESHKEY_LANGUAGES", language)]);
            let said = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
            for step in ["connect ", "AUTH ", "MAIL FROM ", "RCPT TO ", "DATA ", "the email "] {
                assert!(said.contains(step), "{step} in {said}");
            }
            assert!(!said.contains("p/a:s"), "{said}");
            let email = server.email();
            assert_eq!(email["defects"], Value::Array(vec![]), "{email}");
            assert_eq!(email["tls"], true);
            assert_eq!(email["to"][0], "Lena@xn--mnchen-3ya.de");
            assert_eq!(email["headers"]["From"], "\"Jörgs Shop, Inc.\" <no-reply@shop.example>");
            assert_eq!(email["headers"]["Subject"], subject);
            assert_eq!(email["headers"]["Content-Language"], language);
            assert_eq!(
                (&email["type"], &email["parts"]),
                (&"multipart/alternative".into(), &["text/plain", "text/html"][..].into())
            );
            assert!(email["text"].as_str().unwrap().contains(subject), "{email}");
            assert!(email["html"].as_str().unwrap().contains(&format!("<html lang=\"{language}\">")), "{email}");
        }
    }
}

#[test]
fn nothing_is_sent_to_a_server_that_nobody_vouches_for_or_with_a_wrong_password() {
    for (mode, scheme) in [("starttls", "smtp"), ("smtps", "smtps")] {
        let server = Foreign::start(mode);
        let trusted = server.trusted();
        let refused = |login: &str, settings: &[(&str, &str)]| {
            let output = server.test(&format!("{scheme}://{login}@localhost:{}", server.port), settings);
            assert_eq!(output.status.code(), Some(1));
            String::from_utf8(output.stderr).unwrap()
        };
        let said = refused(LOGIN, &[]);
        assert!(said.contains("certificate") && !said.contains("AUTH"), "{said}");
        let said = refused("ada:hunter2", &[("SSL_CERT_FILE", &trusted)]);
        assert!(said.contains("AUTH: ") && said.contains("535") && !said.contains("hunter2"), "{said}");
    }
}
