//! The database: whether it can be reached, and its settings.

use crate::server::{
    cli::doctor::finding::{Finding, Rule, Severity},
    settings::Database,
    store::inspect::{POSTGRES_CONNECTIONS, PostgresSettings, postgres_settings},
};
use freshkey_core::causes::with_causes;

pub(super) const RULES: &[&Rule] =
    &[&DATABASE_UNREACHABLE, &POSTGRES_NOT_DURABLE, &POSTGRES_FORGETS, &POSTGRES_READ_ONLY, &POSTGRES_CONNECTIONS_FEW];

static DATABASE_UNREACHABLE: Rule = Rule {
    id: "database-unreachable",
    severity: Severity::High,
    what: "The database can't be reached.",
    why: "Nobody can sign in.",
    change: "DATABASE_URL=postgres://<user>@<host>/<database>; pg_hba.conf has to let this machine in.",
};
static POSTGRES_NOT_DURABLE: Rule = Rule {
    id: "postgres-not-durable",
    severity: Severity::High,
    what: "Postgres does not wait for the disk: fsync or full_page_writes is off.",
    why: "A power cut can destroy the whole database.",
    change: "postgresql.conf: fsync = on, full_page_writes = on",
};
static POSTGRES_FORGETS: Rule = Rule {
    id: "postgres-forgets",
    severity: Severity::Medium,
    what: "Postgres acknowledges commits that it may still lose: synchronous_commit is off.",
    why: "A crash can undo a sign-out or a password change.",
    change: "postgresql.conf: synchronous_commit = on",
};
static POSTGRES_READ_ONLY: Rule = Rule {
    id: "postgres-read-only",
    severity: Severity::High,
    what: "This Postgres accepts no writes: it is a replica, or set to read-only.",
    why: "Nobody can sign in, and /readyz answers 503.",
    change: "DATABASE_URL=<the primary's address>; on the primary, default_transaction_read_only = off",
};
static POSTGRES_CONNECTIONS_FEW: Rule = Rule {
    id: "postgres-connections",
    severity: Severity::Medium,
    what: "Postgres allows fewer connections than the instances may open.",
    why: "Under load, and while an update runs old and new instances together, some requests get 503.",
    change: "postgresql.conf: max_connections = 100, or more; --instances tells this command how many there are.",
};

/// Looks at Postgres only: the server configures SQLite itself each time that it opens it.
pub(super) async fn inspect(database: &Database, instances: u32) -> Vec<Finding> {
    let Database::Postgres(url) = database else { return Vec::new() };
    match postgres_settings(url).await {
        Ok(settings) => check(&settings, instances),
        Err(error) => vec![DATABASE_UNREACHABLE.seen(format!("{database}: {}", with_causes(&error)))],
    }
}

/// Whether the finding says that the database can't be reached.
pub(super) fn is_away(finding: &Finding) -> bool {
    finding.rule.id == DATABASE_UNREACHABLE.id
}

fn check(settings: &PostgresSettings, instances: u32) -> Vec<Finding> {
    let PostgresSettings { may_be_destroyed, may_forget, is_read_only, connections } = *settings;
    let needed = i64::from(POSTGRES_CONNECTIONS) * i64::from(instances);
    let found = [
        may_be_destroyed.then(|| POSTGRES_NOT_DURABLE.seen("fsync or full_page_writes is off")),
        may_forget.then(|| POSTGRES_FORGETS.seen("synchronous_commit is off")),
        is_read_only.then(|| POSTGRES_READ_ONLY.seen("transaction_read_only is on")),
        (connections < needed).then(|| {
            POSTGRES_CONNECTIONS_FEW.seen(format!("{connections} connections; {instances} instances may open {needed}"))
        }),
    ];
    found.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: PostgresSettings =
        PostgresSettings { may_be_destroyed: false, may_forget: false, is_read_only: false, connections: 97 };

    fn found(settings: &PostgresSettings, instances: u32) -> Vec<&'static str> {
        check(settings, instances).iter().map(|finding| finding.rule.id).collect()
    }

    #[test]
    fn each_setting_of_postgres_has_its_finding() {
        assert!(found(&SOUND, 6).is_empty());
        assert_eq!(found(&SOUND, 7), ["postgres-connections"]);
        assert_eq!(found(&PostgresSettings { may_be_destroyed: true, ..SOUND }, 1), ["postgres-not-durable"]);
        assert_eq!(found(&PostgresSettings { may_forget: true, ..SOUND }, 1), ["postgres-forgets"]);
        assert_eq!(found(&PostgresSettings { is_read_only: true, ..SOUND }, 1), ["postgres-read-only"]);
    }
}
