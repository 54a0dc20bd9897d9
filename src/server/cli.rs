//! The command line.

use super::{
    Server, StartError,
    clock::Clock,
    settings::{ServeArgs, Settings},
    telemetry,
};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::process::ExitCode;

/// Sign-in for Rust web apps, whole and right.
#[derive(Parser)]
#[command(name = "freshkey", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the app. This is what `freshkey` does when it is told nothing else.
    Serve(ServeArgs),
}

/// Runs the command; 2 for what is wrong with the settings, 1 for what is in the way of a start.
pub async fn run() -> ExitCode {
    let args = match Cli::parse().command {
        Some(Command::Serve(args)) => args,
        None => match serve_defaults() {
            Ok(args) => args,
            Err(error) => error.exit(),
        },
    };
    let settings = match Settings::parse(args) {
        Ok(settings) => settings,
        Err(errors) => {
            for error in errors {
                complain(&error);
            }
            return ExitCode::from(2);
        }
    };
    telemetry::start();
    match serve(settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// `freshkey` alone: what `freshkey serve` would read from the environment.
fn serve_defaults() -> Result<ServeArgs, clap::Error> {
    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        args: ServeArgs,
    }
    let matches = Alone::command().try_get_matches_from(["freshkey"])?;
    ServeArgs::from_arg_matches(&matches)
}

async fn serve(settings: Settings) -> Result<(), StartError> {
    let server = Server::bind(settings, Clock::system()).await?;
    let demo = super::demo::seed(server.state()).await;
    announce(&server, demo);
    server.run(stop_signal()).await;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the one line that a person waits for")]
fn announce(server: &Server, demo: Option<super::demo::Account>) {
    let origin = &server.state().settings.http.origin;
    match demo {
        Some(demo) => println!("Freshkey is ready: open {origin} and sign in as {} with {}", demo.email, demo.password),
        None => println!("Freshkey is ready: open {origin}"),
    }
}

#[expect(clippy::print_stderr, reason = "before there is a log")]
fn complain(error: &dyn std::fmt::Display) {
    eprintln!("freshkey: {error}");
}

/// Done when the operator (Ctrl-C) or the system (SIGTERM) wants it to stop.
async fn stop_signal() {
    use tokio::signal::{
        ctrl_c,
        unix::{SignalKind, signal},
    };
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
