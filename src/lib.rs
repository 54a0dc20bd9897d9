//! An app built on Freshkey, and the place to build yours: `app.rs` has the list of pages, `brand.rs` the name
//! and the mark, `pages` what the pages show. `README.md` says how to add one.

#![recursion_limit = "256"] // views are deep types

pub mod app;
pub mod brand;
pub mod lazily;
pub mod notes;
pub mod pages;

/// Takes over the page that the server rendered, in the browser.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate(script: freshkey::browser::script::Script) {
    freshkey::browser::hydrate(script, app::App);
}

/// The app's own tables.
#[cfg(feature = "ssr")]
static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The server of this app.
#[cfg(feature = "ssr")]
pub fn freshkey() -> freshkey::Freshkey {
    freshkey::Freshkey::new(brand::BRAND, app::App)
        .migrations(&MIGRATIONS)
        .describe(notes::server::openapi::operations)
        .clean_up(notes::server::store::clean_up)
}
