//! The table `users`, as administrators and operators see it: without passwords and their hashes.

use super::{Store, StoreError};
use freshkey_types::{Millis, Role};
use serde::Serialize;
use sqlx::FromRow;

/// An account.
#[derive(Clone, Debug, FromRow, Serialize)]
pub struct AccountRow {
    /// UUIDv7.
    pub id: String,
    /// The address, as it was typed.
    pub email: String,
    /// The name, if one was given.
    pub name: Option<String>,
    /// The name of the role, if there is one.
    pub role: Option<String>,
    /// When the account was created.
    pub created_at: Millis,
    /// When the account was disabled.
    pub disabled_at: Option<Millis>,
    /// When the user proved that they have the address.
    pub email_verified_at: Option<Millis>,
    /// When the account will be deleted.
    pub delete_at: Option<Millis>,
    /// When two-step sign-in was turned on.
    pub two_step_at: Option<Millis>,
    /// Whether an administrator requires two-step sign-in: 1 for yes, 0 for no.
    #[serde(skip)]
    pub two_step_required: Option<i64>,
}

/// Which accounts to find.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    /// A part of an address, as it is compared.
    pub in_key: [&'a str; 2],
    /// A part of an address as it was typed, or of a name.
    pub text: &'a str,
    /// An id.
    pub id: &'a str,
    /// Only accounts older than the one with this id.
    pub before: Option<&'a str>,
    /// At most this many.
    pub most: i64,
}

impl Store {
    /// Returns all accounts, the oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn accounts(&self) -> Result<Vec<AccountRow>, StoreError> {
        let sql = "SELECT id, email, name, role, created_at, disabled_at, email_verified_at, delete_at, two_step_at, two_step_required FROM users ORDER BY created_at, id";
        self.rows(sqlx::query_as(sql)).await
    }

    /// Returns the accounts that match, the newest first. Ids are UUIDv7 and so in the order of creation, which makes
    /// an id a stable position to continue from.
    ///
    /// # Errors
    /// The database failed.
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

    /// Returns the account with this id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn account(&self, id: &str) -> Result<Option<AccountRow>, StoreError> {
        let sql = "SELECT id, email, name, role, created_at, disabled_at, email_verified_at, delete_at, two_step_at, two_step_required FROM users WHERE id = $1";
        Ok(self.rows(sqlx::query_as(sql).bind(id)).await?.pop())
    }

    /// Returns the user's role, or `None` for a disabled account.
    ///
    /// # Errors
    /// The database failed.
    pub async fn role_of(&self, id: &str) -> Result<Option<Role>, StoreError> {
        let sql = "SELECT role FROM users WHERE id = $1 AND disabled_at IS NULL";
        let rows: Vec<(Option<String>,)> = self.rows(sqlx::query_as(sql).bind(id)).await?;
        Ok(rows.into_iter().next().and_then(|(role,)| role.map(Role::from)))
    }

    /// Returns the time of the user's last sign-in, if a record of it is still there.
    ///
    /// # Errors
    /// The database failed.
    pub async fn last_sign_in(&self, id: &str) -> Result<Option<Millis>, StoreError> {
        let rows: Vec<(Option<Millis>,)> = self
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

/// Makes a pattern that finds `text`, whatever characters it contains.
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

    /// Returns what a pattern matches literally, with `!` as the escape. `None` if it contains a special character.
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
