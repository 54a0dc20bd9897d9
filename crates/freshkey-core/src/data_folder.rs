//! The data folder: nobody but its owner reads what is in it.
//!
//! The program makes every file for its owner only ([`make_files_private`], first of all). That does
//! not reach a file that an earlier version made: those are tightened at each start, whatever the
//! mode of the folder. Files that are not ours are left alone: a folder may be shared.

use crate::causes::with_causes;
use rustix::{fs::Mode, process::umask};
use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// What SQLite and we ourselves keep beside a database file.
const BESIDE: [&str; 5] = ["", "-wal", "-shm", "-journal", ".lock"];
/// The databases that the folder may have.
const DATABASES: [&str; 2] = ["freshkey.db", "lab.db"];

/// The file of the root secret.
pub const SECRET_FILE: &str = "secret";

/// From here on, this process makes files for its owner only.
pub fn make_files_private() {
    umask(Mode::RWXG | Mode::RWXO);
}

/// Makes the folder, for its owner only, and tightens what is in it already.
///
/// # Errors
/// It can't be made.
pub fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    for database in DATABASES {
        tighten_database(&folder.join(database));
    }
    for suffix in ["", ".lock", ".new"] {
        tighten(&folder.join(format!("{SECRET_FILE}{suffix}")));
    }
    Ok(())
}

/// Takes a database and the files beside it away from everybody but their owner.
pub fn tighten_database(file: &Path) {
    for beside in BESIDE {
        let mut name = file.as_os_str().to_owned();
        name.push(beside);
        tighten(&PathBuf::from(name));
    }
}

/// It is not worth refusing to start: some file systems know no modes.
fn tighten(file: &Path) {
    let Ok(metadata) = fs::metadata(file) else { return };
    let others = Mode::from_raw_mode(metadata.permissions().mode()) & (Mode::RWXG | Mode::RWXO);
    if others.is_empty() {
        return;
    }
    if let Err(error) = fs::set_permissions(file, Permissions::from_mode(0o600)) {
        tracing::warn!(event = "file_not_private", file = %file.display(), error = %with_causes(&error));
    }
}
