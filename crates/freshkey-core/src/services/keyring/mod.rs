//! The keys that sign access tokens. They are created, published, used, retired and deleted automatically, and are
//! the same on every instance, since all instances read the same table.

mod key;
mod plan;
mod status;

pub use key::{Key, PublicJwk};
pub use status::{KeyStatus, State, in_use, status};

use crate::causes::{Cause, with_causes};
use crate::{
    clock::Clock,
    store::{Store, StoreError, keys::KeyRow},
};
use crate::{root_secret::RootSecret, rules::jws::Algorithm};
use freshkey_types::Millis;
use key::Seal;
use plan::{Times, plan, signer};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

/// The time between two checks of what other instances or the command line have done.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How many times to retry when another instance was quicker.
const ATTEMPTS: usize = 8;

/// Why the keys can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys are sealed with another root secret.
    #[error("they are sealed with another FRESHKEY_SECRET; give that one as FRESHKEY_SECRET_PREVIOUS")]
    Sealed,
    /// The operating system gave no randomness, or a key is damaged.
    #[error("a signing key is unusable")]
    Unusable(#[source] Cause),
}

impl KeyError {
    /// No key can be used, for this reason.
    pub fn unusable(cause: impl Into<Cause>) -> Self {
        Self::Unusable(cause.into())
    }
}

/// The keys at one time.
#[derive(Default)]
pub struct KeyRing {
    keys: Vec<(Times, Arc<Key>)>,
}

impl KeyRing {
    /// Returns the key named by `kid`, if tokens that it signed may still be valid.
    pub fn find(&self, kid: &str, now: Millis) -> Option<&Arc<Key>> {
        self.keys.iter().find(|(times, key)| *key.kid == *kid && times.verifies(now)).map(|(_, key)| key)
    }

    /// The public keys.
    pub fn published(&self, now: Millis) -> Vec<&PublicJwk> {
        self.keys.iter().filter(|(times, _)| times.verifies(now)).filter_map(|(_, key)| key.public.as_ref()).collect()
    }

    fn signer(&self, wanted: Algorithm, now: Millis) -> Option<&Arc<Key>> {
        let number = signer(&self.keys.iter().map(|(times, _)| times), wanted, now)?.number;
        self.keys.iter().find(|(times, _)| times.number == number).map(|(_, key)| key)
    }
}

/// The keys, kept up to date.
pub struct Keys {
    store: Store,
    seal: Seal,
    wanted: Algorithm,
    /// The life of an access token.
    life: Millis,
    ring: RwLock<Arc<KeyRing>>,
}

