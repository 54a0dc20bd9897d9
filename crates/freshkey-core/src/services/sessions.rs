//! Sessions: begun, kept alive by rotation, and ended. This applies what the rules of [`rotation`] decide to the row
//! that they decided on.

mod ending;
mod granting;
mod links;
mod results;
mod step_up;
mod two_step;

pub use crate::rules::session::{Device, FirstFactor, Lifetimes, SecondFactor, SignIn, SignInMethod};
pub use links::{ClaimsOf, OnReplay};
pub use results::{AccessError, IssuedTokens, SessionError, SessionStatus};

use super::{
    access_token::{AccessTokens, Claims},
    activity::Activity,
    confirmations::Confirmations,
    ended::EndedSessions,
};
use crate::rules::{
    csrf::CsrfKey,
    refresh_token::{RefreshToken, RefreshTokenKey},
    rotation::{self, Decision},
    two_step::{RequireMfa, TwoStep},
};
use crate::{
    clock::Clock,
    store::{
        Store, StoreError,
        sessions::{Authentication, ChainUpdate, LiveSession, NewSession, SessionRow},
    },
    supervise::forever,
};
use freshkey_types::{AuditEvent, EndReason, Millis};
use std::sync::Arc;
use tokio::task::{JoinHandle, JoinSet};
use uuid::Uuid;

/// How many times a decision is repeated if the row changed in the meantime. Each time, another request's change
/// succeeded.
const ATTEMPTS: usize = 16;
/// All sessions.
pub struct Sessions {
    store: Store,
    lifetimes: Lifetimes,
    refresh_tokens: RefreshTokenKey,
    /// The key of the CSRF tokens.
    pub csrf: CsrfKey,
    /// The access tokens.
    pub access_tokens: AccessTokens,
    /// The users' activity.
    pub activity: Activity,
    ended: Arc<EndedSessions>,
    confirmations: Confirmations,
    claims: Option<ClaimsOf>,
    on_replay: Option<OnReplay>,
    require_mfa: RequireMfa,
}

impl Sessions {
    /// Opens the sessions in `store`, and starts the tasks that write in the background. The tasks end when this is
    /// dropped.
    ///
    /// # Errors
    /// The database failed.
    pub async fn open(
        store: Store,
        lifetimes: Lifetimes,
        refresh_tokens: RefreshTokenKey,
        csrf: CsrfKey,
        access_tokens: AccessTokens,
        now: Millis,
    ) -> Result<(Self, [JoinHandle<()>; 2]), StoreError> {
        let ended = Arc::new(EndedSessions::load(&store, lifetimes.access, now).await?);
        let (confirmations, confirming) = Confirmations::start(store.clone());
        let (activity, noting) = Activity::start(store.clone());
        let (claims, on_replay) = (None, None);
        let sessions = Self {
            store,
            lifetimes,
            refresh_tokens,
            csrf,
            access_tokens,
            activity,
            ended,
            confirmations,
            claims,
            on_replay,
            require_mfa: RequireMfa::None,
        };
        Ok((sessions, [confirming, noting]))
    }

