//! Deletes the caller's account. The deletion takes effect later, so that neither an accident nor a thief can do it at
//! once. Until then the user can sign in and keep the account, or answer "It was not me" to the email.

use super::{
    auth::{clean_removals::remove_due, email_kind::EmailKind},
    bearer::Principal,
    caller::{caller, own_account},
    cookies::{self, set_cookies},
    device::caller_device,
    refusal::unavailable,
    state::AppState,
    steps::{notice, undoable},
    store::{account_changes::Changed, activity::Event, removal::Deletion},
};
use crate::app::{
    error::{ApiError, Code},
    types::{AuditEvent, DeletionView, Millis},
};
use leptos::prelude::expect_context;

/// See [`crate::app::api::profile::delete_account`].
pub(crate) async fn delete() -> Result<DeletionView, ApiError> {
    let (state, caller): (AppState, Principal) = (expect_context(), caller()?);
    let (user, now) = (own_account(&state, &caller).await?, state.clock.now());
    let delete_at = now + state.settings.account.delete_after;
    let event = Event::new(&user.id, Some(caller.session), AuditEvent::DeletionAsked, &caller_device(), now);
    let tell = || {
        let mut email = notice(&state, EmailKind::DeletionAsked, Some(&user), &user.email, now);
        email.facts.until = Some(delete_at);
        undoable(&state, email, Some(caller.session), None)
    };
    let wish = Deletion {
        user: user.id.clone(),
        email_key: user.email_key.clone(),
        delete_at,
        now,
        event,
        notice: state.mail.is_on().then(tell),
    };
    let changed = state.sessions.ask_for_deletion(wish).await.map_err(|error| unavailable(&error))?;
    match changed {
        // Unchanged: the same request arrived a moment ago.
        Changed::Done(_) | Changed::Unchanged => {}
        Changed::LastAdmin | Changed::NotAdmin => return Err(Code::Forbidden.into()),
    }
    state.mail.wake();
    set_cookies(cookies::clear(&state.settings.http));
    if state.settings.account.delete_after == Millis::ZERO {
        remove_due(&state.store, state.settings.mail.first_language(), now)
            .await
            .map_err(|error| unavailable(&error))?;
        state.mail.wake();
    }
    Ok(DeletionView { delete_at: user.delete_at.unwrap_or(delete_at) })
}
