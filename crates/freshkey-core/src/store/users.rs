//! The table `users`.

use super::{
    Store, StoreError,
    activity::{Event, record},
    changes::is_reserved,
    hooks::AtRegistration,
};
use crate::rules::{email::KEY_VERSION, session::Device, two_step::TwoStep};
use freshkey_types::{AuditEvent, Millis, OwnClaims, Role, UserView};
use sqlx::{AnyConnection, FromRow};

/// The columns of a user, for both `SELECT` and `RETURNING`.
macro_rules! columns {
    () => {
        "id, email, email_key, name, password_hash, password_changed_at, disabled_at, role, created_at, email_verified_at,
         delete_at, language, two_step_at, two_step_required, second_step_failures, user_handle"
    };
}

/// A user.
#[derive(Clone, Debug, FromRow)]
pub struct UserRow {
    /// UUIDv7.
    pub id: String,
    /// The address, as it was typed.
    pub email: String,
    /// The address, as it is compared.
    pub email_key: String,
    /// The name, if one was given.
    pub name: Option<String>,
    /// A PHC string.
    pub password_hash: String,
    /// When the password was last changed; 0 if never.
    pub password_changed_at: Millis,
    /// When the account was disabled.
    pub disabled_at: Option<Millis>,
    /// The name of the role, if there is one.
    pub role: Option<String>,
    /// When the account was created.
    pub created_at: Millis,
    /// When the user proved that they have the address.
    pub email_verified_at: Option<Millis>,
    /// When the account will be deleted.
    pub delete_at: Option<Millis>,
    /// The language of emails, if one was chosen.
    pub language: Option<String>,
    /// When two-step sign-in was turned on.
    pub two_step_at: Option<Millis>,
    /// Whether an administrator requires two-step sign-in: 1 for yes, 0 for no.
    pub two_step_required: Option<i64>,
    /// Wrong second steps from unknown devices, without a right one since.
    pub second_step_failures: i64,
    /// The user handle by which passkeys know the account.
    pub user_handle: Option<String>,
}

impl UserRow {
    /// The account's two-step sign-in.
    pub fn two_step(&self) -> TwoStep {
        TwoStep { on: self.two_step_at.is_some(), required: self.two_step_required.map(|required| required != 0) }
    }

    /// Whether the user is an administrator.
    pub fn is_admin(&self) -> bool {
        self.role.as_deref() == Some(Role::ADMIN.text())
    }
}

impl From<UserRow> for UserView {
    fn from(user: UserRow) -> Self {
        let role = user.role.map(Role::from);
        Self { id: user.id, email: user.email, name: user.name, role, claims: OwnClaims::default() }
    }
}

/// A new user.
#[derive(Clone, Default)]
pub struct NewUser {
    /// UUIDv7.
    pub id: String,
    /// The address, as it was typed.
    pub email: String,
    /// The address, as it is compared.
    pub email_key: String,
    /// The name, if one was given.
    pub name: Option<String>,
    /// A PHC string.
    pub password_hash: String,
    /// The role, if the user gets one.
    pub role: Option<Role>,
    /// The current time.
    pub created_at: Millis,
    /// When the user proved that they have the address.
    pub email_verified_at: Option<Millis>,
    /// The device that registers.
    pub device: Device,
    /// Writes the app's part, in the same transaction.
    pub own: Option<AtRegistration>,
}

impl NewUser {
    /// Makes a new user from this one, registered on this device.
    #[must_use]
    pub fn of(user: &UserRow, device: Device, own: Option<AtRegistration>) -> Self {
        let UserRow { id, email, email_key, name, password_hash, created_at, email_verified_at, .. } = user.clone();
        Self { id, email, email_key, name, password_hash, role: None, created_at, email_verified_at, device, own }
    }
}

impl Store {
    /// Adds the user. Returns `false` if the address has an account.
    ///
    /// # Errors
    /// The database failed.
    pub async fn insert_user(&self, user: NewUser) -> Result<bool, StoreError> {
        let event = Event::new(&user.id, None, AuditEvent::Registered, &user.device, user.created_at);
        let (hooks, noted) = (self.hooks.clone(), event.clone());
        let inserted = self.transact(Box::new(move |connection| {
            let (user, event, hooks) = (user.clone(), noted.clone(), hooks.clone());
            Box::pin(async move {
                if !insert(connection, &user).await? {
                    return Ok(false);
                }
                if let Some(own) = &user.own {
                    own(connection, &user.id).await?;
                }
                hooks.record(connection, &event).await?;
                Ok(true)
            })
        }));
        let inserted = inserted.await?;
        if inserted {
            self.hooks.committed(event);
        }
        Ok(inserted)
    }

    /// Replaces the hash of a password with a new hash of the same password. Returns `false` if the old hash is no
    /// longer the user's.
    ///
    /// # Errors
    /// The database failed.
    pub async fn renew_password_hash(&self, id: &str, old: &str, new: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2";
        Ok(self.execute(sqlx::query(sql).bind(id).bind(old).bind(new)).await? == 1)
    }

