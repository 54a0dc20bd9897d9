//! Deleting an account: the request, its undo, and the removal of everything that names the user, including the app's
//! own tables.
//!
//! The schema says which tables those are: every table with a column `user_id`. So none can be forgotten.

use super::{
    Engine, Store, StoreError,
    account_changes::{Changed, lock_admins},
    activity::Event,
    challenges::replace_others,
    outbox::{self, NewEmail},
    sessions::ending::{SessionFilter, end},
};
use freshkey_types::{EndReason, Millis};
use sqlx::{AnyConnection, AssertSqlSafe};

/// A table with a column `user_id` that names nobody: it is written when a sign-in is refused for an address without
/// an account.
const OF_NOBODY: &str = "activity_of_nobody";

/// A request to delete an account.
#[derive(Clone, Debug)]
pub struct Deletion {
    /// The user's id.
    pub user: String,
    /// The address as it is compared.
    pub email_key: String,
    /// When everything is removed.
    pub delete_at: Millis,
    /// The current time.
    pub now: Millis,
    /// The entry for the user's activity.
    pub event: Event,
    /// The email that reports it, if there is mail.
    pub notice: Option<NewEmail>,
}

impl Store {
    /// Records that a user wants their account deleted, and ends their sessions.
    ///
    /// # Errors
    /// The database failed.
    pub async fn ask_for_deletion(&self, wish: Deletion) -> Result<Changed, StoreError> {
        let (locks, order, hooks) = (self.locks_rows(), self.lock_in_order(), self.hooks.clone());
        let (event, now) = (wish.event.clone(), wish.now);
        let changed = self.transact(Box::new(move |connection| {
            let (wish, hooks) = (wish.clone(), hooks.clone());
            Box::pin(async move {
                lock_admins(connection, locks).await?;
                let sql = "UPDATE users SET delete_at = $2 WHERE id = $1 AND delete_at IS NULL
                           AND (COALESCE(role, '') <> 'admin' OR EXISTS (
                               SELECT 1 FROM users AS other WHERE other.role = 'admin' AND other.disabled_at IS NULL
                               AND other.delete_at IS NULL AND other.id <> $1))";
                let query = sqlx::query(sql).bind(&wish.user).bind(wish.delete_at);
                if query.execute(&mut *connection).await?.rows_affected() == 0 {
                    let sql = "SELECT id FROM users WHERE id = $1 AND delete_at IS NULL";
                    let there = !sqlx::query(sql).bind(&wish.user).fetch_all(connection).await?.is_empty();
                    return Ok(if there { Changed::LastAdmin } else { Changed::Unchanged });
                }
                if let Some(notice) = &wish.notice {
                    outbox::insert_or_undo(connection, notice).await?;
                }
                replace_others(connection, None, Some(&wish.user), &wish.email_key).await?;
                hooks.record(connection, &wish.event).await?;
                let all = SessionFilter::AllOf(wish.user.clone());
                Ok(Changed::Done(end(connection, &all, EndReason::Deleted, wish.now, order).await?))
            })
        }));
        let changed = changed.await?;
        if let Changed::Done(ended) = &changed {
            self.notify_ended(ended, EndReason::Deleted, now);
            self.hooks.committed(event);
        }
        Ok(changed)
    }

    /// Keeps an account that was going to be deleted. Returns `false` if it was not, or if its time has come.
    ///
    /// # Errors
    /// The database failed.
    pub async fn keep_account(&self, user: &str, event: Event) -> Result<bool, StoreError> {
        let (user, hooks, noted) = (user.to_owned(), self.hooks.clone(), event.clone());
        let kept = self.transact(Box::new(move |connection| {
            let (user, hooks, event) = (user.clone(), hooks.clone(), noted.clone());
            Box::pin(async move {
                let kept = keep(connection, &user, event.at()).await?;
                if kept {
                    hooks.record(connection, &event).await?;
                }
                Ok(kept)
            })
        }));
        let kept = kept.await?;
        if kept {
            self.hooks.committed(event);
        }
        Ok(kept)
    }

    /// Removes everything that names the user, if the user is still due. `notice` is an email that tells them.
    ///
    /// # Errors
    /// The database failed.
    pub async fn remove_user(&self, user: &str, notice: Option<NewEmail>, now: Millis) -> Result<bool, StoreError> {
        let tables = self.tables_of_users().await?;
        let user = user.to_owned();
        self.transact(Box::new(move |connection| {
            let (user, tables, notice) = (user.clone(), tables.clone(), notice.clone());
            Box::pin(async move {
                let sql = "UPDATE users SET disabled_at = COALESCE(disabled_at, $2) WHERE id = $1 AND delete_at <= $2";
                if sqlx::query(sql).bind(&user).bind(now).execute(&mut *connection).await?.rows_affected() == 0 {
                    return Ok(false);
                }
                let sql =
                    "DELETE FROM outbox WHERE email = (SELECT email FROM users WHERE id = $1) OR challenge_id IN (
                               SELECT id FROM challenges
                               WHERE email_key = (SELECT email_key FROM users WHERE id = $1))";
                sqlx::query(sql).bind(&user).execute(&mut *connection).await?;
                let sql = "DELETE FROM challenges WHERE email_key = (SELECT email_key FROM users WHERE id = $1)";
                sqlx::query(sql).bind(&user).execute(&mut *connection).await?;
                for table in &tables {
                    let sql = format!("DELETE FROM \"{table}\" WHERE CAST(user_id AS TEXT) = $1");
                    sqlx::query(AssertSqlSafe(sql)).bind(&user).execute(&mut *connection).await?;
                }
                sqlx::query("DELETE FROM users WHERE id = $1").bind(&user).execute(&mut *connection).await?;
                if let Some(notice) = &notice {
                    outbox::insert_anyway(connection, notice).await?;
                }
                Ok(true)
            })
        }))
        .await
    }

    /// Returns the tables with rows of users, the library's and the app's.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tables_of_users(&self) -> Result<Vec<String>, StoreError> {
        let sql = match &self.engine {
            Engine::Sqlite(_) => {
                "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
                 WHERE m.type = 'table' AND c.name = 'user_id' ORDER BY m.name"
            }
            Engine::Postgres(_) => {
                "SELECT CAST(c.table_name AS TEXT) FROM information_schema.columns c
                 JOIN information_schema.tables t USING (table_schema, table_name)
                 WHERE c.table_schema = current_schema() AND c.column_name = 'user_id' AND t.table_type = 'BASE TABLE'
                 ORDER BY 1"
            }
        };
        let tables: Vec<(String,)> = self.rows(sqlx::query_as(sql)).await?;
        // A quote in a table's name would end the identifier. Such a table is not supported.
        let plain = |name: &String| name != OF_NOBODY && !name.contains('"');
        Ok(tables.into_iter().map(|(name,)| name).filter(plain).collect())
    }
}

/// Takes the request to delete the account back. Returns whether it still stood and its time had not come.
pub(super) async fn keep(connection: &mut AnyConnection, user: &str, now: Millis) -> Result<bool, sqlx::Error> {
    let sql = "UPDATE users SET delete_at = NULL WHERE id = $1 AND delete_at > $2 AND disabled_at IS NULL";
    Ok(sqlx::query(sql).bind(user).bind(now).execute(connection).await?.rows_affected() == 1)
}
