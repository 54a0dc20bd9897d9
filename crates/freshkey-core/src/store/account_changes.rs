//! Changes of an account by its owner, an administrator or the operator. Each is one transaction: the change, the
//! sessions that end with it, and the entry in the user's activity.

use super::{
    Store, StoreError,
    activity::Event,
    challenges::replace_others,
    factors::forget_devices,
    outbox::{self, NewEmail},
    sessions::ending::{SessionFilter, end},
};
use crate::rules::session::Device;
use freshkey_types::{AuditEvent, EndReason, Millis, Role};
use sqlx::{AnyConnection, AssertSqlSafe};
use uuid::Uuid;

/// A new password.
#[derive(Clone, Debug)]
pub struct NewPassword {
    /// The user's id.
    pub user: String,
    /// Its hash.
    pub hash: String,
    /// Who changes it.
    pub by: PasswordChange,
    /// The email that reports it, if there is mail.
    pub notice: Option<NewEmail>,
    /// The current time.
    pub now: Millis,
}

/// Who changes a password.
#[derive(Clone, Debug)]
pub enum PasswordChange {
    /// The account's owner.
    Owner {
        /// The hash that the current password was verified against.
        old: String,
        /// The session in which it is changed. It stays alive.
        session: Uuid,
        /// The device.
        device: Device,
    },
    /// The operator, on the command line. All sessions end.
    Operator,
}

/// The result of a change by an administrator or the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is done, and these sessions ended.
    Done(Vec<Uuid>),
    /// There was nothing to do.
    Unchanged,
    /// It would leave no administrator who can sign in.
    LastAdmin,
    /// The user who asked for it is not, or no longer, an administrator.
    NotAdmin,
}

/// Who changes another user's account: an administrator, by id, or the operator (`None`).
pub type ChangedBy<'a> = Option<&'a str>;

impl Store {
    /// Changes a password and ends the user's other sessions. Returns the sessions that ended, or `None` if the
    /// verified password is no longer the user's, or if the session or the account is over.
    ///
    /// # Errors
    /// The database failed.
    pub async fn change_password(&self, new: NewPassword) -> Result<Option<Vec<Uuid>>, StoreError> {
        let (locks, order, now, hooks) = (self.locks_rows(), self.lock_in_order(), new.now, self.hooks.clone());
        let filter = match &new.by {
            PasswordChange::Owner { session, .. } => SessionFilter::OthersOf(new.user.clone(), *session),
            PasswordChange::Operator => SessionFilter::AllOf(new.user.clone()),
        };
        let event = password_changed(&new);
        let noted = event.clone();
        let ended = self.transact(Box::new(move |connection| {
            let (new, filter, event, hooks) = (new.clone(), filter.clone(), noted.clone(), hooks.clone());
            Box::pin(async move {
                if !replace_hash(connection, &new, locks).await? {
                    return Ok(None);
                }
                let ended = end(connection, &filter, EndReason::PasswordChanged, new.now, order).await?;
                replace_others(connection, None, Some(&new.user), "").await?;
                forget_devices(connection, &new.user).await?;
                if let Some(notice) = &new.notice {
                    outbox::insert_or_undo(connection, notice).await?;
                }
                hooks.record(connection, &event).await?;
                Ok(Some(ended))
            })
        }));
        let ended = ended.await?;
        if ended.is_some() {
            self.hooks.committed(event);
        }
        self.notify_ended(ended.as_deref().unwrap_or_default(), EndReason::PasswordChanged, now);
        Ok(ended)
    }

