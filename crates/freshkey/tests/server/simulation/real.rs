//! The same browser, before the real server with its real database.

use super::{
    ACCESS, HOUR,
    browser::{Browser, Habits, Network},
    server::{Answer, Server},
};
use crate::support::{Refreshed, TestApp};
use serde_json::json;
use std::time::Duration;
use tokio::{runtime::Handle, task::block_in_place};

/// A running server, and the time on its clock when the browser's began.
struct Real {
    app: TestApp,
    began: i64,
}

impl Real {
    fn at(&self, now: i64) {
        let ahead = self.began + now - self.app.now();
        self.app.wait(Duration::from_millis(ahead.unsigned_abs()));
    }
}

fn wait_for<T>(work: impl Future<Output = T>) -> T {
    block_in_place(|| Handle::current().block_on(work))
}

impl Server for Real {
    type Cookie = String;
    type Access = String;

    fn refresh(&mut self, cookie: &String, sent_at: Option<i64>, now: i64) -> Answer<Self> {
        self.at(now);
        let request = self.app.post("/api/refresh-token").header("cookie", format!("refresh={cookie}"));
        let request = request.json(&json!({"sent_at": sent_at.map(|sent_at| self.began + sent_at)}));
        let answer = wait_for(async { Refreshed::read(request.send().await.unwrap()).await });
        match answer.status {
            200 => Answer::Granted { access: answer.access().to_owned(), cookie: answer.cookie },
            409 => Answer::Stale,
            _ => Answer::Over,
        }
    }

    fn call(&mut self, access: &String, now: i64) {
        self.at(now);
        assert_eq!(wait_for(self.app.protected(access)).status(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_day_on_a_very_bad_network_signs_nobody_out() {
    for seed in 0..3 {
        let app = TestApp::with(&["--rate-limit", "off"]).await;
        let session = app.register("ada@example.com").await;
        let server = Real { began: app.now(), app };
        let network = Network { cut: 20, late: 10, crash: 0 };
        let habits = Habits { tabs: 3, one_at_a_time: true, clock: HOUR, access: ACCESS };
        let mut browser = Browser::new(server, session.cookie, |_| {}, network, habits, seed);
        browser.run_until(12 * HOUR);
        assert!(!browser.signed_out && browser.refreshes > 100);
        browser.server.app.stop().await;
    }
}
