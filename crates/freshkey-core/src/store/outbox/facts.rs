//! What an email tells of, as the outbox keeps it.

use crate::rules::{email_kind::ByAdmin, factor::FactorKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an email tells: no secret, and nothing that somebody typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// When it happened, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// On which device, by a name of ours: `Firefox on Linux`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// From which address of the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// Which kind of factor it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<FactorKind>,
    /// How many recovery codes are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<u32>,
    /// What an administrator did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_admin: Option<ByAdmin>,
    /// Until when something can be done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// Until when the link of the email undoes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo_until: Option<i64>,
    /// What an email of the app's own tells.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub own: BTreeMap<String, String>,
}
