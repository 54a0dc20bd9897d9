//! A connection without a client's good manners: it sends what it is told, in as many pieces.

use super::{PATIENCE, TestApp};
use std::{
    io::{Error, ErrorKind},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

/// Longer than anything that the server waits for: what takes as long never comes.
pub const FOR_EVER: Duration = PATIENCE.saturating_mul(10);

pub struct Raw(TcpStream);

/// An answer, as it came over the wire.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Raw {
    pub fn new(stream: TcpStream) -> Self {
        Self(stream)
    }

    /// A connection from this address of ours to that address.
    pub async fn from(own: &str, address: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{own}:0").parse().unwrap()).unwrap();
        Self(socket.connect(address.parse().unwrap()).await.unwrap())
    }

    pub async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Sends the same again and again, and reads nothing, until the server has closed the connection.
    pub async fn send_until_closed(&mut self, text: &str) -> Error {
        let sent = async {
            loop {
                if let Err(error) = self.0.write_all(text.as_bytes()).await {
                    return error;
                }
            }
        };
        timeout(FOR_EVER, sent).await.expect("it is not waited for for ever")
    }

    /// The next answer; it says how long it is.
    pub async fn answer(&mut self) -> Answer {
        timeout(FOR_EVER, self.read()).await.expect("an answer").expect("a whole answer")
    }

    /// Whatever comes until the server closes the connection.
    pub async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        // A connection that is reset is closed as well.
        let _ = timeout(FOR_EVER, self.0.read_to_end(&mut rest)).await.expect("it is closed");
        String::from_utf8(rest).unwrap()
    }

    async fn read(&mut self) -> Result<Answer, Error> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await?);
        }
        let head = String::from_utf8(head).map_err(|_| ErrorKind::InvalidData)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(ErrorKind::InvalidData)?;
        let mut answer = Answer { status, head, body: String::new() };
        let length = answer.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await?;
        answer.body = String::from_utf8(body).map_err(|_| ErrorKind::InvalidData)?;
        Ok(answer)
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub fn closes(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

impl TestApp {
    /// Where it listens: `http://127.0.0.1:<port>`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// One whose answers are read one by one.
    pub async fn raw(&self) -> Raw {
        Raw::new(self.connect().await)
    }

    /// A connection without a client's good manners.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address.trim_start_matches("http://")).await.unwrap()
    }
}
