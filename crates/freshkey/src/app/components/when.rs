//! A moment in words, with the exact one behind it.

use crate::app::{device, seam, session::PageFacts};
use leptos::{leptos_dom::helpers::set_interval_with_handle, prelude::*};
use std::time::Duration;

/// How often the words are looked at.
const PAUSE: Duration = Duration::from_secs(30);

/// The words: how long ago, and of what is older than a week the day. They grow old with the page. A pointer on
/// them finds the moment, in the zone of whoever reads it and in UTC; a program finds it in `datetime`.
#[component]
pub fn When(
    /// Milliseconds since 1970.
    at: i64,
) -> impl IntoView {
    // The server's words, until the page is live: they need no zone, and so nothing moves.
    let words = RwSignal::new(device::since(at, expect_context::<PageFacts>().now));
    let title = RwSignal::new(device::utc(at));
    let look = move || words.set(device::since(at, seam::now()));
    Effect::new(move |_| {
        title.set(format!("{} ({})", seam::local_time(at), device::utc(at)));
        look();
        let timer = set_interval_with_handle(look, PAUSE).ok();
        on_cleanup(move || timer.into_iter().for_each(|timer| timer.clear()));
    });
    view! { <time datetime=device::rfc3339(at) title=title>{words}</time> }
}
