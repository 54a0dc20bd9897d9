//! The secret parts of factors: the seeds of authenticator apps, and recovery codes.

use super::hasher::{HashError, Hasher};
use crate::{
    rules::{factor::FactorKind, recovery_code::RecoveryCode, seal::SealKey, totp::Seed},
    store::{
        Store, StoreError,
        factors::{FactorRow, NewCodes, NewFactor, Proof},
    },
};
use freshkey_types::Millis;

/// A second-step code as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypedCode {
    /// A code of an authenticator app: six digits.
    App(String),
    /// A recovery code.
    Recovery(RecoveryCode),
}

impl TypedCode {
    /// Parses what was typed: six ASCII digits, with or without spaces, or a recovery code.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self::App(digits));
        }
        RecoveryCode::typed(text).map(Self::Recovery)
    }
}

/// Why a code could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The hasher failed.
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// The factors of a server.
pub struct Factors {
    store: Store,
    seal: SealKey,
}

impl Factors {
    /// Creates the service for the factors in `store`, whose seeds are sealed with this key.
    pub fn new(store: Store, seal: SealKey) -> Self {
        Self { store, seal }
    }

    /// Makes a new authenticator app, whose first code was of this step. `None` if the system has no randomness.
    pub fn app(&self, id: &str, name: &str, seed: &Seed, first_step: i64) -> Option<NewFactor> {
        Some(NewFactor {
            secret: Some(self.seal.seal(id, seed.bytes().to_vec()).ok()?),
            last_step: first_step,
            ..NewFactor::new(id, FactorKind::Totp, name)
        })
    }

    /// Checks a code and returns the proof that it is one of the user's, or `None` if it is not. This does not use
    /// the code up.
    ///
    /// # Errors
    /// See [`FactorError`].
    pub async fn prove(
        &self,
        hasher: &Hasher,
        user: &str,
        code: &TypedCode,
        now: Millis,
    ) -> Result<Option<Proof>, FactorError> {
        match code {
            TypedCode::App(code) => {
                let factors = self.store.factors_of(user).await?;
                let accepted = factors.iter().filter(|factor| factor.is_totp()).filter_map(|factor| {
                    let step = self.seed(factor)?.accepts(code, now, factor.last_step)?;
                    Some(Proof::App { factor: factor.id.clone(), step })
                });
                Ok(accepted.fold(None, |found, proof| found.or(Some(proof))))
            }
            TypedCode::Recovery(code) => {
                let row = self.store.recovery_code(user, code.selector()).await?;
                // It takes as long if there is no such code.
                let right = hasher.verify(code.secret(), row.as_ref().map(|row| row.hash.as_str())).await?;
                let row = row.filter(|_| right);
                Ok(row.map(|row| Proof::RecoveryCode { set: row.set_id, selector: row.selector }))
            }
        }
    }

    /// Returns the seed of an app, or `None` if it was sealed with a key that we don't have.
    fn seed(&self, factor: &FactorRow) -> Option<Seed> {
        let opened = self.seal.open(&factor.id, factor.secret.as_deref()?);
        if opened.is_none() {
            tracing::error!(event = "factor_not_opened", factor = factor.id);
        }
        Seed::of(&zeroize::Zeroizing::new(opened?))
    }

    /// Generates recovery codes: to show, and hashed to store.
    ///
    /// # Errors
    /// Too many passwords are being hashed already, or there is no randomness.
    pub async fn new_codes(hasher: &Hasher) -> Result<(Vec<RecoveryCode>, NewCodes), HashError> {
        let codes = RecoveryCode::set().map_err(HashError::failed)?;
        let mut kept = Vec::with_capacity(codes.len());
        for code in &codes {
            kept.push((code.selector().to_owned(), hasher.hash(code.secret()).await?));
        }
        Ok((codes, NewCodes::Set(kept)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_are_an_apps_and_sixteen_characters_a_recovery_code() {
        assert_eq!(TypedCode::parse(" 123 456 "), Some(TypedCode::App("123456".to_owned())));
        assert!(matches!(TypedCode::parse("K7WM 2x9d-hq4t-b83n"), Some(TypedCode::Recovery(_))));
        for wrong in ["", "12345", "1234567", "123-456", "１２３４５６", "123456 7"] {
            assert_eq!(TypedCode::parse(wrong), None, "{wrong}");
        }
    }
}
