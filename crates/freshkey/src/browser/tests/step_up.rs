//! Confirming a sensitive action.

use super::{
    super::{page, step_up, tabs},
    NAMED, seen, stale_token,
    tabs::{TOKEN, listen},
    token,
};
use crate::app::{
    api::{me::me, protected::protected},
    error::{ApiError, Code},
};
use futures::future::join;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::{Get, Owner, RwSignal, untrack};
use wasm_bindgen_test::wasm_bindgen_test;

/// Installs a server that accepts calls only with the token `fresh`, and gives that token for the password "right".
fn server() {
    let script = format!(
        r#"
        window.seen = {{ refresh: 0, calls: 0, asked: 0 }};
        const answer = (status, body) => Response.json(body, {{ status, {NAMED} }});
        window.fetch = async (request) => {{
            const path = new URL(request.url).pathname;
            if (path === '/api/refresh-token') window.seen.refresh += 1;
            if (path === '/api/step-up') {{
                window.seen.asked += 1;
                window.sent = await request.json();
                if (window.sent.password !== 'right')
                    return answer(422, {{ code: 'VALIDATION', message: 'Check', fields: {{ password: 'Wrong.' }} }});
                return answer(200, {{ access_token: 'fresh', token_type: 'Bearer', expires_in: 900,
                    server_time: Date.now(), refresh_timeout: 10, csrf_token: 'c',
                    user: {{ id: '1', email: 'a@b', name: null }} }});
            }}
            window.seen.calls += 1;
            if (request.headers.get('authorization') !== 'Bearer fresh')
                return answer(401, {{ code: 'STEP_UP_REQUIRED', message: "Confirm it's you",
                    step_up: {{ required: true, authenticated_at: 1, max_age: 600, methods: ['a later one'] }} }});
            if (path === '/api/me') return answer(200, {{ id: '1', email: 'ada@example.com', name: null }});
            return answer(200, {{ message: '', user: {{ id: '1', email: 'a@b' }} }});
        }};"#
    );
    js_sys::eval(&script).expect("the script runs");
    stale_token();
}

/// Waits until the dialog is open or closed.
async fn until(asked: RwSignal<bool>, open: bool) {
    while untrack(|| asked.get()) != open {
        TimeoutFuture::new(1).await;
    }
}

#[wasm_bindgen_test]
async fn calls_wait_for_one_dialog_and_are_sent_once_more() {
    server();
    let owner = Owner::new();
    let asked = owner.with(|| RwSignal::new(false));
    page::asks_by(asked);
    let person = async {
        until(asked, true).await;
        let wrong = step_up::confirm("wrong".to_owned().into(), None, None).await.expect_err("refused");
        assert_eq!((wrong.sentence("password").as_deref(), untrack(|| asked.get())), (Some("Wrong."), true));
        step_up::confirm("right".to_owned().into(), None, None).await.expect("confirmed");
    };
    let ((one, other), ()) = join(join(protected(), me()), person).await;
    assert!(one.is_ok() && other.is_ok());
    assert!(!untrack(|| asked.get()), "it is shut");
    assert_eq!((seen("refresh"), seen("calls"), seen("asked")), (0.0, 4.0, 2.0), "and nothing was refreshed");
    assert!(js_sys::eval("typeof window.sent.sent_at === 'number'").expect("runs").is_truthy());
    assert!(me().await.is_ok(), "the new token serves what comes after");
    assert_eq!(seen("calls"), 5.0);
}

#[wasm_bindgen_test]
async fn not_now_fails_them_with_a_sentence() {
    server();
    let owner = Owner::new();
    let asked = owner.with(|| RwSignal::new(false));
    page::asks_by(asked);
    let person = async {
        until(asked, true).await;
        step_up::not_confirmed();
    };
    let (refused, ()) = join(protected(), person).await;
    let ApiError { code, message, .. } = refused.expect_err("refused");
    assert_eq!((code, &*message), (Code::StepUpRequired, "Nothing was done: you did not confirm that it's you."));
    assert!(!untrack(|| asked.get()));
    // A page that is gone can't ask.
    drop(owner);
    assert_eq!(protected().await.expect_err("refused").code, Code::StepUpRequired);
    assert!(token().is_some(), "nothing is forgotten");
}

#[wasm_bindgen_test]
async fn another_tabs_confirmation_counts() {
    server();
    let owner = Owner::new();
    let asked = owner.with(|| RwSignal::new(false));
    page::asks_by(asked);
    listen();
    let person = async {
        until(asked, true).await;
        js_sys::eval(&format!(
            "const tab = new BroadcastChannel('freshkey');
             tab.postMessage(JSON.stringify({{ SteppedUp: {TOKEN} }}));
             tab.close();"
        ))
        .expect("runs");
        until(asked, false).await;
    };
    let (answered, ()) = join(protected(), person).await;
    tabs::close();
    assert!(answered.is_ok());
    assert_eq!(seen("asked"), 0.0);
}
