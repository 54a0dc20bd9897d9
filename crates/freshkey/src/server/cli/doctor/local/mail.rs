//! The mail server: whether it can be reached and accepts our login. Nothing is sent.

use crate::server::{
    cli::doctor::finding::{Finding, Rule, Severity},
    mail::client,
    settings::{MailWay, Settings},
};
use freshkey_core::causes::with_causes;
use tokio::time::timeout;

pub(super) const RULES: &[&Rule] = &[&MAIL_FAILS];

static MAIL_FAILS: Rule = Rule {
    id: "mail-fails",
    severity: Severity::High,
    what: "The mail server can't be reached, or refuses our login.",
    why: "Nobody can register or reset a password. Emails wait in the database.",
    change: "FRESHKEY_MAIL=smtps://<user>@<host>, FRESHKEY_MAIL_PASSWORD_FILE=<file>; freshkey mail test shows each step.",
};

pub(super) async fn inspect(settings: &Settings) -> Option<Vec<Finding>> {
    let MailWay::Smtp(server) = &settings.mail.way else { return None };
    let failed = |why: String| Some(vec![MAIL_FAILS.seen(format!("{}:{}: {why}", server.host, server.port))]);
    let client = match client(settings) {
        Ok(client) => client?,
        Err(error) => return failed(with_causes(&error).to_string()),
    };
    let times = settings.mail.times;
    match timeout(times.connect, client.connect(&mut |_, _| ())).await {
        Ok(Ok(connection)) => {
            connection.quit(times).await;
            Some(Vec::new())
        }
        Ok(Err(error)) => failed(error.to_string()),
        Err(_) => failed("it does not answer".to_owned()),
    }
}
