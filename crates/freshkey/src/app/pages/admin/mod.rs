//! Other users' accounts, for administrators. Everybody else sees the "not found" page, with status 404. The
//! protection is in the calls, which ask the database each time.

mod account;
mod accounts;
mod act;
mod second;

pub use account::Account;
pub use accounts::Accounts;

use crate::app::{
    components::{NotFound, NotLoaded},
    error::{ApiError, Code},
    types::{AccountItem, Millis, Role},
};
use leptos::prelude::*;

/// The message if data could not be loaded.
#[component]
fn Refused(error: ApiError) -> impl IntoView {
    if error.code == Code::NotFound {
        view! { <NotFound /> }.into_any()
    } else {
        view! { <NotLoaded error /> }.into_any()
    }
}

/// The labels that set an account apart from others.
#[component]
fn Badges(
    /// The account's role.
    role: Option<Role>,
    /// When it was disabled.
    disabled_at: Option<Millis>,
) -> impl IntoView {
    let role = role.map(|role| view! { " " <span class="badge">{role.to_string()}</span> });
    let disabled = disabled_at.map(|_| view! { " " <span class="badge badge-wrong">"disabled"</span> });
    view! { {role} {disabled} }
}

/// Returns an account's display name: its name, or else its address.
fn called(account: &AccountItem) -> String {
    account.name.clone().unwrap_or_else(|| account.email.clone())
}
