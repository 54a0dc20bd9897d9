//! Finds the address of a request's client: the peer, or the address that a trusted proxy names.
//!
//! The threat: a client that can write `X-Forwarded-For` chooses its own rate limit, and its address in the list of
//! sessions. The choice: only trusted proxies are believed, from the last hop back to the first that is not trusted. If
//! the header is malformed, the peer's address counts.

use axum::extract::{ConnectInfo, Request};
use freshkey_core::services::instances::Noticed;
use http::{HeaderMap, HeaderName, header::FORWARDED};
use ipnet::IpNet;
use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Paths that health checks request from an instance directly; they say nothing about the proxy.
const PROBES: [&str; 2] = ["/livez", "/readyz"];
/// Requests of an operator who tries out whether an instance answers.
const UNNAMED: u64 = 20;

/// The client's address, among the request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Finds the address and stores it in the request's extensions, once for all readers.
pub fn find(trusted: &[IpNet], signs: &ProxySigns, request: &mut Request) {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip().to_canonical());
    if !PROBES.contains(&request.uri().path()) {
        signs.notice(peer, request.headers(), trusted);
    }
    let client = client(peer, request.headers(), trusted);
    request.extensions_mut().insert(ClientAddress(client));
}

/// Signs that the proxy and `FRESHKEY_TRUSTED_PROXIES` do not match: then all clients share one rate limit. Each sign
/// is logged once.
#[derive(Debug, Default)]
pub struct ProxySigns {
    /// An untrusted peer that sent a proxy's header.
    untrusted: OnceLock<IpAddr>,
    /// Requests through a trusted proxy that did, and that did not, name the client.
    named: AtomicU64,
    unnamed: AtomicU64,
    /// A trusted proxy that seems never to name the client.
    silent: OnceLock<IpAddr>,
}

impl ProxySigns {
    fn notice(&self, peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) {
        let claims = headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(FORWARDED);
        match (is_trusted(peer, trusted), claims) {
            (true, true) => drop(self.named.fetch_add(1, Ordering::Relaxed)),
            (true, false) => self.notice_unnamed(peer),
            (false, true) if self.untrusted.set(peer).is_ok() => {
                tracing::warn!(
                    event = "proxy_not_trusted",
                    %peer,
                    "a forwarded header from this address was ignored; FRESHKEY_TRUSTED_PROXIES names the proxies"
                );
            }
            (false, _) => {}
        }
    }

    fn notice_unnamed(&self, peer: IpAddr) {
        self.unnamed.fetch_add(1, Ordering::Relaxed);
        if self.is_silent() && self.silent.set(peer).is_ok() {
            tracing::warn!(
                event = "proxy_silent",
                %peer,
                "requests of this proxy come without X-Forwarded-For: all visitors share one rate limit"
            );
        }
    }

    /// Whether the proxy adds no address. If so, the addresses that do arrive are written by the client, who may write
    /// anything.
    fn is_silent(&self) -> bool {
        let unnamed = self.unnamed.load(Ordering::Relaxed);
        unnamed > UNNAMED && self.named.load(Ordering::Relaxed) < unnamed
    }

    /// Returns what was noticed. If a trusted proxy names its clients, other peers that send the header are not our
    /// proxies.
    pub fn noticed(&self) -> Noticed {
        let tells = self.named.load(Ordering::Relaxed) > 0 && !self.is_silent();
        Noticed {
            untrusted_proxy: self.untrusted.get().copied().filter(|_| !tells),
            silent_proxy: self.silent.get().copied().filter(|_| self.is_silent()),
        }
    }
}

/// Returns the address that a client counts under: for IPv6 the /64, which belongs to one household.
pub fn subnet(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
        ip @ IpAddr::V4(_) => ip,
    }
}

/// Whether the address belongs to a trusted proxy.
pub fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|net| net.contains(&address))
}

fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |ip: &IpAddr| is_trusted(*ip, trusted);
    if !is_trusted(&peer) {
        return peer;
    }
    // From the last hop: each trusted hop vouches for the one before it.
    let claimed = |hops: &[IpAddr]| hops.iter().rev().find(|hop| !is_trusted(hop)).or_else(|| hops.first()).copied();
    let (plain, standard) = (hops(headers, X_FORWARDED_FOR, address), hops(headers, FORWARDED, forwarded_for));
    let (Some(plain), Some(standard)) = (plain, standard) else { return peer };
    match (claimed(&plain), claimed(&standard)) {
        // A proxy that writes both headers writes the same in both. If they differ, the client wrote one of them.
        (Some(one), Some(other)) if one != other => peer,
        (one, other) => one.or(other).unwrap_or(peer),
    }
}

/// Returns the hops in a header, the client first; none if one of them can't be read.
fn hops(headers: &HeaderMap, name: HeaderName, read: fn(&str) -> Option<IpAddr>) -> Option<Vec<IpAddr>> {
    let values = headers.get_all(name).iter().map(|value| value.to_str().ok()).collect::<Option<Vec<_>>>()?.join(",");
    if values.is_empty() { Some(Vec::new()) } else { values.split(',').map(read).collect() }
}

