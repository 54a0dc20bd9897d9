//! Accounts: as their own users see them, and as administrators do. Never a password, nor a hash of
//! one.

use super::{ActivityItem, SessionItem};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// What somebody may do beside what everybody may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks after the accounts of others.
    Admin,
}

impl Role {
    /// The name in answers and in the database.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Admin => "admin",
        }
    }

    /// The role that `text` names. A role that this version does not know gives nobody anything.
    pub fn parse(text: &str) -> Option<Self> {
        (text == Self::Admin.text()).then_some(Self::Admin)
    }

    /// Reads a role out of an answer, which a server of a later version may have given.
    pub(super) fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.as_deref().and_then(Self::parse))
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
    #[serde(default, deserialize_with = "Role::known")]
    pub role: Option<Role>,
    /// When the account was made, in milliseconds since 1970.
    pub created_at: i64,
    /// When it was disabled, if it is, in milliseconds since 1970.
    pub disabled_at: Option<i64>,
}

/// Accounts that an administrator has found, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountPage {
    /// At most fifty.
    pub accounts: Vec<AccountItem>,
    /// Whether there are older ones: those `before` the last of these.
    pub more: bool,
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
}

#[cfg(test)]
mod tests {
    use super::{super::UserView, *};

    #[test]
    fn a_role_has_one_name_everywhere() {
        assert_eq!(serde_json::to_string(&Role::Admin).ok(), Some(format!("\"{}\"", Role::Admin.text())));
        assert_eq!(Role::parse(Role::Admin.text()), Some(Role::Admin));
        assert_eq!(Role::parse("Admin"), None);
    }

    #[test]
    fn a_role_of_a_later_version_is_no_role() {
        for (role, read) in [("\"admin\"", Some(Role::Admin)), ("\"auditor\"", None), ("null", None)] {
            let user = format!(r#"{{"id": "1", "email": "a@b", "name": null, "role": {role}}}"#);
            assert_eq!(serde_json::from_str::<UserView>(&user).ok().map(|user| user.role), Some(read), "{role}");
        }
    }
}
