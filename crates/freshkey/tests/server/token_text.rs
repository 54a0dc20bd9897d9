//! A token as text: taken apart, typed into, put together again.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use freshkey::app::token::{Token, base64url, compact, pretty};
use proptest::prelude::*;
use serde_json::{Value, json};

proptest! {
    #[test]
    fn base64url_is_read_as_it_is_written(bytes: Vec<u8>) {
        prop_assert_eq!(base64url(&URL_SAFE_NO_PAD.encode(&bytes)), Some(bytes));
    }

    #[test]
    fn a_forged_token_keeps_its_signature_and_is_a_token(header in ".{0,30}", payload in ".{0,30}") {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}.AAAA", part(json!({"alg": "EdDSA"})), part(json!({"email": "a@b"})));
        let changed = Token::take_apart(&text).unwrap().forged(header.clone(), payload.clone());
        prop_assert_eq!((&changed.header, &changed.payload), (&header, &payload));
        prop_assert_eq!(&changed.signature_text, "AAAA");
        prop_assert_eq!(Token::take_apart(&changed.to_string()), Some(changed));
    }

    #[test]
    fn what_was_made_pretty_is_compact_again(name in ".{0,20}", value in r#"[\[{"\\,: x]{0,20}"#, list in 0..3_usize) {
        let json = json!({name: value, "amr": vec!["pwd"; list], "in": {"a": 1, "b": {}}}).to_string();
        prop_assert_eq!(compact(&pretty(&json)), json);
    }

    #[test]
    fn whatever_it_is_it_is_only_looked_at(text in ".{0,80}") {
        let _ = (Token::take_apart(&text), pretty(&text), compact(&text));
    }
}
