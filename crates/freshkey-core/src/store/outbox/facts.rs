//! The facts that an email reports, as stored in the outbox.

use crate::rules::{email_kind::ByAdmin, factor::FactorKind};
use freshkey_types::Millis;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::collections::BTreeMap;

/// The facts that an email reports. They contain no secrets, and nothing that a user typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// When it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Millis>,
    /// The device, by our name for it: `Firefox on Linux`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The IP address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The kind of factor that it is about.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "known")]
    pub factor: Option<FactorKind>,
    /// How many recovery codes are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<u32>,
    /// What an administrator did.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "known")]
    pub by_admin: Option<ByAdmin>,
    /// Until when the user can do something about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
    /// Until when the link in the email undoes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo_until: Option<Millis>,
    /// The facts of one of the app's own emails.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub own: BTreeMap<String, String>,
}

/// Reads a word of the library. After a rollback there may be a word of a later release; only that one is dropped.
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
        let ours = Facts { at: Some(Millis(5)), device: Some("Firefox on Linux".to_owned()), ..Facts::default() };
        assert_eq!(facts, ours);
        let told = Facts { by_admin: Some(ByAdmin::Required), factor: Some(FactorKind::Totp), ..ours };
        let kept = serde_json::to_string(&told).expect("it is written");
        assert_eq!(serde_json::from_str::<Facts>(&kept).ok(), Some(told));
    }
}