    /// Marks the user's address as proven, if it was not.
    ///
    /// # Errors
    /// The database failed.
    pub async fn prove_email(&self, id: &str, event: Event) -> Result<(), StoreError> {
        let (id, now) = (id.to_owned(), event.at());
        self.transact(Box::new(move |connection| {
            let (id, event) = (id.clone(), event.clone());
            Box::pin(async move {
                let sql = "UPDATE users SET email_verified_at = $2 WHERE id = $1 AND email_verified_at IS NULL";
                if sqlx::query(sql).bind(&id).bind(now).execute(&mut *connection).await?.rows_affected() == 1 {
                    record(connection, &event).await?;
                }
                Ok(())
            })
        }))
        .await
    }

    /// Changes or removes the user's name. Returns the user after that.
    ///
    /// # Errors
    /// The database failed.
    pub async fn set_name(&self, id: &str, name: Option<&str>) -> Result<Option<UserRow>, StoreError> {
        let new = (id.to_owned(), name.map(str::to_owned));
        self.transact(Box::new(move |connection| {
            let (id, name) = new.clone();
            Box::pin(async move {
                let sql = concat!("UPDATE users SET name = $2 WHERE id = $1 RETURNING ", columns!());
                Ok(sqlx::query_as(sql).bind(id).bind(name).fetch_all(connection).await?.pop())
            })
        }))
        .await
    }

    /// Changes or removes the language of the user's emails. Returns the user after that.
    ///
    /// # Errors
    /// The database failed.
    pub async fn set_language(&self, id: &str, language: Option<&str>) -> Result<Option<UserRow>, StoreError> {
        let new = (id.to_owned(), language.map(str::to_owned));
        self.transact(Box::new(move |connection| {
            let (id, language) = new.clone();
            Box::pin(async move {
                let sql = concat!("UPDATE users SET language = $2 WHERE id = $1 RETURNING ", columns!());
                Ok(sqlx::query_as(sql).bind(id).bind(language).fetch_all(connection).await?.pop())
            })
        }))
        .await
    }

    /// Returns the user whose address has one of these keys, the first before the second
    /// ([`keys`](crate::rules::email::keys)). If there is none, just as many rows are read, so that the time does not
    /// reveal it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn user_by_email(&self, keys: &[String; 2]) -> Result<Option<UserRow>, StoreError> {
        let sql = concat!(
            "SELECT * FROM (SELECT ",
            columns!(),
            " FROM users WHERE email_key >= $1 ORDER BY email_key LIMIT 1) AS one
             UNION ALL
             SELECT * FROM (SELECT ",
            columns!(),
            " FROM users WHERE email_key >= $2 ORDER BY email_key LIMIT 1) AS two"
        );
        let [first, second] = keys;
        let mut found: Vec<UserRow> = self.rows(sqlx::query_as(sql).bind(first).bind(second)).await?;
        found.retain(|user| keys.contains(&user.email_key));
        found.sort_by_key(|user| user.email_key != *first);
        Ok(found.into_iter().next())
    }

    /// Returns some of the users whose accounts are due for removal.
    ///
    /// # Errors
    /// The database failed.
    pub async fn due_for_removal(&self, now: Millis) -> Result<Vec<UserRow>, StoreError> {
        let sql = concat!("SELECT ", columns!(), " FROM users WHERE delete_at <= $1 ORDER BY delete_at LIMIT 100");
        self.rows(sqlx::query_as(sql).bind(now)).await
    }

    /// Returns the user with this id. If there is none (for example, because it is empty), a row is still read, so
    /// that the time does not reveal it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn user_by_id(&self, id: &str) -> Result<Option<UserRow>, StoreError> {
        let sql = concat!("SELECT ", columns!(), " FROM users WHERE id >= $1 ORDER BY id LIMIT 1");
        let found: Option<UserRow> = self.rows(sqlx::query_as(sql).bind(id)).await?.pop();
        Ok(found.filter(|user| user.id == id))
    }
}

/// Adds the user. Returns `false` if the address has an account, or is reserved for somebody who may get it back.
pub(super) async fn insert(connection: &mut AnyConnection, user: &NewUser) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO users (id, email, email_key, name, password_hash, role, created_at, email_key_version,
                            email_verified_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (email_key) DO NOTHING",
    )
    .bind(&user.id)
    .bind(&user.email)
    .bind(&user.email_key)
    .bind(&user.name)
    .bind(&user.password_hash)
    .bind(user.role.as_ref().map(Role::text))
    .bind(user.created_at)
    .bind(KEY_VERSION)
    .bind(user.email_verified_at)
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    // Checked afterwards, because on Postgres the insertion has waited for an account that was giving the address up.
    if is_reserved(connection, &user.email_key, &user.id, user.created_at).await? {
        sqlx::query("DELETE FROM users WHERE id = $1").bind(&user.id).execute(connection).await?;
        return Ok(false);
    }
    Ok(true)
}
