//! The client's reader reads what `serde_json` writes.

use crate::{
    app::{
        error::{ApiError, Code},
        session::{Features, FormEcho, PageFacts, PageState, SessionState, SessionView},
        token::Token,
        types::{AccountPage, EndReason, Millis, OwnClaims, Role, SessionItem, TokenAnswer, UserView},
    },
    browser::json::{JsonError, from_str},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt::Debug};
use wasm_bindgen_test::wasm_bindgen_test;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Every {
    Unit,
    New(Vec<Option<bool>>),
    Tuple(i64, f64, char),
    Struct { unit: (), map: BTreeMap<String, u64>, value: Value },
}

#[track_caller]
fn same<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).expect("can be written");
    assert_eq!(from_str::<T>(&text).as_ref(), Ok(value), "{text}");
}

fn user(role: Option<Role>) -> UserView {
    UserView {
        id: "1".to_owned(),
        email: "ä\"\\\u{2028}🎉@example.com".to_owned(),
        name: None,
        role,
        claims: OwnClaims::default(),
    }
}

#[wasm_bindgen_test]
fn what_was_written_is_read() {
    same(&vec![
        Every::Unit,
        Every::New(vec![Some(true), None, Some(false)]),
        Every::Tuple(-9_007_199_254_740_991, 0.1, '🎉'),
        Every::Struct {
            unit: (),
            map: [("__proto__".to_owned(), 0), ("10".to_owned(), 9_007_199_254_740_991), (String::new(), 2)].into(),
            value: json!({"a": [1, -1, 1.5, null, "x", {"b": []}]}),
        },
    ]);
    let view = SessionView { user: user(Some(Role::ADMIN)), csrf_token: "c".to_owned() };
    for session in [
        SessionState::Unknown,
        SessionState::SignedOut(None),
        SessionState::SignedOut(Some(EndReason::Replay)),
        SessionState::SignedIn(view.clone()),
        SessionState::Interrupted(view, Some(EndReason::SignedOut)),
    ] {
        let echo = Some(FormEcho {
            call: "/api/login".to_owned(),
            fields: vec![("email".to_owned(), "Enter it".to_owned())],
            values: Vec::new(),
            done: false,
        });
        let facts = PageFacts {
            now: Millis(1_795_490_280_000),
            password_min: 8,
            delete_after: Millis::ZERO,
            trust_device: Some(Millis::from_days(1)),
        };
        same(&PageState { session, echo, features: Features::default(), facts });
    }
    same(&AccountPage { accounts: Vec::new(), more: true });
    same(&ApiError::from(Code::StaleRequest).because(EndReason::Replay));
    same(&ApiError::field("email", "Enter it"));
}

#[wasm_bindgen_test]
fn members_that_are_missing_or_new_do_no_harm() {
    let bare = r#"{"id":"1","current":true,"created_at":1.7e12,"last_seen_at":-1,"a later release's":[{"x":1}]}"#;
    let read: SessionItem = from_str(bare).expect("is ours");
    assert_eq!((read.ip, read.user_agent, read.created_at), (None, None, Millis(1_700_000_000_000)));
    assert_eq!(from_str::<Option<EndReason>>("null"), Ok(None));
    assert_eq!(
        from_str::<ApiError>(r#"{"code":"NO_SUCH","message":"A sentence"}"#).map(|error| error.code),
        Ok(Code::Internal)
    );
    assert_eq!(from_str::<()>("null"), Ok(()));
}

#[wasm_bindgen_test]
fn what_is_not_ours_is_refused() {
    for text in ["", "<html>", "{", "null", "1", "\"x\"", "[]", "{}", r#"{"code":{"INTERNAL":1}}"#] {
        assert_eq!(from_str::<ApiError>(text), Err(JsonError), "{text}");
    }
    assert_eq!(from_str::<u8>("256"), Err(JsonError));
    assert_eq!(from_str::<u64>("-1"), Err(JsonError));
    assert_eq!(from_str::<i64>("0.5"), Err(JsonError));
    assert_eq!(from_str::<Every>("{}"), Err(JsonError));
    assert_eq!(from_str::<Every>(r#"{"Unit":1}"#), Err(JsonError));
    assert_eq!(from_str::<Every>("null"), Err(JsonError));
    assert!(from_str::<TokenAnswer>(r#"{"access_token":"x"}"#).is_err());
}

#[wasm_bindgen_test]
fn a_token_is_taken_apart() {
    let token = Token::take_apart("eyJhbGciOiJFZERTQSJ9.eyJleHAiOjE3MDAwMDAwMDB9.AQID").expect("is one");
    assert_eq!((&*token.header, &*token.payload), (r#"{"alg":"EdDSA"}"#, r#"{"exp":1700000000}"#));
}

#[wasm_bindgen_test]
fn claims_of_the_apps_stay_as_they_are_also_from_tab_to_tab() {
    let sent = r#"{"id":"1","email":"a@b","name":null,"claims":{"plan":"team","seats":[1,{"a":null}]}}"#;
    let user: UserView = from_str(sent).unwrap();
    assert_eq!(user.claims.json(), r#"{"plan":"team","seats":[1,{"a":null}]}"#);
    assert_eq!(from_str::<UserView>(&serde_json::to_string(&user).unwrap()).unwrap(), user);
    let none: UserView = from_str(r#"{"id":"1","email":"a@b","name":null}"#).unwrap();
    assert!(none.claims.is_empty());
}
