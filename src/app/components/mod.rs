//! What pages are made of: one component, one file, and a style sheet section of the same name.

mod field;
mod form_alert;
mod header;
mod protected;
mod sign_out;
mod toasts;

pub use field::Field;
pub use form_alert::FormAlert;
pub use header::Header;
pub use protected::Protected;
pub use sign_out::SignOut;
pub use toasts::{Toaster, Toasts};
