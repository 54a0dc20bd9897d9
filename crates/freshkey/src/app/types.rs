//! The types that both sides share.

mod access;

pub use access::Access;
pub use freshkey_types::*;
