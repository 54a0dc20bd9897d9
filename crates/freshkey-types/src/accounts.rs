//! Accounts, as their own users and as administrators see them. Never a password or its hash.

use super::{ActivityItem, SessionItem};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};
use utoipa::ToSchema;

/// What somebody may do beside what everybody may: a name, in answers and in the database. [`Role::ADMIN`] is the
/// library's, an app adds its own. A name that nothing asks for gives nobody anything.
///
/// ```
/// use freshkey_types::Role;
///
/// const EDITOR: Role = Role::new("editor");
/// assert!(EDITOR.may_act_as(&EDITOR) && Role::ADMIN.may_act_as(&EDITOR) && !EDITOR.may_act_as(&Role::ADMIN));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String)]
pub struct Role(Cow<'static, str>);

impl Role {
    /// Manages other users' accounts.
    pub const ADMIN: Self = Self::new("admin");

    /// Creates the role with this name.
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether this role may do what `other` may. An administrator may do everything, since they could give
    /// themselves any role.
    pub fn may_act_as(&self, other: &Self) -> bool {
        self == other || *self == Self::ADMIN
    }
}

impl From<String> for Role {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// The caller's own account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProfileView {
    /// UUIDv7: the token's `sub`.
    pub id: String,
    /// The address as it was typed at registration.
    pub email: String,
    /// The name, if one was given.
    pub name: Option<String>,
    /// When the account was made, in milliseconds since 1970.
    pub created_at: i64,
    /// When its user showed to have the address, in milliseconds since 1970; none until then.
    pub email_verified_at: Option<i64>,
    /// Whether a password or an emailed code asks for a second step.
    #[serde(default)]
    pub two_step: bool,
    /// The language of emails (RFC 5646), if one was chosen.
    pub language: Option<String>,
    /// The languages that there are emails in (RFC 5646).
    #[serde(default)]
    pub languages: Vec<String>,
    /// Until when the last change of the address can be undone by the email that told of it, in milliseconds since 1970;
    /// none where none can.
    #[serde(default)]
    pub undo_until: Option<i64>,
    /// The address that it is to be, until its code is typed.
    #[serde(default)]
    pub new_email: Option<String>,
    /// The step in which it is typed.
    #[serde(default)]
    pub new_email_step: Option<String>,
}

/// When an account is going to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeletionView {
    /// In milliseconds since 1970.
    pub delete_at: i64,
}

/// An account in an administrator's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountItem {
    /// UUIDv7: the token's `sub`.
    pub id: String,
    /// The address as it was typed at registration.
    pub email: String,
    /// The name, if one was given.
    pub name: Option<String>,
    /// The role, if there is one.
    #[serde(default)]
    pub role: Option<Role>,
    /// When the account was made, in milliseconds since 1970.
    pub created_at: i64,
    /// When it was disabled, if it is, in milliseconds since 1970.
    pub disabled_at: Option<i64>,
    /// When its user showed to have the address, in milliseconds since 1970.
    #[serde(default)]
    pub email_verified_at: Option<i64>,
    /// When it is going to be deleted, in milliseconds since 1970.
    #[serde(default)]
    pub delete_at: Option<i64>,
    /// Whether a password or an emailed code asks for a second step.
    #[serde(default)]
    pub two_step: bool,
}

/// Accounts that an administrator has found, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountPage {
    /// At most fifty.
    pub accounts: Vec<AccountItem>,
    /// Whether there are older ones: those `before` the last of these.
    pub more: bool,
}

/// How the emails do, without an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailView {
    /// How many wait.
    pub waiting: i64,
    /// When the oldest of them was written, in milliseconds since 1970.
    pub oldest_at: Option<i64>,
    /// How many of them have failed before.
    pub failing: i64,
    /// Why the last of these failed.
    pub last_error: Option<String>,
    /// When one was sent last, in milliseconds since 1970.
    pub last_sent_at: Option<i64>,
}

/// All that an administrator sees of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountView {
    /// The account.
    pub account: AccountItem,
    /// Whether it is the caller's own.
    pub own: bool,
    /// The last sign-in that is still known, in milliseconds since 1970.
    pub last_sign_in_at: Option<i64>,
    /// Its sessions that are not over, the newest first.
    pub sessions: Vec<SessionItem>,
    /// The last hundred things that happened to it, the newest first.
    pub activity: Vec<ActivityItem>,
    /// How many authenticator apps it has.
    #[serde(default)]
    pub totp: u32,
    /// How many passkeys it has.
    #[serde(default)]
    pub passkeys: u32,
    /// How many recovery codes it has left.
    #[serde(default)]
    pub recovery_codes: u32,
    /// How many devices it trusts.
    #[serde(default)]
    pub trusted_devices: u32,
    /// Whether two-step sign-in is required, as an administrator said; none: as the setting says.
    #[serde(default)]
    pub two_step_required: Option<bool>,
    /// When a mail server refused its address for good, in milliseconds since 1970.
    #[serde(default)]
    pub email_refused_at: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::{super::UserView, *};

    #[test]
    fn a_role_is_its_name_everywhere_also_one_of_a_later_version() {
        assert_eq!(serde_json::to_string(&Role::ADMIN).ok().as_deref(), Some("\"admin\""));
        for (role, read) in
            [("\"admin\"", Some(Role::ADMIN)), ("\"auditor\"", Some(Role::new("auditor"))), ("null", None)]
        {
            let user = format!(r#"{{"id": "1", "email": "a@b", "name": null, "role": {role}}}"#);
            assert_eq!(serde_json::from_str::<UserView>(&user).ok().map(|user| user.role), Some(read), "{role}");
        }
    }

    #[test]
    fn a_role_opens_its_own_door_and_an_administrator_opens_every_door() {
        let editor = Role::new("editor");
        for other in ["Editor", "editor ", "auditor", ""] {
            assert!(!Role::from(other.to_owned()).may_act_as(&editor), "{other:?}");
        }
        assert!(!editor.may_act_as(&Role::ADMIN) && Role::from("admin".to_owned()).may_act_as(&editor));
    }
}
