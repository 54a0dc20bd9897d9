//! Copies of an SQLite database. They are made while servers write to it, and restored while none runs. Postgres has
//! its own tools for both.

use super::{StoreError, lock_beside, sqlite_url};
use freshkey_types::Millis;
use rustix::{
    fs::{FlockOperation, fcntl_lock},
    io::Errno,
};
use sqlx::{AnyConnection, Connection, Executor};
use std::{
    fs::{self, File},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};
use uuid::Uuid;

/// The files that SQLite keeps beside a database. They belong to that very file; beside another database they would
/// be written into it.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Why a backup or a restore failed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file with this name exists. Nothing is ever overwritten.
    #[error("{0} exists already")]
    Exists(PathBuf),
    /// Another process has the database open.
    #[error("the database {0} is in use: stop the server first")]
    InUse(PathBuf),
    /// The copy is damaged, or is not a Freshkey database.
    #[error("{0} is not a whole database of Freshkey")]
    NotWhole(PathBuf, #[source] Damage),
    /// A file can't be read or written.
    #[error("can't use {0}")]
    File(PathBuf, #[source] io::Error),
    /// The database can't be read.
    #[error("can't copy the database {0}")]
    Database(PathBuf, #[source] StoreError),
}

/// What is wrong with a copy.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// It can't be read as a database.
    #[error(transparent)]
    Unreadable(#[from] StoreError),
    /// A page is damaged, a row refers to none, or the tables are not Freshkey's.
    #[error("{0}")]
    Content(String),
}

/// Copies the database as it is at one point in time, and checks the copy. Servers can go on writing meanwhile.
///
/// # Errors
/// The copy was not made. A file that already had its name is unchanged.
pub async fn back_up(database: &Path, copy: &Path) -> Result<(), BackupError> {
    sqlx::any::install_default_drivers();
    if fs::symlink_metadata(copy).is_ok() {
        return Err(BackupError::Exists(copy.to_owned()));
    }
    let draft = Draft::beside(copy)?;
    copy_into(database, &draft.0).await.map_err(|error| BackupError::Database(database.to_owned(), error))?;
    check(&draft.0).await.map_err(|damage| BackupError::NotWhole(copy.to_owned(), damage))?;
    draft.sync().and_then(|()| draft.keep_as(copy)).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(copy.to_owned()),
        _ => BackupError::File(copy.to_owned(), error),
    })
}

/// Replaces the database with a copy. The old database, if there is one, is renamed; returns its new name.
///
/// # Errors
/// The database is unchanged, except if a file could not be renamed: then the database already has its new name.
pub async fn restore(copy: &Path, database: &Path, now: Millis) -> Result<Option<PathBuf>, BackupError> {
    sqlx::any::install_default_drivers();
    let unusable = |error| BackupError::File(database.to_owned(), error);
    let draft = Draft::beside(database)?;
    draft.fill_from(copy).map_err(|error| BackupError::File(copy.to_owned(), error))?;
    check(&draft.0).await.map_err(|damage| BackupError::NotWhole(copy.to_owned(), damage))?;
    draft.sync().map_err(unusable)?;
    // Holding the lock, no server is running or can start.
    let turn = lock_beside(database).await.map_err(|error| BackupError::Database(database.to_owned(), error))?;
    let held = hold(database)?;
    let before = if held.is_some() {
        Some(set_aside(database, now)?)
    } else {
        // Leftovers of a database that is lost.
        remove_beside(database).map_err(unusable)?;
        None
    };
    fs::rename(&draft.0, database).and_then(|()| sync_folder_of(database)).map_err(unusable)?;
    drop((held, turn));
    Ok(before)
}

/// A temporary file that will be renamed. Dropping it deletes what is left of it.
struct Draft(PathBuf);

impl Draft {
    fn beside(file: &Path) -> Result<Self, BackupError> {
        let draft = beside(file, &format!(".{}", Uuid::now_v7()));
        let made = File::options().write(true).create_new(true).mode(0o600).open(&draft);
        made.map_err(|error| BackupError::File(draft.clone(), error))?;
        Ok(Self(draft))
    }