impl Keys {
    /// Loads the keys from the database, and creates the first one. Signs with the algorithm `wanted` as soon as its
    /// key has been published long enough. Tokens live for `life`.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub async fn open(
        store: Store,
        secret: &RootSecret,
        wanted: Algorithm,
        life: Millis,
        now: Millis,
    ) -> Result<Self, KeyError> {
        let keys = Self { store, seal: Seal::new(secret)?, wanted, life, ring: RwLock::default() };
        keys.maintain(false, now).await?;
        keys.seal_anew().await?;
        Ok(keys)
    }

    /// Reseals with the present root secret what the previous one sealed.
    async fn seal_anew(&self) -> Result<(), KeyError> {
        for row in self.store.signing_keys().await? {
            if let Some(sealed) = self.seal.anew(&row)?
                && self.store.reseal_key(&row, &sealed).await?
            {
                tracing::info!(event = "signing_key_sealed_anew", kid = row.kid);
            }
        }
        Ok(())
    }

    /// The current keys.
    pub fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The key that signs at `now`.
    pub fn signer(&self, now: Millis) -> Option<Arc<Key>> {
        self.ring().signer(self.wanted, now).cloned()
    }

    /// Maintains the keys in a loop.
    pub async fn follow(self: Arc<Self>, clock: Clock) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            if let Err(error) = self.maintain(false, clock.now()).await {
                tracing::warn!(event = "signing_keys_delayed", error = %with_causes(&error));
            }
        }
    }

    /// Adds the next key, unless one is already waiting. It signs once it has been published long enough.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub async fn rotate(&self, now: Millis) -> Result<(), KeyError> {
        self.maintain(true, now).await
    }

    /// Deletes all keys and creates one that signs at once, for when a key has leaked. Tokens signed before are
    /// refused, and their clients must refresh.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub async fn revoke(&self, now: Millis) -> Result<(), KeyError> {
        let rows = loop {
            let rows = self.store.signing_keys().await?;
            let number = rows.iter().map(|row| row.number).max().unwrap_or(0) + 1;
            if self.add(number, now, now).await? {
                break rows;
            }
        };
        for row in rows {
            self.store.delete_key(&row.kid).await?;
            tracing::warn!(event = "signing_key_revoked", kid = row.kid);
        }
        self.maintain(false, now).await
    }

    /// Does what is due until nothing is left, then loads the keys from the table.
    async fn maintain(&self, mut soon: bool, now: Millis) -> Result<(), KeyError> {
        for _ in 0..ATTEMPTS {
            let rows = self.store.signing_keys().await?;
            let free = rows.iter().map(|row| row.number).max().unwrap_or(0) + 1;
            let rows = known(rows);
            let times = rows.iter().map(times).collect::<Result<Vec<_>, _>>()?;
            let due = plan(&times, self.wanted, soon, now);
            if due == plan::Plan::default() {
                return self.take_over(&rows, times, now).await;
            }
            if let Some((number, signs_from)) = due.add {
                // If another instance was quicker, the next pass finds its key.
                self.add(number.max(free), signs_from, now).await?;
                soon = false;
            }
            for row in &rows {
                if due.stop.contains(&row.number) && self.store.stop_key(&row.kid, now).await? {
                    tracing::info!(event = "signing_key_retired", kid = row.kid);
                }
                if due.delete.contains(&row.number) && self.store.delete_key(&row.kid).await? {
                    tracing::info!(event = "signing_key_deleted", kid = row.kid);
                }
            }
        }
        Err(KeyError::unusable("other instances changed the keys at every attempt"))
    }

    /// Adds a key. Returns `false` if another instance was quicker.
    async fn add(&self, number: i64, signs_from: Millis, now: Millis) -> Result<bool, KeyError> {
        let (kid, sealed) = self.seal.generate(self.wanted)?;
        let row = KeyRow {
            kid,
            number,
            algorithm: self.wanted.name().to_owned(),
            sealed,
            created_at: now,
            signs_from,
            longest_life: self.life,
            stopped_at: None,
        };
        let added = self.store.insert_signing_key(&row).await?;
        if added {
            tracing::info!(
                event = "signing_key_added",
                kid = row.kid,
                algorithm = row.algorithm,
                signs_from = signs_from.0
            );
        }
        Ok(added)
    }

    /// Loads the keys from these rows. Keys that are already known are not opened again.
    ///
    /// A running instance drops a key that it can't open, because another instance has a newer root secret by now. It
    /// must not keep a key that was withdrawn.
    async fn take_over(&self, rows: &[KeyRow], times: Vec<Times>, now: Millis) -> Result<(), KeyError> {
        let known = self.ring();
        let (mut keys, mut sealed) = (Vec::with_capacity(rows.len()), false);
        for (row, times) in rows.iter().zip(times) {
            match known.find(&row.kid, now).map_or_else(|| self.seal.open(row).map(Arc::new), |key| Ok(Arc::clone(key)))
            {
                Ok(key) => keys.push((times, key)),
                Err(KeyError::Sealed) if !known.keys.is_empty() => sealed = true,
                Err(error) => return Err(error),
            }
        }
        let ring = Arc::new(KeyRing { keys });
        let signer = ring.signer(self.wanted, now).map(|key| Arc::clone(&key.kid));
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
        match signer {
            Some(kid) => self.store.lengthen_key(&kid, self.life).await?,
            None if sealed => return Err(KeyError::Sealed),
            None => return Err(KeyError::unusable("no key may sign now")),
        }
        if sealed { Err(KeyError::Sealed) } else { Ok(()) }
    }
}

/// Returns whether a server with this root secret could start with these keys.
pub fn opens(secret: &RootSecret, rows: Vec<KeyRow>) -> bool {
    Seal::new(secret).is_ok_and(|seal| known(rows).iter().all(|row| seal.open(row).is_ok()))
}

/// Keeps the keys whose algorithm this version knows. During an update, or after a rollback, there may be a key of
/// the next version. Its tokens are refused here, the key is left alone, and it does not stop the others from
/// signing.
fn known(mut rows: Vec<KeyRow>) -> Vec<KeyRow> {
    rows.retain(|row| Algorithm::parse(&row.algorithm).is_some());
    rows
}

fn algorithm(row: &KeyRow) -> Result<Algorithm, KeyError> {
    Algorithm::parse(&row.algorithm).ok_or_else(|| KeyError::unusable("its algorithm is unknown"))
}

fn times(row: &KeyRow) -> Result<Times, KeyError> {
    Ok(Times {
        number: row.number,
        algorithm: algorithm(row)?,
        signs_from: row.signs_from,
        longest_life: row.longest_life,
        stopped_at: row.stopped_at,
    })
}
