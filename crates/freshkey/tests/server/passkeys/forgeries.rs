//! One test for each way to forge a passkey: everything else is as it would be.

use super::{account, add, assert_refused, call, creation_options, options, sign_in};
use crate::support::{Authenticator, Bent, Browser, PRESENT, TestApp, VERIFIED, extensions, straight};
use serde_json::{Value, json};

type Forgery = (&'static str, fn(&mut Bent));

/// What the browser says, in either ceremony.
const OF_THE_BROWSER: [Forgery; 14] = [
    ("origin: http for https", |bent| bent.replace("http://localhost", "https://localhost")),
    ("origin: another port", |bent| bent.replace("http://localhost:", "http://localhost:1")),
    ("origin: no port", |bent| {
        let from = bent.client_data.find("http://localhost:").unwrap() + "http://localhost".len();
        let to = from + bent.client_data[from..].find('"').unwrap();
        bent.client_data.replace_range(from..to, "");
    }),
    ("origin: a subdomain", |bent| bent.replace("http://localhost", "http://a.localhost")),
    ("origin: with a slash", |bent| bent.replace("\",\"crossOrigin\"", "/\",\"crossOrigin\"")),
    ("crossOrigin", |bent| bent.replace("false", "true")),
    ("topOrigin", |bent| bent.replace("false}", "false,\"topOrigin\":\"https://evil.example\"}")),
    ("type: another ceremony", |bent| {
        let other = if bent.client_data.contains("webauthn.get") { "webauthn.create" } else { "webauthn.get" };
        bent.client_data = bent.client_data.replace("webauthn.get", other).replace("webauthn.create", other);
    }),
    ("type: of a payment", |bent| {
        bent.client_data =
            bent.client_data.replace("webauthn.get", "payment.get").replace("webauthn.create", "payment");
    }),
    ("challenge: another", |bent| {
        let at = bent.client_data.find("challenge\":\"").unwrap() + "challenge\":\"".len();
        let first = if bent.client_data[at..].starts_with('A') { "B" } else { "A" };
        bent.client_data.replace_range(at..=at, first);
    }),
    ("a member twice", |bent| bent.replace("false}", "false,\"type\":\"webauthn.get\"}")),
    ("no JSON", |bent| bent.client_data.push('}')),
    ("rpIdHash: another's", |bent| "evil.example".clone_into(&mut bent.rp_id)),
    ("rpIdHash: of the origin", |bent| "http://localhost".clone_into(&mut bent.rp_id)),
];

/// What the authenticator says, in either ceremony.
const OF_THE_AUTHENTICATOR: [Forgery; 11] = [
    ("nobody was there", |bent| bent.flags &= !PRESENT),
    ("nobody was verified", |bent| bent.flags &= !VERIFIED),
    ("one byte more", |bent| bent.rest.push(0)),
    ("extensions that are not there", |bent| extensions(bent, &[])),
    ("extensions, cut", |bent| extensions(bent, b"\xA1\x61a")),
    ("extensions that are no map", |bent| extensions(bent, &[0x80])),
    ("extensions, and more", |bent| extensions(bent, &[0xA0, 0])),
    ("extensions, doubled", |bent| extensions(bent, b"\xA2\x61a\x01\x61a\x01")),
    ("extensions out of order", |bent| extensions(bent, b"\xA2\x61b\x01\x61a\x01")),
    ("extensions without a length", |bent| extensions(bent, &[0xBF, 0xFF])),
    ("extensions, written longer", |bent| extensions(bent, b"\xB8\x01\x61a\x01")),
];

#[tokio::test]
async fn of_a_sign_in() {
    let app = TestApp::start().await;
    let (_, mut authenticator) = account(&app, "ada@example.com").await;
    let mut browser = Browser::default();
    let asked = options(&app, &mut browser).await;
    let of_the_signature: [Forgery; 4] = [
        ("the signature: one bit", |bent| bent.last = |signature| signature[20] ^= 1),
        ("the signature: cut", |bent| bent.last = |signature| signature.truncate(40)),
        ("the signature: longer", |bent| bent.last = |signature| signature.push(0)),
        ("the signature: none", |bent| bent.last = Vec::clear),
    ];
    for (what, bend) in OF_THE_BROWSER.into_iter().chain(OF_THE_AUTHENTICATOR).chain(of_the_signature) {
        assert_refused(sign_in(&app, &mut browser, &authenticator.get(&asked, bend)).await, what);
    }
    let mut other = Authenticator::new(&app.origin);
    other.credential_id.clone_from(&authenticator.credential_id);
    other.handle.clone_from(&authenticator.handle);
    assert_refused(sign_in(&app, &mut browser, &other.get(&asked, straight)).await, "another key");

    // Changed after it was signed: what was signed is not what is said.
    let good = authenticator.get(&asked, straight);
    let extended = authenticator.get(&asked, |bent| extensions(bent, &[0xA0]));
    for part in ["authenticatorData", "signature"] {
        let mut mixed = good.clone();
        mixed["response"][part] = extended["response"][part].clone();
        assert_refused(sign_in(&app, &mut browser, &mixed).await, part);
    }
    for (pointer, other) in [
        ("/type", json!("password")),
        ("/rawId", json!("AAEC")),
        ("/response/userHandle", json!(7)),
        ("/response/authenticatorData", json!("")),
        ("/response/signature", json!(null)),
        ("/response/clientDataJSON", json!("e30")),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = other;
        assert_refused(sign_in(&app, &mut browser, &bad).await, pointer);
    }
    // None of it has used anything up.
    assert_eq!(sign_in(&app, &mut browser, &extended).await.0, 200, "extensions are no fault");
    app.stop().await;
}

#[tokio::test]
async fn of_a_new_passkey() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let options = creation_options(&app, &session).await;
    let of_the_object: [Forgery; 21] = [
        ("the credential's id: none", |bent| bent.credential_id.clear()),
        ("the credential's id: too long", |bent| bent.credential_id = vec![7; 1024]),
        ("the key: none", |bent| bent.cose.clear()),
        ("the key: cut", |bent| bent.cose.truncate(60)),
        ("the key: off the curve", |bent| bent.cose[12] ^= 1),
        ("the key: an algorithm that was not offered", |bent| {
            bent.cose.splice(4..5, [0x38, 0x22]);
        }),
        ("the key: another curve", |bent| bent.cose[6] = 2),
        ("the key: another type", |bent| bent.cose[2] = 1),
        ("the key: a number written longer", |bent| {
            bent.cose.splice(2..3, [0x18, 0x02]);
        }),
        ("the key: with a private part", |bent| {
            bent.cose[0] = 0xA6;
            bent.cose.extend([0x23, 0x58, 0x20]);
            bent.cose.extend([7; 32]);
        }),
        ("the key: a label twice", |bent| {
            bent.cose[0] = 0xA6;
            bent.cose.extend([0x22, 0x58, 0x20]);
            bent.cose.extend([7; 32]);
        }),
        ("a statement of none", |bent| bent.statement = b"\xA1\x61a\x01".to_vec()),
        ("a statement that is no CBOR", |bent| bent.statement = vec![0xFF]),
        ("no statement", |bent| bent.statement.clear()),
        ("two statements", |bent| bent.statement = vec![0xA0, 0xA0]),
        ("the object: cut", |bent| bent.last = |object| object.truncate(object.len() - 1)),
        ("the object: longer", |bent| bent.last = |object| object.push(0)),
        ("the object: twice", |bent| bent.last = |object| object.extend(object.clone())),
        ("the object: more than it says", |bent| bent.last = |object| object[0] = 0xA2),
        ("the object: less than it says", |bent| bent.last = |object| object[0] = 0xA4),
        ("the object: without a length", |bent| {
            bent.last = |object| {
                object[0] = 0xBF;
                object.push(0xFF);
            }
        }),
    ];
    let mut authenticator = Authenticator::new(&app.origin);
    for (what, bend) in OF_THE_BROWSER.into_iter().chain(OF_THE_AUTHENTICATOR).chain(of_the_object) {
        let credential = authenticator.make(&options, bend);
        assert_refused(call(&app, &session, PATH, json!({"credential": credential})).await, what);
    }
    let mut other = authenticator.make(&options, straight);
    other["id"] = "AAEC".into();
    other["rawId"] = "AAEC".into();
    assert_refused(call(&app, &session, PATH, json!({"credential": other})).await, "the id: another than it signs");
    let used = authenticator.get(&json!({"challenge": options["challenge"], "rpId": "localhost"}), straight);
    assert_refused(call(&app, &session, PATH, json!({"credential": used})).await, "the use of one");

    // What a browser has left in of an attestation is not looked at.
    let attested = authenticator.make(&options, |bent| {
        bent.format = "packed".to_owned();
        bent.statement = b"\xA2calg\x26csig\x41\x00".to_vec();
        extensions(bent, b"\xA1\x6BcredProtect\x02");
    });
    assert_eq!(call(&app, &session, PATH, json!({"credential": attested})).await.0, 201);
    app.stop().await;
}

