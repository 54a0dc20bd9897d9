//! Reads bodies: JSON or an HTML form, with the same fields.

use crate::app::error::{ApiError, Code};
use axum::body::Bytes;
use leptos::prelude::with_context;
use serde::{
    Deserialize,
    de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor, value::MapDeserializer},
    forward_to_deserialize_any,
};
use std::fmt;

/// The format of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `application/json`, or no body at all.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

impl Format {
    /// Returns the format that a content type names. Any other type was refused before.
    pub fn of(content_type: Option<&str>) -> Self {
        let form = content_type.is_some_and(|value| media_type(value).eq_ignore_ascii_case(FORM));
        if form { Self::Form } else { Self::Json }
    }
}

/// An HTML form's media type.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// Returns a content type without its parameters.
pub fn media_type(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

/// What the client sent to a call, from the context.
#[derive(Clone, Debug)]
pub struct RequestBody {
    /// The body's format.
    pub format: Format,
    /// The body.
    pub body: Bytes,
}

/// Returns the format of the current call's body.
pub(crate) fn format() -> Format {
    with_context(|sent: &RequestBody| sent.format).unwrap_or(Format::Json)
}

/// The field `_csrf`, from the context.
#[derive(Clone, Debug, Default)]
pub struct CsrfField(pub Option<String>);

impl CsrfField {
    /// Finds the field in the body, in either format. (Never in a query: URLs end up in logs.)
    pub fn find(format: Format, body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Field {
            #[serde(rename = "_csrf")]
            csrf: Option<String>,
        }
        Self(match format {
            Format::Form => pairs(body).find(|(name, _)| name == "_csrf").map(|(_, value)| value),
            Format::Json => serde_json::from_slice(body).ok().and_then(|field: Field| field.csrf),
        })
    }
}

/// Returns a text field of the body, in either format; none if it is missing or empty.
pub fn text(format: Format, body: &[u8], name: &str) -> Option<String> {
    let found = match format {
        Format::Form => pairs(body).find(|(field, _)| field == name).map(|(_, value)| value),
        Format::Json => serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(body)
            .ok()
            .and_then(|fields| fields.get(name)?.as_str().map(str::to_owned)),
    };
    found.filter(|text| !text.is_empty())
}

/// Returns the fields of a form.
pub fn pairs(body: &[u8]) -> impl Iterator<Item = (String, String)> {
    url::form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned()))
}

/// Reads the input of a server function.
///
/// # Errors
/// [`Code::BadRequest`]. Its message says what could not be read, but never the value.
pub fn decode<T: DeserializeOwned>(format: Format, body: &[u8]) -> Result<T, ApiError> {
    match format {
        Format::Json if body.is_empty() => from_json(b"{}"),
        Format::Json => from_json(body),
        Format::Form => from_form(body),
    }
}

fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    // Serde would also read a struct from an array; the contract does not allow that.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(unreadable("The body is not a JSON object"));
    }
    serde_json::from_slice(body).map_err(|error| {
        let what = if error.is_data() { "A field has the wrong type" } else { "The body is not valid JSON" };
        ApiError {
            message: format!("{what} (line {}, column {})", error.line(), error.column()).into(),
            ..unreadable("")
        }
    })
}

fn from_form<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    // Percent-decoding replaces what is not UTF-8; here that is an error.
    let decoded: Vec<u8> = percent_encoding::percent_decode(body).collect();
    if std::str::from_utf8(&decoded).is_err() {
        return Err(unreadable("The form is not UTF-8"));
    }
    let fields = pairs(body).map(|(name, value)| (name, Field(value)));
    T::deserialize(MapDeserializer::<_, FormError>::new(fields)).map_err(|flaw| match flaw {
        FormError::Twice(name) => ApiError::field(name, TWICE),
        FormError::Other => unreadable("A field of the form has the wrong type"),
    })
}

/// The message for a field that is there twice: the server can't know which of the two is meant.
const TWICE: &str = "Enter this once.";

/// What is wrong with a form.
#[derive(Debug)]
enum FormError {
    /// A field of the call is there twice.
    Twice(&'static str),
    Other,
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field of the form can't be read")
    }
}

impl std::error::Error for FormError {}

impl de::Error for FormError {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Other
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::Twice(name)
    }
}

fn unreadable(what: &'static str) -> ApiError {
    ApiError { message: what.into(), ..Code::BadRequest.into() }
}

/// A form's value: a text, which is read as a number or a checkbox where the call wants one. `serde_html_form` does not
/// read `1` as a ticked box, nor an empty text as a text.
struct Field(String);

