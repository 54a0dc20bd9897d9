//! Tests of the client in a real browser, with a `fetch` that plays the server. `end2end/` tests what users see.

mod json;
mod passkeys;
mod step_up;
mod tabs;

use super::{driver, flight::Flight, json::answer};
use crate::{
    app::{
        api::{account::logout, me::me, protected::protected},
        error::Code,
    },
    client::{event::Event, token::Token},
};
use futures::future::{Either, join_all, select};
use gloo_timers::future::TimeoutFuture;
use std::{cell::Cell, pin::pin, rc::Rc};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn many_join_and_it_happens_once() {
    let (flight, begun) = (Flight::new(), Rc::new(Cell::new(0)));
    let join = || {
        let begun = Rc::clone(&begun);
        flight.join(move || async move {
            begun.set(begun.get() + 1);
            TimeoutFuture::new(5).await;
            begun.get()
        })
    };
    assert_eq!(join_all((0..50).map(|_| join())).await, [1; 50]);
    assert_eq!(join().await, 2, "after it landed, the next one is another");
}

#[wasm_bindgen_test]
async fn a_caller_that_goes_away_cancels_nothing() {
    let (flight, landed) = (Flight::new(), Rc::new(Cell::new(false)));
    let mark = Rc::clone(&landed);
    let only = flight.join(move || async move {
        TimeoutFuture::new(5).await;
        mark.set(true);
    });
    let Either::Right(_) = select(pin!(only), TimeoutFuture::new(0)).await else { panic!("landed at once") };
    // No caller waits for it any more.
    TimeoutFuture::new(50).await;
    assert!(landed.get());
}

/// The header that each answer of the server has.
const NAMED: &str = "headers: { 'X-Request-Id': '0123456789abcdef0123456789abcdef' }";

/// Installs a server that accepts the access token `fresh`, answers a refresh as `refresh` says, and counts requests.
fn server(refresh: &str) {
    let script = format!(
        r#"
        window.seen = {{ refresh: 0, calls: 0 }};
        const named = {{ {NAMED} }};
        const answer = (status, body) => Response.json(body, {{ status, ...named }});
        window.fetch = async (request) => {{
            if (new URL(request.url).pathname === '/api/refresh-token') {{
                window.seen.refresh += 1;
                await new Promise((done) => setTimeout(done, 20));
                {refresh}
            }}
            if (new URL(request.url).pathname === '/livez') return answer(200, {{}});
            window.seen.calls += 1;
            await new Promise((done) => setTimeout(done, 1));
            if (request.headers.get('authorization') !== 'Bearer fresh')
                return answer(401, {{ code: 'TOKEN_EXPIRED', message: 'Token expired' }});
            if (new URL(request.url).pathname === '/api/me')
                return answer(200, {{ id: '1', email: 'ada@example.com', name: null }});
            return answer(200, {{ message: 'This is a protected resource', user: {{ id: '1', email: 'a@b' }} }});
        }};"#
    );
    js_sys::eval(&script).expect("the script runs");
}

const GRANTS: &str = "return answer(200, { access_token: 'fresh', token_type: 'Bearer', expires_in: 900, \
     server_time: Date.now(), refresh_timeout: 10, csrf_token: 'c', user: { id: '1', email: 'a@b', name: null } });";

fn seen(what: &str) -> f64 {
    js_sys::eval(&format!("window.seen.{what}")).ok().and_then(|count| count.as_f64()).expect("a number")
}

/// Gives the client an access token that the server refuses.
fn stale_token() {
    let text = serde_json::json!({
        "access_token": "stale", "token_type": "Bearer", "expires_in": 900, "server_time": 0,
        "refresh_timeout": 10, "csrf_token": "c", "user": {"id": "1", "email": "a@b", "name": null}
    });
    forget_token();
    driver::dispatch(Event::SignedIn(answer(text.to_string()).expect("an answer")));
}

fn forget_token() {
    driver::dispatch(Event::Left(None));
}