const PATH: &str = "/api/factors/passkeys";

#[tokio::test]
async fn with_a_challenge_of_something_else() {
    let app = TestApp::start().await;
    let (ada, mut authenticator) = account(&app, "ada@example.com").await;
    let bob = app.register("bob@example.com").await;
    let mut browser = Browser::default();
    let to_sign_in = options(&app, &mut browser).await;
    let (of_ada, of_bob) = (creation_options(&app, &ada).await, creation_options(&app, &bob).await);
    let step_up = super::read(&app, &ada, "/api/step-up").await["passkey_options"].clone();

    let as_asked = |challenge: &Value| json!({"challenge": challenge, "rpId": "localhost"});
    for (challenge, what) in [(&of_ada["challenge"], "of a new passkey"), (&step_up["challenge"], "of a step-up")] {
        let credential = authenticator.get(&as_asked(challenge), straight);
        assert_refused(sign_in(&app, &mut browser, &credential).await, what);
    }
    let in_place = authenticator.get(&as_asked(&to_sign_in["challenge"]), straight);
    assert_refused(call(&app, &ada, "/api/step-up", json!({"credential": in_place})).await, "of a sign-in");

    let mut new = Authenticator::new(&app.origin);
    for (challenge, what) in [
        (&of_bob["challenge"], "of another account"),
        (&to_sign_in["challenge"], "of a sign-in"),
        (&step_up["challenge"], "of a step-up"),
    ] {
        let mut options = of_ada.clone();
        options["challenge"] = challenge.clone();
        let credential = new.make(&options, straight);
        assert_refused(call(&app, &ada, PATH, json!({"credential": credential})).await, what);
    }
    add(&app, &ada, &mut new).await;
    app.stop().await;
}