    /// Disables an account and ends its sessions.
    ///
    /// # Errors
    /// The database failed.
    pub async fn disable_account(&self, user: &str, by: ChangedBy<'_>, now: Millis) -> Result<Changed, StoreError> {
        let (user, by) = (user.to_owned(), by.map(str::to_owned));
        let (locks, order, hooks) = (self.locks_rows(), self.lock_in_order(), self.hooks.clone());
        let event = Event::new(&user, None, AuditEvent::AccountDisabledByAdmin, &Device::default(), now);
        let noted = event.clone();
        let changed = self.transact(Box::new(move |connection| {
            let (user, by, event, hooks) = (user.clone(), by.clone(), noted.clone(), hooks.clone());
            Box::pin(async move {
                lock_admins(connection, locks).await?;
                if !may_change(connection, by.as_deref(), locks).await? {
                    return Ok(Changed::NotAdmin);
                }
                let sql = "UPDATE users SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL
                           AND (COALESCE(role, '') <> 'admin' OR EXISTS (
                               SELECT 1 FROM users AS other
                               WHERE other.role = 'admin' AND other.disabled_at IS NULL
                               AND other.delete_at IS NULL AND other.id <> $1))";
                let done = sqlx::query(sql).bind(&user).bind(now).execute(&mut *connection).await?;
                if done.rows_affected() == 0 {
                    let sql = "SELECT id FROM users WHERE id = $1 AND disabled_at IS NULL";
                    let enabled = !sqlx::query(sql).bind(&user).fetch_all(connection).await?.is_empty();
                    return Ok(if enabled { Changed::LastAdmin } else { Changed::Unchanged });
                }
                let filter = SessionFilter::AllOf(user.clone());
                let ended = end(connection, &filter, EndReason::Disabled, now, order).await?;
                hooks.record(connection, &event).await?;
                Ok(Changed::Done(ended))
            })
        }));
        Ok(self.told(changed.await?, EndReason::Disabled, event))
    }

    /// Enables a disabled account.
    ///
    /// # Errors
    /// The database failed.
    pub async fn enable_account(&self, user: &str, by: ChangedBy<'_>, now: Millis) -> Result<Changed, StoreError> {
        let (user, by, locks, hooks) = (user.to_owned(), by.map(str::to_owned), self.locks_rows(), self.hooks.clone());
        let event = Event::new(&user, None, AuditEvent::AccountEnabledByAdmin, &Device::default(), now);
        let noted = event.clone();
        let changed = self.transact(Box::new(move |connection| {
            let (user, by, event, hooks) = (user.clone(), by.clone(), noted.clone(), hooks.clone());
            Box::pin(async move {
                if !may_change(connection, by.as_deref(), locks).await? {
                    return Ok(Changed::NotAdmin);
                }
                let sql = "UPDATE users SET disabled_at = NULL WHERE id = $1 AND disabled_at IS NOT NULL";
                if sqlx::query(sql).bind(&user).execute(&mut *connection).await?.rows_affected() == 0 {
                    return Ok(Changed::Unchanged);
                }
                hooks.record(connection, &event).await?;
                Ok(Changed::Done(Vec::new()))
            })
        }));
        Ok(self.told(changed.await?, EndReason::Disabled, event))
    }

    /// Ends one or all of another user's sessions.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end_sessions_by(
        &self,
        by: ChangedBy<'_>,
        user: &str,
        session: Option<Uuid>,
        now: Millis,
    ) -> Result<Changed, StoreError> {
        let by = by.map(str::to_owned);
        let (locks, order, hooks) = (self.locks_rows(), self.lock_in_order(), self.hooks.clone());
        let (filter, kind) = match session {
            Some(session) => (SessionFilter::One(session), AuditEvent::SessionEndedByAdmin),
            None => (SessionFilter::AllOf(user.to_owned()), AuditEvent::SessionsEndedByAdmin),
        };
        let event = Event::new(user, session, kind, &Device::default(), now);
        let noted = event.clone();
        let changed = self.transact(Box::new(move |connection| {
            let (by, filter, event, hooks) = (by.clone(), filter.clone(), noted.clone(), hooks.clone());
            Box::pin(async move {
                if !may_change(connection, by.as_deref(), locks).await? {
                    return Ok(Changed::NotAdmin);
                }
                let ended = end(connection, &filter, EndReason::Revoked, now, order).await?;
                if ended.is_empty() {
                    return Ok(Changed::Unchanged);
                }
                hooks.record(connection, &event).await?;
                Ok(Changed::Done(ended))
            })
        }));
        Ok(self.told(changed.await?, EndReason::Revoked, event))
    }

    /// Tells the other instances about the sessions that ended with a change, and the app about the change.
    fn told(&self, changed: Changed, reason: EndReason, event: Event) -> Changed {
        if let Changed::Done(ended) = &changed {
            self.notify_ended(ended, reason, event.at());
            self.hooks.committed(event);
        }
        changed
    }

    /// Gives the user a role, or removes it if `None`. Only the operator does this.
    ///
    /// # Errors
    /// The database failed.
    pub async fn set_role(&self, id: &str, role: Option<Role>) -> Result<Changed, StoreError> {
        let (id, locks) = (id.to_owned(), self.locks_rows());
        self.transact(Box::new(move |connection| {
            let (id, role) = (id.clone(), role.clone());
            Box::pin(async move {
                lock_admins(connection, locks).await?;
                let sql = "UPDATE users SET role = $2 WHERE id = $1
                           AND ($2 = 'admin' OR COALESCE(role, '') <> 'admin' OR disabled_at IS NOT NULL OR EXISTS (
                               SELECT 1 FROM users AS other
                               WHERE other.role = 'admin' AND other.disabled_at IS NULL
                               AND other.delete_at IS NULL AND other.id <> $1))";
                let query = sqlx::query(sql).bind(id).bind(role.as_ref().map(Role::text));
                let done = query.execute(connection).await?.rows_affected() == 1;
                Ok(if done { Changed::Done(Vec::new()) } else { Changed::LastAdmin })
            })
        }))
        .await
    }
}

