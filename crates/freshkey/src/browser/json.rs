//! A JSON reader on top of the browser's own parser. A library has an error message for everything that can be wrong
//! with a text; here a text is either Freshkey's or not. `serde_json`'s reader would add 19 KB to the client's 187 KB
//! (Brotli), and `serde-wasm-bindgen` 12 KB.

use crate::client::answer::Answer;
use js_sys::{Array, JSON, Number, Object};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer, Unexpected,
    VariantAccess, Visitor,
    value::{MapDeserializer, SeqDeserializer, StringDeserializer},
};
use std::fmt;
use wasm_bindgen::{JsCast, JsValue};

/// Parses a text.
///
/// # Errors
/// The text is not JSON, or not of the expected type.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    T::deserialize(Json(JSON::parse(text).map_err(|_| JsonError)?))
}

/// Parses the server's answer with a token.
///
/// # Errors
/// The text is not Freshkey's.
pub fn answer(text: String) -> Result<Answer, JsonError> {
    let read = from_str(&text)?;
    Ok(Answer::new(text, read))
}

/// The error for a text that Freshkey did not write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonError;

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not ours")
    }
}

impl std::error::Error for JsonError {}

// Overrides every method: a default one would put its message, and all the code behind it, into the client.
impl de::Error for JsonError {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }
    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }
    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self
    }
    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }
    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }
    fn missing_field(_: &'static str) -> Self {
        Self
    }
    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// Implements several methods by one: `this: that that`. A type says what it expects, so separate code for each kind
/// of value would only make the client larger.
macro_rules! forward {
    ($($to:ident: $($from:ident)*,)*) => {$($(
        fn $from<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
            self.$to(visitor)
        }
    )*)*};
}

/// The serde names of the types that stay JSON text until a caller parses them.
const AS_TEXT: [&str; 2] = ["OwnClaims", "PasskeyOptions"];

struct Json(JsValue);

impl Json {
    fn members(&self) -> impl Iterator<Item = (String, Self)> + use<> {
        let member = |member| {
            let member = Array::from(&member);
            (member.get(0).as_string().unwrap_or_default(), Self(member.get(1)))
        };
        Object::entries(self.0.unchecked_ref()).into_iter().map(member)
    }
}

impl IntoDeserializer<'_, JsonError> for Json {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Json {
    type Error = JsonError;

    // Used for types that accept more than one kind of value.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.0.is_string() {
            self.deserialize_string(visitor)
        } else if self.0.as_f64().is_some() {
            self.deserialize_f64(visitor)
        } else if self.0.as_bool().is_some() {
            self.deserialize_bool(visitor)
        } else if self.0.is_null() {
            visitor.visit_unit()
        } else if Array::is_array(&self.0) {
            self.deserialize_seq(visitor)
        } else {
            self.deserialize_map(visitor)
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_string(self.0.as_string().ok_or(JsonError)?)
    }

    #[expect(clippy::cast_possible_truncation, reason = "checked: a safe integer has 53 bits")]
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        let number = self.0.as_f64().ok_or(JsonError)?;
        if Number::is_safe_integer(&self.0) { visitor.visit_i64(number as i64) } else { visitor.visit_f64(number) }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_bool(self.0.as_bool().ok_or(JsonError)?)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if !Array::is_array(&self.0) {
            return Err(JsonError);
        }
        visitor.visit_seq(SeqDeserializer::new(Array::from(&self.0).into_iter().map(Json)))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if !self.0.is_object() || Array::is_array(&self.0) {
            return Err(JsonError);
        }
        visitor.visit_map(MapDeserializer::new(self.members()))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        // Between tabs, these travel as text.
        if AS_TEXT.contains(&name) && !self.0.is_string() {
            let text = JSON::stringify(&self.0).map_err(|_| JsonError)?;
            return visitor.visit_newtype_struct(Self(text.into()));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        match self.0.as_string() {
            Some(name) => visitor.visit_enum(Variant(name, Self(JsValue::NULL))),
            None if !self.0.is_object() => Err(JsonError),
            None => {
                let (name, of) = self.members().next().ok_or(JsonError)?;
                visitor.visit_enum(Variant(name, of))
            }
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_unit()
    }

    forward! {
        deserialize_string: deserialize_char deserialize_str deserialize_identifier,
        deserialize_f64: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16
            deserialize_u32 deserialize_u64 deserialize_f32,
        deserialize_any: deserialize_unit deserialize_bytes deserialize_byte_buf,
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_any(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.deserialize_seq(visitor)
    }
}

/// An enum variant's name and its content, in `serde_json`'s form: a string, or an object with one member.
struct Variant(String, Json);

impl<'de> EnumAccess<'de> for Variant {
    type Error = JsonError;
    type Variant = Json;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Json), JsonError> {
        let name: StringDeserializer<JsonError> = self.0.into_deserializer();
        Ok((seed.deserialize(name)?, self.1))
    }
}

impl<'de> VariantAccess<'de> for Json {
    type Error = JsonError;

    fn unit_variant(self) -> Result<(), JsonError> {
        if self.0.is_null() { Ok(()) } else { Err(JsonError) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, JsonError> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_map(visitor)
    }
}
