//! Making and using passkeys.
//!
//! The threats: a page of somebody else's asks for a passkey, an answer is used twice or in another browser, a key was
//! copied, somebody asks which accounts there are. The choices: a challenge is for one browser or user, and for one use;
//! origin and domain are compared exactly; every refusal has the same answer, but for one. That no account has a passkey is
//! said, so that the browser can have the password manager offer it no more.

use crate::{
    rules::passkey::{
        Account, Assertion, Bound, ChallengeKey, Flaw, Known, NewPasskey, PublicKey, RelyingParty, counter_is_ignored,
        creation_options, request_options,
    },
    store::{
        Store, StoreError,
        passkeys::{PasskeyUse, Used},
        users::UserRow,
    },
};
use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// What passkeys know an account by, in bytes (`WebAuthn`, section 14.6.1): random, and so the same as nothing else.
const HANDLE: usize = 64;

/// The passkeys of a server.
pub struct Passkeys {
    store: Store,
    party: RelyingParty,
    key: ChallengeKey,
    times: PasskeyTimes,
}

/// How long things of passkeys last, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct PasskeyTimes {
    /// A challenge.
    pub challenge: i64,
    /// The time in which a passkey that was removed may come back.
    pub undo: i64,
}

/// Why a passkey was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum NotAccepted {
    /// Something is wrong with it; whose it is, where that is known.
    #[error("{}", .flaw.text())]
    Refused {
        /// What.
        flaw: Flaw,
        /// The user's id.
        user: Option<String>,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no randomness.
    #[error("no randomness")]
    Randomness,
}

impl From<Flaw> for NotAccepted {
    fn from(flaw: Flaw) -> Self {
        Self::Refused { flaw, user: None }
    }
}

impl Passkeys {
    /// The passkeys in `store`, for this site.
    pub fn new(store: Store, party: RelyingParty, key: ChallengeKey, times: PasskeyTimes) -> Self {
        Self { store, party, key, times }
    }

    /// The domain that they are for.
    pub fn rp_id(&self) -> &str {
        &self.party.id
    }

    /// What anybody's passkey is asked for by.
    ///
    /// # Errors
    /// No randomness.
    pub fn sign_in_options(&self, bound: Bound<'_>, now: i64) -> Result<Value, NotAccepted> {
        let challenge = self.key.issue(bound, now + self.times.challenge).ok_or(NotAccepted::Randomness)?;
        Ok(request_options(&self.party, &challenge, None))
    }

    /// What one of the user's passkeys is asked for by; none if there is none.
    ///
    /// # Errors
    /// The database; no randomness.
    pub async fn options_of(&self, user: &str, bound: Bound<'_>, now: i64) -> Result<Option<Value>, NotAccepted> {
        let has = self.known(user).await?;
        if has.is_empty() {
            return Ok(None);
        }
        let challenge = self.key.issue(bound, now + self.times.challenge).ok_or(NotAccepted::Randomness)?;
        Ok(Some(request_options(&self.party, &challenge, Some(&has))))
    }

    /// What a new passkey of the user is made by.
    ///
    /// # Errors
    /// The database; no randomness; [`Flaw::Unknown`] if the user is gone.
    pub async fn creation_options(&self, user: &UserRow, bound: Bound<'_>, now: i64) -> Result<Value, NotAccepted> {
        let mut new = [0; HANDLE];
        rand::fill(&mut new).map_err(|_| NotAccepted::Randomness)?;
        let handle = self.store.user_handle(&user.id, &URL_SAFE_NO_PAD.encode(new)).await?.ok_or(Flaw::Unknown)?;
        let has = self.known(&user.id).await?;
        let challenge = self.key.issue(bound, now + self.times.challenge).ok_or(NotAccepted::Randomness)?;
        let account = Account { handle: &handle, email: &user.email, name: user.name.as_deref() };
        Ok(creation_options(&self.party, &challenge, account, &has))
    }

    /// Verifies a `RegistrationResponseJSON`, and uses up its challenge.
    ///
    /// # Errors
    /// See [`NotAccepted`].
    pub async fn register(&self, credential: &Value, bound: Bound<'_>, now: i64) -> Result<NewPasskey, NotAccepted> {
        let passkey = NewPasskey::read(&self.party, credential)?;
        let until = self.key.verify(&passkey.challenge, bound, now)?;
        if self.store.passkey(&passkey.credential_id).await?.is_some() {
            return Err(Flaw::Taken.into());
        }
        let challenge = URL_SAFE_NO_PAD.encode(&passkey.challenge);
        if !self.store.spend_passkey_challenge(&challenge, until).await? {
            return Err(Flaw::Used.into());
        }
        Ok(passkey)
    }

    /// Verifies an `AuthenticationResponseJSON`, which has to be of this user, where one is meant; and uses it up. The
    /// user whose passkey it is.
    ///
    /// # Errors
    /// See [`NotAccepted`].
    pub async fn authenticate(
        &self,
        credential: &Value,
        bound: Bound<'_>,
        meant: Option<&str>,
        now: i64,
    ) -> Result<UserRow, NotAccepted> {
        let assertion = Assertion::read(&self.party, credential)?;
        let until = self.key.verify(&assertion.challenge, bound, now)?;
        let passkey = self.store.passkey(&assertion.credential_id).await?;
        let may_come_back = |removed_at: i64| now < removed_at + self.times.undo;
        let passkey = passkey.filter(|passkey| passkey.removed_at.is_none_or(may_come_back)).ok_or(Flaw::Unknown)?;
        let refused = |flaw| NotAccepted::Refused { flaw, user: Some(passkey.user_id.clone()) };
        if passkey.removed_at.is_some() {
            return Err(refused(Flaw::Removed));
        }
        let user = self.store.user_by_id(&passkey.user_id).await?.ok_or(Flaw::Unknown)?;
        // An authenticator that was told which passkey to use need not say whose it is.
        let is_whose_it_says = match &assertion.user_handle {
            Some(handle) => user.user_handle.as_ref() == Some(handle),
            None => meant.is_some(),
        };
        if !is_whose_it_says || meant.is_some_and(|meant| meant != user.id) {
            return Err(refused(Flaw::UserHandle));
        }
        let key = PublicKey::parse(&passkey.public_key).ok_or_else(|| refused(Flaw::Key))?;
        assertion.verify(&key).map_err(refused)?;
        if user.disabled_at.is_some() {
            return Err(refused(Flaw::Disabled));
        }
        let usage = PasskeyUse {
            id: passkey.id.clone(),
            challenge: URL_SAFE_NO_PAD.encode(&assertion.challenge),
            until,
            sign_count: assertion.sign_count,
            any_count: counter_is_ignored(passkey.backup_eligible != 0, assertion.backup.eligible),
            backup: assertion.backup,
            now,
        };
        match self.store.use_passkey(usage).await? {
            Used::Once => Ok(user),
            Used::Again => Err(refused(Flaw::Used)),
            Used::Stale => Err(refused(Flaw::Counter)),
        }
    }

    async fn known(&self, user: &str) -> Result<Vec<Known>, StoreError> {
        Ok(self.store.passkeys_of(user).await?.into_iter().map(Known::from).collect())
    }
}
