//! What keeps a server from starting.

use super::{
    auth::{hasher::HashError, keyring::KeyError, mail::smtp::SmtpError},
    store::StoreError,
    web_files,
};
use std::{io, net::SocketAddr, path::PathBuf};

/// Why the server can't start, in one line that names what is in the way.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address.
    #[error("can't listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// The data folder or the secret in it.
    #[error("can't use the data folder {folder}: {error}")]
    Data {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        error: io::Error,
    },
    /// The database.
    #[error("can't use the database {database}: {error}")]
    Database {
        /// The file, or the URL without its password.
        database: String,
        /// What is wrong with it.
        error: StoreError,
    },
    /// The signing keys.
    #[error("can't use the signing keys: {0}")]
    Keys(#[from] KeyError),
    /// The way to the mail server.
    #[error("can't send emails: {0}")]
    Mail(SmtpError),
    /// The web files.
    #[error(transparent)]
    WebFiles(#[from] web_files::Missing),
    /// The password hasher.
    #[error("can't start the password hasher: {0}")]
    Hasher(#[from] HashError),
}
