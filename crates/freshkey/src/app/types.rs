//! The words both sides speak.

mod access;
pub mod lab;

pub use access::Access;
pub use freshkey_types::*;
