//! Flows of several calls, in which an email proves that the user has an address.
//!
//! The threats: somebody reads an email that is not theirs, a mail scanner opens every link, somebody copies the
//! database, somebody probes which addresses have an account. The choices: a code works only in the browser that
//! asked for it; a link leads to a page that asks for something more; both are functions of a key and are stored
//! nowhere; and for an address without an account, the server does the same as for one with an account, except for
//! sending the email.

mod emails;

pub use emails::ResendError;

use crate::{
    rules::{
        browser_token::{Browser, BrowserKey},
        challenge::{ATTEMPTS, ChallengeKind, ChallengeLifetimes, Emailed},
        mailed_secret::{LinkPurpose, MailedSecrets},
        seal::SealKey,
    },
    store::{
        Store, StoreError,
        challenges::{AfterPassword, ChallengeOwner, ChallengeRow, NewChallenge},
        outbox::NewEmail,
    },
};
use freshkey_types::{Millis, StepReason};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// The challenges of a server: their store, keys and lifetimes.
pub struct Challenges {
    store: Store,
    secrets: MailedSecrets,
    seal: SealKey,
    /// Recognizes the browsers that begin challenges.
    pub browsers: BrowserKey,
    /// How long challenges live.
    pub lifetimes: ChallengeLifetimes,
    /// How long a finishing call may be repeated.
    grace_period: Millis,
}

/// What the last step of a registration needs from the first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Registrant {
    /// A PHC string.
    pub password_hash: String,
    /// The name, if one was given.
    pub name: Option<String>,
    /// Whether the cookie should outlive the browser session.
    pub remember: bool,
    /// The request with the app's own fields: whether it is JSON, and its text.
    pub own: Option<(bool, String)>,
}

/// Whether a step can continue.
#[derive(Clone, Debug)]
pub enum ChallengeStatus {
    /// It can continue.
    Open(ChallengeRow, Vec<Emailed>),
    /// It was finished a moment ago by the same browser, which may ask for the answer again.
    Repeat(ChallengeRow, Vec<Emailed>),
    /// It is over. The reason is given only to the browser or user that began it.
    Over(Option<StepReason>),
}

/// The result of checking a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeVerdict {
    /// The code is right.
    Right,
    /// The code has expired. This many more tries are left.
    Expired(i64),
    /// The code is wrong. This many more tries are left.
    Wrong(i64),
    /// No more tries are left.
    TooMany,
}

impl Challenges {
    /// Creates the service for the challenges in `store`.
    pub fn new(
        store: Store,
        secrets: MailedSecrets,
        seal: SealKey,
        browsers: BrowserKey,
        lifetimes: ChallengeLifetimes,
        grace_period: Millis,
    ) -> Self {
        Self { store, secrets, seal, browsers, lifetimes, grace_period }
    }

    /// Begins a challenge and writes its email, if it has one. Returns `false` if too many emails wait already.
    ///
    /// # Errors
    /// The database failed.
    pub async fn begin(&self, new: NewChallenge, email: Option<NewEmail>) -> Result<bool, StoreError> {
        self.store.begin_challenge(new, email).await
    }

    /// Begins the step after a password, if the user still has the hash that the password was verified against.
    ///
    /// # Errors
    /// The database failed.
    pub async fn begin_after_password(&self, new: NewChallenge, hash: &str) -> Result<AfterPassword, StoreError> {
        self.store.begin_after_password(new, hash.to_owned()).await
    }

    /// Seals what the last step of a challenge needs. Returns `None` if the system has no randomness.
    pub fn seal(&self, challenge: Uuid, needed: &impl Serialize) -> Option<String> {
        let text = serde_json::to_vec(needed).ok()?;
        self.seal.seal(&challenge.to_string(), text).ok()
    }

    /// Opens the data that was sealed for this challenge.
    pub fn open<T: DeserializeOwned>(&self, challenge: &ChallengeRow) -> Option<T> {
        serde_json::from_slice(&self.seal.open(&challenge.id, challenge.data.as_deref()?)?).ok()
    }

