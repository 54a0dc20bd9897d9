//! What the lab adds to the settings, in the real program.

use crate::support::program;
use std::path::Path;

/// Runs a command with wrong settings. Returns its lines.
fn refused(folder: &Path, command: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let output = program()
        .args(command.split(' '))
        .current_dir(folder)
        .env("LEPTOS_SITE_ADDR", "127.0.0.1:0")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{command}");
    String::from_utf8(output.stderr).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn all_that_is_wrong_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = [
        ("FRESHKEY_LAB", "perhaps"),
        ("FRESHKEY_AUDIENCE", "http://localhost:4711/lab"),
        ("DATABASE_URL", "sqlite://data/lab.db"),
    ];
    let lines = refused(folder.path(), "serve", &wrong);
    let expected = [
        "freshkey: DATABASE_URL is not acceptable; it accepts another file than the lab's, lab.db in the data folder",
        "freshkey: FRESHKEY_AUDIENCE is \"http://localhost:4711/lab\"; it accepts an audience that is not the lab's, \
         which is <origin>/lab",
        "freshkey: FRESHKEY_LAB is \"perhaps\"; it accepts on or off",
    ];
    assert_eq!(lines, expected);
    for command in ["serve", "doctor --local"] {
        assert_eq!(refused(folder.path(), command, &wrong[..1]), expected[2..], "{command}");
    }
    for command in ["backup copy.db", "ready"] {
        assert_eq!(refused(folder.path(), command, &wrong[2..]), expected[..1], "{command}");
    }
    assert!(!folder.path().join("data").exists(), "nothing was touched");
}

#[test]
fn its_flag_is_in_the_help_of_the_command_that_serves() {
    let help = program().args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("--lab <ON|OFF>") && help.contains("FRESHKEY_LAB"), "{help}");
}
