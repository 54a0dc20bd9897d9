//! Keeps the table of connections, and chooses which one makes room for a new one.
//!
//! A new connection is never refused: otherwise a client that opens many could lock everybody else out. Instead the
//! connection that was silent longest is closed. If one address has reached its limit, the closed connection is one of
//! its own.

use crate::server::client_address::{is_trusted, subnet};
use ipnet::IpNet;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// The most connections of the public listener.
const MOST: usize = 8 * 1024;
/// The most connections of one address.
const MOST_OF_ONE: usize = 512;
/// Descriptors for everything but connections: databases, listeners, the runtime, the metrics.
const RESERVED: u64 = 128;

/// How many connections a listener accepts at once.
#[derive(Clone, Debug)]
pub struct Bounds {
    total: usize,
    of_one: usize,
    /// Proxies, whose one address stands for many clients.
    trusted: Vec<IpNet>,
}

impl Bounds {
    /// Allows at most `total` connections, from all addresses together.
    pub fn total(total: usize) -> Self {
        Self { total, of_one: total, trusted: Vec::new() }
    }

    /// Returns the bounds of the public listener, in a process that may have `descriptors` open.
    pub fn public(descriptors: u64, trusted: &[IpNet]) -> Self {
        // A connection may need a second descriptor, for the file that it sends.
        let fit = usize::try_from(descriptors.saturating_sub(RESERVED) / 2).unwrap_or(MOST);
        let total = fit.clamp(16, MOST);
        Self { total, of_one: (total / 4).min(MOST_OF_ONE), trusted: trusted.to_owned() }
    }
}

/// The state of one connection.
#[derive(Debug)]
pub struct Activity {
    begun: Instant,
    /// When a byte last went in or out, in microseconds since the table's `begun`.
    last: AtomicU64,
    /// Part of a request has arrived that no answer has settled.
    unsettled: AtomicBool,
    evicted: Notify,
}

impl Activity {
    fn new(begun: Instant) -> Arc<Self> {
        let activity =
            Self { begun, last: AtomicU64::new(0), unsettled: AtomicBool::new(false), evicted: Notify::new() };
        activity.touch();
        Arc::new(activity)
    }

    fn touch(&self) {
        let now = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.last.store(now, Ordering::Relaxed);
    }

    /// Notes that bytes arrived from the client.
    pub fn received(&self) {
        self.touch();
        self.unsettled.store(true, Ordering::Relaxed);
    }

    /// Notes that the client took bytes.
    pub fn sent(&self) {
        self.touch();
    }

    /// Notes that a request was read to its end.
    pub fn settled(&self) {
        self.unsettled.store(false, Ordering::Relaxed);
    }

    /// Whether the client may still be sending a request that is already answered.
    pub fn is_unsettled(&self) -> bool {
        self.unsettled.load(Ordering::Relaxed)
    }
}

/// The connections of a listener.
#[derive(Debug)]
pub struct Connections {
    bounds: Bounds,
    begun: Instant,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    total: usize,
    of: HashMap<IpAddr, Vec<Arc<Activity>>>,
}

/// A connection's entry in the table; dropping it removes the entry.
#[derive(Debug)]
pub struct Place {
    connections: Arc<Connections>,
    address: IpAddr,
    activity: Arc<Activity>,
}

impl Connections {
    /// Creates an empty table.
    pub fn new(bounds: Bounds) -> Arc<Self> {
        Arc::new(Self { bounds, begun: Instant::now(), table: Mutex::default() })
    }

    /// Adds a connection. If there is no room, another connection makes room for it.
    pub fn admit(self: &Arc<Self>, peer: IpAddr) -> Place {
        let peer = peer.to_canonical();
        let address = subnet(peer);
        let activity = Activity::new(self.begun);
        let mut table = self.table();
        if !is_trusted(peer, &self.bounds.trusted)
            && table.of.get(&address).is_some_and(|own| own.len() >= self.bounds.of_one)
        {
            table.evict_of(address);
        }
        if table.total >= self.bounds.total {
            table.evict();
        }
        table.total += 1;
        table.of.entry(address).or_default().push(Arc::clone(&activity));
        drop(table);
        Place { connections: Arc::clone(self), address, activity }
    }

