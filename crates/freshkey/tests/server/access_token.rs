//! The access token, as an attacker would have it.

use crate::support::{TestApp, code};
use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde_json::{Value, json};
use std::time::Duration;

/// A token, taken apart.
struct Parts {
    header: Value,
    claims: Value,
    signature: String,
    signed: String,
}

fn take_apart(token: &str) -> Parts {
    let parts: Vec<_> = token.split('.').collect();
    let json = |part: &str| serde_json::from_slice(&BASE64.decode(part).unwrap()).unwrap();
    let [header, claims, signature] = parts[..] else { panic!("three parts") };
    Parts {
        header: json(header),
        claims: json(claims),
        signature: signature.to_owned(),
        signed: format!("{header}.{claims}"),
    }
}

fn encode(json: &Value) -> String {
    BASE64.encode(json.to_string())
}

#[tokio::test]
async fn it_is_what_the_contract_says_and_a_strangers_verifier_accepts_it() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let token = take_apart(&session.access);
    assert_eq!(token.header["typ"], "at+jwt");
    assert_eq!(token.header["alg"], "EdDSA");
    let mut names: Vec<_> = token.claims.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["amr", "aud", "auth_time", "email", "exp", "gen", "iat", "iss", "jti", "sid", "sub"]);
    assert_eq!((&token.claims["iss"], &token.claims["aud"]), (&json!(app.origin), &json!(app.origin)));
    assert_eq!(token.claims["exp"].as_i64().unwrap() - token.claims["iat"].as_i64().unwrap(), 900);

    let answer = app.get("/.well-known/jwks.json").send().await.unwrap();
    assert_eq!(answer.headers()["cache-control"], "public, max-age=300");
    let keys: Value = answer.json().await.unwrap();
    let key = &keys["keys"][0];
    assert_eq!(key["kid"], token.header["kid"]);
    assert!(key.get("d").is_none(), "no private key is published");
    let public = BASE64.decode(key["x"].as_str().unwrap()).unwrap();
    let signature = BASE64.decode(&token.signature).unwrap();
    UnparsedPublicKey::new(&ED25519, public)
        .verify(token.signed.as_bytes(), &signature)
        .expect("the signature is good");
    app.stop().await;
}

#[tokio::test]
async fn forgeries_are_refused_without_a_word_about_why() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let token = take_apart(&session.access);
    let kid = token.header["kid"].as_str().unwrap();
    let claims = encode(&token.claims);
    let genuine = |header: Value| format!("{}.{claims}.{}", encode(&header), token.signature);
    let header = |alg: &str, kid: &str, typ: &str| json!({"alg": alg, "kid": kid, "typ": typ});

    let mut forged: Vec<(&str, String)> = vec![
        ("alg none", format!("{}.{claims}.", encode(&header("none", kid, "at+jwt")))),
        ("the other name of the algorithm", genuine(header("Ed25519", kid, "at+jwt"))),
        ("another typ", genuine(header("EdDSA", kid, "JWT"))),
        ("an unknown kid", genuine(header("EdDSA", "' OR 1=1 --", "at+jwt"))),
        ("no kid", genuine(json!({"alg": "EdDSA", "typ": "at+jwt"}))),
        ("a crit", genuine(json!({"alg": "EdDSA", "kid": kid, "typ": "at+jwt", "crit": ["exp"]}))),
        ("other claims", format!("{}.{}.{}", encode(&token.header), encode(&json!({"sub": "root"})), token.signature)),
        ("no signature", format!("{}.", token.signed)),
        ("two parts", token.signed.clone()),
        ("five parts", format!("{}.a.b", session.access)),
        ("padding", format!("{}=", session.access)),
        ("a space inside", session.access.replacen('.', ". ", 1)),
        ("over 8 KiB", format!("{}{}", session.access, "A".repeat(8 * 1024))),
        ("the refresh token", session.cookie.clone()),
        ("the CSRF token", session.csrf.clone()),
        ("no token at all", "x".to_owned()),
    ];
    // A signature has 64 bytes, so its last character has spare bits: only one spelling is canonical.
    let (rest, last) = session.access.split_at(session.access.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let next = alphabet.find(last).unwrap() + 1;
    forged.push(("non-canonical base64", format!("{rest}{}", &alphabet[next..=next])));
    // The public key as an HMAC secret, and a key pair of the attacker's own under our kid.
    let keys: Value = app.get("/.well-known/jwks.json").send().await.unwrap().json().await.unwrap();
    let public = BASE64.decode(keys["keys"][0]["x"].as_str().unwrap()).unwrap();
    let signed = format!("{}.{claims}", encode(&header("HS256", kid, "at+jwt")));
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &public), signed.as_bytes());
    forged.push(("the public key as a secret", format!("{signed}.{}", BASE64.encode(mac))));
    let pair =
        Ed25519KeyPair::from_pkcs8(Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap().as_ref()).unwrap();
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": BASE64.encode(pair.public_key())});
    let signed = format!("{}.{claims}", encode(&json!({"alg": "EdDSA", "kid": kid, "typ": "at+jwt", "jwk": jwk})));
    forged.push(("a key of one's own", format!("{signed}.{}", BASE64.encode(pair.sign(signed.as_bytes())))));

    for (what, token) in forged {
        let answer = app.protected(&token).await;
        assert_eq!(answer.status(), 403, "{what}");
        assert_eq!(
            answer.json::<Value>().await.unwrap(),
            json!({"code": "INVALID_TOKEN", "message": "Invalid token"}),
            "{what}"
        );
    }
    app.stop().await;
}