    /// Copies the content. `fs::copy` would also copy the mode.
    fn fill_from(&self, copy: &Path) -> io::Result<u64> {
        io::copy(&mut File::open(copy)?, &mut File::options().write(true).open(&self.0)?)
    }

    fn sync(&self) -> io::Result<()> {
        File::options().write(true).open(&self.0)?.sync_all()
    }

    fn keep_as(&self, name: &Path) -> io::Result<()> {
        // Creates the file first: renaming alone would overwrite a file that was created in the meantime.
        File::options().write(true).create_new(true).open(name)?;
        fs::rename(&self.0, name)?;
        sync_folder_of(name)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
        let _ = remove_beside(&self.0);
    }
}

/// Copies in a read transaction, which waits for no writer and blocks none.
async fn copy_into(database: &Path, copy: &Path) -> Result<(), StoreError> {
    let not_text = || sqlx::Error::Configuration("the name of the copy is not UTF-8".into());
    let name = copy.to_str().ok_or_else(not_text)?;
    let mut connection = AnyConnection::connect(&sqlite_url(database, "rw")?).await?;
    sqlx::query("VACUUM INTO $1").bind(name).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Checks every page and every reference.
async fn check(file: &Path) -> Result<(), Damage> {
    damage(file).await?.map_or(Ok(()), |damage| Err(Damage::Content(damage)))
}

async fn damage(file: &Path) -> Result<Option<String>, StoreError> {
    let mut connection = AnyConnection::connect(&sqlite_url(file, "rw")?).await?;
    // So that all data is in the file itself and none beside it.
    connection.execute("PRAGMA journal_mode = DELETE").await?;
    let sql = "SELECT integrity_check FROM pragma_integrity_check LIMIT 1";
    let (answer,): (String,) = sqlx::query_as(sql).fetch_one(&mut connection).await?;
    let sql = "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1";
    let orphans: Option<(String,)> = sqlx::query_as(sql).fetch_optional(&mut connection).await?;
    let sql =
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('users', 'sessions', 'signing_keys')";
    let (tables,): (i64,) = sqlx::query_as(sql).fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(match (answer.as_str(), orphans, tables) {
        ("ok", None, 3) => None,
        ("ok", None, _) => Some("it has other tables".to_owned()),
        ("ok", Some((table,)), _) => Some(format!("rows of {table} refer to rows that do not exist")),
        (answer, ..) => Some(answer.to_owned()),
    })
}

/// Locks the database's file, if there is one. Fails if another process uses it: SQLite holds a shared lock on a part
/// of the file for as long as it is open, even when idle.
fn hold(database: &Path) -> Result<Option<File>, BackupError> {
    let unusable = |error| BackupError::File(database.to_owned(), error);
    let file = match File::options().read(true).write(true).open(database) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(error)),
    };
    match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(Errno::AGAIN | Errno::ACCESS) => Err(BackupError::InUse(database.to_owned())),
        Err(error) => Err(unusable(error.into())),
    }
}

/// Renames the database and the files beside it to a name with the time. They may be needed again.
fn set_aside(database: &Path, now: Millis) -> Result<PathBuf, BackupError> {
    let at = UNIX_EPOCH + now.to_duration();
    let kept = beside(database, &format!(".{}", humantime::format_rfc3339_millis(at)).replace(':', "-"));
    for suffix in BESIDE.into_iter().chain([""]) {
        let (from, to) = (beside(database, suffix), beside(&kept, suffix));
        match fs::rename(&from, to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(BackupError::File(from, error)),
            _ => {}
        }
    }
    Ok(kept)
}

fn remove_beside(database: &Path) -> io::Result<()> {
    for suffix in BESIDE {
        match fs::remove_file(beside(database, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Syncs the folder, so that a new name survives a power cut.
fn sync_folder_of(file: &Path) -> io::Result<()> {
    File::open(file.parent().unwrap_or(Path::new("/")))?.sync_all()
}
