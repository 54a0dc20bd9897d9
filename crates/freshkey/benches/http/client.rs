//! HTTP/1.1 with as little as possible on the client's side.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// One connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer.
pub struct Answer {
    /// The head, as it came.
    pub head: String,
    pub body: Vec<u8>,
}

impl Connection {
    pub async fn open(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::with_capacity(4096) }
    }

    /// Sends a request; the length of the answer's head in the buffer, and where the answer ends.
    async fn exchange(&mut self, request: &str) -> (usize, usize) {
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.buffer.clear();
        loop {
            assert_ne!(self.stream.read_buf(&mut self.buffer).await.unwrap(), 0, "the connection stays open");
            let Some(head) = find(&self.buffer, b"\r\n\r\n").map(|at| at + 4) else { continue };
            if find(&self.buffer[..head], b"transfer-encoding: chunked").is_some() {
                if self.buffer.ends_with(b"\r\n0\r\n\r\n") {
                    return (head, self.buffer.len());
                }
                continue;
            }
            let length = length(&self.buffer[..head]);
            if self.buffer.len() >= head + length {
                return (head, head + length);
            }
        }
    }

    /// Sends a request that succeeds, and looks no further.
    pub async fn send(&mut self, request: &str) {
        let (head, _) = self.exchange(request).await;
        assert!(self.buffer.starts_with(b"HTTP/1.1 2"), "{}", String::from_utf8_lossy(&self.buffer[..head]));
    }

    /// The status of whatever is answered.
    pub async fn status(&mut self, request: &str) -> u16 {
        self.exchange(request).await;
        std::str::from_utf8(&self.buffer[9..12]).unwrap().parse().unwrap()
    }

    pub async fn ask(&mut self, request: &str) -> Answer {
        let (head, end) = self.exchange(request).await;
        let answer = Answer {
            head: String::from_utf8_lossy(&self.buffer[..head]).into_owned(),
            body: self.buffer[head..end].to_vec(),
        };
        assert!(answer.head.starts_with("HTTP/1.1 2"), "{}", answer.head);
        answer
    }
}

impl Answer {
    /// The refresh cookie that it sets.
    pub fn cookie(&self) -> String {
        let rest = self.head.split("refresh=").nth(1).expect("a cookie");
        rest.split(';').next().unwrap().to_owned()
    }

    pub fn text(&self, name: &str) -> String {
        let json: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        json[name].as_str().unwrap().to_owned()
    }
}

/// A call in JSON.
pub fn post(path: &str, headers: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\n{headers}content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A page, a file, a call.
pub fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n")
}

/// How often a second `connections` clients get an answer, in a time.
pub async fn rate(addr: SocketAddr, request: &str, connections: usize, time: Duration) -> f64 {
    let mut tasks = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..connections {
        let request = request.to_owned();
        tasks.spawn(async move {
            let (mut connection, mut count) = (Connection::open(addr).await, 0_u32);
            while begun.elapsed() < time {
                connection.send(&request).await;
                count += 1;
            }
            f64::from(count)
        });
    }
    let total: f64 = tasks.join_all().await.iter().sum();
    total / begun.elapsed().as_secs_f64()
}

/// How long one client waits for an answer; of a hundred answers, so many come sooner.
pub async fn percentile(percent: usize, addr: SocketAddr, request: &str, time: Duration) -> Duration {
    let (mut connection, mut took, begun) = (Connection::open(addr).await, Vec::new(), Instant::now());
    while begun.elapsed() < time {
        let sent = Instant::now();
        connection.send(request).await;
        took.push(sent.elapsed());
    }
    took.sort_unstable();
    took[took.len() * percent / 100]
}

fn length(head: &[u8]) -> usize {
    const NAME: &[u8] = b"content-length: ";
    let Some(at) = find(head, NAME) else { return 0 };
    let digits = head[at + NAME.len()..].iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'))
}

fn find(text: &[u8], pattern: &[u8]) -> Option<usize> {
    text.windows(pattern.len()).position(|window| window == pattern)
}
