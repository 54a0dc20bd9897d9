//! The rules of sign-in. They take values and the time and know no HTTP.

pub mod access_token;
pub mod account_digest;
pub mod activity;
mod background;
mod confirmations;
pub mod csrf;
pub mod device_token;
pub mod email;
mod ended;
pub mod hasher;
mod json_object;
pub mod jws;
pub mod keyring;
pub mod mac;
pub mod name;
pub mod old_rows;
pub mod password;
pub mod refresh_token;
pub mod root_secret;
pub mod rotation;
pub mod sessions;
