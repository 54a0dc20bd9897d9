//! Sign-ins in whatever order, in two browsers at once: there is no session without what the account demands.
//!
//! A thief has the password and the mailbox, sees every challenge, and every code that was used. They do whatever they can
//! think of while the owner signs in; they get no session, and the owner always does.

use super::{Protected, STEP};
use crate::{
    steps::{code, link, mailbox, token},
    support::{Browser, PASSWORD},
};
use serde_json::{Value, json};

const RUNS: u64 = 8;
const DEEDS: usize = 24;

/// Numbers that are the same at each run of the test.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // Knuth's multiplier, and the upper bits.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % u64::try_from(sides).unwrap()).unwrap()
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> Option<T> {
        if all.is_empty() { None } else { Some(all[self.roll(all.len())].clone()) }
    }
}

struct Stage {
    it: Protected,
    email: String,
    dice: Dice,
    owner: Browser,
    thief: Browser,
    /// What the owner has sent that finished a step.
    sent: Vec<(&'static str, Value)>,
    challenges: Vec<Value>,
    password: String,
    unused: Vec<String>,
    trace: Vec<String>,
}

impl Stage {
    async fn owner_signs_in(&mut self) {
        let body = json!({"email": self.email, "password": self.password});
        let (status, step) = self.owner.post(&self.it.app, "/api/login", body).await;
        if status == 200 {
            return self.trace.push("the owner's device is trusted".to_owned());
        }
        assert_eq!((status, &step["status"]), (202, &json!("second_factor")), "{step} after {:?}", self.trace);
        self.challenges.push(step["challenge"].clone());
        self.it.app.wait(STEP);
        let by_recovery = self.dice.roll(4) == 0 && !self.unused.is_empty();
        let code = if by_recovery { self.unused.pop().unwrap() } else { self.it.code() };
        let body = json!({"challenge": step["challenge"], "code": code, "trust": self.dice.roll(3) == 0});
        let (status, answer) = self.owner.post(&self.it.app, "/api/login/second-factor", body.clone()).await;
        assert_eq!(status, 200, "{answer} after {:?}", self.trace);
        self.sent.push(("/api/login/second-factor", body));
        self.trace.push("the owner signed in".to_owned());
    }

    /// What a thief does next.
    async fn thief_acts(&mut self) {
        let any = self.dice.of(&self.challenges);
        let used = self.dice.of(&self.sent);
        let (path, body) = match self.dice.roll(9) {
            0 | 1 => ("/api/login", json!({"email": self.email, "password": self.password})),
            2 => ("/api/login/code", json!({"email": self.email})),
            3 => match self.newest("sign_in_code").await {
                Some(email) => ("/api/login/code/confirm", json!({"code": code(&email)})),
                None => return,
            },
            4 => match used {
                Some((path, body)) => (path, body),
                None => return,
            },
            // A code that was used, in a step of their own.
            5 => match used {
                Some((path, body)) => (path, json!({"code": body["code"], "challenge": any})),
                None => return,
            },
            6 => ("/api/login/keep", json!({"challenge": any})),
            7 => ("/api/factors/totp", json!({"challenge": any})),
            _ => return self.thief_resets().await,
        };
        let (status, answer) = self.thief.post(&self.it.app, path, body).await;
        if let Some(challenge) = answer.get("challenge") {
            self.challenges.push(challenge.clone());
        }
        self.trace.push(format!("{path} {status}"));
        self.nothing_is_won(&answer);
    }

    async fn thief_resets(&mut self) {
        self.thief.post(&self.it.app, "/api/forgot-password", json!({"email": self.email})).await;
        let Some(email) = self.newest("reset").await else { return };
        let new = format!("a new password {}", self.trace.len());
        let body = json!({"token": token(&link(&self.it.app, &email)), "new_password": new});
        let (status, answer) = self.thief.post(&self.it.app, "/api/reset-password", body).await;
        if status == 204 {
            self.password = new;
        }
        self.trace.push(format!("a reset {status}"));
        self.nothing_is_won(&answer);
    }

    async fn newest(&self, kind: &str) -> Option<Value> {
        mailbox(&self.it.app, &self.email).await.into_iter().find(|email| email["kind"] == kind)
    }

    fn nothing_is_won(&self, answer: &Value) {
        let won = answer.get("access_token").is_some() || self.thief.value("refresh").is_some();
        assert!(!won, "the thief is in after {:?}", self.trace);
    }
}

#[tokio::test]
async fn whoever_has_the_password_and_the_mailbox_gets_no_session_in_any_order() {
    for run in 0..RUNS {
        let it = Protected::with(&["--login-rate-limit", "off", "--rate-limit", "off"]).await;
        let unused = it.recovery.clone();
        let mut stage = Stage {
            it,
            email: super::ADA.to_owned(),
            dice: Dice(run + 1),
            owner: Browser::default(),
            thief: Browser::default(),
            sent: Vec::new(),
            challenges: Vec::new(),
            password: PASSWORD.to_owned(),
            unused,
            trace: vec![format!("run {run}")],
        };
        for _ in 0..DEEDS {
            if stage.dice.roll(4) == 0 { stage.owner_signs_in().await } else { stage.thief_acts().await }
        }
        stage.owner_signs_in().await;
        stage.it.app.stop().await;
    }
}