impl IntoDeserializer<'_, FormError> for Field {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! numbers {
    ($($method:ident => $visit:ident,)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            match self.0.parse() {
                Ok(number) => visitor.$visit(number),
                Err(_) => visitor.visit_string(self.0),
            }
        }
    )* };
}

impl<'de> Deserializer<'de> for Field {
    type Error = FormError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_string(self.0)
    }

    /// Reads a checkbox: what browsers send for a ticked one, and the usual spellings.
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0.as_str() {
            "on" | "true" | "1" => visitor.visit_bool(true),
            "off" | "false" | "0" | "" => visitor.visit_bool(false),
            _ => visitor.visit_string(self.0),
        }
    }

    /// Treats an empty field of a form as one that was not filled in.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        if self.0.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    numbers! {
        deserialize_u8 => visit_u8, deserialize_u16 => visit_u16, deserialize_u32 => visit_u32,
        deserialize_u64 => visit_u64, deserialize_i8 => visit_i8, deserialize_i16 => visit_i16,
        deserialize_i32 => visit_i32, deserialize_i64 => visit_i64, deserialize_f32 => visit_f32,
        deserialize_f64 => visit_f64,
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct enum identifier
        ignored_any i128 u128
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    struct Input {
        #[serde(default)]
        email: String,
        #[serde(default)]
        remember: Option<bool>,
        #[serde(default)]
        sent_at: Option<u64>,
    }

    fn input(email: &str, remember: Option<bool>, sent_at: Option<u64>) -> Input {
        Input { email: email.to_owned(), remember, sent_at }
    }

    #[test]
    fn json_and_forms_say_the_same() {
        let json = br#"{"email":"a@b","remember":true,"sent_at":7,"unknown":[1]}"#;
        assert_eq!(decode(Format::Json, json), Ok(input("a@b", Some(true), Some(7))));
        let form = b"email=a%40b&remember=on&sent_at=7&unknown=1";
        assert_eq!(decode(Format::Form, form), Ok(input("a@b", Some(true), Some(7))));
        assert_eq!(decode(Format::Json, b""), Ok(input("", None, None)));
        assert_eq!(decode(Format::Form, b"sent_at="), Ok(input("", None, None)));
    }

    /// In JSON Schema, which describes the calls, 7.0 is an integer (draft 2020-12, section 6.1.1).
    #[test]
    fn an_integer_may_be_written_with_a_point() {
        type Refresh = crate::app::api::account::RefreshToken;
        let sent_at = |json: &str| {
            decode::<Refresh>(Format::Json, format!(r#"{{"sent_at":{json}}}"#).as_bytes())
                .map(|input| input.sent_at.map(u64::from))
        };
        for (json, integer) in [
            ("7", Some(7)),
            ("7.0", Some(7)),
            ("-0.0", Some(0)),
            ("1e3", Some(1000)),
            ("1795474112345.0", Some(1_795_474_112_345)),
            ("null", None),
        ] {
            assert_eq!(sent_at(json), Ok(integer), "{json}");
        }
        for other in ["7.5", "-1", "-1.0", "1e300", r#""7""#, "true", "[7]"] {
            assert_eq!(sent_at(other).map_err(|refused| refused.code), Err(Code::BadRequest), "{other}");
        }
    }

    #[test]
    fn what_can_not_be_read_is_a_bad_request() {
        let json: [&[u8]; 7] = [
            b"{",
            b"[\"a\"]",
            b"null",
            br#"{"email":1}"#,
            br#"{"remember":"on"}"#,
            b"{\"email\":\"\xff\"}",
            br#"{"email":"a","email":"b"}"#,
        ];
        for body in json {
            let refused = decode::<Input>(Format::Json, body).expect_err("unreadable");
            assert_eq!(refused.code, Code::BadRequest, "{body:?}");
        }
        for body in [b"email=%FF".as_slice(), b"remember=perhaps", b"sent_at=x"] {
            let refused = decode::<Input>(Format::Form, body).expect_err("unreadable");
            assert_eq!(refused.code, Code::BadRequest, "{body:?}");
        }
    }

    #[test]
    fn a_field_that_is_there_twice_is_named() {
        let refused = decode::<Input>(Format::Form, b"email=a&remember=on&email=b").expect_err("twice");
        assert_eq!((refused.code, refused.sentence("email").as_deref()), (Code::Validation, Some(TWICE)));
        let another = decode::<Input>(Format::Form, b"email=a&utm=1&utm=2");
        assert_eq!(another, Ok(input("a", None, None)), "one that nobody asks for does no harm");
    }
}
