//! Looks at a site from outside: some two dozen requests that change nothing, and what their answers show.

mod caches;
mod connections;
mod cookies;
mod exposed;
mod headers;
mod limits;
mod requests;
mod transport;

use super::{
    DoctorError,
    client::{Answer, Client, ClientError},
    finding::{Finding, Report, Rule, Unchecked},
    name,
};
use crate::{app::paths, server::mailbox::PATH as MAILBOX};
use http::{
    HeaderName, Method, StatusCode,
    header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, COOKIE, ORIGIN},
};
use std::time::{Duration, SystemTime};
use url::{Host, Url};

/// The rules of each group.
pub(super) const RULES: [&[&Rule]; 8] = [
    transport::RULES,
    requests::RULES,
    cookies::RULES,
    headers::RULES,
    caches::RULES,
    exposed::RULES,
    connections::RULES,
    limits::RULES,
];

/// How long a certificate should stay valid; automatic renewals happen a month before the end.
const CERTIFICATE_GOOD_FOR: Duration = Duration::from_hours(14 * 24);
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Invalid refresh cookies, under the name on https and the name on http.
const COOKIES: &str = "__Host-refresh=doctor; refresh=doctor";
/// How many requests reach each of several instances almost certainly.
const ROUNDS: usize = 8;
const KEYS: &str = "/.well-known/jwks.json";
const LOGOUT: &str = "/api/logout";
const REFRESH: &str = "/api/refresh-token";
const ME: &str = "/api/me";

/// The answers of a site.
struct Seen {
    site: Url,
    /// When the first request was sent, and how long it took.
    asked: (SystemTime, Duration),
    /// The front page and the description of the calls, twice each: a cache would give the second answer.
    home: [Answer; 2],
    description: [Answer; 2],
    login: Answer,
    /// The web files that the front page names.
    files: Vec<Answer>,
    /// Calls without a token, and with an invalid one.
    anonymous: Answer,
    bearer: Answer,
    /// A refresh with an invalid cookie.
    refresh: Answer,
    /// Signing out without a session, which does nothing: by a program, by a page of the site, and by another site.
    sign_out: Answer,
    own_page: Vec<Answer>,
    other_site: Answer,
    cross_site: Answer,
    /// The key set, requested several times like `own_page`: this shows instances that differ.
    keys: Vec<Answer>,
    ready: Answer,
    metrics: Answer,
    mailbox: Answer,
    repository: Answer,
    /// The site's plain http, if a server answers there.
    plain: Option<Answer>,
    /// Whether the certificate will be invalid two weeks from now.
    expires: bool,
}

/// Looks at a site.
pub(super) async fn inspect(site: &Url, plain: Option<&Url>, limits: bool) -> Result<Report, DoctorError> {
    let failed = |error| DoctorError::Client(name(site), error);
    let mut client = Client::new(site.clone(), Duration::ZERO).map_err(failed)?;
    match client.connect().await {
        Err(ClientError::Certificate(error)) => {
            let unchecked = Unchecked::new("everything else", "there is no connection without an accepted certificate");
            return Ok(Report {
                findings: vec![transport::CERTIFICATE_REFUSED.seen(error.to_string())],
                unchecked: vec![unchecked],
            });
        }
        connected => connected.map_err(failed)?,
    }
    let seen = Seen::gather(&mut client, site, plain).await.map_err(failed)?;
    seen.is_freshkey()?;
    let mut report = seen.judge();
    report.findings.extend(connections::inspect(&client).await);
    if limits {
        report.findings.extend(limits::inspect(&mut client).await.map_err(failed)?);
    } else {
        report
            .unchecked
            .push(Unchecked::new("rate limit", "--limits looks at it, and uses up this machine's allowance"));
    }
    Ok(report)
}

