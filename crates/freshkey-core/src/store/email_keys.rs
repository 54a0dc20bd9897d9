//! Updating the keys by which addresses are compared, when the rules that make them change.

use super::{Store, StoreError};
use crate::rules::{
    email::{Email, KEY_VERSION, kept_key},
    undo::Undo,
};

/// How many accounts are read at once.
const BATCH: i64 = 500;

impl Store {
    /// Recomputes keys that were made by older rules. If two accounts would have the same key, the older account gets
    /// it, unless another account has it already. The other account keeps its old key, with a mark, and signs in as
    /// before. So does an account whose address is invalid by today's rules.
    ///
    /// # Errors
    /// The database failed.
    pub async fn update_email_keys(&self) -> Result<(), StoreError> {
        let (mut after, mut kept) = (String::new(), Vec::new());
        loop {
            let sql = "SELECT id, email, email_key FROM users WHERE email_key_version < $1 AND id > $2
                       ORDER BY id LIMIT $3";
            let query = sqlx::query_as(sql).bind(KEY_VERSION).bind(&after).bind(BATCH);
            let rows: Vec<(String, String, String)> = self.rows(query).await?;
            let Some((last, ..)) = rows.last() else { break };
            let last = last.clone();
            for (id, email, before) in rows {
                let key = Email::parse(&email).ok().map(|email| email.key().to_owned());
                if key.as_ref() == Some(&before) || self.set_email_key(&id, &before, key.as_deref()).await? {
                    continue;
                }
                let mark = kept_key(&before);
                self.set_email_key(&id, &before, Some(&mark)).await?;
                kept.push((id, mark, key));
            }
            let sql = "UPDATE users SET email_key_version = $1 WHERE email_key_version < $1 AND id > $2 AND id <= $3";
            sqlx::query(sql).bind(KEY_VERSION).bind(after).bind(&last).execute(&self.write).await?;
            after = last;
        }
        // The key may be free by now, if the account that had it was given another one.
        for (id, mark, key) in kept {
            if !self.set_email_key(&id, &mark, key.as_deref()).await? {
                tracing::warn!(event = "email_key_kept", user = %id);
            }
        }
        self.update_reserved_keys().await
    }

    /// Does the same for addresses that are reserved because their owners may get them back. These are few, and last
    /// only days.
    async fn update_reserved_keys(&self) -> Result<(), StoreError> {
        let sql = "SELECT id, undo FROM changes WHERE email_key IS NOT NULL AND undo IS NOT NULL";
        let rows: Vec<(String, String)> = self.rows(sqlx::query_as(sql)).await?;
        for (id, undo) in rows {
            let Ok(Undo::Email { email, key: before }) = serde_json::from_str(&undo) else { continue };
            let Ok(now) = Email::parse(&email) else { continue };
            let key = now.key().to_owned();
            if key == before {
                continue;
            }
            let Ok(undo) = serde_json::to_string(&Undo::Email { email, key: key.clone() }) else { continue };
            let sql = "UPDATE changes SET email_key = $2, undo = $3 WHERE id = $1";
            sqlx::query(sql).bind(id).bind(key).bind(undo).execute(&self.write).await?;
        }
        Ok(())
    }

    /// Gives the account another key. Returns `false` if there is none, or another account has it.
    async fn set_email_key(&self, id: &str, before: &str, key: Option<&str>) -> Result<bool, StoreError> {
        let Some(key) = key else { return Ok(false) };
        let sql = "UPDATE users SET email_key = $3, email_key_version = $4 WHERE id = $1 AND email_key = $2
                   AND NOT EXISTS (SELECT 1 FROM users AS other WHERE other.email_key = $3 AND other.id <> $1)";
        let query = sqlx::query(sql).bind(id).bind(before).bind(key).bind(KEY_VERSION);
        match query.execute(&self.write).await {
            Ok(done) => Ok(done.rows_affected() == 1),
            // Somebody registered with it at the same moment.
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{rules::email::keys, settings::Database};
    use freshkey_types::Millis;

    const ACCOUNTS: [(&str, &str, &str); 8] = [
        ("01", "lena@münchen.de", "lena@münchen.de"),
        ("02", "lena@xn--mnchen-3ya.de", "lena@xn--mnchen-3ya.de"),
        ("03", "max@xn--mnchen-3ya.de", "max@xn--mnchen-3ya.de"),
        ("04", "eva@faß.de", "eva@fass.de"),
        ("05", "ıda@x.de", "ida@x.de"),
        ("06", "\u{202a}ada@x.de\u{202c}", "\u{202a}ada@x.de\u{202c}"),
        ("07", "ida@ſ.de", "ida@s.de"),
        ("08", "Bob@x.de", "bob@x.de"),
    ];

    /// An address that an undo may restore stays reserved, under today's key.
    #[tokio::test]
    async fn an_address_that_may_come_back_is_reserved_by_its_key_of_today() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&Database::Sqlite(folder.path().join("freshkey.db"))).await.expect("it opens");
        let sql = "INSERT INTO users (id, email, email_key, password_hash, created_at) VALUES ('01', 'a@x.de', 'a@x.de', '', 0)";
        sqlx::query(sql).execute(&store.write).await.expect("an account");
        let (email, before) = ("eva@faß.de", "eva@fass.de");
        let undo = Undo::Email { email: email.to_owned(), key: before.to_owned() };
        let sql = "INSERT INTO changes (id, user_id, number, kind, email, undo, email_key, at, until)
                   VALUES ('c', '01', 1, 'email_changed', $1, $2, $3, 0, 1000)";
        let query = sqlx::query(sql).bind(email).bind(serde_json::to_string(&undo).expect("JSON")).bind(before);
        query.execute(&store.write).await.expect("a change");
        store.update_email_keys().await.expect("done");
        let key = Email::parse(email).expect("an address").key().to_owned();
        assert_ne!(key, before, "the rules have changed since");
        assert!(store.is_reserved(&key, "", Millis(500)).await.expect("read"));
        assert!(!store.is_reserved(before, "", Millis(500)).await.expect("read"));
        let rows: Vec<(String,)> = store.rows(sqlx::query_as("SELECT undo FROM changes")).await.expect("read");
        assert_eq!(
            serde_json::from_str::<Undo>(&rows[0].0).expect("JSON"),
            Undo::Email { email: email.to_owned(), key }
        );
        store.close().await;
    }

    /// Whatever the user typed when registering finds the same account as before.
    #[tokio::test]
    async fn every_account_of_before_is_found_by_its_own_address() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&Database::Sqlite(folder.path().join("freshkey.db"))).await.expect("it opens");
        for (id, email, key) in ACCOUNTS {
            let sql = "INSERT INTO users (id, email, email_key, password_hash, created_at) VALUES ($1, $2, $3, '', 0)";
            sqlx::query(sql).bind(id).bind(email).bind(key).execute(&store.write).await.expect("an account");
        }
        for _ in 0..2 {
            store.update_email_keys().await.expect("done");
            for (id, email, _) in ACCOUNTS {
                let found = store.user_by_email(&keys(email)).await.expect("read").expect(email);
                assert_eq!(found.id, id, "{email}");
            }
        }
        for (other, id) in [("BOB@X.de", Some("08")), ("max@MÜNCHEN.de", Some("03")), ("ida@x.de", None)] {
            let found = store.user_by_email(&keys(other)).await.expect("read");
            assert_eq!(found.map(|user| user.id).as_deref(), id, "{other}");
        }
        store.close().await;
    }
}
