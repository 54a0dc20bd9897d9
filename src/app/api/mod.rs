//! The server functions, a file per noun. Each body is one call into `crate::server`.
//!
//! How a function is called, and who may call it, stands in one word at its definition:
//! `protocol = Get<Bearer>`. See [`protocol`].

pub mod account;
pub mod me;
pub mod protected;
pub mod protocol;
