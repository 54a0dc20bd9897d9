//! The data folder. Only its owner can read what is in it.
//!
//! The program creates every file with owner-only permissions ([`make_files_private`], called first of all). Files
//! that an earlier version created are tightened at each start, whatever the mode of the folder. Other files are left
//! alone: the folder may be shared.

use crate::causes::with_causes;
use rustix::{fs::Mode, process::umask};
use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// The suffixes of the files that SQLite and the library keep beside a database file, and of the file itself.
const BESIDE: [&str; 5] = ["", "-wal", "-shm", "-journal", ".lock"];
/// The database that the folder holds unless the settings name another.
const DATABASE: &str = "freshkey.db";

/// The file that holds the root secret.
pub const SECRET_FILE: &str = "secret";

/// Makes this process create files that only its owner can access, from now on.
pub fn make_files_private() {
    umask(Mode::RWXG | Mode::RWXO);
}

/// Creates the folder for its owner only, and tightens the files that are already in it.
///
/// # Errors
/// The folder can't be created.
pub fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    tighten_database(&folder.join(DATABASE));
    for suffix in ["", ".lock", ".new"] {
        tighten(&folder.join(format!("{SECRET_FILE}{suffix}")));
    }
    Ok(())
}

/// Restricts a database and the files beside it to their owner.
pub fn tighten_database(file: &Path) {
    for beside in BESIDE {
        let mut name = file.as_os_str().to_owned();
        name.push(beside);
        tighten(&PathBuf::from(name));
    }
}

/// Restricts a file to its owner. A failure is no reason to refuse to start: some file systems have no modes.
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
