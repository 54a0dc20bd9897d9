//! What pages are made of: one component, one file, and a style sheet section of the same name.

mod field;
mod form_alert;
mod form_fields;
mod header;
mod icon;
mod keys;
mod live_text;
mod loading;
mod new_password;
mod password;
mod protected;
mod refusal;
mod sign_in_again;
mod sign_out;
mod status_line;
mod submit;
mod toasts;
mod when;

pub use field::{Field, go_on_where_wrong, typed};
pub use form_alert::FormAlert;
pub use form_fields::FormFields;
pub use header::{Header, NavLink};
pub use icon::{Icon, Shape};
pub use keys::{is_key, of_a_key};
pub use live_text::LiveText;
pub use loading::{Loading, NotLoaded};
pub use new_password::NewPassword;
pub use protected::Protected;
pub use refusal::Refusal;
pub use sign_in_again::SignInAgain;
pub use sign_out::SignOut;
pub use status_line::StatusLine;
pub use submit::{SubmitButton, once, sending};
pub use toasts::{Toaster, Toasts};
pub use when::When;
