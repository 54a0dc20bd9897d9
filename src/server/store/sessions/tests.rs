use super::*;
use crate::server::{
    auth::{
        refresh_token::RefreshToken,
        rotation::{Decision, Policy, decide},
    },
    settings::Database,
};
use proptest::{prelude::*, sample::select};
use tokio::runtime::Runtime;

const NOW: i64 = 1_000_000_000;
const IDLE: i64 = 100_000;
const GRACE: i64 = 20_000;

/// A row, as far as the decision depends on it.
#[derive(Clone, Debug)]
struct Case {
    ahead: i64,
    rotated_ago: i64,
    refreshed_ago: i64,
    expires_in: i64,
    ended: Option<&'static str>,
    disabled: Option<i64>,
    grace: i64,
}

/// Mostly one that rotates, and both sides of each edge.
fn case() -> impl Strategy<Value = Case> {
    (
        prop_oneof![4 => Just(0), 1 => -2..=2_i64],
        select(vec![0, 1, GRACE - 1, GRACE, GRACE + 1, IDLE]),
        select(vec![0, 1, IDLE - 1, IDLE, IDLE + 1]),
        select(vec![-1, 0, 1, IDLE]),
        prop_oneof![4 => Just(None), 1 => Just(Some("revoked"))],
        prop_oneof![4 => Just(None), 1 => Just(Some(1))],
        select(vec![0, GRACE]),
    )
        .prop_map(|(ahead, rotated_ago, refreshed_ago, expires_in, ended, disabled, grace)| Case {
            ahead,
            rotated_ago,
            refreshed_ago,
            expires_in,
            ended,
            disabled,
            grace,
        })
}

const PLAIN: Case = Case {
    ahead: 0,
    rotated_ago: GRACE,
    refreshed_ago: GRACE,
    expires_in: 1,
    ended: None,
    disabled: None,
    grace: GRACE,
};

async fn put(store: &Store, case: &Case, token: RefreshToken) {
    let id = token.session.to_string();
    let user = "INSERT INTO users (id, email, email_key, password_hash, created_at, disabled_at)
                VALUES ($1, $1, $1, '', 0, $2)";
    sqlx::query(user).bind(&id).bind(case.disabled).execute(&store.write).await.expect("a user");
    let session = "INSERT INTO sessions (id, user_id, generation, confirmed_generation, rotated_at, created_at,
                                         refreshed_at, expires_at, remember, ended_at, ended_reason)
                   VALUES ($1, $1, $2, -1, $3, 0, $4, $5, 1, $6, $7)";
    sqlx::query(session)
        .bind(&id)
        .bind(i64::from(token.generation) - case.ahead)
        .bind(NOW - case.rotated_ago)
        .bind(NOW - case.refreshed_ago)
        .bind(NOW + case.expires_in)
        .bind(case.ended.map(|_| 1_i64))
        .bind(case.ended)
        .execute(&store.write)
        .await
        .expect("a session");
}

#[test]
fn the_one_statement_rotates_what_the_rules_rotate_and_nothing_else() {
    let runtime = Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let file = Database::Sqlite(folder.path().join("freshkey.db"));
    let store = runtime.block_on(Store::open(&file)).expect("it opens");
    proptest!(|(case in case())| {
        let token = RefreshToken { session: Uuid::now_v7(), generation: 7 };
        let policy = Policy { grace: case.grace, idle: IDLE, lost_answer_recovery: true };
        let (before, rotated, after) = runtime.block_on(async {
            put(&store, &case, token).await;
            let before = store.session(token.session).await.expect("answers").expect("there");
            let rotated = store.rotate(token, NOW, policy).await.expect("answers");
            (before, rotated, store.session(token.session).await.expect("answers").expect("there"))
        });
        let presented = i64::from(token.generation);
        // A token ahead of its row is for a closer look, whatever becomes of it.
        let plain = case.ahead == 0 && decide(&before.chain, presented, NOW, policy) == (Decision::Rotate { to: 8 });
        prop_assert_eq!(rotated.is_some(), plain);
        let expected = if plain {
            Chain { generation: 8, rotated_at: NOW, refreshed_at: NOW, ..before.chain }
        } else {
            before.chain
        };
        prop_assert_eq!(&after.chain, &expected);
        if let Some(rotated) = rotated {
            prop_assert_eq!(rotated.chain, expected);
            prop_assert_eq!(rotated.user, after.user);
        }
    });
    runtime.block_on(store.close());
}

#[tokio::test]
async fn of_many_that_wait_together_each_gets_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&Database::Sqlite(folder.path().join("freshkey.db"))).await.expect("it opens");
    let policy = Policy { grace: GRACE, idle: IDLE, lost_answer_recovery: true };
    let tokens: Vec<_> = (0..50).map(|generation| RefreshToken { session: Uuid::now_v7(), generation }).collect();
    for token in &tokens {
        put(&store, &PLAIN, *token).await;
    }
    // Of each, a spent one, the current one twice, and one that is still to come.
    let presented = tokens.iter().flat_map(|token| {
        [token.generation.wrapping_sub(1), token.generation, token.generation, token.generation + 1]
            .map(|generation| RefreshToken { generation, ..*token })
    });
    let rotated = futures::future::join_all(presented.map(|token| store.rotate(token, NOW, policy))).await;
    for (token, outcomes) in tokens.iter().zip(rotated.chunks(4)) {
        let rows: Vec<_> = outcomes.iter().map(|row| row.as_ref().expect("answers").as_ref()).collect();
        let winners: Vec<_> = rows.iter().flatten().collect();
        let [winner] = winners[..] else { panic!("{rows:?}") };
        assert_eq!((winner.id, winner.chain.generation), (token.session, i64::from(token.generation) + 1));
        assert!(rows[0].is_none() && rows[3].is_none());
    }
    store.close().await;
}
