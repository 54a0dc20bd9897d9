//! Runs cargo-leptos: see `Cargo.toml` for why the published one is not used.

use cargo_leptos::config::Cli;
use clap::Parser;

#[tokio::main]
async fn main() -> color_eyre::Result<()> {
    color_eyre::install()?;
    // Cargo calls it as `cargo-leptos leptos …`.
    let mut args: Vec<_> = std::env::args().collect();
    if args.get(1).is_some_and(|arg| arg == "leptos") {
        args.remove(1);
    }
    let cli = Cli::parse_from(args);
    let verbose = cli.opts().map_or(0, |opts| opts.verbose);
    cargo_leptos::logger::setup(verbose, &cli.log);
    cargo_leptos::run(cli).await
}
