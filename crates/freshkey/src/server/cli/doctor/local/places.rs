//! The city database: whether the server can use it, and its age.

use crate::app::types::Millis;
use crate::server::{
    auth::places::CityDatabase,
    cli::doctor::finding::{Finding, Rule, Severity},
    clock::Clock,
    settings::Settings,
};
use freshkey_core::causes::with_causes;

pub(super) const RULES: &[&Rule] = &[&PLACES_UNUSABLE, &PLACES_OLD];

static PLACES_UNUSABLE: Rule = Rule {
    id: "places-unusable",
    severity: Severity::Medium,
    what: "The city database can't be used.",
    why: "The server does not start with it.",
    change: "FRESHKEY_PLACES_FILE=<a city database in MaxMind's format that the server can read>",
};
static PLACES_OLD: Rule = Rule {
    id: "places-old",
    severity: Severity::Low,
    what: "The city database is older than three months.",
    why: "Addresses move: users are shown wrong places, and take their own sign-in for somebody else's.",
    change: "Download it again every week or month (geoipupdate does so for GeoLite2).",
};

/// The age from which a database is old.
const OLD: Millis = Millis::from_days(92);

pub(super) fn check(settings: &Settings) -> Option<Finding> {
    let file = settings.places_file.as_deref()?;
    let age = match CityDatabase::open(file) {
        Ok(database) => Clock::system().now() - database.built_at(),
        Err(error) => return Some(PLACES_UNUSABLE.seen(with_causes(&error).to_string())),
    };
    let days = age.0 / Millis::from_days(1).0;
    (age > OLD).then(|| PLACES_OLD.seen(format!("{} is {days} days old", file.display())))
}
