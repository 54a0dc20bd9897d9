//! Opens what a server needs at its start: the root secret, the database, the sessions in it.

use super::{
    auth::{
        access_token::AccessTokens,
        csrf::CsrfKey,
        keyring::Keys,
        refresh_token::RefreshTokenKey,
        root_secret::{Purpose, RootSecret},
        sessions::Sessions,
    },
    data_folder,
    settings::{Database, Settings},
    start_error::StartError,
    store::Store,
};
use crate::app::types::Millis;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Opens the database that the settings name, migrates its tables, and reads the root secret.
pub(super) async fn open_store(settings: &mut Settings) -> Result<(Store, RootSecret), StartError> {
    let secret = open_root_secret(settings)?;
    Ok((open_database(&settings.data.database).await?, secret))
}

pub(super) async fn open_database(database: &Database) -> Result<Store, StartError> {
    if let Database::Sqlite(file) = database {
        data_folder::tighten_database(file);
    }
    let open = async {
        let store = Store::open(database).await?;
        store.update_email_keys().await?;
        Ok(store)
    };
    open.await.map_err(|error| StartError::Database { database: database.to_string(), error })
}

/// Opens the sessions in the database and starts the tasks that write for them.
pub(super) async fn open_sessions(
    settings: &Settings,
    store: &Store,
    secret: &RootSecret,
    now: Millis,
) -> Result<(Sessions, [JoinHandle<()>; 2]), StartError> {
    let life = settings.sessions.access;
    let keys = Keys::open(store.clone(), secret, settings.tokens.algorithm, life, now).await?;
    let tokens = AccessTokens::new(Arc::new(keys), settings.issuer(), settings.audience(), life.whole_seconds());
    let refresh_tokens = RefreshTokenKey::new(secret.mac_key(Purpose::RefreshToken));
    let csrf = CsrfKey::new(secret.mac_key(Purpose::Csrf));
    Sessions::open(store.clone(), settings.sessions, refresh_tokens, csrf, tokens, now)
        .await
        .map_err(|error| StartError::Database { database: settings.data.database.to_string(), error })
}

fn open_root_secret(settings: &mut Settings) -> Result<RootSecret, StartError> {
    let folder = settings.data.folder.clone();
    let unusable = |error| StartError::Data { folder: folder.clone(), error };
    let previous = settings.data.previous_secret.take().as_deref().and_then(RootSecret::parse);
    let present = match settings.data.secret.take().as_deref().and_then(RootSecret::parse) {
        Some(secret) => {
            data_folder::make(&folder).map_err(unusable)?;
            Ok(secret)
        }
        None => RootSecret::in_folder(&folder).map_err(unusable),
    };
    present.map(|secret| secret.after(previous))
}
