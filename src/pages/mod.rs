//! The app's own pages. Freshkey's are in `freshkey::app::pages`.

pub mod dashboard;
pub mod home;
mod protected_calls;