#[tokio::test]
async fn it_runs_out_to_the_second() {
    let app = TestApp::with(&["--access-ttl", "2s"]).await;
    let session = app.register("ada@example.com").await;
    assert_eq!(app.protected(&session.access).await.status(), 200);
    app.wait(Duration::from_secs(2));
    let expired = app.protected(&session.access).await;
    assert_eq!(expired.status(), 401);
    let challenge = r#"Bearer error="invalid_token", error_description="Token expired""#;
    assert_eq!(expired.headers()["www-authenticate"], challenge);
    assert_eq!(code(expired).await, "TOKEN_EXPIRED");
    app.stop().await;
}

#[tokio::test]
async fn exactly_one_header_in_any_case_and_nowhere_else() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let send = async |values: &[String]| {
        let request =
            values.iter().fold(app.get("/api/protected"), |request, value| request.header("authorization", value));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), code_or_ok(answer).await)
    };
    let bearer = |scheme: &str| format!("{scheme} {}", session.access);
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(send(&[bearer(scheme)]).await.0, 200);
    }
    for none in [vec![], vec!["Bearer".to_owned()], vec!["Bearer ".to_owned()], vec!["Basic YTpi".to_owned()]] {
        assert_eq!(send(&none).await, (401, "TOKEN_NOT_FOUND".to_owned()), "{none:?}");
    }
    assert_eq!(send(&[bearer("Bearer"), bearer("Bearer")]).await, (403, "INVALID_TOKEN".to_owned()));
    let elsewhere = app
        .get(&format!("/api/protected?access_token={}", session.access))
        .header("cookie", format!("refresh={}", session.cookie));
    assert_eq!(elsewhere.send().await.unwrap().status(), 401);
    app.stop().await;
}

async fn code_or_ok(answer: reqwest::Response) -> String {
    let body: Value = answer.json().await.unwrap();
    body["code"].as_str().unwrap_or("OK").to_owned()
}

#[tokio::test]
async fn a_life_that_was_shortened_brings_no_ended_session_back() {
    let app = TestApp::with(&["--access-ttl", "1h"]).await;
    let session = app.register("ada@example.com").await;
    let origin = app.origin.clone();
    app.logout(&session.cookie).await;
    app.wait(Duration::from_mins(10));
    let app = app.restart(&["--access-ttl", "1m", "--issuer", &origin, "--audience", &origin]).await;
    assert_eq!(app.protected(&session.access).await.status(), 401);
    app.stop().await;
}
