use super::*;
use crate::{
    rules::{
        refresh_token::RefreshToken,
        rotation::{Decision, Policy, decide},
    },
    store::testing,
};
use proptest::{prelude::*, sample::select};
use tokio::runtime::Runtime;

const MS: Millis = Millis(1);
const NOW: Millis = Millis(1_000_000_000);
const IDLE: Millis = Millis::from_secs(100);
const GRACE: Millis = Millis::from_secs(20);

/// The parts of a row on which the decision depends.
#[derive(Clone, Debug)]
struct Case {
    ahead: i64,
    rotated_ago: Millis,
    refreshed_ago: Millis,
    expires_in: Millis,
    ended: Option<&'static str>,
    disabled: Option<Millis>,
    grace_period: Millis,
    /// Whether the user has proven again since then who they are, or the row is from before that was recorded.
    stepped_up: bool,
}

/// Mostly sessions that rotate, and both sides of each limit.
fn case() -> impl Strategy<Value = Case> {
    (
        prop_oneof![4 => Just(0), 1 => -2..=2_i64],
        select(vec![Millis::ZERO, MS, GRACE - MS, GRACE, GRACE + MS, IDLE]),
        select(vec![Millis::ZERO, MS, IDLE - MS, IDLE, IDLE + MS]),
        select(vec![-MS, Millis::ZERO, MS, IDLE]),
        prop_oneof![4 => Just(None), 1 => Just(Some("revoked"))],
        prop_oneof![4 => Just(None), 1 => Just(Some(MS))],
        select(vec![Millis::ZERO, GRACE]),
        any::<bool>(),
    )
        .prop_map(|(ahead, rotated_ago, refreshed_ago, expires_in, ended, disabled, grace_period, stepped_up)| {
            Case { ahead, rotated_ago, refreshed_ago, expires_in, ended, disabled, grace_period, stepped_up }
        })
}

const PLAIN: Case = Case {
    ahead: 0,
    rotated_ago: GRACE,
    refreshed_ago: GRACE,
    expires_in: MS,
    ended: None,
    disabled: None,
    grace_period: GRACE,
    stepped_up: false,
};

async fn put(store: &Store, case: &Case, token: RefreshToken) {
    let id = token.session.to_string();
    let user = "INSERT INTO users (id, email, email_key, password_hash, created_at, disabled_at)
                VALUES ($1, $1, $1, '', 0, $2)";
    sqlx::query(user).bind(&id).bind(case.disabled).execute(&store.write).await.expect("a user");
    let session = "INSERT INTO sessions (id, user_id, generation, confirmed_generation, rotated_at, created_at,
                                         refreshed_at, expires_at, remember, ended_at, ended_reason,
                                         authenticated_at, stepped_up_at, amr)
                   VALUES ($1, $1, $2, -1, $3, 5, $4, $5, 1, $6, $7, $8, $8, $9)";
    sqlx::query(session)
        .bind(&id)
        .bind(i64::from(token.generation) - case.ahead)
        .bind(NOW - case.rotated_ago)
        .bind(NOW - case.refreshed_ago)
        .bind(NOW + case.expires_in)
        .bind(case.ended.map(|_| 1_i64))
        .bind(case.ended)
        .bind(case.stepped_up.then_some(NOW - MS))
        .bind(if case.stepped_up { "pwd" } else { "otp" })
        .execute(&store.write)
        .await
        .expect("a session");
}

#[test]
fn the_one_statement_rotates_what_the_rules_rotate_and_nothing_else() {
    let runtime = Runtime::new().expect("a runtime");
    let (store, _folder) = runtime.block_on(testing::store());
    proptest!(|(case in case())| {
        let token = RefreshToken { session: Uuid::now_v7(), generation: 7 };
        let policy = Policy { grace_period: case.grace_period, idle: IDLE, lost_answer_recovery: true };
        let (before, rotated, after) = runtime.block_on(async {
            put(&store, &case, token).await;
            let before = store.session(token.session).await.expect("answers").expect("there");
            let rotated = store.rotate(token, NOW, policy).await.expect("answers");
            (before, rotated, store.session(token.session).await.expect("answers").expect("there"))
        });
        let presented = i64::from(token.generation);
        // A token ahead of its row must be looked at, whatever the result.
        let plain = case.ahead == 0 && decide(&before.chain, presented, NOW, policy) == (Decision::Rotate { to: 8 });
        prop_assert_eq!(rotated.is_some(), plain);
        let expected = if plain {
            Chain { generation: 8, rotated_at: NOW, refreshed_at: NOW, ..before.chain }
        } else {
            before.chain
        };
        prop_assert_eq!(&after.chain, &expected);
        if let Some(rotated) = rotated {
            let at = if case.stepped_up { NOW - MS } else { Millis(5) };
            prop_assert_eq!((rotated.authentication.at, after.stepped_up_at), (at, at));
            prop_assert_eq!(rotated, after.live());
        }
    });
    runtime.block_on(store.close());
}

#[tokio::test]
async fn of_many_that_wait_together_each_gets_its_own() {
    let (store, _folder) = testing::store().await;
    let policy = Policy { grace_period: GRACE, idle: IDLE, lost_answer_recovery: true };
    let tokens: Vec<_> = (0..50).map(|generation| RefreshToken { session: Uuid::now_v7(), generation }).collect();
    for token in &tokens {
        put(&store, &PLAIN, *token).await;
    }
    // For each session: a spent token, the current one twice, and a future one.
    let presented = tokens.iter().flat_map(|token| {
        [token.generation.wrapping_sub(1), token.generation, token.generation, token.generation + 1]
            .map(|generation| RefreshToken { generation, ..*token })
    });
    let rotated = futures::future::join_all(presented.map(|token| store.rotate(token, NOW, policy))).await;
    for (token, outcomes) in tokens.iter().zip(rotated.chunks(4)) {
        let rows: Vec<_> = outcomes.iter().map(|row| row.as_ref().expect("answers").as_ref()).collect();
        let winners: Vec<_> = rows.iter().flatten().collect();
        let [winner] = winners[..] else { panic!("{rows:?}") };
        assert_eq!((winner.id, winner.generation), (token.session, i64::from(token.generation) + 1));
        assert!(rows[0].is_none() && rows[3].is_none());
    }
    store.close().await;
}

