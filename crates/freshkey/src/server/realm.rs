//! Realms: sessions that anybody may begin without an account, beside those of accounts.
//!
//! The threat: a visitor who begins a session without signing in gets something that could pass for a sign-in. The
//! choice: a realm's [`Sessions`] are a separate instance with a separate database, so that they can't reach any account
//! or real session, and no login, list or command line can reach theirs. The realm's access tokens name it as their
//! audience, which neither our own calls nor another service accepts (RFC 8725, section 3.9); its refresh tokens are MACs
//! under a key of their own. Database, audience and key follow from the realm's name, so no other realm has them.

use super::{
    auth::{
        access_token::AccessTokens,
        csrf::CsrfKey,
        keyring::Keys,
        refresh_token::RefreshTokenKey,
        root_secret::{Purpose, RootSecret},
        rotation::Policy,
        sessions::{Device, IssuedTokens, Lifetimes, Sessions, SignIn, SignInMethod},
    },
    bearer,
    clock::Clock,
    operations::Operation,
    refusal::{refused, unavailable},
    settings::{AppSettings, Database, SettingError, Settings},
    start_error::StartError,
    store::{Store, StoreError},
};
use crate::app::{
    error::{ApiError, Code},
    types::{Millis, OwnClaims, UserView},
};
use freshkey_core::causes::with_causes;
use http::HeaderMap;
use std::{sync::Arc, time::Duration};
use tokio::task::JoinHandle;
use tracing::{instrument::WithSubscriber, subscriber::NoSubscriber};
use uuid::Uuid;

const CLEAN_UP_EVERY: Duration = Duration::from_mins(1);

/// Sessions without accounts, and the calls that accept them. Add it with
/// [`Freshkey::realm`](super::freshkey::Freshkey::realm).
#[derive(Clone, Copy, Debug)]
pub struct Realm {
    /// The name: small letters, digits and `-`. The realm's database is `<name>.db` in the data folder, the audience of
    /// its access tokens `<origin>/<name>`.
    pub name: &'static str,
    /// A session ends after this time, even if it is used. Then its user is deleted with everything.
    pub life: Millis,
    /// The grace period, in which a spent refresh token still gets its successor.
    pub grace_period: Millis,
    /// Returns the descriptions of the realm's calls. They accept its sessions only, and no cookie.
    pub operations: fn() -> Vec<Operation>,
    /// Returns whether the operator turned the realm on or off; if they did neither, it is on for an http origin, which
    /// is a developer's own machine, and off for the public.
    pub switch: fn(&AppSettings) -> Result<Option<bool>, SettingError>,
}

/// A realm that is turned on.
pub struct OpenRealm {
    /// Its name.
    pub name: &'static str,
    /// Its sessions.
    pub sessions: Sessions,
    /// Its database.
    pub(super) store: Store,
    /// How long a session lives.
    pub(super) life: Millis,
}

impl Realm {
    /// Whether the realm is on. An unacceptable setting was refused before; here it would turn the realm off.
    pub(super) fn is_on(&self, settings: &Settings) -> bool {
        (self.switch)(&settings.app).is_ok_and(|chosen| chosen.unwrap_or(!settings.http.is_https()))
    }

    /// Returns the realm's calls.
    pub(super) fn operations(self) -> impl Iterator<Item = Operation> {
        (self.operations)().into_iter().map(move |operation| operation.in_realm(self.name))
    }

    /// Opens the realm and starts the tasks that write for it. It shares the signing keys, so that the published keys
    /// verify its tokens.
    ///
    /// # Errors
    /// Its database can't be used.
    pub(super) async fn open(
        self,
        settings: &Settings,
        secret: &RootSecret,
        keys: Arc<Keys>,
        now: Millis,
    ) -> Result<(OpenRealm, [JoinHandle<()>; 2]), StartError> {
        let database = Database::Sqlite(settings.realm_database(self.name));
        let unusable = |error| StartError::Database { database: database.to_string(), error };
        let store = Store::open(&database).await.map_err(unusable)?;
        let life = self.life;
        let rotation = Policy { grace_period: self.grace_period, idle: life, lost_answer_recovery: true };
        let lifetimes = Lifetimes { access: life, refresh: life, rotation };
        let audience = settings.realm_audience(self.name);
        let tokens = AccessTokens::new(keys, settings.issuer(), audience, life.whole_seconds());
        let refresh_tokens = RefreshTokenKey::new(secret.mac_key(Purpose::Realm(self.name)));
        let csrf = CsrfKey::new(secret.mac_key(Purpose::Csrf));
        let (sessions, writing) =
            Sessions::open(store.clone(), lifetimes, refresh_tokens, csrf, tokens, now).await.map_err(unusable)?;
        Ok((OpenRealm { name: self.name, sessions, store, life }, writing))
    }
}

impl OpenRealm {
    /// Begins a session for a new throw-away user with this address. The visitor's device is not stored, nor anything
    /// else about the visitor.
    ///
    /// # Errors
    /// The database failed.
    pub async fn begin(&self, email: &str, now: Millis) -> Result<IssuedTokens, ApiError> {
        let user = self.store.insert_throw_away_user(email, now).await.map_err(|error| unavailable(&error))?;
        let user = UserView { id: user, email: email.to_owned(), name: None, role: None, claims: OwnClaims::default() };
        // The visitor proved nothing, and the tokens say so.
        let (id, method, password_hash) = (Uuid::now_v7(), SignInMethod::NONE, String::new());
        let new = SignIn { id, user, method, password_hash, remember: false, replaces: None };
        self.sessions.begin(new, &Device::default(), now).await.map_err(refused)
    }

    /// Refreshes a session by the rules for every session. A replay is logged to a subscriber that drops it: in the real
    /// log it would alarm the operator.
    ///
    /// # Errors
    /// [`Code::InvalidRefreshToken`] with its reason; the database failed.
    pub async fn refresh(&self, token: &str, now: Millis) -> Result<IssuedTokens, ApiError> {
        let token = self.sessions.verify_refresh_token(token).ok_or(Code::InvalidRefreshToken)?;
        let device = Device::default();
        let refresh = self.sessions.refresh(token, &device, now);
        refresh.with_subscriber(NoSubscriber::default()).await.map_err(refused)
    }

    /// Returns the session that a request counts for, by an access token that may have expired: the equivalent of a
    /// refresh, which counts for the session that its cookie names.
    pub fn session(&self, headers: &HeaderMap, now: Millis) -> Option<Uuid> {
        let claims = self.sessions.access_tokens.read(&bearer::bearer(headers).ok()?, now)?;
        let begun = claims.iat.to_millis();
        (now < begun.saturating_add(self.life)).then_some(claims.sid)
    }
}

/// Runs for ever: deletes throw-away users and all their data when their time is over.
pub(super) async fn clean_up(store: Store, life: Millis, clock: Clock) {
    loop {
        tokio::time::sleep(CLEAN_UP_EVERY).await;
        if let Err(error) = clean_up_now(&store, life, clock.now()).await {
            tracing::warn!(event = "clean_up_delayed", error = %with_causes(&error));
        }
    }
}

/// Deletes the throw-away users whose time is over at `now`, with sessions that live for `life`.
///
/// # Errors
/// The database failed.
pub async fn clean_up_now(store: &Store, life: Millis, now: Millis) -> Result<(), StoreError> {
    while store.delete_throw_away_users(now - life).await? {}
    Ok(())
}