/// Reads `for=` in an element of `Forwarded` (RFC 7239, section 4).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then(|| address(value.trim().trim_matches('"')))?
    })
}

/// Reads an address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let ip = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    ip.map(|ip: IpAddr| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn seen(peer: &str, headers: &[(HeaderName, &'static str)]) -> String {
        let trusted = ["10.0.0.0/8".parse().expect("a net"), "2001:db8::/32".parse().expect("a net")];
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.clone(), HeaderValue::from_static(value));
        }
        client(peer.parse().expect("an address"), &map, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(seen("192.0.2.1", &[(X_FORWARDED_FOR, "198.51.100.7")]), "192.0.2.1");
        assert_eq!(seen("10.0.0.1", &[(X_FORWARDED_FOR, "198.51.100.7")]), "198.51.100.7");
        assert_eq!(seen("2001:db8::1", &[(FORWARDED, "for=198.51.100.7;proto=https")]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn what_the_client_wrote_itself_is_not() {
        let spoofed = "1.1.1.1, 198.51.100.7, 10.9.9.9";
        assert_eq!(seen("10.0.0.1", &[(X_FORWARDED_FOR, spoofed)]), "198.51.100.7");
        let two = [(X_FORWARDED_FOR, "1.1.1.1"), (X_FORWARDED_FOR, "198.51.100.7")];
        assert_eq!(seen("10.0.0.1", &two), "198.51.100.7");
        let quoted = "for=1.1.1.1, For=\"[2001:db9::7]:4711\";by=10.0.0.1";
        assert_eq!(seen("10.0.0.1", &[(FORWARDED, quoted)]), "2001:db9::7");
    }

    #[test]
    fn a_malformed_header_counts_for_the_proxy_itself() {
        for malformed in ["unknown", "198.51.100.7, _hidden", "1.2.3", ",", "198.51.100.7,,10.0.0.2"] {
            assert_eq!(seen("10.0.0.1", &[(X_FORWARDED_FOR, malformed)]), "10.0.0.1", "{malformed}");
        }
        assert_eq!(seen("10.0.0.1", &[(FORWARDED, "for=unknown")]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[(FORWARDED, "proto=https")]), "10.0.0.1");
    }

    #[test]
    fn of_both_headers_one_is_the_clients_own_unless_they_agree() {
        let both = |plain, standard| seen("10.0.0.1", &[(X_FORWARDED_FOR, plain), (FORWARDED, standard)]);
        assert_eq!(both("1.1.1.1", "for=198.51.100.7"), "10.0.0.1");
        assert_eq!(both("198.51.100.7", "for=198.51.100.7"), "198.51.100.7");
        assert_eq!(both("1.1.1.1, 198.51.100.7, 10.0.0.2", "for=\"198.51.100.7:80\";proto=https"), "198.51.100.7");
        assert_eq!(both("unknown", "for=198.51.100.7"), "10.0.0.1");
        assert_eq!(both("198.51.100.7", "for=_hidden"), "10.0.0.1");
    }

    #[test]
    fn a_proxy_that_never_tells_for_whom_it_asks_is_noticed() {
        let trusted = ["10.0.0.0/8".parse().expect("a net")];
        let (proxy, other): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [192, 0, 2, 1].into());
        let told: HeaderMap = [(X_FORWARDED_FOR, HeaderValue::from_static("198.51.100.7"))].into_iter().collect();
        let signs = ProxySigns::default();
        for _ in 0..UNNAMED {
            signs.notice(proxy, &HeaderMap::new(), &trusted);
            signs.notice(other, &HeaderMap::new(), &trusted);
        }
        assert_eq!(signs.noticed(), Noticed::default(), "an operator's own requests, and visitors without a proxy");
        signs.notice(proxy, &HeaderMap::new(), &trusted);
        signs.notice(other, &told, &trusted);
        signs.notice(proxy, &told, &trusted);
        let both = Noticed { untrusted_proxy: Some(other), silent_proxy: Some(proxy) };
        assert_eq!(signs.noticed(), both, "a visitor wrote the header himself");
        for _ in 0..UNNAMED {
            signs.notice(proxy, &told, &trusted);
        }
        assert_eq!(signs.noticed(), Noticed::default(), "it does tell, and who is not trusted is no proxy of ours");
    }

    #[test]
    fn ports_and_mapped_addresses_are_the_address() {
        for (text, ip) in
            [("192.0.2.1:80", "192.0.2.1"), ("[::ffff:192.0.2.1]", "192.0.2.1"), ("2001:db9::1", "2001:db9::1")]
        {
            assert_eq!(address(text).map(|ip| ip.to_string()).as_deref(), Some(ip));
        }
    }
}
