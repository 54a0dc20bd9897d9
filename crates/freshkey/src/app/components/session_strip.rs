//! The page's session, live: the access token's remaining time, and the refresh token behind it.

use super::every;
use crate::app::{device, seam, session::TokenLife};
use leptos::prelude::*;
use std::time::Duration;

/// The strip. Before the page has a token, and without WASM, it says where the tokens are kept.
#[component]
pub fn SessionStrip() -> impl IntoView {
    let life = RwSignal::new(None::<TokenLife>);
    every(Duration::from_millis(500), move || life.set(seam::token_life()));
    let gone = move || life.get().map_or(1000, gone);
    let left = move || life.get().map_or_else(|| "\u{2013}".to_owned(), left);
    // An expired token has no generation to show; the cookie is still the same, so keep the last one.
    let generation = Memo::new(move |last: Option<&Option<u64>>| {
        let known = life.get().filter(|life| life.left_ms > 0.0).map(|life| life.generation);
        known.or_else(|| last.copied().flatten())
    });
    let generation =
        move || generation.get().map_or_else(|| "one per session".to_owned(), |number| format!("generation {number}"));
    view! {
        <div class="strip">
            <svg class="ring" viewBox="0 0 40 40" aria-hidden="true">
                <circle cx="20" cy="20" r="17" />
                <circle class="ring-left" cx="20" cy="20" r="17" pathLength="1000" stroke-dashoffset=gone />
            </svg>
            <dl>
                <div>
                    <dt>"Access token"</dt>
                    <dd>{left} <span class="strip-note">"in memory, renews itself"</span></dd>
                </div>
                <div>
                    <dt>"Refresh cookie"</dt>
                    <dd>{generation} <span class="strip-note">"HttpOnly, SameSite=Strict"</span></dd>
                </div>
                <div>
                    <dt>"This session"</dt>
                    <dd>{device::name(seam::user_agent().as_deref())} <span class="strip-note">"signed in on this device"</span></dd>
                </div>
            </dl>
        </div>
    }
}

/// The elapsed part of the token's life, in thousandths. It is an integer, because formatting another kind of number
/// would add 17 KB of code.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
fn gone(life: TokenLife) -> u32 {
    (1000.0 * (1.0 - life.left_ms / life.life_ms.max(1.0))).clamp(0.0, 1000.0) as u32
}

/// The token's remaining time: `14:23 left`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a token's life")]
fn left(life: TokenLife) -> String {
    match (life.left_ms / 1000.0).ceil() as u64 {
        0 => "expired".to_owned(),
        seconds => format!("{}:{:02} left", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_a_part_of_a_thousand() {
        for (left_ms, part) in [(1000.0, 0), (250.0, 750), (0.0, 1000)] {
            assert_eq!(gone(TokenLife { left_ms, life_ms: 1000.0, generation: 0 }), part);
        }
    }

    #[test]
    fn a_life_is_minutes_and_seconds() {
        for (left_ms, words) in [(863_000.0, "14:23 left"), (1.0, "0:01 left"), (0.0, "expired")] {
            assert_eq!(left(TokenLife { left_ms, ..TokenLife::default() }), words);
        }
    }
}
