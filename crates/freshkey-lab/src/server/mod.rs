//! The server's half: the realm of throw-away sessions, and the bodies of the calls.

mod operations;
mod realm;
mod steps;

pub use steps::{begin, bounce, check, knock, refresh, terms};

use crate::VERIFY_GUIDE;
use freshkey::Freshkey;
use realm::{LabArgs, REALM};

/// Adds the lab to an app: its setting, its calls with their sessions, and the guide for other services.
pub fn lab(app: Freshkey) -> Freshkey {
    // A symbolic link to the guide in docs/: a package contains nothing from outside its folder.
    app.settings::<LabArgs>().realm(REALM).text(VERIFY_GUIDE, include_str!("../../verify-tokens.md"))
}
