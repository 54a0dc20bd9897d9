//! Finds instances that should be alike but are not. With different settings or clocks, an instance refuses a third
//! to a half of what another one answers, and each alone looks healthy. So each instance writes what it runs with
//! into the database.

use crate::{
    clock::Clock,
    settings::Common,
    store::{Store, StoreError, instances::InstanceRow},
};
use freshkey_types::Millis;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    net::IpAddr,
    time::Duration,
};
use tokio::time::Instant;

const EVERY: Duration = Duration::from_secs(30);
/// How long instances may differ while an update is under way.
const UPDATE: Duration = Duration::from_mins(5);
/// The largest acceptable difference between clocks. From a minute on, what one instance signs is
/// from the future for another.
const CLOCKS_APART: Millis = Millis::from_secs(30);

/// What an instance reports about itself.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The machine, and the address that the instance listens on.
    pub name: String,
    /// Its release.
    pub version: &'static str,
    /// The settings that all instances should share.
    pub settings: Common,
}

/// What an instance has noticed about the proxy in front of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noticed {
    /// A sender of `X-Forwarded-For` that is not trusted.
    pub untrusted_proxy: Option<IpAddr>,
    /// A trusted proxy that does not say for whom it forwards.
    pub silent_proxy: Option<IpAddr>,
}

/// A setting that is not the same on all instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The environment variable.
    pub setting: String,
    /// Its values, and the instances that have each. The value is empty where it is not set.
    pub texts: BTreeMap<String, Vec<String>>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(text, who): (&String, &Vec<String>)| {
            let text = if text.is_empty() { "not set" } else { text };
            format!("{text} ({})", who.join(", "))
        };
        let texts: Vec<_> = self.texts.iter().map(shown).collect();
        write!(f, "{}: {}", self.setting, texts.join("; "))
    }
}

/// Reports in a loop what `instance` runs with and has noticed. Logs differences that last longer than an update.
pub async fn report(store: Store, instance: Instance, noticed: impl Fn() -> Noticed, clock: Clock) {
    let (mut since, mut told) = (None, Vec::new());
    loop {
        // If the database is down, the readiness check reports it.
        if let Ok(running) = report_now(&store, &instance, noticed(), clock.now()).await {
            let differ = differing(&running);
            if differ.is_empty() {
                told.clear();
            }
            since = if differ.is_empty() { None } else { since.or_else(|| Some(Instant::now())) };
            if since.is_some_and(|since| since.elapsed() >= UPDATE) && told != differ {
                tracing::warn!(
                    event = "instances_differ",
                    what = differ.join(", "),
                    "instances on one database differ; freshkey doctor --local says how"
                );
                told = differ;
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Reports once, at `now`, what `instance` runs with and has noticed. Returns the running instances.
///
/// # Errors
/// The database failed.
pub async fn report_now(
    store: &Store,
    instance: &Instance,
    noticed: Noticed,
    now: Millis,
) -> Result<Vec<InstanceRow>, StoreError> {
    store
        .report_instance(&InstanceRow {
            name: instance.name.clone(),
            version: instance.version.to_owned(),
            settings: serde_json::to_string(&instance.settings).unwrap_or_default(),
            untrusted_proxy: noticed.untrusted_proxy.map(|peer| peer.to_string()),
            silent_proxy: noticed.silent_proxy.map(|peer| peer.to_string()),
            clock_ahead: now,
        })
        .await?;
    store.running_instances().await
}

/// Returns the settings that differ between instances, by name. A release that does not know a setting is left out.
pub fn differences(instances: &[(String, Common)]) -> Vec<Difference> {
    let settings: BTreeSet<_> = instances.iter().flat_map(|(_, common)| common.0.keys()).collect();
    let texts = |setting: &String| {
        let mut texts = BTreeMap::<String, Vec<String>>::new();
        for (name, Common(common)) in instances {
            if let Some(text) = common.get(setting) {
                texts.entry(text.clone()).or_default().push(name.clone());
            }
        }
        Difference { setting: setting.clone(), texts }
    };
    settings.into_iter().map(texts).filter(|difference| difference.texts.len() > 1).collect()
}

/// Reads the shared settings that each instance reports.
pub fn common_of(running: &[InstanceRow]) -> Vec<(String, Common)> {
    let read = |row: &InstanceRow| Some((row.name.clone(), serde_json::from_str(&row.settings).ok()?));
    running.iter().filter_map(read).collect()
}

/// Returns the two instances whose clocks are furthest apart, and by how much, if that is a fault.
pub fn clocks_apart(running: &[InstanceRow]) -> Option<(&InstanceRow, &InstanceRow, Millis)> {
    let behind = running.iter().min_by_key(|row| row.clock_ahead)?;
    let ahead = running.iter().max_by_key(|row| row.clock_ahead)?;
    let apart = ahead.clock_ahead - behind.clock_ahead;
    (apart > CLOCKS_APART).then_some((behind, ahead, apart))
}

fn differing(running: &[InstanceRow]) -> Vec<String> {
    let settings = differences(&common_of(running)).into_iter().map(|difference| difference.setting);
    settings.chain(clocks_apart(running).map(|_| "clock".to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, settings: &str, clock_ahead: Millis) -> InstanceRow {
        InstanceRow {
            name: name.to_owned(),
            version: String::new(),
            settings: settings.to_owned(),
            untrusted_proxy: None,
            silent_proxy: None,
            clock_ahead,
        }
    }

    #[test]
    fn what_differs_is_told_and_nothing_else() {
        let one = r#"{"FRESHKEY_ORIGIN":"https://a.example","FRESHKEY_CODE_TTL":"10m","REDIS_URL":""}"#;
        let two =
            r#"{"FRESHKEY_ORIGIN":"https://b.example","REDIS_URL":"redis://c","FRESHKEY_NEW":"of a later release"}"#;
        let alike = [row("one", one, Millis::ZERO), row("two", one, CLOCKS_APART)];
        assert!(differing(&alike).is_empty());
        let apart = [row("one", one, Millis(-1)), row("two", two, CLOCKS_APART)];
        assert_eq!(differing(&apart), ["FRESHKEY_ORIGIN", "REDIS_URL", "clock"]);
        let shown: Vec<_> = differences(&common_of(&apart)).iter().map(Difference::to_string).collect();
        assert_eq!(shown[0], "FRESHKEY_ORIGIN: https://a.example (one); https://b.example (two)");
        assert_eq!(shown[1], "REDIS_URL: not set (one); redis://c (two)");
        assert_eq!(clocks_apart(&apart).map(|(behind, ahead, _)| (&*behind.name, &*ahead.name)), Some(("one", "two")));
        assert!(
            differing(&[row("one", "nonsense", Millis::ZERO), row("two", one, Millis::ZERO)]).is_empty(),
            "another release's words"
        );
    }
}