/// On Postgres these would deadlock if they locked the same sessions in different orders.
#[tokio::test(flavor = "multi_thread")]
async fn changes_of_the_same_sessions_do_not_fail_each_other() {
    let (store, _folder) = testing::store().await;
    let policy = Policy { grace_period: Millis::ZERO, idle: IDLE, lost_answer_recovery: true };
    testing::insert_user(&store, "ada").await;
    let mut ids: Vec<Uuid> = (0..100).map(|_| Uuid::now_v7()).collect();
    for id in &ids {
        let new = NewSession {
            id: *id,
            user_id: "ada".to_owned(),
            method: SignInMethod::PASSWORD,
            password_hash: String::new(),
            replaces: None,
            created_at: NOW,
            expires_at: NOW + IDLE,
            remember: true,
            ip: None,
            user_agent: None,
        };
        assert_eq!(store.insert_session(new).await.expect("an answer"), Some(vec![]));
    }
    let mut tasks = tokio::task::JoinSet::new();
    for round in 0..20_u32 {
        ids.reverse();
        let (confirming, seen) = (store.clone(), ids.iter().map(|id| (*id, round)).collect());
        tasks.spawn(async move { confirming.confirm(seen).await });
        for id in &ids {
            let (rotating, token) = (store.clone(), RefreshToken { session: *id, generation: round });
            tasks.spawn(async move { rotating.rotate(token, NOW, policy).await.map(drop) });
        }
    }
    let ending = store.clone();
    tasks.spawn(async move { ending.end_sessions_of("ada", EndReason::Revoked, NOW).await.map(drop) });
    for done in tasks.join_all().await {
        done.expect("done");
    }
    assert!(store.sessions_of("ada", NOW, IDLE).await.expect("read").is_empty());
    store.close().await;
}

#[tokio::test]
async fn the_newest_of_the_generations_that_were_seen_counts() {
    let (store, _folder) = testing::store().await;
    let token = RefreshToken { session: Uuid::now_v7(), generation: 7 };
    put(&store, &PLAIN, token).await;
    let id = token.session;
    store.confirm(vec![(id, 3), (id, 5), (id, 4), (Uuid::now_v7(), 9)]).await.expect("written");
    assert_eq!(store.session(id).await.expect("read").expect("there").chain.confirmed, 5);
    store.confirm(vec![(id, 4)]).await.expect("written");
    assert_eq!(store.session(id).await.expect("read").expect("there").chain.confirmed, 5);
    store.close().await;
}

/// Another instance on Postgres holds a session's row.
#[tokio::test]
async fn a_session_that_is_locked_keeps_no_other_waiting() {
    let (store, _folder) = testing::store().await;
    if !testing::is_postgres() {
        return;
    }
    let policy = Policy { grace_period: GRACE, idle: IDLE, lost_answer_recovery: true };
    let tokens: Vec<_> = (0..20).map(|_| RefreshToken { session: Uuid::now_v7(), generation: 0 }).collect();
    for token in &tokens {
        put(&store, &PLAIN, *token).await;
    }
    let mut holder = store.write.begin().await.expect("a transaction");
    sqlx::query("SELECT id FROM sessions WHERE id = $1 FOR UPDATE")
        .bind(tokens[7].session.to_string())
        .fetch_all(&mut *holder)
        .await
        .expect("locked");
    let rotated = futures::future::join_all(tokens.iter().map(|token| store.rotate(*token, NOW, policy))).await;
    let rotated: Vec<bool> = rotated.into_iter().map(|row| row.expect("answers").is_some()).collect();
    assert_eq!(rotated, (0..20).map(|number| number != 7).collect::<Vec<_>>());
    holder.rollback().await.expect("released");
    store.close().await;
}

#[tokio::test]
async fn of_a_users_sessions_the_newest_stay() {
    let (store, _folder) = testing::store().await;
    for user in ["ada", "eve"] {
        testing::insert_user(&store, user).await;
    }
    let mut ids = Vec::new();
    for (age, user) in [(3, "ada"), (1, "ada"), (9, "eve"), (2, "ada"), (2, "ada"), (0, "ada")] {
        let id = Uuid::now_v7();
        let new = NewSession {
            id,
            user_id: user.to_owned(),
            method: SignInMethod::PASSWORD,
            password_hash: String::new(),
            replaces: None,
            created_at: NOW - Millis(age),
            expires_at: NOW + IDLE,
            remember: true,
            ip: None,
            user_agent: None,
        };
        assert_eq!(store.insert_session(new).await.expect("an answer"), Some(vec![]));
        ids.push(id);
    }
    let mut ended = store.keep_newest_sessions("ada", 3, NOW).await.expect("ended");
    ended.sort();
    // Of two sessions that began at once, the one with the lower id counts as older.
    assert_eq!(ended, [ids[0], ids[3]]);
    assert!(store.keep_newest_sessions("ada", 3, NOW).await.expect("ended").is_empty());
    assert_eq!(store.sessions_of("eve", NOW, IDLE).await.expect("read").len(), 1);
    store.close().await;
}
