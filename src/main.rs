//! `freshkey`: reads its settings, builds the server, runs it until it is told to stop.

use freshkey::server::{cli, data_folder};
use std::process::ExitCode;

fn main() -> ExitCode {
    // Before there is a second thread that could make a file.
    data_folder::make_files_private();
    run()
}

#[tokio::main]
async fn run() -> ExitCode {
    cli::run().await
}
