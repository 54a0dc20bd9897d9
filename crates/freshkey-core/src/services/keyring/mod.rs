//! The keys that sign access tokens: made, published, put to use, retired and forgotten by
//! themselves, and the same on every instance, since all of them read the same table.

mod key;
mod plan;
mod status;

pub use key::{Key, PublicJwk};
pub use status::{KeyStatus, State, in_use, status};

use crate::causes::with_causes;
use crate::{
    clock::Clock,
    store::{Store, StoreError, keys::KeyRow},
};
use crate::{root_secret::RootSecret, rules::jws::Algorithm};
use key::Seal;
use plan::{Times, plan, signer};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

/// How often an instance looks what others, or the command line, have done.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How often it tries again when another instance was quicker.
const ATTEMPTS: usize = 8;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Sealed under another root secret.
    #[error("they are sealed with another FRESHKEY_SECRET; give that one as FRESHKEY_SECRET_PREVIOUS")]
    Sealed,
    /// The operating system gave no randomness, or a key is damaged.
    #[error("a signing key is unusable")]
    Unusable,
}

/// The keys of a moment.
#[derive(Default)]
pub struct KeyRing {
    keys: Vec<(Times, Arc<Key>)>,
}

impl KeyRing {
    /// The key that `kid` names, if tokens of it may still be good.
    pub fn find(&self, kid: &str, now: i64) -> Option<&Arc<Key>> {
        self.keys.iter().find(|(times, key)| *key.kid == *kid && times.verifies(now)).map(|(_, key)| key)
    }

    /// The public keys.
    pub fn published(&self, now: i64) -> Vec<&PublicJwk> {
        self.keys.iter().filter(|(times, _)| times.verifies(now)).filter_map(|(_, key)| key.public.as_ref()).collect()
    }

    fn signer(&self, wanted: Algorithm, now: i64) -> Option<&Arc<Key>> {
        let number = signer(&self.keys.iter().map(|(times, _)| times), wanted, now)?.number;
        self.keys.iter().find(|(times, _)| times.number == number).map(|(_, key)| key)
    }
}

/// The keys, kept up to date.
pub struct Keys {
    store: Store,
    seal: Seal,
    wanted: Algorithm,
    /// An access token's life, in milliseconds.
    life: i64,
    ring: RwLock<Arc<KeyRing>>,
}

impl Keys {
    /// The keys in the database; makes the first one. Signs with the algorithm `wanted` as soon as
    /// its key has been published long enough. Tokens live for `life` milliseconds.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub async fn open(
        store: Store,
        secret: &RootSecret,
        wanted: Algorithm,
        life: i64,
        now: i64,
    ) -> Result<Self, KeyError> {
        let keys = Self { store, seal: Seal::new(secret)?, wanted, life, ring: RwLock::default() };
        keys.look_after(false, now).await?;
        keys.seal_anew().await?;
        Ok(keys)
    }

    /// Seals with the present root secret what the previous one sealed.
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

    /// The keys of this moment.
    pub fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The key that signs at `now`.
    pub fn signer(&self, now: i64) -> Option<Arc<Key>> {
        self.ring().signer(self.wanted, now).cloned()
    }

    /// Looks after the keys for ever.
    pub async fn follow(self: Arc<Self>, clock: Clock) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            if let Err(error) = self.look_after(false, clock.now()).await {
                tracing::warn!(event = "signing_keys_delayed", error = %with_causes(&error));
            }
        }
    }

    /// Adds the next key, if there is none that waits already: it signs when it has been published
    /// long enough.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub async fn rotate(&self, now: i64) -> Result<(), KeyError> {
        self.look_after(true, now).await
    }

    /// Forgets every key and makes a new one that signs at once: for a key that has leaked. Tokens
    /// signed before are refused, which costs their owners a refresh.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub async fn revoke(&self, now: i64) -> Result<(), KeyError> {
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
        self.look_after(false, now).await
    }

    /// Does what is due, until nothing is, and takes over what stands.
    async fn look_after(&self, mut soon: bool, now: i64) -> Result<(), KeyError> {
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
                // If another instance was quicker, the next look finds its key.
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
        Err(KeyError::Unusable)
    }

    /// Adds a key; false if another instance was quicker.
    async fn add(&self, number: i64, signs_from: i64, now: i64) -> Result<bool, KeyError> {
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
            tracing::info!(event = "signing_key_added", kid = row.kid, algorithm = row.algorithm, signs_from);
        }
        Ok(added)
    }

    /// Takes over what stands in the database; keys that are known already are not opened again.
    ///
    /// A running instance does without a key that it can't open, since another one has a newer root
    /// secret by now: it must not keep a key that was withdrawn.
    async fn take_over(&self, rows: &[KeyRow], times: Vec<Times>, now: i64) -> Result<(), KeyError> {
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
            None => return Err(if sealed { KeyError::Sealed } else { KeyError::Unusable }),
        }
        if sealed { Err(KeyError::Sealed) } else { Ok(()) }
    }
}

/// Whether a server with this root secret could start on these keys.
pub fn opens(secret: &RootSecret, rows: Vec<KeyRow>) -> bool {
    Seal::new(secret).is_ok_and(|seal| known(rows).iter().all(|row| seal.open(row).is_ok()))
}

/// The keys whose algorithm this version knows. During an update, or after a roll-back, there may be one of
/// the next version's: its tokens are refused here, it is left alone, and it keeps nobody from signing.
fn known(mut rows: Vec<KeyRow>) -> Vec<KeyRow> {
    rows.retain(|row| Algorithm::parse(&row.algorithm).is_some());
    rows
}

fn times(row: &KeyRow) -> Result<Times, KeyError> {
    Ok(Times {
        number: row.number,
        algorithm: Algorithm::parse(&row.algorithm).ok_or(KeyError::Unusable)?,
        signs_from: row.signs_from,
        longest_life: row.longest_life,
        stopped_at: row.stopped_at,
    })
}
