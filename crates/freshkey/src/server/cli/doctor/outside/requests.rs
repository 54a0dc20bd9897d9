//! Which headers of a request reach the server, and which of a refusal come back. Each header that the server decides
//! by is sent once, in such a way that a refusal shows whether it arrived.

use super::Seen;
use crate::{
    app::error::Code,
    server::cli::doctor::{
        client::Answer,
        finding::{Finding, Rule, Severity},
        name,
    },
};
use http::StatusCode;

pub(super) const RULES: &[&Rule] = &[
    &NOT_READY,
    &ORIGIN_DIFFERS,
    &CROSS_SITE_ACCEPTED,
    &AUTHORIZATION_STRIPPED,
    &COOKIE_STRIPPED,
    &ANSWER_REPLACED,
    &CHALLENGE_STRIPPED,
];

static NOT_READY: Rule = Rule {
    id: "not-ready",
    severity: Severity::High,
    what: "The server is not ready.",
    why: "It can't read or write its database: nobody can sign in.",
    change: "Look for the event not_ready in the log; the disk may be full, or the database down. If only the proxy refuses \
             /readyz, let it through.",
};
static ORIGIN_DIFFERS: Rule = Rule {
    id: "origin-differs",
    severity: Severity::High,
    what: "The server's origin differs from the address that users open.",
    why: "It refuses its own pages as another site's (403 CROSS_ORIGIN), and its cookies, emails and tokens are for the \
          other address.",
    change: "FRESHKEY_ORIGIN=<the address in the browser's address bar, without a path>",
};
static CROSS_SITE_ACCEPTED: Rule = Rule {
    id: "cross-site-accepted",
    severity: Severity::High,
    what: "A request from another site is accepted.",
    why: "The proxy hides the header that tells the server who made a request, so other sites can act as the visitor.",
    change: "Let Origin and Sec-Fetch-Site through (nginx: no proxy_set_header Origin \"\"; Caddy: no header_up -Origin).",
};
static AUTHORIZATION_STRIPPED: Rule = Rule {
    id: "authorization-stripped",
    severity: Severity::High,
    what: "The Authorization header does not reach the server.",
    why: "Every protected call is answered 401, so signed-in users don't see their own data.",
    change: "nginx: no proxy_set_header Authorization; no password of the proxy's own (auth_basic) in front of /api.",
};
static COOKIE_STRIPPED: Rule = Rule {
    id: "cookie-stripped",
    severity: Severity::High,
    what: "Cookies do not reach the server.",
    why: "No session survives a reload or the end of its access token: users are signed out again and again.",
    change: "In the CDN, forward all cookies for everything but /pkg/; in nginx, no proxy_set_header Cookie.",
};
static ANSWER_REPLACED: Rule = Rule {
    id: "answer-replaced",
    severity: Severity::High,
    what: "Answers under /api are not the server's own.",
    why: "The pages read the code of a refusal: without it they can neither refresh nor say what is wrong.",
    change: "Proxy all of /api to the server, and leave its refusals alone (nginx: proxy_intercept_errors off;).",
};
static CHALLENGE_STRIPPED: Rule = Rule {
    id: "challenge-stripped",
    severity: Severity::Low,
    what: "A 401 answer lacks WWW-Authenticate.",
    why: "It tells programs that a token is missing or has expired (RFC 9110, section 15.5.2).",
    change: "Let WWW-Authenticate through (nginx: no proxy_hide_header WWW-Authenticate;).",
};

/// Whether the server's origin differs from the one that it is reached by.
pub(super) fn origin(seen: &Seen) -> Option<Finding> {
    let refused = seen.own_page.iter().filter(|answer| refused_as(answer, Code::CrossOrigin)).count();
    let (of, site) = (seen.own_page.len(), name(&seen.site));
    (refused > 0).then(|| {
        ORIGIN_DIFFERS.seen(format!("of {of} requests of pages of {site}, {refused} are refused (CROSS_ORIGIN)"))
    })
}

pub(super) fn check(seen: &Seen) -> Vec<Finding> {
    let mut found: Vec<_> = ready(seen).into_iter().collect();
    if let Some(replaced) = replaced(seen) {
        found.push(replaced);
        // The other answers don't come from the server either.
        return found;
    }
    let stripped = |answer: &Answer, code, rule: &'static Rule| {
        refused_as(answer, code).then(|| rule.seen(format!("{} with {}", answer.told(), code.text())))
    };
    found.extend(cross_site(seen));
    found.extend(stripped(&seen.bearer, Code::TokenNotFound, &AUTHORIZATION_STRIPPED));
    found.extend(stripped(&seen.refresh, Code::RefreshTokenNotFound, &COOKIE_STRIPPED));
    if seen.anonymous.status == StatusCode::UNAUTHORIZED && seen.anonymous.header("www-authenticate").is_none() {
        found.push(CHALLENGE_STRIPPED.seen(seen.anonymous.told()));
    }
    found
}

fn ready(seen: &Seen) -> Option<Finding> {
    (seen.ready.status != StatusCode::OK).then(|| NOT_READY.seen(seen.ready.told()))
}

/// Whether something in between answers in the server's place.
pub(super) fn replaced(seen: &Seen) -> Option<Finding> {
    let own = refused_as(&seen.anonymous, Code::TokenNotFound);
    (!own).then(|| ANSWER_REPLACED.seen(format!("{}, not 401 with TOKEN_NOT_FOUND", seen.anonymous.told())))
}

fn cross_site(seen: &Seen) -> Option<Finding> {
    let accepted = |answer: &Answer| !refused_as(answer, Code::CrossOrigin);
    let seen = match (accepted(&seen.other_site), accepted(&seen.cross_site)) {
        (true, true) => "with the Origin of another site, and with Sec-Fetch-Site: cross-site",
        (true, false) => "with the Origin of another site",
        (false, true) => "with Sec-Fetch-Site: cross-site",
        (false, false) => return None,
    };
    Some(CROSS_SITE_ACCEPTED.seen(format!("POST /api/logout is not refused {seen}")))
}

fn refused_as(answer: &Answer, code: Code) -> bool {
    answer.code().is_some_and(|named| Code::parse(&named) == Some(code))
}
