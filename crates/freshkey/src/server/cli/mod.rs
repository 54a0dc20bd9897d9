//! The command line: `serve`, and what an operator does to accounts and sessions. The latter works on the database by
//! itself, whether or not a server runs; a running server notices the changes.

mod backup;
mod doctor;
mod keys;
mod mail;
mod ready;
mod serve;
mod sessions;
mod table;
mod users;

use super::{
    auth::{
        email::{self, Email},
        hasher::HashError,
        keyring::KeyError,
        mail::ComposeError,
    },
    data_folder,
    freshkey::Freshkey,
    open::open_database,
    settings::{Database, ServeArgs, Settings},
    start_error::StartError,
    store::{Store, StoreError, backup::BackupError, users::UserRow},
};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use freshkey_core::causes::with_causes;
use std::{
    env,
    ffi::OsStr,
    fmt::Display,
    io::{self, ErrorKind, Write, stderr, stdout},
    net::SocketAddr,
    process::ExitCode,
};

/// Sign-in for Rust web apps, whole and right.
#[derive(Parser)]
#[command(name = "freshkey", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the app. This is the default command.
    Serve(ServeArgs),
    /// Manage accounts. Takes every setting of `freshkey serve`.
    Users(users::Args),
    /// Manage the keys that sign access tokens. Takes every setting of `freshkey serve`.
    Keys(keys::Args),
    /// Manage sessions. Takes every setting of `freshkey serve`.
    Sessions(sessions::Args),
    /// Test and list emails. Takes every setting of `freshkey serve`.
    Mail(mail::Args),
    /// Check a deployment for faults. Exit code 0: nothing found; 1: findings; 2: could not check.
    Doctor(Box<doctor::Args>),
    /// Copy the embedded database to a new file, even while a server runs, and check the copy.
    Backup(backup::Args),
    /// Replace the embedded database with a copy, while no server runs. The old one is renamed, not deleted.
    Restore(backup::Args),
    /// Check whether the server with these settings is ready: exit code 0 or 1, for a container's health check.
    Ready(ServeArgs),
}

