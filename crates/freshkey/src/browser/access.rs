//! What the page shows of the access token, and does with it.

use super::{driver, json};
use crate::{
    app::{session::TokenLife, token},
    client::{event::Event, state::Client},
};
use serde::Deserialize;

/// Returns what the page shows of the token.
pub fn life() -> Option<TokenLife> {
    driver::read_now(|client, now| {
        let token = client.latest()?;
        let generation = generation(token.answer.access_token.reveal());
        // A token without a generation is one that `expire` spoiled.
        let left_ms = generation.map_or(0.0, |_| token.remaining_ms(now).max(0.0));
        Some(TokenLife { left_ms, life_ms: token.life_ms(), generation: generation.unwrap_or_default() })
    })
}

fn generation(token: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Claims {
        r#gen: u64,
    }
    let payload = token::base64url(token.split('.').nth(1)?)?;
    json::from_str::<Claims>(str::from_utf8(&payload).ok()?).ok().map(|claims| claims.r#gen)
}

/// Spoils the token, so that the server answers 401 to the next calls, as if it had expired.
pub fn expire() {
    driver::dispatch(Event::TokenSpoiled);
}

/// Returns how many refreshes this page has sent so far.
pub fn refreshes() -> u32 {
    driver::read(Client::refreshes)
}
