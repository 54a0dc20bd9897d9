//! The pages that are the app's own. Freshkey's are in `freshkey::app::pages`.

pub mod dashboard;
mod home;
mod protected_calls;

pub use home::Home;
