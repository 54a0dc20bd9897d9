//! `freshkey ready`: asks the server with the same settings whether it is ready. Made for the health check of a
//! container that has neither a shell nor curl.

use super::Failure;
use crate::server::settings::Settings;
use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

/// How long it waits: less than a health check waits for its command.
const PATIENCE: Duration = Duration::from_secs(2);
const READY: &[u8] = b"HTTP/1.1 200";

pub(super) fn run(settings: &Settings) -> Result<String, Failure> {
    let address = reachable(settings.addr);
    match ask(address) {
        Ok(true) => Ok(format!("the server on {address} is ready\n")),
        Ok(false) => Err(Failure::Refused(format!("the server on {address} is not ready"))),
        Err(error) => Err(Failure::NoAnswer(address, error)),
    }
}

/// Returns the address to connect to: loopback for a server that listens on every interface.
fn reachable(mut listening: SocketAddr) -> SocketAddr {
    match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => listening.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => listening.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    listening
}

fn ask(address: SocketAddr) -> io::Result<bool> {
    let mut connection = TcpStream::connect_timeout(&address, PATIENCE)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    connection.write_all(format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes())?;
    let mut begin = [0; READY.len()];
    connection.read_exact(&mut begin)?;
    Ok(begin == READY)
}
