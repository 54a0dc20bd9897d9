//! Nobody but the owner reads what the program keeps, whatever the folder's mode.

use crate::support::{Running, TestDatabase, program};
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn assert_private(folder: &Path) {
    let files = files(folder);
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{} is {mode:o}", file.display());
    }
}

#[tokio::test]
async fn every_file_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    set_mode(&data, 0o755);
    let database = TestDatabase::Sqlite(data.join("freshkey.db"));
    let program = Running::start(&data, &database, &[]);
    assert_private(&data);
    drop(program);

    // What an earlier version left is tightened, what is not ours is left alone.
    for file in files(&data) {
        set_mode(&file, 0o644);
    }
    let other = data.join("notes.txt");
    fs::write(&other, "somebody else's").unwrap();
    set_mode(&other, 0o644);
    let program = Running::start(&data, &database, &[]);
    assert_eq!(fs::metadata(&other).unwrap().permissions().mode() & 0o777, 0o644);
    fs::remove_file(&other).unwrap();
    assert_private(&data);
    drop(program);
}

#[tokio::test]
async fn a_database_elsewhere_is_private_as_well_also_for_the_commands() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = folder.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    set_mode(&elsewhere, 0o755);
    let url = format!("sqlite://{}", elsewhere.join("accounts.db").display());
    let list = || {
        let data = folder.path().join("data");
        program().args(["users", "list", "--database-url", &url]).env("FRESHKEY_DATA_DIR", data).output().unwrap()
    };
    assert!(list().status.success());
    for file in files(&elsewhere) {
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
        set_mode(&file, 0o664);
    }
    assert!(list().status.success());
    for file in files(&elsewhere) {
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
}
