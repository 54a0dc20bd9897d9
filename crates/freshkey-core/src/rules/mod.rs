//! The rules of sign-in. They take values and the time; they know no database and no HTTP.

pub mod account_digest;
pub mod browser_token;
pub mod challenge;
pub mod colour;
pub mod csrf;
pub mod device_token;
pub mod email;
pub mod email_kind;
pub mod json_object;
pub mod jws;
pub mod language;
pub mod mac;
pub mod mailed_secret;
pub mod name;
pub mod password;
pub mod refresh_token;
pub mod retry;
pub mod rotation;
pub mod seal;
pub mod secret_text;
pub mod step_up;
pub mod terms;
pub mod visible;
