//! A time in words, with the exact time behind it.

use super::every;
use crate::app::{device, seam, session::PageFacts, types::Millis};
use leptos::prelude::*;
use std::time::Duration;

/// How often the words are updated.
const PAUSE: Duration = Duration::from_secs(30);

/// The words: how long ago, or the day if it is more than a week ago. They are updated while the page is open.
/// Hovering shows the exact time in the user's time zone and in UTC; programs read it from `datetime`.
#[component]
pub fn When(
    /// The time.
    at: Millis,
) -> impl IntoView {
    // The server's words stay until the page is live. They need no time zone, so nothing moves.
    let words = RwSignal::new(device::since(at, expect_context::<PageFacts>().now));
    let title = RwSignal::new(device::utc(at));
    let look = move || words.set(device::since(at, seam::now()));
    Effect::new(move |_| {
        title.set(format!("{} ({})", seam::local_time(at), device::utc(at)));
        look();
    });
    every(PAUSE, look);
    view! { <time datetime=device::rfc3339(at) title=title>{words}</time> }
}
