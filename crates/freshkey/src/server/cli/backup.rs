//! `freshkey backup` and `freshkey restore`: copies of the embedded database.

use super::{Failure, json, say, unacceptable};
use crate::server::{
    clock::Clock,
    data_folder::{self, SECRET_FILE},
    freshkey::Freshkey,
    settings::{Data, Database, ServeArgs, Settings},
    start_error::StartError,
    store::backup::{self, BackupError},
};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The file of the copy.
    pub(super) file: PathBuf,
    /// Print JSON, for scripts.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) settings: ServeArgs,
}

/// The paths of the copy and of its database.
pub(super) struct Files {
    copy: PathBuf,
    database: PathBuf,
    data: Data,
    /// Whether the settings name the root secret.
    has_secret: bool,
    as_json: bool,
}

/// Checks the settings, then runs `work`.
pub(super) async fn run(
    app: &Freshkey,
    args: Args,
    work: impl AsyncFnOnce(Files) -> Result<String, Failure>,
) -> ExitCode {
    let has_secret = args.settings.secret.is_some() || args.settings.secret_file.is_some();
    match Settings::without_secret(args.settings, &app.realm_names()) {
        Ok(settings) => say(match files(&args.file, settings.data, has_secret, args.json) {
            Ok(files) => work(files).await,
            Err(failure) => Err(failure),
        }),
        Err(errors) => unacceptable(&errors),
    }
}

fn files(copy: &Path, data: Data, has_secret: bool, as_json: bool) -> Result<Files, Failure> {
    let Database::Sqlite(database) = &data.database else {
        let why = "Postgres is copied and restored by its own pg_dump and pg_restore: see docs/operations.md";
        return Err(Failure::Refused(why.to_owned()));
    };
    let database = database.clone();
    let copy = std::path::absolute(copy).map_err(|error| BackupError::File(copy.to_owned(), error))?;
    Ok(Files { copy, database, data, has_secret, as_json })
}

/// Runs `freshkey backup`. It does not migrate the tables: before an update, the operator wants a copy of the old ones.
pub(super) async fn back_up(files: Files) -> Result<String, Failure> {
    let Files { copy, database, as_json, .. } = files;
    backup::back_up(&database, &copy).await?;
    let bytes = std::fs::metadata(&copy).map(|metadata| metadata.len()).unwrap_or_default();
    if as_json {
        return json(&json!({"database": database, "copy": copy, "bytes": bytes}));
    }
    Ok(format!(
        "{} is copied to {} ({bytes} bytes), and the copy is whole.\nA restore needs the root secret, too: keep it \
         elsewhere.\n",
        database.display(),
        copy.display()
    ))
}

/// Runs `freshkey restore`.
pub(super) async fn restore(files: Files) -> Result<String, Failure> {
    let Files { copy, database, data, has_secret, as_json } = files;
    let folder = data.folder;
    data_folder::make(&folder).map_err(|error| StartError::Data { folder: folder.clone(), error })?;
    let before = backup::restore(&copy, &database, Clock::system().now()).await?;
    if as_json {
        return json(&json!({"database": database, "copy": copy, "before": before}));
    }
    let mut said = vec![format!("{} is restored from {}.\n", database.display(), copy.display())];
    said.extend(before.map(|before| format!("The database that was there is now {}.\n", before.display())));
    let secret = folder.join(SECRET_FILE);
    if !has_secret && !secret.exists() {
        said.push(format!(
            "Before you start the server, put its root secret back: as FRESHKEY_SECRET, or as the file {}.\n",
            secret.display()
        ));
    }
    Ok(said.concat())
}
