//! Files: who can read them, how much space is left, how old the newest backup is.

use crate::server::{
    cli::doctor::finding::{Finding, Rule, Severity},
    data_folder::SECRET_FILE,
    settings::{Database, ServeArgs, Settings},
};
use rustix::fs::statvfs;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

pub(super) const RULES: &[&Rule] = &[&FILE_READABLE, &DISK_FULL, &BACKUP_MISSING, &BACKUP_OLD, &BACKUP_READABLE];

static FILE_READABLE: Rule = Rule {
    id: "file-readable",
    severity: Severity::High,
    what: "Every user of this machine can read a secret, or open the data folder.",
    why: "With the root secret and a copy of the database, an attacker can make access tokens for any user.",
    change: "chmod 600 <the file>; chmod 700 <the data folder>",
};
static DISK_FULL: Rule = Rule {
    id: "disk-full",
    severity: Severity::High,
    what: "The disk of the data folder is nearly full.",
    why: "Once it is, nobody can sign in or register, and backups fail.",
    change: "Make room, or move FRESHKEY_DATA_DIR to a larger disk.",
};
static BACKUP_MISSING: Rule = Rule {
    id: "backup-missing",
    severity: Severity::High,
    what: "There is no backup.",
    why: "If the disk fails, every account is lost.",
    change: "Back up the database every day, to another machine (docs/operations.md).",
};
static BACKUP_OLD: Rule = Rule {
    id: "backup-old",
    severity: Severity::High,
    what: "The newest backup is old: backups have stopped.",
    why: "If the disk fails, every registration and change since then is lost.",
    change: "Find out why the last one failed (systemctl list-timers; journalctl).",
};
static BACKUP_READABLE: Rule = Rule {
    id: "backup-readable",
    severity: Severity::High,
    what: "Every user of this machine can read a backup.",
    why: "It contains every account's address and password hash.",
    change: "chmod 700 <the folder of the backups>",
};

pub(super) fn check(settings: &Settings, args: &ServeArgs, free_gib: u64) -> Vec<Finding> {
    let folder = &settings.data.folder;
    let named = [&args.secret_file, &args.secret_previous_file, &args.mail_password_file];
    let named = named.into_iter().flatten().map(PathBuf::from);
    let database = match &settings.data.database {
        Database::Sqlite(file) => Some(file.clone()),
        Database::Postgres(_) => None,
    };
    let disk_of = database.as_deref().and_then(Path::parent).unwrap_or(folder).to_owned();
    let own = [folder.clone(), folder.join(SECRET_FILE)].into_iter().chain(database);
    let readable: Vec<_> =
        named.chain(own).filter(|path| is_open(path)).map(|path| path.display().to_string()).collect();
    let found = [(!readable.is_empty()).then(|| FILE_READABLE.seen(readable.join(", "))), disk(&disk_of, free_gib)];
    found.into_iter().flatten().collect()
}

/// Checks the age and the mode of the newest backup in the folder.
pub(super) fn backups(folder: &Path, at_most: Duration) -> Vec<Finding> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let files = entries.filter_map(|entry| Some((entry.path(), entry.metadata().ok()?)));
    let files = files.filter(|(_, metadata)| metadata.is_file() && metadata.len() > 0);
    let Some((newest, written)) =
        files.filter_map(|(path, data)| Some((path, data.modified().ok()?))).max_by_key(|f| f.1)
    else {
        return vec![BACKUP_MISSING.seen(format!("no file is in {}", folder.display()))];
    };
    let age = SystemTime::now().duration_since(written).unwrap_or_default();
    let hours = age.as_secs() / 3600;
    let found = [
        (age > at_most).then(|| BACKUP_OLD.seen(format!("{} is {hours} hours old", newest.display()))),
        is_open(&newest).then(|| BACKUP_READABLE.seen(newest.display().to_string())),
    ];
    found.into_iter().flatten().collect()
}

fn disk(folder: &Path, free_gib: u64) -> Option<Finding> {
    // The folder does not exist before the first start.
    let space = folder.ancestors().find_map(|folder| statvfs(folder).ok())?;
    let free = space.f_bavail.saturating_mul(space.f_frsize) / (1024 * 1024);
    let at = folder.display();
    (free < free_gib.saturating_mul(1024)).then(|| DISK_FULL.seen(format!("{free} MiB are free at {at}")))
}

/// Whether users other than its owner and group can access it. A folder above that they can't enter keeps them out.
fn is_open(path: &Path) -> bool {
    let others =
        |path: &Path, may: u32| fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & may != 0);
    path.canonicalize()
        .is_ok_and(|path| others(&path, 0o007) && path.ancestors().skip(1).all(|above| others(above, 0o001)))
}
