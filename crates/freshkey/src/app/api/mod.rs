//! The server functions, a file per noun. Each body is one call into `crate::server`.
//!
//! One attribute at a function's definition says how it is called and who may call it: `protocol = Get<Bearer>`. See
//! [`protocol`].

#[expect(missing_docs, reason = "the fields of the structs that the macro makes of the arguments")]
pub mod account;
pub mod activity;
#[expect(missing_docs, reason = "the fields of the structs that the macro makes of the arguments")]
pub mod admin;
#[expect(missing_docs, reason = "the fields of the structs that the macro makes of the arguments")]
pub mod factors;
pub mod me;
#[expect(missing_docs, reason = "the fields of the structs that the macro makes of the arguments")]
pub mod password;
#[expect(missing_docs, reason = "the fields of the structs that the macro makes of the arguments")]
pub mod profile;
pub mod protected;
pub mod protocol;
#[expect(missing_docs, reason = "the fields of the structs that the macro makes of the arguments")]
pub mod sessions;
#[expect(missing_docs, reason = "the fields of the structs that the macro makes of the arguments")]
pub mod step_up;
#[expect(missing_docs, reason = "the fields of the structs that the macro makes of the arguments")]
pub mod steps;
