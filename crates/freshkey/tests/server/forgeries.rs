//! Tokens that are almost ours: signed with our own key, and wrong in one thing. What an attacker
//! without the key can do is in `access_token.rs`.

use crate::support::TestApp;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use freshkey::server::auth::{jws::Algorithm, keyring::Key};
use serde_json::{Map, Value, json};

/// What makes tokens.
struct Forger {
    key: std::sync::Arc<Key>,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl Forger {
    async fn new(app: &TestApp, access: &str, algorithm: Algorithm) -> Self {
        let parts: Vec<_> = access.split('.').collect();
        let object = |part: &str| serde_json::from_slice(&BASE64.decode(part).unwrap()).unwrap();
        Self { key: app.signing_key(algorithm).await, header: object(parts[0]), claims: object(parts[1]) }
    }

    /// A token with these members set; null takes one away.
    fn token(&self, header: &Value, claims: &Value) -> String {
        let changed = |mut object: Map<String, Value>, changes: &Value| {
            for (name, value) in changes.as_object().unwrap() {
                if value.is_null() {
                    object.remove(name);
                } else {
                    object.insert(name.clone(), value.clone());
                }
            }
            Value::Object(object).to_string()
        };
        self.sign(&changed(self.header.clone(), header), &changed(self.claims.clone(), claims))
    }

    /// A token of exactly these texts.
    fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
        let signature = BASE64.encode(self.key.sign(message.as_bytes()).unwrap());
        format!("{message}.{signature}")
    }
}

async fn app(algorithm: Algorithm) -> TestApp {
    TestApp::with(&["--algorithm", algorithm.name(), "--rate-limit", "off"]).await
}

