//! The table `sessions`. A column passes through every layer: to see where one belongs, search for `user_agent`.

pub use listed::{DeviceRow, InUseRow};

use super::{Engine, Store, StoreError, connection::Lease, error::timed_out};
use crate::rules::{
    rotation::{Chain, Recovery},
    session::SignInMethod,
    two_step::TwoStep,
};
use freshkey_types::{EndReason, Millis, OwnClaims, Role, UserView};
use sqlx::FromRow;
use std::time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

/// How long the query for ended sessions may take. After that, it is repeated on another connection.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);

/// An account's two-step sign-in as one number; see [`TwoStep::of_number`].
macro_rules! two_step {
    () => {
        "(CASE WHEN two_step_at IS NULL THEN 0 ELSE 3 END + CASE two_step_required WHEN 0 THEN 1 WHEN 1 THEN 2 ELSE 0 END)"
    };
}

mod changes;
pub(super) mod ending;
mod listed;
pub(super) mod rotations;
mod upkeep;

/// A session with its user.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// The session's id.
    pub id: Uuid,
    /// Its chain of tokens.
    pub chain: Chain,
    /// Whether the cookie outlives the browser session.
    pub remember: bool,
    /// How and when the user last proved who they are.
    pub authentication: Authentication,
    /// The last sign-in or step-up that counts for sensitive calls; 0 if none does.
    pub stepped_up_at: Millis,
    /// The account's two-step sign-in.
    pub two_step: TwoStep,
    /// Its user.
    pub user: UserView,
}

/// How and when the user of a session last proved who they are, by a sign-in or a step-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// When they did.
    pub at: Millis,
    /// The methods (RFC 8176), separated by spaces.
    pub amr: String,
    /// The methods with which the session began, whatever the user proved since.
    pub began: String,
}

impl SessionRow {
    /// Converts the row of a session that is alive.
    #[must_use]
    pub fn live(self) -> LiveSession {
        let Self { id, chain, remember, authentication, two_step, user, .. } = self;
        let Chain { generation, refreshed_at, expires_at, .. } = chain;
        LiveSession { id, generation, refreshed_at, expires_at, remember, authentication, two_step, user }
    }
}

/// A session that is alive, with what its tokens are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSession {
    /// The session's id.
    pub id: Uuid,
    /// The generation of its current refresh token.
    pub generation: i64,
    /// When it was last refreshed.
    pub refreshed_at: Millis,
    /// The end of the absolute lifetime.
    pub expires_at: Millis,
    /// Whether the cookie outlives the browser session.
    pub remember: bool,
    /// How and when the user last proved who they are.
    pub authentication: Authentication,
    /// The account's two-step sign-in.
    pub two_step: TwoStep,
    /// Its user.
    pub user: UserView,
}

/// A new session.
#[derive(Debug)]
pub struct NewSession {
    /// UUIDv7.
    pub id: Uuid,
    /// Its user's id.
    pub user_id: String,
    /// How the user proved who they are.
    pub method: SignInMethod,
    /// The hash that the user's password was verified against.
    pub password_hash: String,
    /// The session of the same browser that it replaces.
    pub replaces: Option<Uuid>,
    /// The current time.
    pub created_at: Millis,
    /// The end of the absolute lifetime.
    pub expires_at: Millis,
    /// Whether the cookie outlives the browser session.
    pub remember: bool,
    /// The device's IP address.
    pub ip: Option<String>,
    /// The device's `User-Agent`.
    pub user_agent: Option<String>,
}

/// A change of a chain. The row must still have the generation and the time of rotation that the decision was based
/// on.
#[derive(Clone, Copy, Debug)]
pub struct ChainUpdate {
    /// The new generation.
    pub generation: i64,
    /// The new time of rotation.
    pub rotated_at: Millis,
    /// The new time of the last refresh.
    pub refreshed_at: Millis,
    /// The new count of recoveries.
    pub recovery: Recovery,
}

