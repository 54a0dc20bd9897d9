//! Messages with other tabs, and a page whose session is over.

use super::{
    super::{
        access, tabs, turn,
        waiting::{self, SIGN_IN},
    },
    GRANTS, seen, server, stale_token,
};
use crate::app::api::protected::protected;
use futures::future::{Either, join_all, select};
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_test::wasm_bindgen_test;

/// Plays another tab: posts the messages in `script`, and records those it receives.
fn another_tab(script: &str) {
    let script = format!(
        "window.tab?.close(); window.tab = new BroadcastChannel('freshkey'); window.heard = [];
         window.tab.onmessage = ({{ data }}) => {{ const said = JSON.parse(data); window.heard.push(said); {script} }};"
    );
    js_sys::eval(&script).expect("the script runs");
}

/// A token as a tab shares it: the server's answer, and the values that have changed since.
pub(super) const TOKEN: &str =
    "{ text: JSON.stringify({ access_token: 'fresh', token_type: 'Bearer', expires_in: 1, server_time: 0,
     refresh_timeout: 10, csrf_token: 'c', user: { id: '1', email: 'a@b', name: null } }),
     expires_in: 900, server_time: Date.now() }";

/// Opens the channel for one test.
struct Open;

impl Open {
    fn new() -> Self {
        tabs::open();
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        tabs::close();
        drop(js_sys::eval("window.tab.close()"));
    }
}

#[wasm_bindgen_test]
async fn a_new_tab_asks_the_others_before_it_refreshes() {
    server(GRANTS);
    access::forget();
    another_tab(&format!("if (said === 'Ask') window.tab.postMessage(JSON.stringify({{ Refreshed: {TOKEN} }}));"));
    let _open = Open::new();
    assert!(protected().await.is_ok());
    assert_eq!((seen("refresh"), seen("calls")), (0.0, 1.0));
}

#[wasm_bindgen_test]
async fn a_refresh_is_told_to_the_other_tabs() {
    server(GRANTS);
    stale_token();
    another_tab("");
    let _open = Open::new();
    assert!(protected().await.is_ok());
    TimeoutFuture::new(50).await;
    let told = js_sys::eval(
        "window.heard.map((said) => said.Refreshed && JSON.parse(said.Refreshed.text).access_token).join()",
    )
    .expect("runs");
    assert_eq!(told.as_string().as_deref(), Some("fresh"));
}

#[wasm_bindgen_test]
async fn while_another_tab_refreshes_this_one_waits_and_takes_what_it_got() {
    server(GRANTS);
    stale_token();
    another_tab("");
    let _open = Open::new();
    let script = format!(
        "navigator.locks.request('freshkey.refresh', async () => {{
             await new Promise((done) => setTimeout(done, 60));
             window.tab.postMessage(JSON.stringify({{ Refreshed: {TOKEN} }}));
             await new Promise((done) => setTimeout(done, 20));
         }})"
    );
    js_sys::eval(&script).expect("runs");
    let answers = join_all((0..10).map(|_| protected())).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(seen("refresh"), 0.0);
}

#[wasm_bindgen_test]
async fn a_turn_is_given_back_and_waited_for_and_given_up() {
    let first = turn::take(1000).await;
    assert!(first.is_some());
    assert!(turn::take(20).await.is_none(), "it is taken");
    let (second, ()) = futures::future::join(turn::take(1000), async {
        TimeoutFuture::new(20).await;
        drop(first);
    })
    .await;
    assert!(second.is_some(), "it was given back");
    drop(second);
    assert!(turn::take(1000).await.is_some(), "also by who had given it up");
}

#[wasm_bindgen_test]
async fn without_locks_and_channels_it_goes_on_at_once() {
    js_sys::eval("window.Kept = window.BroadcastChannel;").expect("runs");
    for (locks, channel) in [
        ("undefined", "undefined"),
        ("{}", "class { constructor() { throw new DOMException('x', 'SecurityError'); } }"),
        (
            "{ request: () => Promise.reject(new DOMException('x', 'SecurityError')) }",
            "class { postMessage() { throw new DOMException('x', 'InvalidStateError'); } close() {} }",
        ),
        ("{ request: () => { throw new DOMException('x', 'SecurityError'); } }", "undefined"),
        ("{ request: () => Promise.resolve() }", "undefined"),
    ] {
        js_sys::eval(&format!(
            "Object.defineProperty(navigator, 'locks', {{ value: {locks}, configurable: true }});
             window.BroadcastChannel = {channel};"
        ))
        .expect("runs");
        server(GRANTS);
        access::forget();
        tabs::open();
        assert!(protected().await.is_ok(), "{locks}");
        let turn = select(Box::pin(turn::take(60_000)), TimeoutFuture::new(2000)).await;
        assert!(matches!(turn, Either::Left((None, _))), "{locks}: it is not waited for");
        let asked = select(Box::pin(tabs::ask()), TimeoutFuture::new(0)).await;
        assert!(matches!(asked, Either::Left(_)), "{channel}: nobody is waited for");
        tabs::close();
        assert_eq!(seen("refresh"), 1.0);
    }
    js_sys::eval("delete navigator.locks; window.BroadcastChannel = window.Kept;").expect("runs");
}

#[wasm_bindgen_test]
async fn calls_that_wait_go_on_or_fail_together() {
    let (one, other) = (waiting::wait(&SIGN_IN), waiting::wait(&SIGN_IN));
    let resumed = async {
        TimeoutFuture::new(0).await;
        waiting::resume(&SIGN_IN);
    };
    let (one, other, ()) = futures::future::join3(one, other, resumed).await;
    assert!(one && other);
    let given_up = async {
        TimeoutFuture::new(0).await;
        waiting::give_up(&SIGN_IN);
    };
    let (one, ()) = futures::future::join(waiting::wait(&SIGN_IN), given_up).await;
    assert!(!one);
}
