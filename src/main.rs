//! `freshkey`: reads its settings, builds the server, runs it until it is told to stop.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    freshkey::server::cli::run().await
}
