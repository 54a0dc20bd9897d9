//! Messages with other tabs, and a page whose session is over.

use super::{
    super::{driver, refresh_lock::RefreshLock, tabs, waiting},
    GRANTS, forget_token, seen, server, stale_token,
};
use crate::{
    app::api::protected::protected,
    client::event::{Event, Waiting},
};
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
    "{ text: JSON.stringify({ access_token: 'fresh', token_type: 'Bearer', expires_in: 1, server_time: Date.now(),
     refresh_timeout: 10, csrf_token: crypto.randomUUID(), user: { id: '1', email: 'a@b', name: null } }),
     expires_in: 900, server_time: Date.now() }";

/// Opens the channel, as a page does.
pub(super) fn listen() {
    tabs::open(|message| driver::dispatch(Event::Heard(message)));
}

/// Opens the channel for one test.
struct Open;

impl Open {
    fn new() -> Self {
        listen();
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
    forget_token();
    another_tab(&format!("if ('Ask' in said) window.tab.postMessage(JSON.stringify({{ Refreshed: {TOKEN} }}));"));
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
async fn a_lock_is_given_back_and_waited_for_and_given_up() {
    let first = RefreshLock::take(1000).await;
    assert!(first.is_some());
    assert!(RefreshLock::take(20).await.is_none(), "it is taken");
    let (second, ()) = futures::future::join(RefreshLock::take(1000), async {
        TimeoutFuture::new(20).await;
        drop(first);
    })
    .await;
    assert!(second.is_some(), "it was given back");
    drop(second);
    assert!(RefreshLock::take(1000).await.is_some(), "also by who had given it up");
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
        forget_token();
        listen();
        assert!(protected().await.is_ok(), "{locks}");
        let lock = select(Box::pin(RefreshLock::take(60_000)), TimeoutFuture::new(2000)).await;
        assert!(matches!(lock, Either::Left((None, _))), "{locks}: it is not waited for");
        tabs::close();
        assert_eq!(seen("refresh"), 1.0);
    }
    js_sys::eval("delete navigator.locks; window.BroadcastChannel = window.Kept;").expect("runs");
}

#[wasm_bindgen_test]
async fn calls_that_wait_go_on_or_fail_together() {
    let (one, other) = (waiting::wait(Waiting::SignIn), waiting::wait(Waiting::SignIn));
    let resumed = async {
        TimeoutFuture::new(0).await;
        waiting::resume(Waiting::SignIn);
    };
    let (one, other, ()) = futures::future::join3(one, other, resumed).await;
    assert!(one && other);
    let given_up = async {
        TimeoutFuture::new(0).await;
        waiting::give_up(Waiting::SignIn);
    };
    let (one, ()) = futures::future::join(waiting::wait(Waiting::SignIn), given_up).await;
    assert!(!one);
}
