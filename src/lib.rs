//! An app built on Freshkey. Build yours here: `app.rs` lists the pages, `lazily.rs` those that come in parts, `brand.rs`
//! has the name and the mark, `pages` the pages' contents. `README.md` says how to add a page.

#![recursion_limit = "256"] // views are deeply nested types

pub mod app;
pub mod brand;
pub mod lazily;
pub mod notes;
pub mod pages;

/// Takes over the server-rendered page in the browser.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate(script: freshkey::browser::script::Script) {
    freshkey::browser::hydrate(script, app::App);
}

/// The migrations of the app's own tables.
#[cfg(feature = "ssr")]
static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The server of this app.
#[cfg(feature = "ssr")]
pub fn freshkey() -> freshkey::Freshkey {
    freshkey::Freshkey::new(brand::BRAND, app::App)
        .migrations(&MIGRATIONS)
        .describe(notes::server::openapi::operations)
        .clean_up(notes::server::store::clean_up)
        .mount(freshkey_lab::lab)
}
