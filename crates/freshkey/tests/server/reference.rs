//! The pages of docs/reference that are made of the code: settings, calls, errors, commands. Where one differs from what
//! the code says, `make reference` makes it anew:
//!
//! ```sh
//! FRESHKEY_WRITE_DOCS=1 cargo test --test server reference
//! ```

mod calls;
mod commands;
mod errors;
mod settings;

use std::{env, fs, path::Path};

#[test]
fn each_page_of_the_reference_is_what_the_code_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference");
    let mut stale = Vec::new();
    for (name, text) in [
        ("calls.md", calls::page()),
        ("commands.md", commands::page()),
        ("errors.md", errors::page()),
        ("settings.md", settings::page()),
    ] {
        let text = format!("<!-- Made of the code by crates/freshkey/tests/server/reference.rs. -->\n\n{text}");
        if fs::read_to_string(folder.join(name)).ok().as_ref() == Some(&text) {
            continue;
        }
        if env::var_os("FRESHKEY_WRITE_DOCS").is_some() {
            fs::write(folder.join(name), text).unwrap();
        } else {
            stale.push(name);
        }
    }
    assert!(
        stale.is_empty(),
        "docs/reference is not what the code says: {stale:?}. \
         Write it anew: FRESHKEY_WRITE_DOCS=1 cargo test --test server reference"
    );
}
