//! Whether many connections at once are answered.

use crate::server::cli::doctor::{
    client::Client,
    finding::{Finding, Rule, Severity},
};
use futures::future::join_all;
use http::StatusCode;

pub(super) const RULES: &[&Rule] = &[&CONNECTIONS_REFUSED];

static CONNECTIONS_REFUSED: Rule = Rule {
    id: "connections-refused",
    severity: Severity::Medium,
    what: "Some of 24 simultaneous connections are refused.",
    why: "A browser opens six, and an office shares one address: some users get errors instead of pages.",
    change: "nginx: a larger limit_conn (the server itself allows 512 per address), worker_connections 4096;",
};

/// How many connections four browsers open.
const AT_ONCE: usize = 24;
const LIVEZ: &str = "/livez";

/// Opens all connections before it uses the first one.
pub(super) async fn inspect(client: &Client) -> Option<Finding> {
    let opened = join_all((0..AT_ONCE).map(|_| async {
        let mut client = client.another();
        client.connect().await.ok().map(|()| client)
    }));
    let mut clients: Vec<_> = opened.await.into_iter().flatten().collect();
    let answers = join_all(clients.iter_mut().map(|client| client.get(LIVEZ))).await;
    let busy = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS];
    let answered = answers.iter().flatten().filter(|answer| !busy.contains(&answer.status)).count();
    (answered < AT_ONCE)
        .then(|| CONNECTIONS_REFUSED.seen(format!("{answered} of {AT_ONCE} were answered (GET {LIVEZ})")))
}
