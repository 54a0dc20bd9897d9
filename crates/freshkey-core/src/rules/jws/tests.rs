use super::*;
use jsonwebtoken::{EncodingKey, Header as Made};
use proptest::prelude::*;
use serde_json::Value;

#[derive(Deserialize)]
struct Group {
    comment: String,
    alg: String,
    key: Value,
    tests: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    id: u32,
    comment: String,
    jws: String,
    accept: bool,
}

fn key(group: &Group) -> DecodingKey {
    let member = |name: &str| group.key[name].as_str().expect("a member");
    match group.alg.as_str() {
        "HS256" => DecodingKey::from_base64_secret(member("k"))
            .unwrap_or_else(|_| DecodingKey::from_secret(&URL_SAFE_NO_PAD.decode(member("k")).expect("base64url"))),
        _ => DecodingKey::from_ec_components(member("x"), member("y")).expect("a key"),
    }
}

#[test]
fn wycheproof_signed_tokens() {
    let groups: Vec<Group> = serde_json::from_str(include_str!("../../../tests/vectors/jws.json")).expect("vectors");
    let mut count = 0;
    for group in &groups {
        let (algorithm, key) = (Algorithm::parse(&group.alg).expect("one of ours"), key(group));
        for test in &group.tests {
            let accepted = Jws::parse(&test.jws).is_some_and(|jws| jws.verify(algorithm, &key).is_some());
            assert_eq!(accepted, test.accept, "{} {}: {}", test.id, group.comment, test.comment);
            count += 1;
        }
    }
    assert_eq!(count, 79);
}

#[test]
fn wycheproof_ed25519_signatures() {
    #[derive(Deserialize)]
    struct Group {
        x: String,
        tests: Vec<Vector>,
    }
    #[derive(Deserialize)]
    struct Vector {
        id: u32,
        comment: String,
        msg: String,
        sig: String,
        accept: bool,
    }
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect()
    };
    let groups: Vec<Group> =
        serde_json::from_str(include_str!("../../../tests/vectors/ed25519.json")).expect("vectors");
    for group in &groups {
        let key = DecodingKey::from_ed_components(&group.x).expect("a key");
        for test in &group.tests {
            let signature = URL_SAFE_NO_PAD.encode(bytes(&test.sig));
            let good = crypto::verify(&signature, &bytes(&test.msg), &key, Algorithm::EdDsa.library()).unwrap_or(false);
            assert_eq!(good, test.accept, "{}: {}", test.id, test.comment);
        }
    }
}

const SECRET: &[u8] = b"a secret of thirty-two bytes .....";

fn token(payload: &str) -> String {
    let header = Made::new(jsonwebtoken::Algorithm::HS256);
    jsonwebtoken::encode(&header, &payload, &EncodingKey::from_secret(SECRET)).expect("signed")
}

fn passes(token: &str) -> bool {
    let key = DecodingKey::from_secret(SECRET);
    Jws::parse(token).is_some_and(|jws| jws.verify(Algorithm::Hs256, &key).is_some())
}

#[test]
fn a_header_is_an_object_with_each_member_once_and_no_crit() {
    let with = |header: &str| {
        let message = format!("{}.e30", URL_SAFE_NO_PAD.encode(header));
        let mac = crypto::sign(message.as_bytes(), &EncodingKey::from_secret(SECRET), Algorithm::Hs256.library());
        passes(&format!("{message}.{}", mac.expect("signed")))
    };
    assert!(with(r#"{"alg":"HS256"}"#));
    assert!(with(r#"{"alg":"HS256","jku":"https://evil.example/keys","x":[1,{"y":null}]}"#));
    for bad in [
        r#"{"alg":"HS256","crit":[]}"#,
        r#"{"alg":"HS256","crit":null}"#,
        r#"{"alg":"HS256","crit":["b64"],"b64":false}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"HS256","kid":"a","kid":"b"}"#,
        r#"{"alg":"HS256","kid":1}"#,
        r#"{"alg":["HS256"]}"#,
        r#"["HS256",null,null]"#,
        r#"{"alg":"hs256"}"#,
        r#"{"alg":"none"}"#,
        r#"{"alg":"HS512"}"#,
        r#"{"alg":"HS256"} x"#,
        "{}",
        "",
    ] {
        assert!(!with(bad), "{bad}");
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_panic_and_nothing_passes(text in "\\PC{0,300}|[A-Za-z0-9_.=-]{0,300}") {
        prop_assert!(!passes(&text));
    }

    #[test]
    fn a_good_token_has_one_spelling(payload in "\\PC{0,40}", at: prop::sample::Index, with in "[A-Za-z0-9_.=+/ ?-]{0,3}", cut in 0..3_usize) {
        let good = token(&payload);
        prop_assert!(passes(&good));
        let at = at.index(good.len());
        let end = (at + cut).min(good.len());
        let mutated = format!("{}{with}{}", &good[..at], &good[end..]);
        prop_assert!(mutated == good || !passes(&mutated), "{mutated}");
    }
}
