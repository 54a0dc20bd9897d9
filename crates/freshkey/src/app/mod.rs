//! What the server and the browser share; it is compiled for both. It uses no secret, no SQL and no `web_sys`.

pub use at::At;
pub use freshkey_types::paths;

pub mod address;
pub mod api;
mod at;
pub mod brand;
pub mod components;
pub mod device;
pub mod error;
pub mod ids;
pub mod lazy_page;
pub mod pages;
pub mod part;
pub mod passkey;
pub mod prelude;
pub mod refused_form;
pub mod root;
pub mod seam;
pub mod session;
pub mod token;
pub mod types;
pub mod wire;
