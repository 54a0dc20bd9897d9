//! Factors besides the password: authenticator apps, recovery codes, passkeys.

use super::{Millis, Seconds, Secret, TokenAnswer, UserView};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// How an account is protected: `GET /api/factors`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FactorsView {
    /// Whether a sign-in with a password or an emailed code asks for a second step.
    pub two_step: bool,
    /// Whether two-step sign-in is required.
    pub required: bool,
    /// When the password was last changed, in milliseconds since 1970; none if it never was.
    #[schema(value_type = Option<i64>)]
    pub password_changed_at: Option<Millis>,
    /// The authenticator apps, oldest first.
    pub totp: Vec<TotpItem>,
    /// The passkeys, oldest first.
    pub passkeys: Vec<PasskeyItem>,
    /// The recovery codes.
    pub recovery_codes: RecoveryCodesView,
    /// How many trusted devices are not asked for the second step.
    pub trusted_devices: u32,
    /// The account's user handle in passkeys: 64 bytes in base64url. None before the first passkey.
    pub user_handle: Option<String>,
    /// The domain that passkeys are for; none if the server has no passkeys.
    pub rp_id: Option<String>,
}

/// An authenticator app (RFC 6238).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TotpItem {
    /// UUIDv7.
    pub id: String,
    /// The name that its owner gave it.
    pub name: String,
    /// When it was added, in milliseconds since 1970.
    #[schema(value_type = i64)]
    pub created_at: Millis,
    /// When one of its codes was last accepted, in milliseconds since 1970.
    #[schema(value_type = Option<i64>)]
    pub last_used_at: Option<Millis>,
}

/// A passkey (`WebAuthn`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PasskeyItem {
    /// UUIDv7.
    pub id: String,
    /// The credential's id, in base64url.
    pub credential_id: String,
    /// The name that its owner gave it.
    pub name: String,
    /// When it was added, in milliseconds since 1970.
    #[schema(value_type = i64)]
    pub created_at: Millis,
    /// When it was last used, in milliseconds since 1970.
    #[schema(value_type = Option<i64>)]
    pub last_used_at: Option<Millis>,
    /// Whether it is backed up, so that the owner's other devices have it too.
    pub synced: bool,
}

/// The state of the recovery codes: how many, but never which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecoveryCodesView {
    /// How many still work.
    pub left: u32,
    /// When they were made, in milliseconds since 1970; none if there are none.
    #[schema(value_type = Option<i64>)]
    pub created_at: Option<Millis>,
}

/// An authenticator app that waits for its first code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TotpEnrolment {
    /// The id of this enrolment.
    pub id: String,
    /// The seed: 160 bits in base32.
    #[schema(value_type = String)]
    pub secret: Secret,
    /// The seed as a URI that an app reads: `otpauth://totp/…`.
    #[schema(value_type = String)]
    pub uri: Secret,
    /// The URI as a QR code, in SVG.
    #[schema(value_type = String)]
    pub qr_svg: Secret,
    /// Seconds until it expires.
    #[schema(value_type = u64)]
    pub expires_in: Seconds,
}

/// Whether two-step sign-in is on now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TwoStepView {
    /// Whether it is on.
    pub two_step: bool,
    /// The recovery codes, if they were just made. Only this session can read them again, for ten minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub recovery_codes: Option<Vec<Secret>>,
}

/// New recovery codes. Only the session that made them can read them again, for ten minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecoveryCodes {
    /// Ten codes, each in groups of four characters.
    #[schema(value_type = Vec<String>)]
    pub recovery_codes: Vec<Secret>,
}

/// The session that begins once the second step is set up.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Enrolled {
    /// The session.
    #[serde(flatten)]
    pub session: TokenAnswer,
    /// The recovery codes. Only this session can read them again, for ten minutes.
    #[schema(value_type = Vec<String>)]
    pub recovery_codes: Vec<Secret>,
}

/// The answer to the first code of an authenticator app.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum TotpAnswer {
    /// A signed-in user has added it.
    Added(TwoStepView),
    /// It was set up during a sign-in, and the session begins.
    Session(Box<Enrolled>),
}

/// The answer to a new passkey.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum PasskeyAnswer {
    /// A signed-in user has added it.
    Added(PasskeyItem),
    /// It was set up during a sign-in, and the session begins.
    Session(Box<Enrolled>),
}

