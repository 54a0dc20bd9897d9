//! The table `users`, as those who look after the accounts of others see it: no password, nor a hash
//! of one.

use super::{Store, StoreError};
use freshkey_types::Role;
use serde::Serialize;
use sqlx::FromRow;

/// An account.
#[derive(Clone, Debug, FromRow, Serialize)]
pub struct AccountRow {
    /// UUIDv7.
    pub id: String,
    /// The address as typed.
    pub email: String,
    /// The name, if one was given.
    pub name: Option<String>,
    /// The name of the role, if there is one.
    pub role: Option<String>,
    /// When the account was made.
    pub created_at: i64,
    /// When the account was disabled.
    pub disabled_at: Option<i64>,
    /// When its user showed to have the address.
    pub email_verified_at: Option<i64>,
    /// When it is going to be deleted.
    pub delete_at: Option<i64>,
    /// Since when two-step sign-in is on.
    pub two_step_at: Option<i64>,
    /// Whether it is required, as an administrator said: 1, 0.
    #[serde(skip)]
    pub two_step_required: Option<i64>,
}

/// Which accounts are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    /// What may be part of an address as it is compared.
    pub in_key: [&'a str; 2],
    /// Part of an address as it was typed, or of a name.
    pub text: &'a str,
    /// An id.
    pub id: &'a str,
    /// Older than the account with this id.
    pub before: Option<&'a str>,
    /// At most so many.
    pub most: i64,
}

impl Store {
    /// Every account, the oldest first.
    ///
    /// # Errors
    /// The database.
    pub async fn accounts(&self) -> Result<Vec<AccountRow>, StoreError> {
        let sql = "SELECT id, email, name, role, created_at, disabled_at, email_verified_at, delete_at, two_step_at, two_step_required FROM users ORDER BY created_at, id";
        self.rows(sqlx::query_as(sql)).await
    }

    /// The accounts that are looked for, the newest first. Ids are UUIDv7: in the order of their
    /// making, and so a place to go on from that moves for nobody.
    ///
    /// # Errors
    /// The database.
    pub async fn find_accounts(&self, search: Search<'_>) -> Result<Vec<AccountRow>, StoreError> {
        let query = sqlx::query_as(
            "SELECT id, email, name, role, created_at, disabled_at, email_verified_at, delete_at, two_step_at, two_step_required FROM users
             WHERE (CAST($1 AS TEXT) IS NULL OR id < $1)
               AND (id = $2 OR email_key LIKE $3 ESCAPE '!' OR email_key LIKE $4 ESCAPE '!'
                    OR LOWER(email) LIKE LOWER($5) ESCAPE '!' OR LOWER(name) LIKE LOWER($5) ESCAPE '!')
             ORDER BY id DESC LIMIT $6",
        )
        .bind(search.before)
        .bind(search.id)
        .bind(contains(search.in_key[0]))
        .bind(contains(search.in_key[1]))
        .bind(contains(search.text))
        .bind(search.most);
        self.rows(query).await
    }

    /// The account with this id.
    ///
    /// # Errors
    /// The database.
    pub async fn account(&self, id: &str) -> Result<Option<AccountRow>, StoreError> {
        let sql = "SELECT id, email, name, role, created_at, disabled_at, email_verified_at, delete_at, two_step_at, two_step_required FROM users WHERE id = $1";
        Ok(self.rows(sqlx::query_as(sql).bind(id)).await?.pop())
    }

    /// The user's role; none for an account that is disabled.
    ///
    /// # Errors
    /// The database.
    pub async fn role_of(&self, id: &str) -> Result<Option<Role>, StoreError> {
        let sql = "SELECT role FROM users WHERE id = $1 AND disabled_at IS NULL";
        let rows: Vec<(Option<String>,)> = self.rows(sqlx::query_as(sql).bind(id)).await?;
        Ok(rows.into_iter().next().and_then(|(role,)| role.map(Role::from)))
    }

    /// The user's last sign-in, as far as anything tells of it still.
    ///
    /// # Errors
    /// The database.
    pub async fn last_sign_in(&self, id: &str) -> Result<Option<i64>, StoreError> {
        let rows: Vec<(Option<i64>,)> = self
            .rows(
                sqlx::query_as(
                    "SELECT MAX(at) FROM
             (SELECT created_at AS at FROM sessions WHERE user_id = $1
              UNION ALL SELECT at FROM activity WHERE user_id = $1 AND event = 'signed_in') AS seen",
                )
                .bind(id),
            )
            .await?;
        Ok(rows.into_iter().next().and_then(|(at,)| at))
    }
}

/// A pattern for what has `text` in it, whatever stands in `text`.
fn contains(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is left of a pattern when each `!` has made the next character an ordinary one; none if
    /// something in it is special.
    fn read(pattern: &str) -> Option<String> {
        let mut chars = pattern.strip_prefix('%')?.strip_suffix('%')?.chars();
        let mut text = String::new();
        while let Some(c) = chars.next() {
            match c {
                '!' => text.push(chars.next()?),
                '%' | '_' => return None,
                c => text.push(c),
            }
        }
        Some(text)
    }

    proptest! {
        #[test]
        fn nothing_in_a_search_is_special(text in "[a-c%_!\\\\'ä]{0,12}") {
            prop_assert_eq!(read(&contains(&text)), Some(text));
        }
    }
}
