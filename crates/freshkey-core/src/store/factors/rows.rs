//! The statements that change factors, one function each.

use super::{super::challenges::end_all, change::NewFactor, devices::forget};
use crate::rules::{challenge::ChallengeKind, factor::FactorKind, undo::Undo};
use freshkey_types::Millis;
use sqlx::{AnyConnection, FromRow};
use uuid::Uuid;

/// The account before the change.
#[derive(FromRow)]
pub(super) struct Before {
    pub(super) two_step_at: Option<Millis>,
    pub(super) disabled_at: Option<Millis>,
}

/// Returns the account, and locks its factors until the end of the transaction.
pub(super) async fn lock(connection: &mut AnyConnection, user: &str) -> Result<Option<Before>, sqlx::Error> {
    let sql = "UPDATE users SET changes = changes WHERE id = $1 RETURNING two_step_at, disabled_at";
    Ok(sqlx::query_as(sql).bind(user).fetch_all(connection).await?.pop())
}

/// Turns two-step sign-in on from a time, or off.
pub(super) async fn switch(
    connection: &mut AnyConnection,
    user: &str,
    two_step_at: Option<Millis>,
) -> Result<(), sqlx::Error> {
    let sql = "UPDATE users SET two_step_at = $2 WHERE id = $1";
    sqlx::query(sql).bind(user).bind(two_step_at).execute(connection).await.map(drop)
}

/// Returns the user's factors.
pub(super) async fn kinds(
    connection: &mut AnyConnection,
    user: &str,
) -> Result<Vec<(String, FactorKind)>, sqlx::Error> {
    let sql = "SELECT id, kind FROM factors WHERE user_id = $1 AND removed_at IS NULL";
    let rows: Vec<(String, String)> = sqlx::query_as(sql).bind(user).fetch_all(connection).await?;
    Ok(rows.into_iter().filter_map(|(id, kind)| Some((id, FactorKind::parse(&kind)?))).collect())
}

pub(super) async fn insert(
    connection: &mut AnyConnection,
    user: &str,
    new: &NewFactor,
    now: Millis,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO factors (id, user_id, kind, name, secret, last_step, credential_id, public_key, algorithm, sign_count,
                              backup_eligible, backed_up, transports, aaguid, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(&new.id)
    .bind(user)
    .bind(new.kind.text())
    .bind(&new.name)
    .bind(&new.secret)
    .bind(new.last_step)
    .bind(&new.credential_id)
    .bind(&new.public_key)
    .bind(new.algorithm)
    .bind(new.sign_count)
    .bind(new.backup_eligible.map(i64::from))
    .bind(new.backed_up.map(i64::from))
    .bind(&new.transports)
    .bind(&new.aaguid)
    .bind(now)
    .execute(connection)
    .await
    .map(drop)
}

pub(super) async fn remove(
    connection: &mut AnyConnection,
    user: &str,
    id: &str,
    now: Millis,
) -> Result<(), sqlx::Error> {
    let sql = "UPDATE factors SET removed_at = $3 WHERE id = $2 AND user_id = $1 AND removed_at IS NULL";
    sqlx::query(sql).bind(user).bind(id).bind(now).execute(connection).await.map(drop)
}

/// Returns the set of recovery codes that works.
pub(super) async fn current_set(connection: &mut AnyConnection, user: &str) -> Result<Option<String>, sqlx::Error> {
    let sql = "SELECT set_id FROM recovery_codes WHERE user_id = $1 AND replaced_at IS NULL LIMIT 1";
    let rows: Vec<(String,)> = sqlx::query_as(sql).bind(user).fetch_all(connection).await?;
    Ok(rows.into_iter().next().map(|(set,)| set))
}

/// Replaces the recovery codes. Without new codes, also ends the challenge that shows the old ones.
pub(super) async fn replace_codes(
    connection: &mut AnyConnection,
    user: &str,
    new: &[(String, String)],
    now: Millis,
) -> Result<(), sqlx::Error> {
    let sql = "UPDATE recovery_codes SET replaced_at = $2 WHERE user_id = $1 AND replaced_at IS NULL";
    sqlx::query(sql).bind(user).bind(now).execute(&mut *connection).await?;
    if new.is_empty() {
        end_all(connection, user, ChallengeKind::RecoveryCodes).await?;
    }
    let set = Uuid::now_v7().to_string();
    for (selector, hash) in new {
        let sql =
            "INSERT INTO recovery_codes (user_id, set_id, selector, hash, created_at) VALUES ($1, $2, $3, $4, $5)";
        let query = sqlx::query(sql).bind(user).bind(&set).bind(selector).bind(hash).bind(now);
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Removes all factors of the account and returns how to undo that.
pub(super) async fn take_away_all(
    connection: &mut AnyConnection,
    user: &str,
    now: Millis,
) -> Result<Undo, sqlx::Error> {
    let two_step_at = lock(connection, user).await?.and_then(|user| user.two_step_at);
    let mut back = Vec::new();
    for (id, _) in kinds(connection, user).await? {
        remove(connection, user, &id, now).await?;
        back.push(id);
    }
    let codes = current_set(connection, user).await?;
    replace_codes(connection, user, &[], now).await?;
    switch(connection, user, None).await?;
    let sql = "UPDATE users SET second_step_failures = 0 WHERE id = $1";
    sqlx::query(sql).bind(user).execute(&mut *connection).await?;
    forget(connection, user).await?;
    Ok(Undo::Factors { two_step_at, back, gone: Vec::new(), codes })
}

/// Returns whether the user has proven that they have the account's address.
pub(in crate::store) async fn is_proven(connection: &mut AnyConnection, user: &str) -> Result<bool, sqlx::Error> {
    let sql = "SELECT id FROM users WHERE id = $1 AND email_verified_at IS NOT NULL";
    Ok(!sqlx::query(sql).bind(user).fetch_all(connection).await?.is_empty())
}

/// Removes the passkeys, which may have been added by somebody who did not have the account's address.
pub(in crate::store) async fn remove_passkeys(
    connection: &mut AnyConnection,
    user: &str,
    now: Millis,
) -> Result<(), sqlx::Error> {
    for (id, kind) in kinds(connection, user).await? {
        if kind == FactorKind::Passkey {
            remove(connection, user, &id, now).await?;
        }
    }
    if kinds(connection, user).await?.is_empty() {
        switch(connection, user, None).await?;
        // The codes were made for the person who added the passkeys.
        replace_codes(connection, user, &[], now).await?;
    }
    Ok(())
}

/// Undoes a change.
pub(in crate::store) async fn put_back(
    connection: &mut AnyConnection,
    user: &str,
    (two_step_at, back, gone, codes): (Option<Millis>, &[String], &[String], Option<&str>),
    now: Millis,
) -> Result<(), sqlx::Error> {
    for id in gone {
        remove(connection, user, id, now).await?;
    }
    for id in back {
        let sql = "UPDATE factors SET removed_at = NULL WHERE id = $2 AND user_id = $1";
        sqlx::query(sql).bind(user).bind(id).execute(&mut *connection).await?;
    }
    let sql = "UPDATE recovery_codes SET replaced_at = COALESCE(replaced_at, $2) WHERE user_id = $1";
    sqlx::query(sql).bind(user).bind(now).execute(&mut *connection).await?;
    if let Some(set) = codes {
        let sql = "UPDATE recovery_codes SET replaced_at = NULL WHERE user_id = $1 AND set_id = $2";
        sqlx::query(sql).bind(user).bind(set).execute(&mut *connection).await?;
    }
    switch(connection, user, two_step_at).await
}
