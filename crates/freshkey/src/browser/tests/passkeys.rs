//! Bytes and their base64url text.

use crate::{
    app::types::PasskeyOptions,
    browser::{
        json::from_str,
        passkeys::{base64url, bytes},
    },
};
use js_sys::Uint8Array;
use leptos::prelude::window;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn bytes_are_written_as_the_browser_writes_them_and_read_again() {
    for length in 0..70_u8 {
        let all: Vec<u8> = (0..length).map(|at| at.wrapping_mul(151) ^ 0xFB).collect();
        let buffer = Uint8Array::from(all.as_slice()).buffer();
        let latin: String = all.iter().map(|byte| char::from(*byte)).collect();
        let other = window().btoa(&latin).expect("latin").replace('+', "-").replace('/', "_");
        let text = base64url(&buffer.into());
        assert_eq!(text.as_deref(), Some(other.trim_end_matches('=')));
        assert_eq!(bytes(&text.expect("a text")), Some(all));
    }
    assert_eq!(bytes("AA=="), None);
    assert_eq!(bytes("A+/A"), None);
}

#[wasm_bindgen_test]
fn options_stay_the_text_that_they_are() {
    let text = r#"{"challenge":"AAEC","rpId":"localhost","allowCredentials":[{"id":"AA"}]}"#;
    assert_eq!(from_str::<PasskeyOptions>(text).map(|options| options.json()).as_deref(), Ok(text));
}
