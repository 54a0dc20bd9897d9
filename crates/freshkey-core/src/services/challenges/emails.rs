//! The emails of challenges: another one, and what goes into one while it is sent.

use super::{
    super::mail::{EmailSecrets, Prepared},
    Challenges,
};
use crate::{
    rules::{
        challenge::{ChallengeKind, RESEND_AFTER_MS},
        mailed_secret::LinkPurpose,
        secret_text::Secret,
    },
    store::{
        StoreError,
        challenges::ChallengeRow,
        outbox::{NewEmail, OutboxEmail},
    },
};
use freshkey_types::StepReason;
use uuid::Uuid;

/// Why no other email is written.
#[derive(Debug)]
pub enum NoEmail {
    /// The last one was asked for so many milliseconds too recently.
    TooSoon(i64),
    /// Too many wait already.
    Full,
    /// The step has ended meanwhile.
    Over(Option<StepReason>),
    /// The database.
    Store(StoreError),
}

impl From<StoreError> for NoEmail {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Challenges {
    /// Writes another email of an open challenge, which `email` makes for its number.
    ///
    /// # Errors
    /// See [`NoEmail`].
    pub async fn again(
        &self,
        row: &ChallengeRow,
        email: impl FnOnce(i64) -> NewEmail,
        now: i64,
    ) -> Result<(), NoEmail> {
        let wait = row.asked_at + RESEND_AFTER_MS - now;
        if wait > 0 {
            return Err(NoEmail::TooSoon(wait));
        }
        if self.store.email_again(row.uuid(), row.emails, email(row.emails + 1), now).await? {
            return Ok(());
        }
        // Somebody else was quicker, or it has ended, or too many wait.
        let Some(row) = self.store.challenge(row.uuid()).await? else { return Err(NoEmail::Over(None)) };
        let emails = self.store.emails_of(&row).await?;
        if let Some(reason) = row.course().over(&emails, self.lifetimes, now) {
            return Err(NoEmail::Over(Some(reason)));
        }
        let wait = row.asked_at + RESEND_AFTER_MS - now;
        Err(if wait > 0 { NoEmail::TooSoon(wait) } else { NoEmail::Full })
    }

    /// What goes into an email at the moment at which it is sent; that it is of no use, if its challenge is over whose code
    /// stands in it.
    ///
    /// # Errors
    /// The database.
    pub async fn prepare(&self, email: &OutboxEmail, now: i64) -> Result<Prepared, StoreError> {
        let Some(id) = email.challenge_id.as_deref() else {
            return self.prepare_notice(email, now).await;
        };
        if email.known_kind().is_some_and(|kind| !kind.has_code()) {
            // It has nothing that opens anything, and what it tells is true when the challenge is over as well.
            return Ok(Prepared::Send(EmailSecrets::default()));
        }
        let Some(row) = self.store.challenge(Uuid::parse_str(id).unwrap_or_default()).await? else {
            return Ok(Prepared::Over);
        };
        let emails = self.store.emails_of(&row).await?;
        if row.course().over(&emails, self.lifetimes, now).is_some() {
            return Ok(Prepared::Over);
        }
        let purpose = match row.kind() {
            Some(ChallengeKind::Register) => Some(LinkPurpose::Register),
            Some(ChallengeKind::Reset) => Some(LinkPurpose::Reset),
            _ => None,
        };
        // A code works in the browser that asked for it alone. Of a reset that an administrator began there is none.
        let has_code = row.browser.is_some() || row.kind() != Some(ChallengeKind::Reset);
        Ok(Prepared::Send(EmailSecrets {
            code: has_code.then(|| Secret::new(self.secrets.code(row.uuid(), email.number))),
            link: purpose.map(|purpose| Secret::new(self.secrets.link(purpose, row.uuid()))),
        }))
    }

    /// A notice has a link, if something of what it tells can be undone.
    async fn prepare_notice(&self, email: &OutboxEmail, now: i64) -> Result<Prepared, StoreError> {
        let id = Uuid::parse_str(&email.id).unwrap_or_default();
        let change = self.store.change(id).await?.filter(|row| row.change().over(now).is_none());
        let link = change.map(|_| Secret::new(self.secrets.link(LinkPurpose::Secure, id)));
        Ok(Prepared::Send(EmailSecrets { code: None, link }))
    }
}

#[cfg(test)]
mod tests;