    /// Finds the challenge with this id, or the newest of a user or browser, if it is of the right kind.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find(
        &self,
        id: Option<&str>,
        whose: Option<ChallengeOwner<'_>>,
        kind: Option<ChallengeKind>,
    ) -> Result<Option<ChallengeRow>, StoreError> {
        let row = match (id, whose) {
            (Some(id), _) => match Uuid::parse_str(id) {
                Ok(id) => self.store.challenge(id).await?,
                Err(_) => None,
            },
            (None, Some(whose)) => self.store.newest_challenge(whose, kind).await?,
            (None, None) => None,
        };
        Ok(row.filter(|row| kind.is_none_or(|kind| row.kind() == Some(kind))))
    }

    /// Returns whether the caller, identified by `whose`, may continue a challenge by its code.
    ///
    /// # Errors
    /// The database failed.
    pub async fn standing(
        &self,
        row: Option<ChallengeRow>,
        whose: Option<ChallengeOwner<'_>>,
        now: Millis,
    ) -> Result<ChallengeStatus, StoreError> {
        let (Some(row), Some(whose)) = (row, whose) else { return Ok(ChallengeStatus::Over(None)) };
        let emails = self.store.emails_of(&row).await?;
        if self.may_repeat(&row, whose, now) {
            return Ok(ChallengeStatus::Repeat(row, emails));
        }
        let own = match whose {
            ChallengeOwner::Browser(browser) => row.browser.as_deref() == Some(browser),
            ChallengeOwner::User(user) => row.browser.is_none() && row.user_id.as_deref() == Some(user),
        };
        if !own {
            return Ok(ChallengeStatus::Over(None));
        }
        Ok(match row.course().over_for_codes(&emails, self.lifetimes, now) {
            None => ChallengeStatus::Open(row, emails),
            over => ChallengeStatus::Over(over),
        })
    }

    /// Returns whether this browser may use a link.
    ///
    /// # Errors
    /// The database failed.
    pub async fn standing_of_link(
        &self,
        challenge: Uuid,
        browser: Option<&str>,
        now: Millis,
    ) -> Result<ChallengeStatus, StoreError> {
        let Some(row) = self.store.challenge(challenge).await? else {
            // The link was genuine, so the challenge did exist.
            return Ok(ChallengeStatus::Over(Some(StepReason::Expired)));
        };
        let emails = self.store.emails_of(&row).await?;
        if browser.is_some_and(|browser| self.may_repeat(&row, ChallengeOwner::Browser(browser), now)) {
            return Ok(ChallengeStatus::Repeat(row, emails));
        }
        Ok(match row.course().over(&emails, self.lifetimes, now) {
            None => ChallengeStatus::Open(row, emails),
            over => ChallengeStatus::Over(over),
        })
    }

    fn may_repeat(&self, row: &ChallengeRow, whose: ChallengeOwner<'_>, now: Millis) -> bool {
        let by = match whose {
            ChallengeOwner::Browser(browser) => row.finished_by.as_deref() == Some(browser),
            ChallengeOwner::User(user) => row.browser.is_none() && row.user_id.as_deref() == Some(user),
        };
        by && row.finished_at.is_some_and(|finished_at| now - finished_at < self.grace_period)
    }

    /// Records a try on an open challenge before the caller learns whether it was right. Returns how many wrong tries
    /// are left, or `None` if there were too many already. A right try is not counted, because the next step may fail
    /// and the client then sends the same code again. But it waits in the same queue, so of many simultaneous guesses
    /// at most five are judged.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count_try(&self, row: &ChallengeRow, right: bool) -> Result<Option<i64>, StoreError> {
        let wrong = self.store.count_attempt(row.uuid(), i64::from(!right)).await?;
        Ok(wrong.map(|wrong| ATTEMPTS - wrong))
    }

    /// Checks a code that was typed for an open challenge.
    ///
    /// # Errors
    /// The database failed.
    pub async fn try_code(
        &self,
        row: &ChallengeRow,
        emails: &[Emailed],
        code: &str,
        now: Millis,
    ) -> Result<CodeVerdict, StoreError> {
        let found = self.email_with(row, emails, code);
        let right = found.is_some_and(|email| now < email.code_ends(self.lifetimes.code, now));
        Ok(match self.count_try(row, right).await? {
            None => CodeVerdict::TooMany,
            Some(_) if right => CodeVerdict::Right,
            Some(left) if found.is_some() => CodeVerdict::Expired(left),
            Some(left) => CodeVerdict::Wrong(left),
        })
    }

    /// Whether this is the code of one of the challenge's emails, expired or not.
    pub fn is_code(&self, row: &ChallengeRow, emails: &[Emailed], code: &str) -> bool {
        self.email_with(row, emails, code).is_some()
    }

    fn email_with<'e>(&self, row: &ChallengeRow, emails: &'e [Emailed], code: &str) -> Option<&'e Emailed> {
        let found = emails.iter().rfind(|email| self.secrets.is_code(row.uuid(), email.number, code));
        found.filter(|_| row.decoy == 0)
    }

    /// Returns the purpose and the challenge of a genuine link token.
    pub fn read_link(&self, token: &str) -> Option<(LinkPurpose, Uuid)> {
        self.secrets.read_link(token)
    }

    /// Returns the browser that sent these tokens, or a new one. `None` if the system has no randomness.
    pub fn browser<'t>(&self, tokens: impl IntoIterator<Item = &'t str>) -> Option<Browser> {
        self.browsers.find(tokens).or_else(BrowserKey::new_browser)
    }
}
