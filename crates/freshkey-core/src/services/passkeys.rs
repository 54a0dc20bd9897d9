//! Registering passkeys and signing in with them.
//!
//! The threats: another site's page asks for a passkey, an answer is used twice or in another browser, a key was
//! copied, somebody probes which accounts exist. The choices: a challenge is for one browser or user, and for one
//! use; origin and domain are compared exactly; every refusal gets the same answer, except one. If no account has the
//! passkey, the answer says so, so that the browser can tell the password manager to stop offering it.

use crate::{
    rules::passkey::{
        Account, Assertion, Bound, ChallengeKey, CredentialError, Known, NewPasskey, PublicKey, RelyingParty,
        counter_is_ignored, creation_options, request_options,
    },
    store::{
        Store, StoreError,
        passkeys::{PasskeyUse, Used},
        users::UserRow,
    },
};
use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use freshkey_types::Millis;
use serde_json::Value;

/// The length of the user handle by which passkeys know an account, in bytes (`WebAuthn`, section 14.6.1). It is
/// random, so it is equal to nothing else.
const HANDLE: usize = 64;

/// The passkeys of a server.
pub struct Passkeys {
    store: Store,
    party: RelyingParty,
    key: ChallengeKey,
    times: PasskeyTimes,
}

/// How long challenges last and removals can be undone.
#[derive(Clone, Copy, Debug)]
pub struct PasskeyTimes {
    /// A challenge.
    pub challenge: Millis,
    /// How long a removed passkey may be restored.
    pub undo: Millis,
}

/// Why a passkey was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// Something is wrong with it. The user is known in some cases.
    #[error("{}", .flaw.text())]
    Refused {
        /// What is wrong.
        flaw: CredentialError,
        /// The user's id.
        user: Option<String>,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system has no randomness.
    #[error("no randomness")]
    Randomness,
}

impl From<CredentialError> for PasskeyError {
    fn from(flaw: CredentialError) -> Self {
        Self::Refused { flaw, user: None }
    }
}

impl Passkeys {
    /// Creates the service for the passkeys in `store`, for this site.
    pub fn new(store: Store, party: RelyingParty, key: ChallengeKey, times: PasskeyTimes) -> Self {
        Self { store, party, key, times }
    }

    /// The domain that the passkeys are for.
    pub fn rp_id(&self) -> &str {
        &self.party.id
    }

    /// Returns the options to ask for any user's passkey.
    ///
    /// # Errors
    /// There is no randomness.
    pub fn sign_in_options(&self, bound: Bound<'_>, now: Millis) -> Result<Value, PasskeyError> {
        let challenge = self.key.issue(bound, now + self.times.challenge).ok_or(PasskeyError::Randomness)?;
        Ok(request_options(&self.party, &challenge, None))
    }

    /// Returns the options to ask for one of the user's passkeys, or `None` if the user has none.
    ///
    /// # Errors
    /// The database failed, or there is no randomness.
    pub async fn options_of(&self, user: &str, bound: Bound<'_>, now: Millis) -> Result<Option<Value>, PasskeyError> {
        let has = self.known(user).await?;
        if has.is_empty() {
            return Ok(None);
        }
        let challenge = self.key.issue(bound, now + self.times.challenge).ok_or(PasskeyError::Randomness)?;
        Ok(Some(request_options(&self.party, &challenge, Some(&has))))
    }

    /// Returns the options to create a new passkey of the user.
    ///
    /// # Errors
    /// The database failed, there is no randomness, or the user is gone ([`CredentialError::Unknown`]).
    pub async fn creation_options(&self, user: &UserRow, bound: Bound<'_>, now: Millis) -> Result<Value, PasskeyError> {
        let mut new = [0; HANDLE];
        rand::fill(&mut new).map_err(|_| PasskeyError::Randomness)?;
        let handle =
            self.store.user_handle(&user.id, &URL_SAFE_NO_PAD.encode(new)).await?.ok_or(CredentialError::Unknown)?;
        let has = self.known(&user.id).await?;
        let challenge = self.key.issue(bound, now + self.times.challenge).ok_or(PasskeyError::Randomness)?;
        let account = Account { handle: &handle, email: &user.email, name: user.name.as_deref() };
        Ok(creation_options(&self.party, &challenge, account, &has))
    }

    /// Verifies a `RegistrationResponseJSON` and uses up its challenge.
    ///
    /// # Errors
    /// See [`PasskeyError`].
    pub async fn register(
        &self,
        credential: &Value,
        bound: Bound<'_>,
        now: Millis,
    ) -> Result<NewPasskey, PasskeyError> {
        let passkey = NewPasskey::read(&self.party, credential)?;
        let until = self.key.verify(&passkey.challenge, bound, now)?;
        if self.store.passkey(&passkey.credential_id).await?.is_some() {
            return Err(CredentialError::Taken.into());
        }
        let challenge = URL_SAFE_NO_PAD.encode(&passkey.challenge);
        if !self.store.spend_passkey_challenge(&challenge, until).await? {
            return Err(CredentialError::Used.into());
        }
        Ok(passkey)
    }

    /// Verifies an `AuthenticationResponseJSON` and uses up its challenge. If a user is given, the passkey must be
    /// theirs. Returns the user whose passkey it is.
    ///
    /// # Errors
    /// See [`PasskeyError`].
    pub async fn authenticate(
        &self,
        credential: &Value,
        bound: Bound<'_>,
        meant: Option<&str>,
        now: Millis,
    ) -> Result<UserRow, PasskeyError> {
        let assertion = Assertion::read(&self.party, credential)?;
        let until = self.key.verify(&assertion.challenge, bound, now)?;
        let passkey = self.store.passkey(&assertion.credential_id).await?;
        let may_come_back = |removed_at: Millis| now < removed_at + self.times.undo;
        let passkey =
            passkey.filter(|passkey| passkey.removed_at.is_none_or(may_come_back)).ok_or(CredentialError::Unknown)?;
        let refused = |flaw| PasskeyError::Refused { flaw, user: Some(passkey.user_id.clone()) };
        if passkey.removed_at.is_some() {
            return Err(refused(CredentialError::Removed));
        }
        let user = self.store.user_by_id(&passkey.user_id).await?.ok_or(CredentialError::Unknown)?;
        // An authenticator that was told which passkey to use need not send the user handle.
        let is_whose_it_says = match &assertion.user_handle {
            Some(handle) => user.user_handle.as_ref() == Some(handle),
            None => meant.is_some(),
        };
        if !is_whose_it_says || meant.is_some_and(|meant| meant != user.id) {
            return Err(refused(CredentialError::UserHandle));
        }
        let key = PublicKey::parse(&passkey.public_key).ok_or_else(|| refused(CredentialError::Key))?;
        assertion.verify(&key).map_err(refused)?;
        if user.disabled_at.is_some() {
            return Err(refused(CredentialError::Disabled));
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
            Used::Again => Err(refused(CredentialError::Used)),
            Used::Stale => Err(refused(CredentialError::Counter)),
        }
    }

    async fn known(&self, user: &str) -> Result<Vec<Known>, StoreError> {
        Ok(self.store.passkeys_of(user).await?.into_iter().map(Known::from).collect())
    }
}
