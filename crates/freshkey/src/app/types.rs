//! The types that both sides share.

mod access;
pub mod lab;

pub use access::Access;
pub use freshkey_types::*;