/// The activity entry for a changed password.
pub(super) fn password_changed(new: &NewPassword) -> Event {
    let (session, device) = match &new.by {
        PasswordChange::Owner { session, device, .. } => (Some(*session), device.clone()),
        PasswordChange::Operator => (None, Device::default()),
    };
    Event::new(&new.user, session, AuditEvent::PasswordChanged, &device, new.now)
}

pub(super) async fn replace_hash(
    connection: &mut AnyConnection,
    new: &NewPassword,
    locks: bool,
) -> Result<bool, sqlx::Error> {
    if let PasswordChange::Owner { old, session, .. } = &new.by {
        // Locks the user first and then the session, in the order used everywhere. This is not one statement, because
        // on Postgres a subquery sees data from before what it has waited for.
        let sql = "SELECT id FROM users WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL";
        let lock = if locks { " FOR UPDATE" } else { "" };
        let query = sqlx::query(AssertSqlSafe(format!("{sql}{lock}"))).bind(&new.user).bind(old);
        if query.fetch_all(&mut *connection).await?.is_empty() {
            return Ok(false);
        }
        let sql = "SELECT id FROM sessions WHERE id = $1 AND user_id = $2 AND ended_at IS NULL";
        let query = sqlx::query(AssertSqlSafe(format!("{sql}{lock}"))).bind(session.to_string()).bind(&new.user);
        if query.fetch_all(&mut *connection).await?.is_empty() {
            return Ok(false);
        }
    }
    let sql = "UPDATE users SET password_hash = $2, password_changed_at = $3 WHERE id = $1";
    let query = sqlx::query(sql).bind(&new.user).bind(&new.hash).bind(new.now);
    Ok(query.execute(connection).await?.rows_affected() == 1)
}

/// Returns whether `by` may change accounts, and keeps it so until the end of the transaction. On Postgres this locks
/// the administrator's row; SQLite has one writer at a time.
pub(super) async fn may_change(
    connection: &mut AnyConnection,
    by: ChangedBy<'_>,
    locks: bool,
) -> Result<bool, sqlx::Error> {
    let Some(by) = by else { return Ok(true) };
    let sql = if locks {
        "SELECT id FROM users WHERE id = $1 AND role = 'admin' AND disabled_at IS NULL FOR SHARE"
    } else {
        "SELECT id FROM users WHERE id = $1 AND role = 'admin' AND disabled_at IS NULL"
    };
    Ok(!sqlx::query(sql).bind(by).fetch_all(connection).await?.is_empty())
}

/// Makes changes to the set of administrators take turns. Otherwise two changes that each leave one administrator
/// could together leave none.
pub(super) async fn lock_admins(connection: &mut AnyConnection, locks: bool) -> Result<(), sqlx::Error> {
    if locks {
        // Any number works, as long as nothing else in the database uses it.
        sqlx::query("SELECT CAST(pg_advisory_xact_lock(7241930851) AS TEXT)").fetch_all(connection).await?;
    }
    Ok(())
}
