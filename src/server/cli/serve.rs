//! `freshkey serve`: serves until it is told to stop.

use super::{complain, unacceptable};
use crate::server::{
    Server, StartError,
    clock::Clock,
    demo,
    settings::{ServeArgs, Settings},
    telemetry,
};
use clap::{CommandFactory, FromArgMatches, Parser};
use std::process::ExitCode;

/// Serves.
pub(super) async fn run(args: ServeArgs) -> ExitCode {
    let settings = match Settings::parse(args) {
        Ok(settings) => settings,
        Err(errors) => return unacceptable(&errors),
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
pub(super) fn defaults() -> Result<ServeArgs, clap::Error> {
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
    let demo = demo::seed(server.state()).await;
    announce(&server, demo);
    server.run(stop_signal()).await;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the one line that a person waits for")]
fn announce(server: &Server, demo: Option<demo::Account>) {
    let origin = &server.state().settings.http.origin;
    match demo {
        Some(demo) => println!("Freshkey is ready: open {origin} and sign in as {} with {}", demo.email, demo.password),
        None => println!("Freshkey is ready: open {origin}"),
    }
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
