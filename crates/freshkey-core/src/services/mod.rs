//! The services: they apply the rules to the store.

pub mod access_token;
pub mod activity;
mod background;
pub mod challenges;
pub mod clean_removals;
pub mod cleanup;
mod confirmations;
mod ended;
pub mod factors;
pub mod hasher;
pub mod instances;
pub mod keyring;
pub mod mail;
pub mod passkeys;
pub mod places;
pub mod sessions;
