//! The key status shown to an operator. It is read from the table, changes nothing and needs no secret.

use super::{
    KeyError, known,
    plan::{Times, newest},
    times,
};
use crate::{rules::jws::Algorithm, store::Store};
use freshkey_types::Millis;
use serde::Serialize;

/// A key as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyStatus {
    /// The RFC 7638 thumbprint.
    pub kid: String,
    /// Its algorithm.
    pub algorithm: String,
    /// When it may begin to sign, in milliseconds since 1970.
    pub signs_from: Millis,
    /// What it does now.
    pub state: State,
}

/// The state of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is published, but not every verifier knows it yet.
    Waits,
    /// It signs.
    Signs,
    /// It no longer signs, but tokens that it signed may still be valid.
    Verifies,
}

/// Returns the keys at `now`, in the order in which they sign.
///
/// # Errors
/// See [`KeyError`].
pub async fn status(store: &Store, now: Millis) -> Result<Vec<KeyStatus>, KeyError> {
    let rows = known(store.signing_keys().await?);
    let times = rows.iter().map(times).collect::<Result<Vec<_>, _>>()?;
    let signer = newest(times.iter(), now).map(|key| key.number);
    let state = |key: &Times| match key {
        _ if Some(key.number) == signer => State::Signs,
        _ if key.signs_from > now => State::Waits,
        _ => State::Verifies,
    };
    let status = rows.into_iter().zip(&times).map(|(row, times)| KeyStatus {
        kid: row.kid,
        algorithm: row.algorithm,
        signs_from: row.signs_from,
        state: state(times),
    });
    Ok(status.collect())
}

/// Returns the algorithm of the newest key, which signs or soon will. A command that works on a running server's keys
/// keeps to it, whatever its own settings say.
///
/// # Errors
/// See [`KeyError`].
pub async fn in_use(store: &Store) -> Result<Option<Algorithm>, KeyError> {
    let times = known(store.signing_keys().await?).iter().map(times).collect::<Result<Vec<_>, _>>()?;
    Ok(times.iter().rfind(|key| key.stopped_at.is_none()).map(|key| key.algorithm))
}
