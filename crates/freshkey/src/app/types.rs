//! The words both sides speak.

pub mod lab;

pub use freshkey_types::*;
