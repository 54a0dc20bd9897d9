//! The running instances: whether they have the same settings, are all there, and learn their clients' addresses from
//! the proxy.

use super::settings::PROXY_NOT_TRUSTED;
use crate::server::{
    auth::{
        instances::{clocks_apart, common_of, differences},
        keyring,
        root_secret::RootSecret,
    },
    cli::doctor::finding::{Finding, Rule, Severity, Unchecked},
    data_folder::SECRET_FILE,
    settings::{Common, Settings},
    store::{
        inspect::{Inside, inside},
        instances::InstanceRow,
    },
};
use freshkey_core::causes::with_causes;
use std::fs;

pub(super) const RULES: &[&Rule] =
    &[&INSTANCES_DIFFER, &INSTANCE_CLOCKS, &INSTANCES_MISSING, &PROXY_SILENT, &SECRET_DIFFERS];

static INSTANCES_DIFFER: Rule = Rule {
    id: "instances-differ",
    severity: Severity::High,
    what: "Instances have different settings.",
    why: "What one instance issues, another refuses: with different origins, every second call fails.",
    change: "Use the same freshkey.env for all, and restart those that have another (deploy/roll.sh).",
};
static INSTANCE_CLOCKS: Rule = Rule {
    id: "instance-clocks",
    severity: Severity::Medium,
    what: "The clocks of two instances are more than 30 seconds apart.",
    why: "From a minute apart, the instance that is behind refuses the other's access tokens as issued in the future.",
    change: "timedatectl set-ntp true, on both machines",
};
static INSTANCES_MISSING: Rule = Rule {
    id: "instances-missing",
    severity: Severity::High,
    what: "Fewer instances run on this database than there should be.",
    why: "An instance that does not run carries no load. One with a database of its own knows none of the accounts.",
    change: "systemctl status 'freshkey@*'; the same DATABASE_URL for all",
};
static PROXY_SILENT: Rule = Rule {
    id: "proxy-silent",
    severity: Severity::High,
    what: "The proxy does not forward its clients' addresses.",
    why: "All visitors share one rate limit (100 calls a minute), and the list of sessions shows the proxy's address.",
    change: "nginx: proxy_set_header X-Forwarded-For $remote_addr; other proxies: turn X-Forwarded-For on",
};
static SECRET_DIFFERS: Rule = Rule {
    id: "secret-differs",
    severity: Severity::High,
    what: "The root secret does not open the keys in the database.",
    why: "An instance with this secret does not start.",
    change: "FRESHKEY_SECRET_FILE=<the file that the other instances have>, or the previous one as \
             FRESHKEY_SECRET_PREVIOUS_FILE",
};

/// The name of this command's settings beside those of the instances.
const HERE: &str = "this command";

/// Returns what was found, and what could not be looked at.
pub(super) async fn inspect(settings: &Settings, expected: Option<u32>) -> (Vec<Finding>, Vec<Unchecked>) {
    match inside(&settings.data.database).await {
        Ok(Inside { instances, keys }) => {
            let mut found = check(&instances, &settings.common, expected);
            let closed = secret(settings).is_some_and(|secret| !keyring::opens(&secret, keys));
            found.extend(closed.then(|| SECRET_DIFFERS.seen("a signing key is sealed with another one")));
            (found, Vec::new())
        }
        Err(error) => (Vec::new(), vec![Unchecked::new("instances", with_causes(&error).to_string())]),
    }
}

fn check(running: &[InstanceRow], here: &Common, expected: Option<u32>) -> Vec<Finding> {
    let mut common = common_of(running);
    if !common.is_empty() {
        common.push((HERE.to_owned(), here.clone()));
    }
    let differ: Vec<_> = differences(&common).iter().map(ToString::to_string).collect();
    let clocks = clocks_apart(running).map(|(behind, ahead, by)| {
        INSTANCE_CLOCKS.seen(format!(
            "that of {} is {} s ahead of that of {}",
            ahead.name,
            by.whole_seconds(),
            behind.name
        ))
    });
    let count = running.len();
    let missing = expected.filter(|expected| count < usize::try_from(*expected).unwrap_or(usize::MAX));
    let names: Vec<_> = running.iter().map(|row| row.name.as_str()).collect();
    let proxies = |proxy: fn(&InstanceRow) -> Option<&String>| {
        let seen = running.iter().filter_map(|row| Some(format!("{} by {}", row.name, proxy(row)?)));
        Some(seen.collect::<Vec<_>>().join(", ")).filter(|seen| !seen.is_empty())
    };
    let found = [
        (!differ.is_empty()).then(|| INSTANCES_DIFFER.seen(differ.join(". "))),
        clocks,
        missing.map(|expected| {
            INSTANCES_MISSING.seen(format!("{count} of {expected} run. {}", names.join(", ")).trim_end())
        }),
        proxies(|row| row.untrusted_proxy.as_ref())
            .map(|seen| PROXY_NOT_TRUSTED.seen(format!("X-Forwarded-For was sent to {seen}, which is not trusted"))),
        proxies(|row| row.silent_proxy.as_ref())
            .map(|seen| PROXY_SILENT.seen(format!("requests without X-Forwarded-For were sent to {seen}"))),
    ];
    found.into_iter().flatten().collect()
}

/// Returns the root secret that a server would start with; none if it would generate one.
fn secret(settings: &Settings) -> Option<RootSecret> {
    let file = || fs::read_to_string(settings.data.folder.join(SECRET_FILE)).ok();
    let present = settings.data.secret.clone().or_else(file)?;
    let previous = settings.data.previous_secret.as_deref().and_then(RootSecret::parse);
    Some(RootSecret::parse(&present)?.after(previous))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::types::Millis;

    fn running(settings: &str, clock_ahead: Millis, untrusted: Option<&str>, silent: Option<&str>) -> InstanceRow {
        InstanceRow {
            name: format!("app{clock_ahead}"),
            version: "0.2.0".to_owned(),
            settings: settings.to_owned(),
            untrusted_proxy: untrusted.map(str::to_owned),
            silent_proxy: silent.map(str::to_owned),
            clock_ahead,
        }
    }

    #[test]
    fn what_instances_tell_of_each_other_is_found() {
        const ONE: &str = r#"{"FRESHKEY_ORIGIN":"https://a.example"}"#;
        const TWO: &str = r#"{"FRESHKEY_ORIGIN":"https://b.example"}"#;
        let here: Common = serde_json::from_str(ONE).expect("settings");
        let found = |running: &[InstanceRow], expected| -> Vec<_> {
            check(running, &here, expected).iter().map(|finding| finding.rule.id).collect()
        };
        assert!(found(&[], None).is_empty());
        let sound = [running(ONE, Millis(0), None, None), running(ONE, Millis(1), None, None)];
        assert!(found(&sound, Some(2)).is_empty());
        assert_eq!(found(&sound, Some(3)), ["instances-missing"]);
        assert_eq!(
            found(&[running(ONE, Millis(0), None, None), running(TWO, Millis(1), None, None)], None),
            ["instances-differ"]
        );
        assert_eq!(found(&[running(TWO, Millis(0), None, None)], None), ["instances-differ"], "from what is set here");
        assert_eq!(
            found(&[running(ONE, Millis(0), None, None), running(ONE, Millis(40_000), None, None)], None),
            ["instance-clocks"]
        );
        assert_eq!(found(&[running(ONE, Millis(0), Some("10.0.0.9"), None)], None), ["proxy-not-trusted"]);
        assert_eq!(found(&[running(ONE, Millis(0), None, Some("10.0.0.9"))], None), ["proxy-silent"]);
    }
}
