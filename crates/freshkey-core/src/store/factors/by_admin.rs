//! Changes that an administrator or the operator makes to another account's second step.

use super::{
    super::{
        Store, StoreError,
        account_changes::{Changed, ChangedBy, may_change},
        activity::Event,
        outbox::{self, NewEmail},
        sessions::ending::{SessionFilter, end},
    },
    rows::take_away_all,
};
use freshkey_types::EndReason;

impl Store {
    /// Sets whether an account must have two-step sign-in, whatever the setting says.
    ///
    /// # Errors
    /// The database failed, or too many emails wait.
    pub async fn require_two_step(
        &self,
        by: ChangedBy<'_>,
        event: Event,
        required: bool,
        notice: Option<NewEmail>,
    ) -> Result<Changed, StoreError> {
        let (by, hooks, noted) = (by.map(str::to_owned), self.hooks.clone(), event.clone());
        let locks = self.locks_rows();
        let changed = self.transact(Box::new(move |connection| {
            let (by, hooks, event, notice) = (by.clone(), hooks.clone(), noted.clone(), notice.clone());
            Box::pin(async move {
                if !may_change(connection, by.as_deref(), locks).await? {
                    return Ok(Changed::NotAdmin);
                }
                let sql = "UPDATE users SET two_step_required = $2
                           WHERE id = $1 AND COALESCE(two_step_required, -1) <> $2";
                let query = sqlx::query(sql).bind(event.user()).bind(i64::from(required));
                if query.execute(&mut *connection).await?.rows_affected() == 0 {
                    return Ok(Changed::Unchanged);
                }
                if let Some(notice) = &notice {
                    outbox::insert_or_undo(connection, notice).await?;
                }
                hooks.record(connection, &event).await?;
                Ok(Changed::Done(Vec::new()))
            })
        }));
        let changed = changed.await?;
        if let Changed::Done(_) = changed {
            self.hooks.committed(event);
        }
        Ok(changed)
    }

    /// Removes all factors of an account and ends its sessions. The link in the email undoes it.
    ///
    /// # Errors
    /// The database failed, or too many emails wait.
    pub async fn remove_factors(
        &self,
        by: ChangedBy<'_>,
        event: Event,
        notice: Option<NewEmail>,
    ) -> Result<Changed, StoreError> {
        let (by, hooks, noted) = (by.map(str::to_owned), self.hooks.clone(), event.clone());
        let (locks, order, now) = (self.locks_rows(), self.lock_in_order(), event.at());
        let changed = self.transact(Box::new(move |connection| {
            let (by, hooks, event, notice) = (by.clone(), hooks.clone(), noted.clone(), notice.clone());
            Box::pin(async move {
                if !may_change(connection, by.as_deref(), locks).await? {
                    return Ok(Changed::NotAdmin);
                }
                let undo = take_away_all(connection, event.user(), now).await?;
                if let Some(mut notice) = notice {
                    if let Some(undoable) = &mut notice.undoable {
                        undoable.undo = Some(undo);
                    }
                    outbox::insert_or_undo(connection, &notice).await?;
                }
                hooks.record(connection, &event).await?;
                let all = SessionFilter::AllOf(event.user().to_owned());
                Ok(Changed::Done(end(connection, &all, EndReason::FactorsChanged, now, order).await?))
            })
        }));
        let changed = changed.await?;
        if let Changed::Done(ended) = &changed {
            self.notify_ended(ended, EndReason::FactorsChanged, now);
            self.hooks.committed(event);
        }
        Ok(changed)
    }
}
