//! Looks at this machine: the settings, the database and its instances, Redis, the disk, the backups, the city
//! database, the mail server and its domain. Nothing is written.

mod database;
mod dns;
mod files;
mod instances;
mod mail;
mod places;
mod redis;
mod settings;

use super::finding::{Report, Rule, Unchecked};
use crate::server::settings::{ServeArgs, Settings};
use dns::DnsArgs;
use std::{collections::HashSet, path::PathBuf, time::Duration};

/// The rules of each group.
pub(super) const RULES: [&[&Rule]; 8] = [
    settings::RULES,
    files::RULES,
    places::RULES,
    database::RULES,
    instances::RULES,
    redis::RULES,
    mail::RULES,
    dns::RULES,
];

#[derive(clap::Args)]
pub(super) struct LocalArgs {
    /// Check this machine: the settings of `freshkey serve`, database, Redis, disk, backups, mail server.
    #[arg(long)]
    pub(super) local: bool,
    /// Folder with the backups.
    #[arg(long, value_name = "FOLDER", requires = "local")]
    backups: Option<PathBuf>,
    /// Maximum age of the newest backup.
    #[arg(long, value_name = "DURATION", default_value = "26h", value_parser = humantime::parse_duration)]
    backup_age: Duration,
    /// Number of instances that should run on this database, which needs connections for all of them (default: as many
    /// as run, and connections for two).
    #[arg(long, value_name = "N", requires = "local")]
    instances: Option<u32>,
    /// Disk space that should be free, in GiB.
    #[arg(long, value_name = "GIB", default_value_t = 1)]
    free_disk: u64,
    #[command(flatten)]
    dns: DnsArgs,
}

/// Looks at this machine.
pub(super) async fn inspect(local: &LocalArgs, args: &ServeArgs, settings: &Settings) -> Report {
    let mut report = Report::default();
    report.findings.extend(settings::check(settings));
    report.findings.extend(files::check(settings, args, local.free_disk));
    report.findings.extend(places::check(settings));
    match &local.backups {
        Some(folder) => report.findings.extend(files::backups(folder, local.backup_age)),
        None => report.unchecked.push(Unchecked::new("backups", "--backups names their folder")),
    }
    let database = database::inspect(&settings.data.database, local.instances.unwrap_or(2)).await;
    if database.iter().any(database::is_away) {
        report.unchecked.push(Unchecked::new("instances", "the database can't be reached"));
    } else {
        let (findings, unchecked) = instances::inspect(settings, local.instances).await;
        report.extend(Report { findings, unchecked });
    }
    report.findings.extend(database);
    match &settings.redis {
        Some(client) => {
            let (findings, unchecked) = redis::inspect(client).await;
            report.extend(Report { findings, unchecked: unchecked.into_iter().collect() });
        }
        None => report.unchecked.push(Unchecked::new("Redis", "REDIS_URL is not set")),
    }
    match mail::inspect(settings).await {
        Some(found) => report.findings.extend(found),
        None => report.unchecked.push(Unchecked::new("mail server", "FRESHKEY_MAIL names none")),
    }
    let (findings, unchecked) = dns::inspect(&local.dns, settings).await;
    report.extend(Report { findings, unchecked });
    // The instances may have noticed the same as the settings show.
    let mut named = HashSet::new();
    report.findings.retain(|finding| named.insert(finding.rule.id));
    report
}
