//! The commands, by the help of each.

use crate::support::program;
use std::fmt::Write;

const HEAD: &str = "\
# Commands

What `freshkey` and its commands say with `-h`. They read the [settings](settings.md) of the server, as variables or as
flags. Exit code 1 means that it was not done, 2 that a word or a setting is wrong; [doctor](../doctor.md) has codes of its
own. [Operations](../operations.md) tells what the commands are for, with examples.
";
/// What every command takes, and what the help of the outermost shows once.
const SHARED: [&str; 4] = ["--data-dir", "--database-url", "--json", "--help"];

pub fn page() -> String {
    let mut page = HEAD.to_owned();
    describe(&[], &mut page);
    page
}

/// Writes the help of a command, and of those below it.
fn describe(words: &[&str], page: &mut String) {
    let help = help(words);
    let name = [&["freshkey"], words].concat().join(" ");
    if words == ["serve"] {
        let _ = write!(page, "\n## {name}\n\nServes the app. Its flags are the [settings](settings.md).\n");
        return;
    }
    let level = if words.len() > 1 { "###" } else { "##" };
    let shown = if words.len() > 1 { without_shared(&help) } else { help.clone() };
    let _ = write!(page, "\n{level} {name}\n\n```text\n{shown}\n```\n");
    for below in subcommands(&help) {
        describe(&[words, &[below]].concat(), page);
    }
}

fn help(words: &[&str]) -> String {
    let output = program().args(words).arg("-h").output().unwrap();
    assert!(output.status.success(), "{words:?}");
    let help = String::from_utf8(output.stdout).unwrap();
    help.trim().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// The names in the list of commands.
fn subcommands(help: &str) -> Vec<&str> {
    let list = help.split_once("\nCommands:\n").map_or("", |(_, list)| list.split("\n\n").next().unwrap());
    let names = list.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").collect()
}

/// Leaves out the options that the group has shown, and the heading where none is left.
fn without_shared(help: &str) -> String {
    let kept: Vec<_> = help.lines().filter(|line| !SHARED.iter().any(|flag| line.contains(flag))).collect();
    kept.join("\n").trim_end().trim_end_matches("Options:").trim_end().to_owned()
}