#[tokio::test]
async fn a_token_that_is_wrong_in_one_thing_is_refused() {
    for (algorithm, name) in Algorithm::ALL {
        let app = app(algorithm).await;
        let session = app.register("ada@example.com").await;
        let forger = Forger::new(&app, &session.access, algorithm).await;
        let now = app.now() / 1000;
        assert_eq!(app.protected(&forger.token(&json!({}), &json!({}))).await.status(), 200, "{name}");

        let mut bad: Vec<(Value, Value)> = Vec::new();
        for alg in ["none", "None", "NONE", "", "HS384", "RS256", "Ed25519", "eddsa", "es256", "EdDSA ", "ES512"] {
            bad.push((json!({"alg": alg}), json!({})));
        }
        for other in Algorithm::ALL.iter().filter(|(other, _)| *other != algorithm) {
            bad.push((json!({"alg": other.1}), json!({})));
        }
        for kid in ["", "../../dev/null", "' OR '1'='1", "key\u{0}", "a"] {
            bad.push((json!({"kid": kid}), json!({})));
        }
        for typ in ["JWT", "", "at+jwt ", "jwt", "application/jwt", "application/at", "text/at+jwt"] {
            bad.push((json!({"typ": typ}), json!({})));
        }
        for header in [
            json!({"alg": null}),
            json!({"kid": null}),
            json!({"typ": null}),
            json!({"alg": 1}),
            json!({"kid": [1]}),
            json!({"typ": {"a": 1}}),
            json!({"crit": ["exp"]}),
            json!({"crit": []}),
            json!({"b64": false, "crit": ["b64"]}),
        ] {
            bad.push((header, json!({})));
        }
        for claim in ["iss", "aud", "sub", "email", "sid", "gen", "jti", "iat", "exp"] {
            for value in [json!(null), json!([]), json!({}), json!(true), json!(-1), json!(1.5)] {
                bad.push((json!({}), json!({claim: value})));
            }
        }
        for (claim, value) in [
            ("iss", json!("https://evil.example")),
            ("iss", json!(format!("{}/", app.origin))),
            ("aud", json!("https://evil.example")),
            ("aud", json!([app.origin])),
            ("exp", json!((now + 60).to_string())),
            ("exp", json!(1e300)),
            ("iat", json!(now + 3600)),
            ("iat", json!(now.to_string())),
            ("gen", json!("0")),
            ("gen", json!(1_u64 << 40)),
            ("sid", json!("x")),
            ("sub", json!(7)),
        ] {
            bad.push((json!({}), json!({claim: value})));
        }
        for (header, claims) in bad {
            let answer = app.protected(&forger.token(&header, &claims)).await;
            assert_eq!(answer.status(), 403, "{name} {header} {claims}");
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn what_is_only_spelled_otherwise_is_ours_where_the_standard_says_so() {
    let app = app(Algorithm::EdDsa).await;
    let session = app.register("ada@example.com").await;
    let forger = Forger::new(&app, &session.access, Algorithm::EdDsa).await;
    for typ in ["application/at+jwt", "AT+JWT"] {
        assert_eq!(app.protected(&forger.token(&json!({"typ": typ}), &json!({}))).await.status(), 200, "{typ}");
    }
    // What would lead a careless verifier elsewhere is not looked at.
    let elsewhere =
        json!({"jku": "https://evil.example", "x5u": "https://evil.example", "jwk": {"kty": "oct"}, "x5c": []});
    assert_eq!(app.protected(&forger.token(&elsewhere, &json!({"more": 1}))).await.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn a_member_that_is_there_twice_is_one_too_many() {
    let app = app(Algorithm::EdDsa).await;
    let session = app.register("ada@example.com").await;
    let forger = Forger::new(&app, &session.access, Algorithm::EdDsa).await;
    let text = |object: &Map<String, Value>| Value::Object(object.clone()).to_string();
    let twice = |object: &str, member: &str| format!("{{{member},{}", &object[1..]);
    let (header, claims) = (text(&forger.header), text(&forger.claims));
    assert_eq!(app.protected(&forger.sign(&header, &claims)).await.status(), 200);
    for (header, claims) in [
        (twice(&header, r#""alg":"EdDSA""#), claims.clone()),
        (header.clone(), twice(&claims, r#""sub":"root""#)),
        (header.clone(), twice(&claims, r#""exp":9999999999"#)),
        (twice(&header, r#""more":1,"more":1"#), claims.clone()),
        (header.clone(), twice(&claims, r#""more":1,"more":1"#)),
        (header.clone(), twice(&claims, r#""m\u006fre":1,"more":1"#)),
        (header.clone(), twice(&claims, r#""more":{"sub":1,"sub":1}"#)),
        (header.clone(), format!("{claims} x")),
        (header.clone(), format!("[{claims}]")),
    ] {
        assert_eq!(app.protected(&forger.sign(&header, &claims)).await.status(), 403, "{header} {claims}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_payload_is_an_object() {
    let app = app(Algorithm::EdDsa).await;
    let session = app.register("ada@example.com").await;
    let forger = Forger::new(&app, &session.access, Algorithm::EdDsa).await;
    let header = Value::Object(forger.header.clone()).to_string();
    // The claims in the order in which the server reads them: serde would take the array for them.
    let names = ["iss", "aud", "sub", "email", "sid", "gen", "jti", "iat", "exp"];
    let values: Vec<_> = names.iter().map(|name| forger.claims[*name].clone()).collect();
    let with_null = [values.clone(), vec![Value::Null]].concat();
    for payload in [json!(values), json!(with_null), json!([forger.claims]), json!("x"), json!(1), Value::Null] {
        assert_eq!(app.protected(&forger.sign(&header, &payload.to_string())).await.status(), 403, "{payload}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_token_is_good_from_its_time_on_give_or_take_a_minute() {
    let app = app(Algorithm::EdDsa).await;
    let session = app.register("ada@example.com").await;
    let forger = Forger::new(&app, &session.access, Algorithm::EdDsa).await;
    let now = app.now() / 1000;
    for claim in ["iat", "nbf"] {
        for (ahead, status) in [(-10, 200), (60, 200), (61, 403), (3600, 403)] {
            let token = forger.token(&json!({}), &json!({claim: now + ahead}));
            assert_eq!(app.protected(&token).await.status(), status, "{claim} {ahead}");
        }
    }
    for nbf in [json!("0"), json!([0]), json!(-1), json!(true), json!(1e300)] {
        assert_eq!(app.protected(&forger.token(&json!({}), &json!({"nbf": nbf}))).await.status(), 403, "{nbf}");
    }
    let nothing = Value::Object(forger.claims.clone()).to_string().replacen('{', "{\"nbf\":null,", 1);
    let header = Value::Object(forger.header.clone()).to_string();
    assert_eq!(app.protected(&forger.sign(&header, &nothing)).await.status(), 403);
    assert_eq!(app.protected(&forger.token(&json!({}), &json!({"sub": ""}))).await.status(), 403);
    app.stop().await;
}

#[tokio::test]
async fn only_a_token_that_is_ours_is_told_that_it_ran_out() {
    let app = app(Algorithm::EdDsa).await;
    let session = app.register("ada@example.com").await;
    let forger = Forger::new(&app, &session.access, Algorithm::EdDsa).await;
    let past = json!({"exp": app.now() / 1000});
    let expired = forger.token(&json!({}), &past);
    assert_eq!(app.protected(&expired).await.status(), 401);
    let (rest, _) = expired.rsplit_once('.').unwrap();
    let unsigned = format!("{rest}.{}", session.access.rsplit_once('.').unwrap().1);
    assert_eq!(app.protected(&unsigned).await.status(), 403);
    let elsewhere = json!({"exp": app.now() / 1000, "aud": "https://evil.example"});
    assert_eq!(app.protected(&forger.token(&json!({}), &elsewhere)).await.status(), 403);
    app.stop().await;
}
