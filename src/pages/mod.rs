//! The pages that are the app's own. Freshkey's are in `freshkey::app::pages`.

pub mod dashboard;
pub mod home;
mod protected_calls;
