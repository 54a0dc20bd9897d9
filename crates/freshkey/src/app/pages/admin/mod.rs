//! The accounts of others: for administrators. Whoever is none is shown what is shown where no page
//! is, and the server says 404; what keeps them out are the calls, which ask the database each time.

mod account;
mod accounts;
mod act;

pub use account::Account;
pub use accounts::Accounts;

use super::NotFound;
use crate::app::{
    components::{NotLoaded, Protected},
    error::{ApiError, Code},
    session::Session,
    types::{AccountItem, Role},
};
use leptos::prelude::*;

/// Shows its children to an administrator.
#[component]
fn ForAdmins(children: ChildrenFn) -> impl IntoView {
    let session = Session::get_context();
    let admin = Memo::new(move |_| session.user().is_some_and(|user| user.role == Some(Role::Admin)));
    let children = StoredValue::new(children);
    view! {
        <Protected>
            {move || if admin.get() {
                children.with_value(|children| children()).into_any()
            } else {
                view! { <NotFound /> }.into_any()
            }}
        </Protected>
    }
}

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
    let admin = (role == Some(Role::Admin)).then(|| view! { " " <span class="badge">"admin"</span> });
    let disabled = disabled_at.map(|_| view! { " " <span class="badge badge-wrong">"disabled"</span> });
    view! { {admin} {disabled} }
}

/// What an account is called: by its name, or else by its address.
fn called(account: &AccountItem) -> String {
    account.name.clone().unwrap_or_else(|| account.email.clone())
}
