//! Recovery codes that were just made. The answer contains them, and the session that made them can see them again for
//! some minutes.

use crate::{
    app::{error::ApiError, types::Secret},
    server::{
        auth::{challenge::ChallengeKind, factors::Factors, recovery_code::RecoveryCode},
        refusal::{hashing, unavailable},
        state::AppState,
        store::{
            challenges::{ChallengeOwner, ChallengeRow, NewChallenge},
            factors::NewCodes,
            users::UserRow,
        },
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// New codes, if any were needed.
pub(crate) struct Codes(Option<(Vec<RecoveryCode>, NewCodes)>);

/// What is shown again, sealed.
#[derive(Serialize, Deserialize)]
struct Shown {
    session: Uuid,
    codes: Vec<String>,
}

impl Codes {
    /// Makes no codes.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// Makes new codes.
    pub(crate) async fn new(state: &AppState) -> Result<Self, ApiError> {
        Ok(Self(Some(Factors::new_codes(&state.hasher).await.map_err(hashing)?)))
    }

    /// Makes new codes if the user has none left.
    pub(crate) async fn if_none(state: &AppState, user: &UserRow) -> Result<Self, ApiError> {
        let left = state.store.recovery_codes_left(&user.id).await.map_err(|error| unavailable(&error))?.left;
        if left > 0 { Ok(Self(None)) } else { Self::new(state).await }
    }

    /// Returns the codes as the database stores them.
    pub(crate) fn kept(&self) -> NewCodes {
        self.0.as_ref().map_or(NewCodes::Keep, |(_, kept)| kept.clone())
    }

    /// Returns the codes as users read them.
    pub(crate) fn told(&self) -> Option<Vec<Secret>> {
        let (codes, _) = self.0.as_ref()?;
        Some(codes.iter().map(|code| code.shown().into()).collect())
    }

    /// Returns the challenge that shows the codes to this session for some minutes.
    pub(crate) fn to_show(&self, state: &AppState, user: &UserRow, session: Option<Uuid>) -> Option<NewChallenge> {
        let ((codes, _), session) = self.0.as_ref().zip(session)?;
        let (id, now, kind) = (Uuid::now_v7(), state.clock.now(), ChallengeKind::RecoveryCodes);
        let shown = Shown { session, codes: codes.iter().map(RecoveryCode::shown).collect() };
        Some(NewChallenge {
            id,
            kind,
            browser: None,
            user: Some(user.id.clone()),
            email: user.email.clone(),
            email_key: user.email_key.clone(),
            decoy: false,
            data: Some(state.challenges.seal(id, &shown)?),
            created_at: now,
            expires_at: now + state.challenges.lifetimes.of(kind),
            event: None,
        })
    }

    /// Returns the codes that are shown to this session of the user.
    pub(crate) async fn shown(state: &AppState, user: &str, session: Uuid) -> Result<Option<Vec<Secret>>, ApiError> {
        let Some(row) = row(state, user).await? else { return Ok(None) };
        let shown: Option<Shown> = state.challenges.open(&row).filter(|shown: &Shown| shown.session == session);
        Ok(shown.map(|shown| shown.codes.into_iter().map(Secret::from).collect()))
    }
}

/// Returns the challenge that shows the user's newest codes, if there is one.
pub(crate) async fn row(state: &AppState, user: &str) -> Result<Option<ChallengeRow>, ApiError> {
    let (whose, kind) = (Some(ChallengeOwner::User(user)), Some(ChallengeKind::RecoveryCodes));
    let row = state.challenges.find(None, whose, kind).await.map_err(|error| unavailable(&error))?;
    let (lifetimes, now) = (state.challenges.lifetimes, state.clock.now());
    Ok(row.filter(|row| row.course().over(&[], lifetimes, now).is_none()))
}
