//! What an email tells of, as the outbox keeps it.

use crate::rules::{email_kind::ByAdmin, factor::FactorKind};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::Value;
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
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "known")]
    pub factor: Option<FactorKind>,
    /// How many recovery codes are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<u32>,
    /// What an administrator did.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "known")]
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

/// A word of ours; of a later release's, which there may be after a roll-back, only that one is lost.
fn known<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    Value::deserialize(deserializer).map(|value| serde_json::from_value(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_later_release_costs_no_other_fact() {
        let later = r#"{"at":5,"device":"Firefox on Linux","factor":"implant","by_admin":"enthroned"}"#;
        let facts: Facts = serde_json::from_str(later).expect("it is read");
        let ours = Facts { at: Some(5), device: Some("Firefox on Linux".to_owned()), ..Facts::default() };
        assert_eq!(facts, ours);
        let told = Facts { by_admin: Some(ByAdmin::Required), factor: Some(FactorKind::Totp), ..ours };
        let kept = serde_json::to_string(&told).expect("it is written");
        assert_eq!(serde_json::from_str::<Facts>(&kept).ok(), Some(told));
    }
}
