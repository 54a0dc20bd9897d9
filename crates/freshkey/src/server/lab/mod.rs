//! The sessions that `/lab` demonstrates live, and the bodies of its calls.

mod operations;
mod realm;
mod steps;

pub use steps::{begin, bounce, check, knock, refresh, terms};

use crate::{Freshkey, app::paths};
use realm::{LabArgs, REALM};

/// Adds the lab to an app: its setting, its calls with their sessions, and the guide for other services.
pub fn lab(app: Freshkey) -> Freshkey {
    app.settings::<LabArgs>()
        .realm(REALM)
        .text(paths::VERIFY_GUIDE, include_str!("../../../../../docs/verify-tokens.md"))
}
