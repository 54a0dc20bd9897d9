//! The pages of flows of several calls. If the server sends no mail, the pages that prove an address by email are
//! 404.

mod code;
mod enrol;
mod finish;
mod forgot;
mod keep;
mod login_code;
mod register_confirm;
mod reset;
mod second_factor;
mod secure;

pub(super) use code::SendAgain;
pub use enrol::LoginEnrol;
pub use finish::{RegisterFinish, RegisterFinishWith};
pub use forgot::Forgot;
pub use keep::LoginKeep;
pub use login_code::LoginCode;
pub use register_confirm::RegisterConfirm;
pub use reset::Reset;
pub use second_factor::LoginSecondFactor;
pub use secure::Secure;

use crate::app::{brand, components::NotFound, seam, session::Features, types::StepReason};
use leptos::prelude::*;

/// A page that needs mail; without mail it is 404.
fn page<V: IntoView + 'static>(title: &'static str, content: impl FnOnce(Features) -> V) -> AnyView {
    let features: Features = expect_context();
    if !features.mail {
        seam::no_page();
        return view! { <NotFound /> }.into_any();
    }
    brand::set_title(title);
    content(features).into_any()
}

/// Says why a step is over.
fn why(reason: StepReason) -> &'static str {
    match reason {
        StepReason::Expired => "It has expired.",
        StepReason::Used => "It was used already.",
        StepReason::Attempts => "The code was wrong too often.",
        StepReason::Replaced => "A newer one took its place.",
    }
}
