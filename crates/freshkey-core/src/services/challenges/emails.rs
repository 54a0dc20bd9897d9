//! The emails of challenges: sending another one, and filling in the secrets when one is sent.

use super::{
    super::mail::{EmailSecrets, Prepared},
    Challenges,
};
use crate::{
    rules::{
        challenge::{ChallengeKind, RESEND_AFTER},
        mailed_secret::LinkPurpose,
        secret_text::Secret,
    },
    store::{
        StoreError,
        challenges::ChallengeRow,
        outbox::{NewEmail, OutboxEmail},
    },
};
use freshkey_types::{Millis, StepReason};
use uuid::Uuid;

/// Why no further email is sent.
#[derive(Debug)]
pub enum ResendError {
    /// The last one was requested too recently. Wait this long.
    TooSoon(Millis),
    /// Too many emails wait already.
    Full,
    /// The step has ended in the meantime.
    Over(Option<StepReason>),
    /// The database failed.
    Store(StoreError),
}

impl From<StoreError> for ResendError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Challenges {
    /// Writes another email of an open challenge. `email` makes it for its number.
    ///
    /// # Errors
    /// See [`ResendError`].
    pub async fn again(
        &self,
        row: &ChallengeRow,
        email: impl FnOnce(i64) -> NewEmail,
        now: Millis,
    ) -> Result<(), ResendError> {
        let wait = row.asked_at + RESEND_AFTER - now;
        if wait > Millis::ZERO {
            return Err(ResendError::TooSoon(wait));
        }
        if self.store.email_again(row.uuid(), row.emails, email(row.emails + 1), now).await? {
            return Ok(());
        }
        // Another request was quicker, the challenge has ended, or too many emails wait.
        let Some(row) = self.store.challenge(row.uuid()).await? else { return Err(ResendError::Over(None)) };
        let emails = self.store.emails_of(&row).await?;
        if let Some(reason) = row.course().over(&emails, self.lifetimes, now) {
            return Err(ResendError::Over(Some(reason)));
        }
        let wait = row.asked_at + RESEND_AFTER - now;
        Err(if wait > Millis::ZERO { ResendError::TooSoon(wait) } else { ResendError::Full })
    }

    /// Prepares the secrets of an email at the time it is sent. An email with a code is dropped if its challenge is
    /// over.
    ///
    /// # Errors
    /// The database failed.
    pub async fn prepare(&self, email: &OutboxEmail, now: Millis) -> Result<Prepared, StoreError> {
        let Some(id) = email.challenge_id.as_deref() else {
            return self.prepare_notice(email, now).await;
        };
        if email.known_kind().is_some_and(|kind| !kind.has_code()) {
            // It contains no secrets, and what it reports is true even when the challenge is over.
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
        // A code works only in the browser that asked for it. A reset started by an administrator has no such
        // browser.
        let has_code = row.browser.is_some() || row.kind() != Some(ChallengeKind::Reset);
        Ok(Prepared::Send(EmailSecrets {
            code: has_code.then(|| Secret::new(self.secrets.code(row.uuid(), email.number))),
            link: purpose.map(|purpose| Secret::new(self.secrets.link(purpose, row.uuid()))),
        }))
    }

    /// Gives a notice its link, if something that it reports can be undone.
    async fn prepare_notice(&self, email: &OutboxEmail, now: Millis) -> Result<Prepared, StoreError> {
        let id = Uuid::parse_str(&email.id).unwrap_or_default();
        let change = self.store.change(id).await?.filter(|row| row.change().over(now).is_none());
        let link = change.map(|_| Secret::new(self.secrets.link(LinkPurpose::Secure, id)));
        Ok(Prepared::Send(EmailSecrets { code: None, link }))
    }
}

#[cfg(test)]
mod tests;
