//! What a call reads, asked of the code that reads it: what is described is what is accepted.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serde_reflection::{ContainerFormat, Format, Named, Samples, Tracer, TracerConfig};

/// What serde calls the type of a secret.
const SECRET: &str = "Secret";

/// What serde calls the type of a passkey's answer.
const CREDENTIAL: &str = "PasskeyCredential";

/// A field of a call's input.
#[derive(Clone)]
pub(crate) struct Field {
    pub(super) name: String,
    /// The field is required and not empty. (An optional field has an optional type.)
    pub(super) required: bool,
    /// It is a [`Secret`](crate::app::types::Secret).
    pub(super) secret: bool,
    pub(super) schema: Value,
}

/// The fields of an input, in their order.
pub(crate) fn fields<T: DeserializeOwned>() -> Vec<Field> {
    let (mut tracer, samples) = (Tracer::new(TracerConfig::default()), Samples::new());
    let Ok((Format::TypeName(name), _)) = tracer.trace_type::<T>(&samples) else { return Vec::new() };
    let Ok(mut types) = tracer.registry() else { return Vec::new() };
    match types.remove(&name) {
        Some(ContainerFormat::Struct(fields)) => fields.into_iter().map(Field::new).collect(),
        _ => Vec::new(),
    }
}

impl Field {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn new(field: Named<Format>) -> Self {
        let (format, required) = match field.value {
            Format::Option(format) => (*format, false),
            format => (format, true),
        };
        let secret = matches!(&format, Format::TypeName(name) if name == SECRET);
        Self { name: field.name, required, secret, schema: schema(&format) }
    }

    /// In JSON an optional field may also be null.
    pub(super) fn in_json(&self) -> Value {
        let mut schema = self.schema.clone();
        if !self.required {
            schema["type"] = json!([schema["type"], "null"]);
        }
        schema
    }

    /// In a form or a query there is no null, and a checkbox is a text.
    pub(super) fn in_form(&self) -> Value {
        if self.schema["type"] == "boolean" {
            return json!({"type": "string", "enum": ["on", "true", "1", "off", "false", "0"]});
        }
        self.schema.clone()
    }
}

fn schema(format: &Format) -> Value {
    let integer = |least: i64, most: u64| json!({"type": "integer", "minimum": least, "maximum": most});
    match format {
        Format::Bool => json!({"type": "boolean"}),
        Format::I32 => integer(i32::MIN.into(), i32::MAX.unsigned_abs().into()),
        Format::I64 => integer(i64::MIN, i64::MAX.unsigned_abs()),
        Format::U8 => integer(0, u8::MAX.into()),
        Format::U16 => integer(0, u16::MAX.into()),
        Format::U32 => integer(0, u32::MAX.into()),
        Format::U64 => integer(0, u64::MAX),
        Format::F32 | Format::F64 => json!({"type": "number"}),
        Format::Seq(of) => json!({"type": "array", "items": schema(of)}),
        Format::TypeName(name) if name == CREDENTIAL => json!({"type": "object"}),
        _ => json!({"type": "string"}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::api::{account, lab};

    #[test]
    fn what_is_described_is_what_is_read() {
        let login = fields::<account::Login>();
        let said: Vec<_> = login.iter().map(|field| (field.name.as_str(), field.required, field.in_json())).collect();
        let text = || json!({"type": "string"});
        assert_eq!(said[..2], [("email", true, text()), ("password", true, text())]);
        assert_eq!(said[2], ("remember", false, json!({"type": ["boolean", "null"]})));
        let secrets = [("email", false), ("password", true), ("remember", false)];
        assert!(login.iter().map(|field| (field.name.as_str(), field.secret)).eq(secrets));
        let second = fields::<crate::app::api::factors::SecondFactor>();
        let credential = second.iter().find(|field| field.name == "credential").expect("it may be a passkey's");
        assert_eq!(credential.in_json(), json!({"type": ["object", "null"]}));
        let life = &fields::<lab::Begin>()[0];
        let unsigned = json!({"type": "integer", "minimum": 0, "maximum": u64::MAX});
        assert_eq!((life.name.as_str(), life.in_form()), ("life", unsigned));
        assert!(fields::<account::Logout>().is_empty());
    }
}
