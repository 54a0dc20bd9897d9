//! `FRESHKEY_MAIL=dev`: emails are stored in a file instead of being sent, and a page shows them. The file survives a
//! restart, so that `make watch` does not lose the code that the developer was about to type.

use super::message::Composed;
use crate::store::outbox::OutboxEmail;
use freshkey_types::Millis;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, VecDeque},
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// How many emails are stored.
const KEPT: usize = 200;
/// The file in the data folder.
const FILE: &str = "mailbox.json";

/// An email as it would have been sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptEmail {
    /// The recipient.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// When it was sent, in milliseconds since 1970.
    pub sent_at: Millis,
    /// Its id in the outbox.
    pub id: String,
    /// The name of its kind.
    pub kind: String,
    /// The tag of its language.
    pub language: String,
    /// Its headers.
    pub headers: BTreeMap<String, String>,
}

/// A developer's mailbox. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct DevMailbox {
    file: Option<PathBuf>,
    emails: Arc<Mutex<VecDeque<KeptEmail>>>,
}

impl DevMailbox {
    /// Opens the mailbox in this folder, with its earlier emails. A file that can't be read counts as empty.
    pub fn open(folder: &Path) -> Self {
        let file = folder.join(FILE);
        let emails = fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Self { file: Some(file), emails: Arc::new(Mutex::new(emails)) }
    }

    /// Returns the emails, the newest first.
    pub fn emails(&self) -> Vec<KeptEmail> {
        self.emails.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Stores an email.
    pub(super) async fn put(&self, email: &OutboxEmail, composed: &Composed, now: Millis) -> Result<(), io::Error> {
        let kept = KeptEmail {
            to: email.email.clone(),
            subject: composed.subject.clone(),
            text: composed.text.clone(),
            html: composed.html.clone(),
            sent_at: now,
            id: email.id.clone(),
            kind: email.kind.clone(),
            language: email.language().tag().to_owned(),
            headers: composed.headers().into_iter().collect(),
        };
        let mailbox = self.clone();
        let put = tokio::task::spawn_blocking(move || mailbox.put_now(kept));
        put.await.unwrap_or_else(|_| Err(io::Error::other("it panicked")))
    }

    fn put_now(&self, kept: KeptEmail) -> Result<(), io::Error> {
        let mut emails = self.emails.lock().unwrap_or_else(PoisonError::into_inner);
        // An email that is sent again after a crash replaces the first one.
        emails.retain(|email| email.id != kept.id);
        emails.push_front(kept);
        emails.truncate(KEPT);
        let Some(file) = &self.file else { return Ok(()) };
        // Replaces the file completely or not at all.
        let new = file.with_extension("new");
        let mut options = OpenOptions::new();
        let mut writing = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        writing.write_all(&serde_json::to_vec(&*emails)?)?;
        fs::rename(new, file)
    }
}
