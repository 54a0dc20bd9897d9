//! The settings, by the comments that are also the help of `freshkey serve`.

use clap::Arg;

const HEAD: &str = "\
# Settings

Each setting is an environment variable, and a flag of `freshkey serve` under the same name: `FRESHKEY_ACCESS_TTL` is
`--access-ttl`. `freshkey serve --help` says the same as this page. The server reads them when it starts. A duration is
`90s`, `15m`, `12h` or `30d`; a limit is `100/1m`, which is 100 in a minute.

`RUST_LOG` says how much is [logged](../operations.md#the-log). The root secret is replaced
[in steps](../operations.md#replacing-the-root-secret). An app can have [settings of its own](../extending.md#a-setting).

| variable | default | meaning |
|---|---|---|
";

pub fn page() -> String {
    let command = starter::freshkey().serve_command();
    let rows: Vec<_> = command.get_arguments().map(row).collect();
    assert!(rows.len() > 30);
    HEAD.to_owned() + &rows.concat()
}

fn row(arg: &Arg) -> String {
    let variable = arg.get_env().unwrap().to_str().unwrap();
    assert!(variable.ends_with(&arg.get_long().unwrap().replace('-', "_").to_uppercase()), "{variable}");
    let help = arg.get_long_help().or(arg.get_help()).unwrap().to_string();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let meaning = help.trim_end_matches('.');
    // What is no fixed text is said in the help.
    let fixed = arg.get_default_values().first().map(|default| format!("`{}`", default.to_str().unwrap()));
    let told = meaning.split_once(" (default: ").and_then(|(before, rest)| {
        let (default, after) = rest.split_once(')')?;
        Some((default.to_owned(), format!("{before}{after}")))
    });
    let (default, meaning) = told.unwrap_or_else(|| (fixed.unwrap_or_default(), meaning.to_owned()));
    format!("| `{variable}` | {default} | {meaning}. |\n")
}