#[derive(FromRow)]
struct Raw {
    id: String,
    generation: i64,
    confirmed_generation: i64,
    rotated_at: Millis,
    recovered_generation: i64,
    recovery_run: i64,
    recovery_day_at: Millis,
    recoveries_in_day: i64,
    refreshed_at: Millis,
    expires_at: Millis,
    remember: i64,
    ended_at: Option<Millis>,
    ended_reason: Option<String>,
    authenticated_at: Millis,
    stepped_up_at: Millis,
    amr: String,
    began: String,
    user_id: String,
    email: String,
    name: Option<String>,
    role: Option<String>,
    disabled_at: Option<Millis>,
    two_step: i64,
}

impl TryFrom<Raw> for SessionRow {
    type Error = sqlx::Error;

    fn try_from(raw: Raw) -> Result<Self, sqlx::Error> {
        let id = Uuid::parse_str(&raw.id).map_err(|error| sqlx::Error::Decode(error.into()))?;
        let reason = raw.ended_reason.as_deref().map_or(EndReason::Revoked, EndReason::known);
        let recovery = Recovery {
            generation: raw.recovered_generation,
            run: raw.recovery_run,
            day_at: raw.recovery_day_at,
            in_day: raw.recoveries_in_day,
        };
        let chain = Chain {
            generation: raw.generation,
            confirmed: raw.confirmed_generation,
            rotated_at: raw.rotated_at,
            refreshed_at: raw.refreshed_at,
            expires_at: raw.expires_at,
            // A session that began while its account was being disabled is over, too.
            ended: raw.ended_at.map(|_| reason).or(raw.disabled_at.map(|_| EndReason::Disabled)),
            recovery,
        };
        let role = raw.role.map(Role::from);
        let user = UserView { id: raw.user_id, email: raw.email, name: raw.name, role, claims: OwnClaims::default() };
        let authentication = Authentication { at: raw.authenticated_at, amr: raw.amr, began: raw.began };
        let (remember, stepped_up_at) = (raw.remember != 0, raw.stepped_up_at);
        let two_step = TwoStep::of_number(raw.two_step);
        Ok(Self { id, chain, remember, authentication, stepped_up_at, two_step, user })
    }
}

impl Store {
    /// Returns the session with its user, whether it has ended or not.
    ///
    /// # Errors
    /// The database failed.
    pub async fn session(&self, id: Uuid) -> Result<Option<SessionRow>, StoreError> {
        let sql = concat!(
            "SELECT sessions.id, generation, confirmed_generation, rotated_at, recovered_generation, recovery_run,
                          recovery_day_at, recoveries_in_day, refreshed_at, expires_at, remember, ended_at,
                          ended_reason, COALESCE(authenticated_at, sessions.created_at) AS authenticated_at,
                          COALESCE(stepped_up_at, sessions.created_at) AS stepped_up_at, amr,
                          COALESCE(began_amr, amr) AS began,
                          user_id, email, name, role, disabled_at, ",
            two_step!(),
            " AS two_step FROM sessions JOIN users ON users.id = user_id WHERE sessions.id = $1"
        );
        let rows: Vec<Raw> = self.rows(sqlx::query_as(sql).bind(id.to_string())).await?;
        Ok(rows.into_iter().next().map(SessionRow::try_from).transpose()?)
    }

    /// Returns the sessions that ended since `since`, with reason and time.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sessions_ended_since(&self, since: Millis) -> Result<Vec<(Uuid, EndReason, Millis)>, StoreError> {
        let pool = match &self.engine {
            Engine::Sqlite(_) => &self.read,
            Engine::Postgres(postgres) => &postgres.ask,
        };
        let sql = "SELECT id, ended_reason, ended_at FROM sessions WHERE ended_at > $1";
        let answer = async {
            // A connection that does not answer is not returned to the pool.
            let mut lease = Lease::take(pool).await?;
            let rows = sqlx::query_as(sql).bind(since).fetch_all(lease.connection()?).await?;
            lease.give_back();
            Ok::<_, sqlx::Error>(rows)
        };
        let rows: Vec<(String, Option<String>, Millis)> =
            timeout(ANSWERED_WITHIN, answer).await.map_err(|_| timed_out())??;
        let known = |(id, reason, at): (String, Option<String>, Millis)| {
            let reason = reason.as_deref().map_or(EndReason::Revoked, EndReason::known);
            Some((Uuid::parse_str(&id).ok()?, reason, at))
        };
        Ok(rows.into_iter().filter_map(known).collect())
    }
}

#[cfg(test)]
mod tests;