fn token() -> Option<Rc<Token>> {
    driver::read(|client| client.latest().cloned())
}

#[wasm_bindgen_test]
async fn fifty_calls_one_refresh_fifty_retries() {
    server(GRANTS);
    stale_token();
    let answers = join_all((0..50).map(|_| protected())).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!((seen("refresh"), seen("calls")), (1.0, 100.0));
    assert!(me().await.is_ok());
    assert_eq!((seen("refresh"), seen("calls")), (1.0, 101.0), "the new token serves what comes after");
}

#[wasm_bindgen_test]
async fn without_a_token_the_refresh_comes_first() {
    server(GRANTS);
    forget_token();
    let answers = join_all((0..20).map(|_| me())).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!((seen("refresh"), seen("calls")), (1.0, 20.0));
}

#[wasm_bindgen_test]
async fn a_token_that_is_refused_again_is_not_refreshed_for_ever() {
    server(&GRANTS.replace("'fresh'", "'stale too'"));
    stale_token();
    let refused = protected().await.expect_err("refused");
    assert_eq!(refused.code, Code::TokenExpired, "the call's own error");
    assert_eq!((seen("refresh"), seen("calls")), (1.0, 2.0));
}

#[wasm_bindgen_test]
async fn a_definite_refusal_is_final_and_says_why() {
    server(
        "return answer(403, { code: 'INVALID_REFRESH_TOKEN', message: 'Invalid refresh token', reason: 'replay' });",
    );
    stale_token();
    let answers = join_all((0..5).map(|_| protected())).await;
    for answer in answers {
        let refused = answer.expect_err("refused");
        assert_eq!(refused.code, Code::InvalidRefreshToken);
        assert_eq!(refused.reason.as_deref(), Some("replay"));
    }
    assert_eq!(seen("refresh"), 1.0);
    assert!(token().is_none());
}

#[wasm_bindgen_test]
async fn no_network_is_not_a_sign_out() {
    server("throw new TypeError('Failed to fetch');");
    stale_token();
    let back = async {
        while seen("refresh") < 3.0 {
            TimeoutFuture::new(20).await;
        }
        assert!(token().is_some(), "nothing is forgotten");
        server(GRANTS);
    };
    let (answered, ()) = futures::future::join(protected(), back).await;
    assert!(answered.is_ok(), "it waits, and goes on by itself");
}

#[wasm_bindgen_test]
async fn what_somebody_else_answers_is_no_answer() {
    let elses = [
        "new Response('<h1>Welcome to our hotel</h1>', { headers: { 'Content-Type': 'text/html' } })",
        "new Response(null, { status: 200 })",
        "new Response(null, { status: 204, headers: { 'X-Request-Id': '7' } })",
        "Response.json({ message: 'x' })",
        "Response.json({ code: 'SESSION_ENDED', message: 'x' }, { status: 401 })",
        "Response.json({ code: 'FORBIDDEN', message: 'x' }, { status: 403 })",
        "new Response('Bad gateway', { status: 502 })",
    ];
    for answer in elses {
        server(GRANTS);
        stale_token();
        assert!(protected().await.is_ok());
        js_sys::eval(&format!("window.fetch = async () => {answer};")).expect("runs");
        assert_eq!(protected().await.expect_err(answer).code, Code::Unreachable, "{answer}");
        assert!(token().is_some(), "nothing is forgotten");
    }
    server(GRANTS);
}

#[wasm_bindgen_test]
async fn a_bad_moment_of_the_server_is_waited_out() {
    server(&format!(
        "if (window.seen.refresh < 3) return answer(503, {{ code: 'OVERLOADED', message: 'Try again shortly' }}); {GRANTS}"
    ));
    stale_token();
    assert!(protected().await.is_ok());
    assert_eq!(seen("refresh"), 3.0);
}

