//! The schema of a call's answer, generated from the type that is written.

use serde_json::{Value, json, to_value};
use std::any::TypeId;
use utoipa::ToSchema;

/// The schema of an answer.
pub(crate) struct Answer {
    /// The schema of the body; none if there is no body.
    pub(crate) schema: Option<Value>,
    /// The schemas that it refers to, by name.
    pub(crate) named: Vec<(String, Value)>,
}

impl Answer {
    /// Returns the schema of a value of this type; an empty answer for `()`.
    pub(crate) fn of<T: ToSchema + 'static>() -> Self {
        if TypeId::of::<T>() == TypeId::of::<()>() {
            return Self { schema: None, named: Vec::new() };
        }
        let mut schemas = Vec::new();
        T::schemas(&mut schemas);
        let json = |schema| to_value(schema).unwrap_or_default();
        let mut named: Vec<_> = schemas.into_iter().map(|(name, schema)| (name, json(schema))).collect();
        let mut schema = json(T::schema());
        if schema.get("properties").is_some() {
            let name = T::name().into_owned();
            let whole = std::mem::replace(&mut schema, reference(&name));
            named.push((name, whole));
        }
        Self { schema: Some(schema), named }
    }

    /// Returns one of the schemas that are written by hand.
    pub(super) fn by_name(name: &str) -> Self {
        Self { schema: Some(reference(name)), named: Vec::new() }
    }

    /// Returns the schema of a JSON object without further description.
    pub(super) fn object() -> Self {
        Self { schema: Some(json!({"type": "object"})), named: Vec::new() }
    }
}

/// Returns a reference to a schema by its name.
pub(crate) fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::types::{SessionItem, TokenAnswer};

    #[test]
    fn numbers_texts_lists_and_nothing_are_answers_as_well() {
        let kind = |answer: Answer| answer.schema.map(|schema| schema["type"].clone());
        assert_eq!(kind(Answer::of::<u32>()), Some("integer".into()));
        assert_eq!(kind(Answer::of::<String>()), Some("string".into()));
        assert_eq!(kind(Answer::of::<bool>()), Some("boolean".into()));
        assert_eq!(kind(Answer::of::<Vec<SessionItem>>()), Some("array".into()));
        assert_eq!(kind(Answer::of::<()>()), None);
        let token = Answer::of::<TokenAnswer>();
        assert_eq!(token.schema, Some(reference("TokenAnswer")));
        assert!(token.named.iter().any(|(name, _)| name == "UserView"));
    }
}
