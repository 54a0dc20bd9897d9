//! Undoing each kind of change in the tables.

use super::super::{
    challenges::{Address, put},
    factors::put_back,
};
use crate::rules::undo::{Change, Undo};
use freshkey_types::Millis;
use sqlx::AnyConnection;

/// Undoes these changes, the newest first.
pub(super) async fn undo(
    connection: &mut AnyConnection,
    user: &str,
    changes: &[&Change],
    now: Millis,
) -> Result<(), sqlx::Error> {
    // Of several addresses, the oldest is restored. Those in between need not be free any more.
    let mut address = None;
    for change in changes {
        match &change.undo {
            Some(Undo::Email { email, key }) => address = Some((email, key)),
            Some(Undo::Factors { two_step_at, back, gone, codes }) => {
                put_back(connection, user, (*two_step_at, back, gone, codes.as_deref()), now).await?;
            }
            None => {}
        }
    }
    let Some((email, key)) = address else { return Ok(()) };
    let sql = "SELECT email_key FROM users WHERE id = $1";
    let (present,): (String,) = sqlx::query_as(sql).bind(user).fetch_one(&mut *connection).await?;
    // The answered email went to this address, so the address is proven.
    let address = Address { email: email.clone(), key: key.clone(), verified_at: Some(now) };
    if put(connection, user, &present, &address).await? {
        Ok(())
    } else {
        // The address was reserved for this account, so somebody must have given it away by hand.
        Err(sqlx::Error::Protocol("an address that was kept has another account".to_owned()))
    }
}
