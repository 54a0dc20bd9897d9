//! The settings that all instances of a deployment share.

use super::{ServeArgs, check::not_empty};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// The values of those settings by variable, without users, passwords and secrets. A value is empty if the variable
/// is not set; it is missing if a release does not know the variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Common(pub BTreeMap<String, String>);

impl Common {
    pub(super) fn of(args: &ServeArgs) -> Self {
        // If they follow from the origin, they are the same.
        let else_the_origin = |text: &Option<String>| not_empty(text.clone()).or_else(|| args.origin.clone());
        let given = [
            ("FRESHKEY_ORIGIN", args.origin.clone()),
            ("FRESHKEY_ISSUER", else_the_origin(&args.issuer)),
            ("FRESHKEY_AUDIENCE", else_the_origin(&args.audience)),
            ("FRESHKEY_RP_ID", args.rp_id.clone()),
            ("FRESHKEY_MAIL", args.mail.as_deref().filter(|mail| *mail != "none").map(place)),
            ("FRESHKEY_MAIL_FROM", args.mail_from.clone()),
            ("REDIS_URL", args.redis_url.as_deref().map(place)),
        ];
        let with_defaults = [
            ("FRESHKEY_HSTS", &args.hsts),
            ("FRESHKEY_ALGORITHM", &args.algorithm),
            ("FRESHKEY_ACCESS_TTL", &args.access_ttl),
            ("FRESHKEY_REFRESH_TTL", &args.refresh_ttl),
            ("FRESHKEY_IDLE_TTL", &args.idle_ttl),
            ("FRESHKEY_REFRESH_GRACE", &args.refresh_grace),
            ("FRESHKEY_LOST_ANSWER_RECOVERY", &args.lost_answer_recovery),
            ("FRESHKEY_RATE_LIMIT", &args.rate_limit),
            ("FRESHKEY_SESSION_RATE_LIMIT", &args.session_rate_limit),
            ("FRESHKEY_LOGIN_RATE_LIMIT", &args.login_rate_limit),
            ("FRESHKEY_MAIL_RATE_LIMIT", &args.mail_rate_limit),
            ("FRESHKEY_MAIL_SIGN_IN", &args.mail_sign_in),
            ("FRESHKEY_LANGUAGES", &args.languages),
            ("FRESHKEY_CODE_TTL", &args.code_ttl),
            ("FRESHKEY_REGISTER_TTL", &args.register_ttl),
            ("FRESHKEY_STEP_UP_TTL", &args.step_up_ttl),
            ("FRESHKEY_UNDO_TTL", &args.undo_ttl),
            ("FRESHKEY_DELETE_AFTER", &args.delete_after),
            ("FRESHKEY_REQUIRE_MFA", &args.require_mfa),
            ("FRESHKEY_TRUST_DEVICE", &args.trust_device),
            ("FRESHKEY_PASSWORD_MIN", &args.password_min),
        ];
        let given = given.into_iter().map(|(name, text)| (name, text.unwrap_or_default()));
        let all = given.chain(with_defaults.into_iter().map(|(name, text)| (name, text.clone())));
        Self(all.map(|(name, text)| (name.to_owned(), plain(text.trim()))).collect())
    }
}

/// Returns one spelling for values that mean the same: `900s` is `15m`, and `10/900s` is `10/15m`.
fn plain(text: &str) -> String {
    let duration =
        |text: &str| humantime::parse_duration(text).ok().map(|time| humantime::format_duration(time).to_string());
    let limit = || text.split_once('/').and_then(|(count, time)| Some(format!("{count}/{}", duration(time)?)));
    duration(text).or_else(limit).unwrap_or_else(|| text.to_owned())
}

/// Returns where a URL leads, without its secrets. Other words, such as `none`, are returned unchanged.
fn place(text: &str) -> String {
    let Ok(url) = Url::parse(text.trim()) else { return text.to_owned() };
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Args, FromArgMatches};
    use std::collections::BTreeSet;

    /// The settings that each instance may have for itself.
    const OWN: [&str; 13] = [
        "DATABASE_URL",
        "FRESHKEY_DATA_DIR",
        "FRESHKEY_MAIL_PASSWORD_FILE",
        "FRESHKEY_MAIL_REPLY_TO",
        "FRESHKEY_METRICS_ADDR",
        "FRESHKEY_PLACES_FILE",
        "FRESHKEY_SECRET",
        "FRESHKEY_SECRET_FILE",
        "FRESHKEY_SECRET_PREVIOUS",
        "FRESHKEY_SECRET_PREVIOUS_FILE",
        "FRESHKEY_TRUSTED_PROXIES",
        "LEPTOS_SITE_ADDR",
        "LEPTOS_SITE_ROOT",
    ];

    #[test]
    fn every_setting_is_shared_or_said_to_be_an_instances_own() {
        let args = ServeArgs::augment_args(clap::Command::new("serve")).no_binary_name(true);
        let names = args.get_arguments().filter_map(|arg| arg.get_env()?.to_str()).map(str::to_owned);
        let names: BTreeSet<_> = names.collect();
        let parsed =
            ServeArgs::from_arg_matches(&args.try_get_matches_from([""; 0]).expect("defaults")).expect("parsed");
        let shared: BTreeSet<_> = Common::of(&parsed).0.into_keys().collect();
        let own: BTreeSet<_> = OWN.map(str::to_owned).into();
        assert_eq!(names, &shared | &own);
    }

    #[test]
    fn what_means_the_same_is_one_text() {
        for (one, other) in [("900s", "15m"), ("10/900s", "10/15m"), ("1day", "24h")] {
            assert_eq!(plain(one), plain(other));
        }
        for text in ["off", "en,de", "", "https://a.example"] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn of_an_address_only_the_place_is_told() {
        assert_eq!(place("redis://ada:hidden@10.0.0.5:6379/2?x=hidden#hidden"), "redis://10.0.0.5:6379/2");
        assert_eq!(place("smtps://ada:hidden@mail.example.com"), "smtps://mail.example.com");
        assert_eq!(place("none"), "none");
    }
}
