//! The domain that passkeys are for.

use super::{check::Check, shown::shown};
use url::{Host, Url};

/// The accepted values for the domain.
const RP_ID: &str = "the host of FRESHKEY_ORIGIN, or a domain above it under which not anybody can have a site";

/// Reads the domain; `None` if the origin's host is an IP address. A passkey is for a domain and everything below it,
/// so one for `co.uk` would be everybody's.
pub(super) fn parse(check: &mut Check, chosen: Option<String>, origin: &str) -> Option<String> {
    let host = Url::parse(origin).ok().and_then(|url| match url.host() {
        Some(Host::Domain(host)) => Some(host.to_owned()),
        _ => None,
    });
    let Some(chosen) = chosen else { return host };
    let domain = Host::parse(chosen.trim()).ok().map(|domain| domain.to_string());
    let found = host.zip(domain).filter(|(host, domain)| host == domain || is_above(domain, host));
    if found.is_none() {
        check.refuse("FRESHKEY_RP_ID", Some(shown(&chosen)), RP_ID);
    }
    found.map(|(_, domain)| domain)
}

fn is_above(domain: &str, host: &str) -> bool {
    let is_parent = host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.') && rest.len() > 1);
    is_parent && psl::suffix_str(domain).is_some_and(|suffix| suffix != domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_host_or_a_domain_above_it_that_is_ones_own() {
        let parse = |chosen: Option<&str>, origin: &str| {
            let mut check = Check::default();
            let domain = parse(&mut check, chosen.map(str::to_owned), origin);
            if check.errors.is_empty() { Ok(domain) } else { Err(()) }
        };
        let (none, some) = (Ok(None), |domain: &str| Ok(Some(domain.to_owned())));
        assert_eq!(parse(None, "https://app.ada.example"), some("app.ada.example"));
        assert_eq!(parse(None, "http://localhost:3000"), some("localhost"));
        assert_eq!(parse(None, "http://127.0.0.1:3000"), none);
        assert_eq!(parse(None, "https://[2001:db8::1]"), none);
        for good in ["app.ada.example.co.uk", "ada.example.co.uk", "example.co.uk", " Example.CO.uk"] {
            assert_eq!(parse(Some(good), "https://app.ada.example.co.uk"), some(&good.trim().to_lowercase()), "{good}");
        }
        assert_eq!(parse(Some("bücher.de"), "https://app.xn--bcher-kva.de"), some("xn--bcher-kva.de"));
        assert_eq!(parse(Some("ada.github.io"), "https://app.ada.github.io"), some("ada.github.io"));
        for (bad, origin) in [
            ("co.uk", "https://example.co.uk"),
            ("uk", "https://example.co.uk"),
            ("github.io", "https://ada.github.io"),
            ("ple.co.uk", "https://example.co.uk"),
            (".co.uk", "https://example.co.uk"),
            ("below.example.co.uk", "https://example.co.uk"),
            ("other.test", "https://example.co.uk"),
            ("example.co.uk:443", "https://example.co.uk"),
            ("https://example.co.uk", "https://example.co.uk"),
            ("127.0.0.1", "http://127.0.0.1:3000"),
            ("intranet", "https://app.intranet"),
            ("a b", "https://example.co.uk"),
        ] {
            assert_eq!(parse(Some(bad), origin), Err(()), "{bad}");
        }
    }
}