impl Seen {
    async fn gather(client: &mut Client, site: &Url, plain: Option<&Url>) -> Result<Self, ClientError> {
        let origin = name(site);
        let (get, post) = (Method::GET, Method::POST);
        let began = SystemTime::now();
        let ready = client.get("/readyz").await?;
        let asked = (began, began.elapsed().unwrap_or_default());
        let home = [client.get(paths::HOME).await?, client.get(paths::HOME).await?];
        let mut files = Vec::new();
        for path in named_files(&home[0].body) {
            files.push(client.ask(get.clone(), &path, &[(ACCEPT_ENCODING, "br, gzip")]).await?);
        }
        // One kind after the other: if they took turns, each would reach only one of two instances that take turns.
        let (mut own_page, mut keys) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            own_page.push(client.ask(post.clone(), LOGOUT, &[(ORIGIN, &origin)]).await?);
        }
        for at in 0..ROUNDS {
            // A cache may keep the key set under each address.
            let path = if at == 0 { KEYS.to_owned() } else { format!("{KEYS}?doctor={at}") };
            keys.push(client.get(&path).await?);
        }
        Ok(Self {
            site: site.clone(),
            asked,
            ready,
            home,
            files,
            description: [client.get(paths::API_OPENAPI).await?, client.get(paths::API_OPENAPI).await?],
            login: client.get(paths::LOGIN).await?,
            anonymous: client.get(ME).await?,
            bearer: client.ask(get, ME, &[(AUTHORIZATION, "Bearer doctor")]).await?,
            refresh: client.ask(post.clone(), REFRESH, &[(COOKIE, COOKIES)]).await?,
            sign_out: client.ask(post.clone(), LOGOUT, &[]).await?,
            own_page,
            other_site: client.ask(post.clone(), LOGOUT, &[(ORIGIN, "https://doctor.invalid")]).await?,
            cross_site: client.ask(post, LOGOUT, &[(SEC_FETCH_SITE, "cross-site")]).await?,
            keys,
            metrics: client.get("/metrics").await?,
            mailbox: client.ask(Method::GET, MAILBOX, &[(ACCEPT, "application/json")]).await?,
            repository: client.get("/.git/HEAD").await?,
            plain: plain_http(site, plain).await,
            expires: expires(site).await,
        })
    }

    /// Checks that the site is a Freshkey server and has not limited this machine.
    fn is_freshkey(&self) -> Result<(), DoctorError> {
        if self.all().any(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS) {
            return Err(DoctorError::Limited(name(&self.site)));
        }
        let status = |answer: &Answer| answer.json().and_then(|json| json.get("status").cloned());
        let signs = [
            self.anonymous.code().is_some(),
            self.description[0].json().is_some_and(|json| json.get("openapi").is_some()),
            status(&self.ready).is_some(),
        ];
        if signs.contains(&true) {
            return Ok(());
        }
        if let Some(elsewhere) = self.home[0].header("location").filter(|location| location.contains("://")) {
            return Err(DoctorError::Elsewhere(name(&self.site), elsewhere.to_owned()));
        }
        let seen = [&self.anonymous, &self.description[0], &self.ready].map(Answer::told);
        Err(DoctorError::NotFreshkey(name(&self.site), seen.join(", ")))
    }

    fn is_https(&self) -> bool {
        self.site.scheme() == "https"
    }

    /// Whether only users of this machine can reach the site by this address.
    fn is_loopback(&self) -> bool {
        match self.site.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }

    /// Returns every answer except that of plain http.
    fn all(&self) -> impl Iterator<Item = &Answer> {
        let Self { home, description, login, files, anonymous, bearer, refresh, sign_out, own_page, keys, .. } = self;
        let Self { other_site, cross_site, ready, metrics, mailbox, repository, .. } = self;
        let calls = [anonymous, bearer, refresh, sign_out, other_site, cross_site];
        let others = [login, ready, metrics, mailbox, repository];
        home.iter().chain(description).chain(files).chain(calls).chain(own_page).chain(keys).chain(others)
    }

    /// Returns the answers of calls, which have their own rules for caches and other sites.
    fn calls(&self) -> impl Iterator<Item = &Answer> {
        self.all().filter(|answer| answer.path.starts_with("/api/"))
    }

    fn judge(&self) -> Report {
        let mut report = Report::default();
        let origin = requests::origin(self);
        for check in [transport::check, requests::check, exposed::check] {
            report.findings.extend(check(self));
        }
        if requests::replaced(self).is_some() {
            let why = "answers are not the server's own; look again when they are";
            report.unchecked.push(Unchecked::new("headers, cookies and caches", why));
        } else {
            report.findings.extend(headers::check(self));
            report.findings.extend(caches::check(self));
            if origin.is_some() {
                let why = "the server has another origin, which cookies and HSTS are made for";
                report.unchecked.push(Unchecked::new("cookies and HSTS", why));
            } else {
                report.findings.extend(cookies::check(self));
                report.findings.extend(transport::hsts(self));
            }
        }
        report.findings.extend(origin);
        if !self.is_https() {
            report.unchecked.push(Unchecked::new("TLS, HSTS and Secure cookies", "the address begins with http:"));
        }
        report
    }
}

impl Answer {
    /// Describes the answer in a finding.
    fn told(&self) -> String {
        format!("{} answers {}", self.path, self.status.as_u16())
    }
}

/// Joins what one rule found in several answers into one finding.
fn together(rule: &'static Rule, mut seen: Vec<String>) -> Option<Finding> {
    seen.dedup();
    let (mut told, left) = (Vec::new(), seen.len().saturating_sub(3));
    told.extend(seen.into_iter().take(3));
    if left > 0 {
        told.push(format!("and {left} more"));
    }
    (!told.is_empty()).then(|| rule.seen(told.join("; ")))
}

/// Returns the web files that a page names, each once.
fn named_files(page: &str) -> Vec<String> {
    let end = |c: char| matches!(c, '"' | '\'' | ' ' | '>' | '<' | ')' | '`');
    let starts = page.match_indices("/pkg/").map(|(at, _)| &page[at..]);
    let mut paths: Vec<_> = starts.filter_map(|rest| rest.split(end).next()).map(str::to_owned).collect();
    paths.retain(|path| [".js", ".css", ".wasm"].iter().any(|kind| path.ends_with(kind)));
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// Returns the answer of plain http; there need not be one.
async fn plain_http(site: &Url, named: Option<&Url>) -> Option<Answer> {
    let plain = match named {
        Some(plain) => plain.clone(),
        None if site.scheme() == "https" && site.port().is_none() => {
            Url::parse(&format!("http://{}", site.host_str()?)).ok()?
        }
        None => return None,
    };
    Client::new(plain, Duration::ZERO).ok()?.get(paths::LOGIN).await.ok()
}

/// Whether the certificate, which is valid now, will soon expire.
async fn expires(site: &Url) -> bool {
    let Ok(mut client) = Client::new(site.clone(), CERTIFICATE_GOOD_FOR) else { return false };
    matches!(client.connect().await, Err(ClientError::Certificate(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_web_files_of_a_page_are_found_where_they_are_named() {
        let page = "<script>import('/pkg/a.1.js').then(x => x('/pkg/a.1.wasm'))</script>\
                    <link href=\"/pkg/a.1.css\"><link href=\"/pkg/a.1.js\"><a href=/pkg/>";
        assert_eq!(named_files(page), ["/pkg/a.1.css", "/pkg/a.1.js", "/pkg/a.1.wasm"]);
    }
}
