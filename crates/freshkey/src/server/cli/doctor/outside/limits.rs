//! Whether a client that forges its address gets round the rate limit.
//!
//! Freshkey reports its limit only when it refuses, and never whom it counts for. So this tries it out: with calls that
//! cost nothing, each with another forged address. They count for the machine that this runs on, unless the forged
//! address is believed.

use super::ME;
use crate::server::cli::doctor::{
    client::{Answer, Client, ClientError},
    finding::{Finding, Rule, Severity},
};
use http::{
    HeaderName, Method, StatusCode,
    header::{FORWARDED, RETRY_AFTER},
};

pub(super) const RULES: &[&Rule] = &[&FORGED_ADDRESS, &NO_LIMIT, &RETRY_AFTER_STRIPPED];

static FORGED_ADDRESS: Rule = Rule {
    id: "forged-address",
    severity: Severity::High,
    what: "A client that forges X-Forwarded-For or Forwarded bypasses the rate limit.",
    why: "Passwords can be guessed without a limit per address, and the list of sessions shows made-up addresses.",
    change: "FRESHKEY_TRUSTED_PROXIES=<the proxy's address alone>, and in the proxy: proxy_set_header X-Forwarded-For \
             $remote_addr; proxy_set_header Forwarded \"\";",
};
static NO_LIMIT: Rule = Rule {
    id: "no-limit",
    severity: Severity::Medium,
    what: "300 calls in a row met no limit.",
    why: "One machine can guess passwords without a limit, and keep the server busy.",
    change: "FRESHKEY_RATE_LIMIT=100/1m",
};
static RETRY_AFTER_STRIPPED: Rule = Rule {
    id: "retry-after-stripped",
    severity: Severity::Low,
    what: "A refusal for too many requests lacks Retry-After.",
    why: "The pages can't say how long to wait, and programs retry at once.",
    change: "Let Retry-After through, and leave 429 to the server (nginx: proxy_intercept_errors off;).",
};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Calls of one kind: more than most limits allow in the time that the calls take.
const CALLS: u32 = 300;

pub(super) async fn inspect(client: &mut Client) -> Result<Vec<Finding>, ClientError> {
    let mut found = Vec::new();
    let forged = until_refused(client, &[X_FORWARDED_FOR]).await?;
    let standard = until_refused(client, &[FORWARDED]).await?;
    let refused = match (forged, standard) {
        (Some(refused), Some(_)) => refused,
        (forged, standard) => {
            let header = if forged.is_none() { "X-Forwarded-For" } else { "Forwarded" };
            match forged.or(standard).or(until_refused(client, &[]).await?) {
                None => return Ok(vec![NO_LIMIT.seen(format!("GET {ME}, {CALLS} times"))]),
                Some(refused) => {
                    let seen =
                        format!("{CALLS} calls with another {header} each met no limit; calls that forged none did");
                    found.push(FORGED_ADDRESS.seen(seen));
                    refused
                }
            }
        }
    };
    if !refused.headers.contains_key(RETRY_AFTER) {
        found.push(RETRY_AFTER_STRIPPED.seen(refused.told()));
    }
    Ok(found)
}

/// Calls until a call is refused, each time with another address of the benchmark network of RFC 2544: it belongs to
/// nobody, and is large enough.
async fn until_refused(client: &mut Client, names: &[HeaderName]) -> Result<Option<Answer>, ClientError> {
    for call in 0..CALLS {
        let address = format!("198.18.{}.{}", call / 250, call % 250 + 1);
        let headers: Vec<_> = names
            .iter()
            .map(|name| (name.clone(), if *name == FORWARDED { format!("for={address}") } else { address.clone() }))
            .collect();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.clone(), value.as_str())).collect();
        let answer = client.ask(Method::GET, ME, &headers).await?;
        // The proxy may have a limit of its own, which answers 503.
        if matches!(answer.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            return Ok(Some(answer));
        }
    }
    Ok(None)
}
