//! The accounts of others: for administrators. Whoever is none is shown what is shown where no page
//! is, and the server says 404; what keeps them out are the calls, which ask the database each time.

mod account;
mod accounts;
mod act;
mod second;

pub use account::Account;
pub use accounts::Accounts;

use crate::app::{
    components::{NotFound, NotLoaded},
    error::{ApiError, Code},
    types::{AccountItem, Role},
};
use leptos::prelude::*;

/// What is shown in the place of what could not be had.
#[component]
fn Refused(error: ApiError) -> impl IntoView {
    if error.code == Code::NotFound {
        view! { <NotFound /> }.into_any()
    } else {
        view! { <NotLoaded error /> }.into_any()
    }
}

/// What sets an account apart from others.
#[component]
fn Badges(
    /// The account's role.
    role: Option<Role>,
    /// When it was disabled.
    disabled_at: Option<i64>,
) -> impl IntoView {
    let role = role.map(|role| view! { " " <span class="badge">{role.to_string()}</span> });
    let disabled = disabled_at.map(|_| view! { " " <span class="badge badge-wrong">"disabled"</span> });
    view! { {role} {disabled} }
}

/// What an account is called: by its name, or else by its address.
fn called(account: &AccountItem) -> String {
    account.name.clone().unwrap_or_else(|| account.email.clone())
}
