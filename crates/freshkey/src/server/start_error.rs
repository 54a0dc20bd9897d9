//! Why a server does not start.

use super::{
    auth::{hasher::HashError, keyring::KeyError, mail::smtp::SmtpError},
    store::StoreError,
    web_files,
};
use std::{io, net::SocketAddr, path::PathBuf};

/// Why the server can't start, in one line that names the cause.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address can't be used.
    #[error("can't listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// The data folder or the secret in it can't be used.
    #[error("can't use the data folder {folder}: {error}")]
    Data {
        /// The folder.
        folder: PathBuf,
        /// The cause.
        error: io::Error,
    },
    /// The database can't be used.
    #[error("can't use the database {database}: {error}")]
    Database {
        /// The file, or the URL without its password.
        database: String,
        /// The cause.
        error: StoreError,
    },
    /// The signing keys can't be used.
    #[error("can't use the signing keys: {0}")]
    Keys(#[from] KeyError),
    /// The client for the mail server can't be made.
    #[error("can't send emails: {0}")]
    Mail(SmtpError),
    /// The web files can't be served.
    #[error(transparent)]
    WebFiles(#[from] web_files::Missing),
    /// The password hasher can't be started.
    #[error("can't start the password hasher: {0}")]
    Hasher(#[from] HashError),
}
