//! `freshkey serve`: serves until it is told to stop.

use super::{complain, unacceptable};
use crate::server::{
    clock::Clock, demo, freshkey::Freshkey, mailbox, settings::Settings, start::Server, start_error::StartError,
    telemetry,
};
use clap::ArgMatches;
use freshkey_core::causes::with_causes;
use std::{
    future::{self, Future},
    io::{Write, stdout},
    process::ExitCode,
    task::Poll,
};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Reads the settings and serves.
pub(super) async fn run(app: Freshkey, matches: &ArgMatches) -> ExitCode {
    let (args, own) = match app.read(matches) {
        Ok(read) => read,
        Err(error) => error.exit(),
    };
    let settings = match app.check(args, own) {
        Ok(settings) => settings,
        Err(errors) => return unacceptable(&errors),
    };
    telemetry::start();
    match serve(app, settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&with_causes(&error));
            ExitCode::FAILURE
        }
    }
}

async fn serve(app: Freshkey, settings: Settings) -> Result<(), StartError> {
    let server = Server::bind(app, settings, Clock::system()).await?;
    let demo = demo::seed(server.state()).await;
    // Before the server is announced as ready.
    let stop = stop_signal();
    announce(&server, demo);
    server.run(stop).await;
    Ok(())
}

/// Prints the one line that the operator waits for. It gives only the mailbox's path, since scripts look for the single
/// origin. A server whose output nobody reads serves all the same.
fn announce(server: &Server, demo: Option<demo::Account>) {
    let settings = &server.state().settings;
    let sign_in = demo.map(|demo| format!(" and sign in as {} with {}", demo.email, demo.password));
    // The origin contains the port, unless the operator has set the origin.
    let addr = server.local_addr().ok().filter(|addr| !settings.http.origin.ends_with(&format!(":{}", addr.port())));
    let addr = addr.filter(|_| settings.addr.port() == 0).map(|addr| format!(" (listening on {addr})"));
    let (sign_in, addr) = (sign_in.unwrap_or_default(), addr.unwrap_or_default());
    let emails = server.state().mailbox.as_ref().map(|_| format!(" (emails are shown at {})", mailbox::PATH));
    let _ = writeln!(
        stdout(),
        "{} is ready: open {}{sign_in}{addr}{}",
        server.state().app.brand().name,
        settings.http.origin,
        emails.unwrap_or_default(),
    );
}

/// Completes when the operator (Ctrl-C, the end of the terminal) or the system wants the server to stop. SIGHUP counts
/// even if the parent ignored it, like `nohup`: a service has a supervisor, not a terminal.
fn stop_signal() -> impl Future<Output = ()> {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()];
    let mut signals: Vec<Signal> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    future::poll_fn(move |cx| {
        let stop = signals.iter_mut().any(|signal| signal.poll_recv(cx).is_ready());
        if stop { Poll::Ready(()) } else { Poll::Pending }
    })
}