#[wasm_bindgen_test]
async fn a_refresh_that_was_late_is_sent_again_with_the_servers_time() {
    server(&format!(
        "window.sent = (await request.json()).sent_at;
         const head = {{ status: 409, headers: {{ ...named.headers, Date: 'Fri, 01 Jan 2100 00:00:00 GMT' }} }};
         if (window.seen.refresh < 2)
             return new Response(JSON.stringify({{ code: 'STALE_REQUEST', message: 'Request arrived too late' }}), head);
         {GRANTS}"
    ));
    stale_token();
    assert!(protected().await.is_ok());
    assert_eq!(seen("refresh"), 2.0);
    let later = js_sys::eval("window.sent - Date.UTC(2100, 0, 1)").expect("runs").as_f64().expect("a number");
    assert!((0.0..60_000.0).contains(&later), "{later}");
}

#[wasm_bindgen_test]
async fn a_refresh_that_finishes_after_a_sign_out_is_dropped() {
    server(&format!("await new Promise((done) => setTimeout(done, 1500)); {GRANTS}"));
    stale_token();
    let call = protected();
    let away = async {
        // Wait until it is under way.
        while seen("refresh") < 1.0 {
            TimeoutFuture::new(5).await;
        }
        js_sys::eval(&format!("window.fetch = async () => new Response(null, {{ status: 204, {NAMED} }});"))
            .expect("runs");
        logout().await.expect("signed out");
    };
    let (refused, ()) = futures::future::join(call, away).await;
    assert_eq!(refused.expect_err("refused").code, Code::TokenNotFound);
    assert!(token().is_none());
}

#[wasm_bindgen_test]
async fn a_call_that_a_sign_out_overtook_asks_for_no_refresh() {
    for logout_first in [true, false] {
        server(GRANTS);
        stale_token();
        assert!(protected().await.is_ok());
        // The second call is answered once the client has read the answer to the first.
        js_sys::eval(&format!(
            "let answered;
            const first = new Promise((done) => {{ answered = done; }});
            window.fetch = async (request) => {{
                const path = new URL(request.url).pathname;
                if (path === '/api/refresh-token') window.seen.refresh += 1;
                const isLogout = path === '/api/logout';
                if (isLogout === {logout_first}) answered();
                else await first.then(() => new Promise((done) => setTimeout(done, 20)));
                return isLogout ? new Response(null, {{ status: 204, {NAMED} }})
                    : Response.json({{ code: 'SESSION_ENDED', message: 'Session ended' }}, {{ status: 401, {NAMED} }});
            }};"
        ))
        .expect("runs");
        let (refused, signed_out) = futures::future::join(protected(), logout()).await;
        // A call answered after the sign-out gives the reason itself; one answered before it waits for the sign-out
        // to end.
        let why = if logout_first { Code::SessionEnded } else { Code::TokenNotFound };
        assert_eq!(refused.expect_err("refused").code, why);
        signed_out.expect("signed out");
        assert_eq!(seen("refresh"), 1.0, "the one of before");
    }
}

#[wasm_bindgen_test]
async fn a_sign_out_lets_the_refresh_land_first() {
    server(GRANTS);
    stale_token();
    js_sys::eval(&format!(
        "window.order = []; const before = window.fetch;
         window.fetch = async (request) => {{
             const path = new URL(request.url).pathname;
             const answer = path === '/api/logout' ? new Response(null, {{ status: 204, {NAMED} }}) : await before(request);
             window.order.push(path);
             return answer;
         }};"
    ))
    .expect("runs");
    let away = async {
        TimeoutFuture::new(15).await;
        assert_eq!(seen("refresh"), 1.0, "it is under way");
        logout().await
    };
    let (_, signed_out) = futures::future::join(protected(), away).await;
    signed_out.expect("signed out");
    let order = js_sys::eval("window.order.filter((path) => path !== '/api/protected').join()").expect("runs");
    assert_eq!(order.as_string().as_deref(), Some("/api/refresh-token,/api/logout"));
    assert!(token().is_none());
}