    /// Closes the connection that was silent longest.
    pub fn make_room(&self) {
        self.table().evict();
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn evict(&mut self) {
        let quietest = |own: &Vec<Arc<Activity>>| own.iter().map(|one| one.last.load(Ordering::Relaxed)).min();
        let address = self.of.iter().min_by_key(|(_, own)| quietest(own)).map(|(address, _)| *address);
        if let Some(address) = address {
            self.evict_of(address);
        }
    }

    fn evict_of(&mut self, address: IpAddr) {
        let own = self.of.get(&address).map(Vec::as_slice).unwrap_or_default();
        if let Some(quietest) = own.iter().min_by_key(|one| one.last.load(Ordering::Relaxed)).cloned() {
            self.remove(address, &quietest);
            quietest.evicted.notify_one();
        }
    }

    fn remove(&mut self, address: IpAddr, activity: &Arc<Activity>) {
        let Some(own) = self.of.get_mut(&address) else { return };
        let Some(at) = own.iter().position(|one| Arc::ptr_eq(one, activity)) else { return };
        own.swap_remove(at);
        self.total -= 1;
        if own.is_empty() {
            self.of.remove(&address);
        }
    }
}

impl Place {
    /// Returns the connection's state.
    pub fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }

    /// Completes when the connection has to make room.
    pub async fn evicted(&self) {
        self.activity.evicted.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.table().remove(self.address, &self.activity);
    }
}

/// Raises this process's limit of file descriptors as far as allowed, and returns it.
pub fn raise_descriptor_limit() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).is_err() {
        // Some systems have a limit of their own below the hard limit.
        tracing::debug!("the limit of file descriptors stays as it was");
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// How long the server goes on reading from a client that may still be sending, before it closes the connection. If it
/// closed at once, the rest of what the client sends would destroy the answer on its way.
pub const LINGER: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    fn ip(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn is_evicted(place: &Place) -> bool {
        place.evicted().now_or_never().is_some()
    }

    /// Sets the time of the connection's last byte.
    fn silent_since(place: &Place, moment: u64) {
        place.activity.last.store(moment, Ordering::Relaxed);
    }

    #[test]
    fn at_the_bound_the_one_silent_longest_makes_room() {
        let connections = Connections::new(Bounds { total: 3, of_one: 3, trusted: Vec::new() });
        let places: Vec<Place> = (1..=3).map(|last| connections.admit(ip(last))).collect();
        for (place, moment) in places.iter().zip([20, 10, 30]) {
            silent_since(place, moment);
        }
        let new = connections.admit(ip(4));
        assert_eq!(places.iter().map(is_evicted).collect::<Vec<_>>(), [false, true, false]);
        assert!(!is_evicted(&new));
        drop(places);
        assert_eq!(connections.table().total, 1, "a place that was taken away is given up once");
    }

    #[test]
    fn an_address_with_too_many_makes_room_itself() {
        let trusted = vec!["192.0.2.9/32".parse().expect("a net")];
        let connections = Connections::new(Bounds { total: 100, of_one: 2, trusted });
        let other = connections.admit(ip(1));
        silent_since(&other, 0);
        let own: Vec<Place> = (0..3).map(|_| connections.admit(ip(2))).collect();
        assert_eq!(own.iter().map(is_evicted).collect::<Vec<_>>(), [true, false, false]);
        let of_a_proxy: Vec<Place> = (0..5).map(|_| connections.admit(ip(9))).collect();
        assert!(!is_evicted(&other) && !of_a_proxy.iter().any(is_evicted));
    }

    #[test]
    fn connections_stay_below_the_limit_of_descriptors() {
        assert_eq!(Bounds::public(1024, &[]).total, 448);
        assert_eq!(Bounds::public(u64::MAX, &[]).total, MOST);
        assert!(Bounds::public(64, &[]).total < 64);
    }
}
