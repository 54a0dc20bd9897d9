//! Accounts, as their own users and as administrators see them. Never a password or its hash.

use super::{ActivityItem, Millis, SessionItem};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};
use utoipa::ToSchema;

/// What a user may do beyond what everybody may: a name, in answers and in the database. [`Role::ADMIN`] is the
/// library's; an app adds its own. A name that no code checks grants nothing.
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
    /// The address as the user typed it.
    pub email: String,
    /// The name, if one was given.
    pub name: Option<String>,
    /// When the account was created, in milliseconds since 1970.
    #[schema(value_type = i64)]
    pub created_at: Millis,
    /// When the user proved that the address is theirs, in milliseconds since 1970; none until then.
    #[schema(value_type = Option<i64>)]
    pub email_verified_at: Option<Millis>,
    /// Whether a sign-in with a password or an emailed code asks for a second step.
    #[serde(default)]
    pub two_step: bool,
    /// The language of emails (RFC 5646), if one was chosen.
    pub language: Option<String>,
    /// The languages that emails are available in (RFC 5646).
    #[serde(default)]
    pub languages: Vec<String>,
    /// Until when the email about the last change of address can undo it, in milliseconds since 1970; none if there is
    /// nothing to undo.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    pub undo_until: Option<Millis>,
    /// The new address, until the user enters the code sent to it.
    #[serde(default)]
    pub new_email: Option<String>,
    /// The step in which the user enters that code.
    #[serde(default)]
    pub new_email_step: Option<String>,
}

/// When an account will be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeletionView {
    /// The time of the deletion, in milliseconds since 1970.
    #[schema(value_type = i64)]
    pub delete_at: Millis,
}

/// An account in an administrator's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountItem {
    /// UUIDv7: the token's `sub`.
    pub id: String,
    /// The address as the user typed it.
    pub email: String,
    /// The name, if one was given.
    pub name: Option<String>,
    /// The role, if there is one.
    #[serde(default)]
    pub role: Option<Role>,
    /// When the account was created, in milliseconds since 1970.
    #[schema(value_type = i64)]
    pub created_at: Millis,
    /// When it was disabled, in milliseconds since 1970; none if it is not.
    #[schema(value_type = Option<i64>)]
    pub disabled_at: Option<Millis>,
    /// When the user proved that the address is theirs, in milliseconds since 1970; none until then.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    pub email_verified_at: Option<Millis>,
    /// When it will be deleted, in milliseconds since 1970; none if it is not scheduled for deletion.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    pub delete_at: Option<Millis>,
    /// Whether a sign-in with a password or an emailed code asks for a second step.
    #[serde(default)]
    pub two_step: bool,
}

/// The accounts that an administrator's search found, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountPage {
    /// At most fifty.
    pub accounts: Vec<AccountItem>,
    /// Whether there are older ones: ask for those `before` the last id of these.
    pub more: bool,
}

/// The state of outgoing emails, without any address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailView {
    /// How many emails wait to be sent.
    pub waiting: i64,
    /// When the oldest of these was written, in milliseconds since 1970.
    #[schema(value_type = Option<i64>)]
    pub oldest_at: Option<Millis>,
    /// How many of these have failed before.
    pub failing: i64,
    /// Why the last of the failed ones failed.
    pub last_error: Option<String>,
    /// When an email was last sent, in milliseconds since 1970.
    #[schema(value_type = Option<i64>)]
    pub last_sent_at: Option<Millis>,
}

/// Everything that an administrator sees of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountView {
    /// The account.
    pub account: AccountItem,
    /// Whether it is the caller's own.
    pub own: bool,
    /// The last sign-in on record, in milliseconds since 1970.
    #[schema(value_type = Option<i64>)]
    pub last_sign_in_at: Option<Millis>,
    /// Its active sessions, newest first.
    pub sessions: Vec<SessionItem>,
    /// Its last hundred activity entries, newest first.
    pub activity: Vec<ActivityItem>,
    /// How many authenticator apps it has.
    #[serde(default)]
    pub totp: u32,
    /// How many passkeys it has.
    #[serde(default)]
    pub passkeys: u32,
    /// How many unused recovery codes it has.
    #[serde(default)]
    pub recovery_codes: u32,
    /// How many devices it trusts.
    #[serde(default)]
    pub trusted_devices: u32,
    /// An administrator's decision whether two-step sign-in is required; none if the setting decides.
    #[serde(default)]
    pub two_step_required: Option<bool>,
    /// When a mail server permanently refused its address, in milliseconds since 1970.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    pub email_refused_at: Option<Millis>,
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