    /// Starts the tasks that run beside the requests: they follow the other instances and maintain the signing keys.
    /// They end when the set is dropped.
    pub fn background(&self, clock: &Clock) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        let (ended, store, now) = (Arc::clone(&self.ended), self.store.clone(), clock.clone());
        tasks.spawn(forever("ended sessions", move || Arc::clone(&ended).ask(store.clone(), now.clone())));
        let (ended, store, now) = (Arc::clone(&self.ended), self.store.clone(), clock.clone());
        tasks.spawn(forever("notifications", move || Arc::clone(&ended).listen(store.clone(), now.clone())));
        let (keys, now) = (Arc::clone(self.access_tokens.keys()), clock.clone());
        tasks.spawn(forever("signing keys", move || Arc::clone(&keys).follow(now.clone())));
        tasks
    }

    /// Begins a session of `new.user` and ends the one that it replaces.
    ///
    /// # Errors
    /// See [`SessionError`]; [`SessionError::Credentials`] if the verified password is no longer the user's.
    pub async fn begin(&self, new: SignIn, device: &Device, now: Millis) -> Result<IssuedTokens, SessionError> {
        let SignIn { id, user, method, password_hash, remember, replaces } = new;
        let row = NewSession {
            id,
            user_id: user.id.clone(),
            method,
            password_hash,
            replaces,
            created_at: now,
            expires_at: now + self.lifetimes.refresh,
            remember,
            ip: device.ip.clone(),
            user_agent: device.user_agent.clone(),
        };
        let expires_at = row.expires_at;
        if !self.insert(row, now).await? {
            return Err(SessionError::Credentials);
        }
        let amr = method.amr().to_owned();
        let authentication = Authentication { at: now, began: amr.clone(), amr };
        let two_step = TwoStep::default();
        let session =
            LiveSession { id, generation: 0, refreshed_at: now, expires_at, remember, authentication, two_step, user };
        self.grant(session, true, now).await
    }

    /// Returns a session again, with the identical cookie, for a client that repeats the call which began it.
    ///
    /// # Errors
    /// See [`SessionError`]. A session that does not exist counts as expired.
    pub async fn reissue(&self, id: Uuid, now: Millis) -> Result<IssuedTokens, SessionError> {
        let Some(row) = self.store.session(id).await? else { return Err(SessionError::Over(EndReason::Expired)) };
        match row.chain.ended {
            Some(reason) => Err(SessionError::Over(reason)),
            None => self.grant(row.live(), true, now).await,
        }
    }

    /// Returns whether a session that was begun or refreshed at `at` is over, or may be.
    pub async fn is_over(&self, session: Uuid, at: Millis) -> bool {
        !matches!(self.ended.reason(&self.store, session, at).await, Ok(None))
    }

    /// Returns the refresh token in `text`, if it is genuine.
    pub fn verify_refresh_token(&self, text: &str) -> Option<RefreshToken> {
        self.refresh_tokens.decode(text)
    }

    /// Refreshes the session that `token` names.
    ///
    /// # Errors
    /// See [`SessionError`]. A replay ends the session first.
    pub async fn refresh(
        &self,
        token: RefreshToken,
        device: &Device,
        now: Millis,
    ) -> Result<IssuedTokens, SessionError> {
        if let Some(row) = self.store.rotate(token, now, self.lifetimes.rotation).await? {
            self.require_second_step(&row, now).await?;
            return self.grant(row, true, now).await;
        }
        for _ in 0..ATTEMPTS {
            let Some(row) = self.store.session(token.session).await? else {
                return Err(SessionError::Over(EndReason::Expired));
            };
            let decision = self.decide(&row, token, now);
            if !matches!(decision, Decision::Over(_) | Decision::Replay) {
                self.require_second_step(&row.clone().live(), now).await?;
            }
            if let Some(granted) = self.carry_out(row, decision, device, now).await? {
                return Ok(granted);
            }
        }
        Err(SessionError::Contended)
    }

    /// Returns what a refresh with `token` would find. Changes nothing: rendering a page never rotates.
    ///
    /// # Errors
    /// The database failed, or the app's claims for the user could not be determined.
    pub async fn status(&self, token: RefreshToken, now: Millis) -> Result<SessionStatus, SessionError> {
        let Some(row) = self.store.session(token.session).await? else {
            return Ok(SessionStatus::Over(EndReason::Expired));
        };
        Ok(match self.decide(&row, token, now) {
            Decision::Over(reason) => SessionStatus::Over(reason),
            Decision::Replay => SessionStatus::Replay(row),
            _ if self.lacks_second_step(&row.clone().live()) => SessionStatus::Over(EndReason::FactorsChanged),
            _ => SessionStatus::Live(SessionRow { user: self.with_own_claims(row.user).await?, ..row }),
        })
    }

    /// Returns the claims of an access token that is valid and whose session is not over.
    ///
    /// # Errors
    /// See [`AccessError`].
    pub async fn verify_access(&self, token: &str, now: Millis) -> Result<Arc<Claims>, AccessError> {
        let verified = self.access_tokens.verify(token, now)?;
        let sid = verified.claims.sid;
        let issued_at = verified.claims.iat.to_millis();
        if let Some(reason) = self.ended.reason(&self.store, sid, issued_at).await? {
            return Err(AccessError::SessionEnded(reason));
        }
        if verified.first_seen {
            // If this could not be recorded, the token is not remembered as verified, so its next use tries again.
            if !self.confirmations.note(sid, verified.claims.generation) {
                self.access_tokens.forget(token);
            }
        }
        Ok(verified.claims)
    }

    fn decide(&self, row: &SessionRow, token: RefreshToken, now: Millis) -> Decision {
        rotation::decide(&row.chain, i64::from(token.generation), now, self.lifetimes.rotation)
    }

    /// Carries out the decision. Returns `None` if the row has changed since it was read.
    async fn carry_out(
        &self,
        row: SessionRow,
        decision: Decision,
        device: &Device,
        now: Millis,
    ) -> Result<Option<IssuedTokens>, SessionError> {
        let chain = &row.chain;
        let unchanged = ChainUpdate {
            generation: chain.generation,
            rotated_at: chain.rotated_at,
            // A clock that was set back does not make a session idle.
            refreshed_at: now.max(chain.refreshed_at),
            recovery: chain.recovery,
        };
        let (update, set_cookie) = match decision {
            Decision::Over(reason) => return Err(SessionError::Over(reason)),
            Decision::Replay => {
                self.end_replayed(&row, device, now).await?;
                return Ok(None);
            }
            // The row is left as it is until a tenth of the idle time has passed since the last refresh.
            Decision::Current | Decision::Successor => {
                let stale = now - chain.refreshed_at >= self.lifetimes.rotation.idle / 10;
                (stale.then_some(unchanged), decision == Decision::Successor)
            }
            Decision::Rotate { to } => (Some(ChainUpdate { generation: to, rotated_at: now, ..unchanged }), true),
            Decision::CatchUp { to } => (Some(ChainUpdate { generation: to, rotated_at: now, ..unchanged }), false),
            Decision::Recover(recovery) => (Some(ChainUpdate { rotated_at: now, recovery, ..unchanged }), true),
        };
        let Some(update) = update else {
            return self.grant(row.live(), set_cookie, now).await.map(Some);
        };
        if !self.store.update_chain(row.id, chain, update).await? {
            return Ok(None);
        }
        self.record(&row, &decision, device, now);
        let ChainUpdate { generation, refreshed_at, .. } = update;
        self.grant(LiveSession { generation, refreshed_at, ..row.live() }, set_cookie, now).await.map(Some)
    }

    /// Records a change worth reporting. Of many simultaneous requests, only one makes the change.
    fn record(&self, row: &SessionRow, decision: &Decision, device: &Device, now: Millis) {
        let generation = row.chain.generation;
        match decision {
            Decision::CatchUp { to } => {
                tracing::warn!(event = "session_caught_up", session = %row.id, from = generation, to);
            }
            Decision::Recover(_) => {
                tracing::info!(event = "lost_answer_recovered", session = %row.id, generation);
                self.activity.note(&row.user.id, Some(row.id), AuditEvent::LostAnswerRecovered, device, now);
            }
            _ => {}
        }
    }
}
