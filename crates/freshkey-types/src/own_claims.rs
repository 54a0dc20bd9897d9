//! An app's own claims in access tokens, beside those of every token.

use serde::{Deserialize, Serialize};
#[cfg(not(target_arch = "wasm32"))]
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The app's own claims, in the access token and beside the user. They are as old as the token: ask the database for
/// what has to be current to the second.
///
/// ```
/// use freshkey_types::OwnClaims;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// struct Plan {
///     plan: String,
/// }
///
/// let claims = OwnClaims::new(&Plan { plan: "team".to_owned() })?;
/// assert_eq!(claims.read::<Plan>(), Some(Plan { plan: "team".to_owned() }));
/// # Ok::<_, serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = Object)]
pub struct OwnClaims(Members);

/// On the server, the members.
#[cfg(not(target_arch = "wasm32"))]
type Members = Map<String, Value>;

/// In the browser, the text of the JSON object. The client's JSON reader recognises this type by name and keeps the
/// text: a type for arbitrary JSON would add 4 KB to the client.
#[cfg(target_arch = "wasm32")]
type Members = String;

#[cfg(not(target_arch = "wasm32"))]
impl OwnClaims {
    /// Creates them from the members of `claims`.
    ///
    /// # Errors
    /// `claims` does not serialise to a JSON object.
    pub fn new(claims: &impl Serialize) -> Result<Self, serde_json::Error> {
        serde_json::from_value(serde_json::to_value(claims)?)
    }

    /// Reads them as the type that they were made from; `None` if they have another form.
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_value(Value::Object(self.0.clone())).ok()
    }

    /// Returns their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl OwnClaims {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the JSON object as text.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn json(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// Returns the JSON object as text.
    #[cfg(target_arch = "wasm32")]
    pub fn json(&self) -> String {
        self.0.clone()
    }
}
