//! Why a server does not start.

use super::{
    auth::{hasher::HashError, keyring::KeyError, mail::smtp::SmtpError, places::PlacesError},
    store::StoreError,
    web_files,
};
use std::{io, net::SocketAddr, path::PathBuf};

/// Why the server can't start. `with_causes` says why in one line.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address can't be used.
    #[error("can't listen on {0}")]
    Listen(SocketAddr, #[source] io::Error),
    /// The data folder or the secret in it can't be used.
    #[error("can't use the data folder {folder}")]
    Data {
        /// The folder.
        folder: PathBuf,
        /// The cause.
        #[source]
        error: io::Error,
    },
    /// The database can't be used.
    #[error("can't use the database {database}")]
    Database {
        /// The file, or the URL without its password.
        database: String,
        /// The cause.
        #[source]
        error: StoreError,
    },
    /// The signing keys can't be used.
    #[error("can't use the signing keys")]
    Keys(#[from] KeyError),
    /// The client for the mail server can't be made.
    #[error("can't send emails")]
    Mail(#[source] SmtpError),
    /// The web files can't be served.
    #[error(transparent)]
    WebFiles(#[from] web_files::Missing),
    /// The city database can't be used.
    #[error(transparent)]
    Places(#[from] PlacesError),
    /// The password hasher can't be started.
    #[error("can't start the password hasher")]
    Hasher(#[from] HashError),
}
