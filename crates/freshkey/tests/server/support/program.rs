//! The real program, as an operator starts it.

use super::{SITE, TestDatabase, eventually};
use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
};

/// The real program, with web files to serve.
pub fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_freshkey"));
    program.env("LEPTOS_SITE_ROOT", SITE).env("FRESHKEY_MAIL", "none");
    program
}

/// It runs, and its log is in a file. It is killed when it goes out of scope.
pub struct Running {
    child: Child,
    /// `127.0.0.1:<port>`.
    pub address: String,
    log: PathBuf,
}

impl Running {
    /// Starts it on a data folder, with these arguments.
    pub fn start(data: &Path, database: &TestDatabase, arguments: &[&str]) -> Self {
        let mut command = program();
        command.arg("serve").args(database.flags()).args(arguments).env("FRESHKEY_DATA_DIR", data);
        Self::from(command, &data.with_extension("log"))
    }

    /// Runs the command, with its log in this file.
    pub fn from(mut command: Command, log: &Path) -> Self {
        let mut child = command
            .env("LEPTOS_SITE_ADDR", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(File::create(log).unwrap())
            .spawn()
            .expect("it runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        // Where the origin is another one, the line says beside it where it listens.
        let port = line.rsplit([':', ')']).find(|part| part.starts_with(|c: char| c.is_ascii_digit()));
        let port = port.and_then(|rest| rest.split_whitespace().next());
        let port = port.unwrap_or_else(|| panic!("{line}{}", std::fs::read_to_string(log).unwrap()));
        Self { child, address: format!("127.0.0.1:{port}"), log: log.to_owned() }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sends it a signal: `HUP`, say.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Waits until it has ended by itself.
    pub async fn ended(mut self) -> ExitStatus {
        eventually("the program ends", async || self.child.try_wait().unwrap()).await
    }

    /// Stops it, and returns its log: the last lines may be written after their answers have arrived.
    pub async fn stopped(mut self) -> String {
        self.signal("TERM");
        eventually("the program ends", async || self.child.try_wait().unwrap()).await;
        self.log()
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