/// The fields of either variant. `Deserialize` is written by hand: the derived code for such an enum would add
/// several kilobytes to the client.
#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    two_step: Option<bool>,
    #[serde(default)]
    recovery_codes: Option<Vec<Secret>>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    credential_id: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    created_at: Option<Millis>,
    #[serde(default)]
    last_used_at: Option<Millis>,
    #[serde(default)]
    synced: Option<bool>,
    #[serde(default)]
    access_token: Option<Secret>,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Option<Seconds>,
    #[serde(default)]
    server_time: Option<Millis>,
    #[serde(default)]
    refresh_timeout: Option<f64>,
    #[serde(default)]
    csrf_token: Option<Secret>,
    #[serde(default)]
    user: Option<UserView>,
}

impl Fields {
    fn enrolled(self) -> Option<Enrolled> {
        Some(Enrolled {
            session: TokenAnswer {
                access_token: self.access_token?,
                token_type: self.token_type?,
                expires_in: self.expires_in?,
                server_time: self.server_time?,
                refresh_timeout: self.refresh_timeout?,
                csrf_token: self.csrf_token?,
                user: self.user?,
            },
            recovery_codes: self.recovery_codes.unwrap_or_default(),
        })
    }

    fn passkey(self) -> Option<PasskeyItem> {
        Some(PasskeyItem {
            id: self.id?,
            credential_id: self.credential_id?,
            name: self.name?,
            created_at: self.created_at?,
            last_used_at: self.last_used_at,
            synced: self.synced?,
        })
    }
}

impl<'de> Deserialize<'de> for TotpAnswer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let fields = Fields::deserialize(deserializer)?;
        if let Some(two_step) = fields.two_step {
            return Ok(Self::Added(TwoStepView { two_step, recovery_codes: fields.recovery_codes }));
        }
        fields.enrolled().map(|session| Self::Session(Box::new(session))).ok_or_else(|| D::Error::custom("neither"))
    }
}

impl<'de> Deserialize<'de> for PasskeyAnswer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let fields = Fields::deserialize(deserializer)?;
        if fields.access_token.is_none() {
            return fields.passkey().map(Self::Added).ok_or_else(|| D::Error::custom("neither"));
        }
        fields.enrolled().map(|session| Self::Session(Box::new(session))).ok_or_else(|| D::Error::custom("neither"))
    }
}

/// What `navigator.credentials` takes (`WebAuthn` Level 3), as JSON. On the server, the parsed value.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = Object)]
pub struct PasskeyOptions(pub serde_json::Value);

/// What `navigator.credentials` takes (`WebAuthn` Level 3), as JSON. In the browser, its text, which the browser parses
/// itself.
#[cfg(target_arch = "wasm32")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = Object)]
pub struct PasskeyOptions(pub String);

impl PasskeyOptions {
    /// Returns the JSON text.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn json(&self) -> String {
        self.0.to_string()
    }

    /// Returns the JSON text.
    #[cfg(target_arch = "wasm32")]
    pub fn json(&self) -> String {
        self.0.clone()
    }
}

/// A passkey's answer (`WebAuthn` Level 3), as JSON. On the server, the parsed value; it may be sent as text as well.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = Object)]
pub struct PasskeyCredential(pub serde_json::Value);

#[cfg(not(target_arch = "wasm32"))]
impl<'de> Deserialize<'de> for PasskeyCredential {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde_json::Value;
        // When the server inspects which fields a call reads, it uses a format that is not human-readable. The type
        // needs a name there, which arbitrary JSON does not have.
        if !deserializer.is_human_readable() {
            return Named::deserialize(deserializer).map(|Named(text)| Self(text.into()));
        }
        let value = Value::deserialize(deserializer)?;
        let read = value.as_str().and_then(|text| serde_json::from_str(text).ok());
        Ok(Self(read.unwrap_or(value)))
    }
}

/// The name of a passkey answer's type in the description of calls.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Deserialize)]
#[serde(rename = "PasskeyCredential")]
struct Named(String);

/// A passkey's answer (`WebAuthn` Level 3), as JSON. In the browser, its text: a type for any JSON would add several
/// kilobytes to the client.
#[cfg(target_arch = "wasm32")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = Object)]
pub struct PasskeyCredential(pub String);

#[cfg(test)]
mod tests;