/// Why a command failed, in one line.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// An error that would also keep a server from starting.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database failed.
    #[error("the database refused")]
    Store(#[from] StoreError),
    /// The signing keys can't be used.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// A backup or restore failed.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// An email could not be composed.
    #[error(transparent)]
    Mail(#[from] ComposeError),
    /// The server can't be asked.
    #[error("the server on {0} does not answer")]
    NoAnswer(SocketAddr, #[source] io::Error),
    /// The result can't be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The operator asked for something that can't be done.
    #[error("{0}")]
    Refused(String),
}

impl Freshkey {
    /// Reads the command line and the settings and carries them out: serves, or changes accounts, keys or sessions.
    /// Returns 2 for wrong settings, 1 for any other failure.
    pub fn run(self) -> ExitCode {
        // Before there is a second thread that could create a file.
        data_folder::make_files_private();
        match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(run(self)),
            Err(error) => {
                complain(&format!("can't start: {error}"));
                ExitCode::FAILURE
            }
        }
    }
}

/// Runs the command. Returns 2 for wrong settings, 1 for any other failure.
async fn run(app: Freshkey) -> ExitCode {
    let garbled = garbled(&app);
    if !garbled.is_empty() {
        return unacceptable(&garbled);
    }
    let matches = command(&app).get_matches();
    match Cli::from_arg_matches(&matches).map(|cli| cli.command) {
        Ok(Some(Command::Serve(_))) => serve::run(app, matches.subcommand_matches("serve").unwrap_or(&matches)).await,
        Ok(Some(Command::Users(args))) => {
            let users = async |store: &Store, settings: &Settings| args.command.run(store, settings, args.json).await;
            report(&app, args.settings, users).await
        }
        Ok(Some(Command::Keys(args))) => match Settings::parse(args.settings, &app.realm_names()) {
            Ok(settings) => say(args.command.run(settings, args.json).await),
            Err(errors) => unacceptable(&errors),
        },
        Ok(Some(Command::Sessions(args))) => {
            let sessions =
                async |store: &Store, settings: &Settings| args.command.run(store, settings, args.json).await;
            report(&app, args.settings, sessions).await
        }
        Ok(Some(Command::Mail(args))) => {
            let mail =
                async |store: &Store, settings: &Settings| args.command.run(&app, store, settings, args.json).await;
            report(&app, args.settings, mail).await
        }
        Ok(Some(Command::Doctor(args))) => Box::pin(doctor::run(*args, &app)).await,
        Ok(Some(Command::Backup(args))) => backup::run(&app, args, backup::back_up).await,
        Ok(Some(Command::Restore(args))) => backup::run(&app, args, backup::restore).await,
        Ok(Some(Command::Ready(args))) => match Settings::without_secret(args, &app.realm_names()) {
            Ok(settings) => say(ready::run(&settings)),
            Err(errors) => unacceptable(&errors),
        },
        // What `freshkey serve` would read from the environment.
        Ok(None) => match app.serve_command().try_get_matches_from(["freshkey"]) {
            Ok(matches) => serve::run(app, &matches).await,
            Err(error) => error.exit(),
        },
        Err(error) => error.exit(),
    }
}

/// Names the settings' variables and the arguments that are not UTF-8, one line each: the parser would not name them.
fn garbled(app: &Freshkey) -> Vec<String> {
    let settings = app.serve_command();
    let variables = settings.get_arguments().filter_map(clap::Arg::get_env);
    let variables = variables.filter(|name| env::var_os(name).is_some_and(|value| value.to_str().is_none()));
    let names = variables.map(|name| name.display().to_string()).collect::<Vec<_>>();
    let arguments: Vec<_> = env::args_os().collect();
    let flag = |text: &OsStr| text.to_string_lossy().split_once('=').map(|(flag, _)| flag.to_owned());
    let flags = arguments.windows(2).filter(|pair| pair[1].to_str().is_none()).map(|pair| {
        let before = pair[0].to_str().filter(|before| before.starts_with("--")).map(str::to_owned);
        flag(&pair[1]).filter(|flag| flag.starts_with("--")).or(before).unwrap_or_else(|| "an argument".to_owned())
    });
    names.into_iter().chain(flags).map(|name| format!("{name} is not UTF-8; it accepts text in UTF-8")).collect()
}

/// Builds the command. Settings may come before or after the second word; the help of a subcommand lists only those
/// that say where the data is.
fn command(app: &Freshkey) -> clap::Command {
    let shown = ["data_dir", "database_url", "json"];
    let of_doctor = ["site", "http", "limits", "list", "local", "backups", "backup_age", "instances", "free_disk"];
    let role = users::role(app.roles());
    let roles = |command: clap::Command| command.mut_arg("role", |arg| arg.value_parser(role));
    let command = Cli::command()
        .mut_subcommand("serve", |serve| app.with_own_settings(serve))
        .mut_subcommand("users", |users| users.mut_subcommand("set-role", roles));
    command.mut_subcommands(|command| {
        let serves = command.get_name() == "serve";
        command.mut_args(|arg| {
            let id = arg.get_id().as_str();
            if arg.is_positional() || of_doctor.contains(&id) {
                return arg;
            }
            let hidden = !serves && !shown.contains(&id);
            // A URL in the environment may contain a password.
            arg.global(true).hide(hidden).hide_env_values(true)
        })
    })
}

/// Runs `work` on the database that the settings name, without a server, and prints the result.
async fn report(
    app: &Freshkey,
    args: ServeArgs,
    work: impl AsyncFnOnce(&Store, &Settings) -> Result<String, Failure>,
) -> ExitCode {
    let mut settings = match Settings::without_secret(args, &app.realm_names()) {
        Ok(settings) => settings,
        Err(errors) => return unacceptable(&errors),
    };
    settings.site_name = app.brand().name;
    say(on_store(app, &settings, work).await)
}

async fn on_store(
    app: &Freshkey,
    settings: &Settings,
    work: impl AsyncFnOnce(&Store, &Settings) -> Result<String, Failure>,
) -> Result<String, Failure> {
    let database = &settings.data.database;
    if matches!(database, Database::Sqlite(_)) {
        let folder = settings.data.folder.clone();
        data_folder::make(&folder).map_err(|error| StartError::Data { folder, error })?;
    }
    let store = open_database(database).await?;
    app.migrate(database).await?;
    let (store, afterwards) = app.with_hooks(store);
    let said = work(&store, settings).await;
    afterwards.finish().await;
    store.close().await;
    said
}

fn say(done: Result<String, Failure>) -> ExitCode {
    match done {
        Ok(said) => match stdout().write_all(said.as_bytes()).and_then(|()| stdout().flush()) {
            // The reader has gone, like `head`, and wants no more.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                complain(&format!("it is done, but the output can't be written: {error}"));
                ExitCode::FAILURE
            }
            _ => ExitCode::SUCCESS,
        },
        Err(failure) => {
            complain(&with_causes(&failure));
            ExitCode::FAILURE
        }
    }
}

/// Finds the user with this address, however it is written.
async fn find(store: &Store, email: &str) -> Result<UserRow, Failure> {
    let user = store.user_by_email(&email::keys(email)).await?;
    user.ok_or_else(|| match Email::parse(email) {
        Ok(email) => Failure::Refused(format!("no account has the address {}", email.as_typed())),
        Err(sentence) => not_an_address(email, sentence),
    })
}

fn address(email: &str) -> Result<Email, Failure> {
    Email::parse(email).map_err(|sentence| not_an_address(email, sentence))
}

fn not_an_address(text: &str, sentence: &str) -> Failure {
    Failure::Refused(format!("{text:?}: {sentence}"))
}

/// Prints one object or list for scripts.
fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

fn unacceptable(errors: &[impl Display]) -> ExitCode {
    for error in errors {
        complain(error);
    }
    ExitCode::from(2)
}

/// Prints an error to standard error. If that fails, the exit code has to do.
fn complain(error: &dyn Display) {
    let _ = writeln!(stderr(), "freshkey: {error}");
}
