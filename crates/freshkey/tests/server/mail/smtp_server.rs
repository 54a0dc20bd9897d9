//! A mail server that misbehaves on command.

use crate::support::eventually;
use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    time::sleep,
};

/// How it treats a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manners {
    /// As one should.
    Good,
    /// It greets with 421 and closes.
    Busy,
    /// It says 451 to the email.
    Later,
    /// It says 550 to the address.
    NoSuchUser,
    /// It takes the email, and the connection breaks before it says so.
    LosesAnswer,
    /// The connection breaks before it has the email.
    LosesEmail,
    /// It takes the email, says so, and breaks off.
    HangsUp,
    /// It does not say a word.
    Silent,
    /// It takes the email, and does not say another word.
    SilentInTheEnd,
    /// It takes the email, and says so a second later.
    Slow,
    /// It says one byte after the other, slowly.
    Drips,
}

/// An email that it took.
#[derive(Clone, Debug)]
pub struct Received {
    pub to: String,
    pub data: String,
    /// When, by the server's clock.
    pub at: i64,
}

impl Received {
    /// The email's id: every copy of it has the same.
    pub fn id(&self) -> &str {
        let id = self.header("Message-ID").trim_matches(['<', '>']);
        id.split_once('@').map_or(id, |(id, _)| id)
    }

    pub fn header(&self, name: &str) -> &str {
        let start = format!("{name}: ");
        self.data
            .lines()
            .find_map(|line| line.strip_prefix(start.as_str()))
            .unwrap_or_else(|| panic!("{name}: {self:?}"))
    }
}

#[derive(Default)]
struct Seen {
    manners: VecDeque<Manners>,
    received: Vec<Received>,
    connections: usize,
    open: usize,
}

/// The server. It ends with the test.
#[derive(Clone)]
pub struct SmtpServer {
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    clock: Arc<AtomicI64>,
}

impl SmtpServer {
    /// A server that treats its first connections so, and the rest well.
    pub async fn start(manners: &[Manners]) -> Self {
        Self::start_at(manners, Arc::default()).await
    }

    /// The same, with a clock.
    pub async fn start_at(manners: &[Manners], clock: Arc<AtomicI64>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let seen = Seen { manners: manners.iter().copied().collect(), ..Seen::default() };
        let server = Self { address: listener.local_addr().unwrap(), seen: Arc::new(Mutex::new(seen)), clock };
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = accepting.clone();
                let manners = {
                    let mut seen = server.seen.lock().unwrap();
                    (seen.connections, seen.open) = (seen.connections + 1, seen.open + 1);
                    seen.manners.pop_front().unwrap_or(Manners::Good)
                };
                tokio::spawn(async move {
                    // The client may be gone at any moment.
                    let _ = server.clone().serve(stream, manners).await;
                    server.seen.lock().unwrap().open -= 1;
                });
            }
        });
        server
    }

    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub fn received(&self) -> Vec<Received> {
        self.seen.lock().unwrap().received.clone()
    }

    pub fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    /// From now on it treats its connections so, and then well.
    pub fn behave(&self, manners: Vec<Manners>) {
        self.seen.lock().unwrap().manners = manners.into();
    }

    /// Waits until nobody is connected any more.
    pub async fn is_left_alone(&self) {
        let open = async || (self.seen.lock().unwrap().open == 0).then_some(());
        eventually("the connections end", open).await;
    }

    /// Waits until it has so many emails.
    pub async fn has(&self, count: usize) -> Vec<Received> {
        eventually(&format!("{count} emails"), async || Some(self.received()).filter(|emails| emails.len() >= count))
            .await
    }

    async fn serve(self, stream: TcpStream, manners: Manners) -> io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        match manners {
            Manners::Silent => {
                // Until the client has had enough.
                while lines.next_line().await?.is_some() {}
                return Ok(());
            }
            Manners::Busy => return write.write_all(b"421 too busy\r\n").await,
            Manners::Drips => {
                for byte in b"220 slow and steady, and never at the end of what it has to say about itself" {
                    write.write_all(&[*byte]).await?;
                    sleep(Duration::from_millis(200)).await;
                }
                return Ok(());
            }
            _ => write.write_all(b"220 mail.test ESMTP\r\n").await?,
        }
        let mut to = String::new();
        while let Some(line) = lines.next_line().await? {
            let answer = match line.split([' ', ':']).next().unwrap().to_ascii_uppercase().as_str() {
                "EHLO" => "250-mail.test\r\n250 8BITMIME\r\n",
                "RCPT" if manners == Manners::NoSuchUser => "550 5.1.1 <ada@example.com> no such user\r\n",
                "RCPT" => {
                    line.split(['<', '>']).nth(1).unwrap().clone_into(&mut to);
                    "250 ok\r\n"
                }
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await?;
                    let data = read_data(&mut lines).await?;
                    match self.take(manners, &to, data) {
                        Some(answer) => answer,
                        None => return Ok(()),
                    }
                }
                "QUIT" => return write.write_all(b"221 bye\r\n").await,
                _ => "250 ok\r\n",
            };
            write.write_all(answer.as_bytes()).await?;
            match manners {
                Manners::Slow if answer.is_empty() => {
                    sleep(Duration::from_secs(1)).await;
                    write.write_all(b"250 taken\r\n").await?;
                }
                Manners::HangsUp if answer.starts_with("250 taken") => return Ok(()),
                Manners::SilentInTheEnd if answer.is_empty() => while lines.next_line().await?.is_some() {},
                _ => {}
            }
        }
        Ok(())
    }

    /// What it says to an email; none: it breaks off.
    fn take(&self, manners: Manners, to: &str, data: String) -> Option<&'static str> {
        let at = self.clock.load(Ordering::SeqCst);
        let keep = || self.seen.lock().unwrap().received.push(Received { to: to.to_owned(), data, at });
        match manners {
            Manners::Later => Some("451 4.3.0 try again later\r\n"),
            Manners::LosesEmail => None,
            Manners::LosesAnswer => {
                keep();
                None
            }
            Manners::SilentInTheEnd | Manners::Slow => {
                keep();
                Some("")
            }
            _ => {
                keep();
                Some("250 taken\r\n")
            }
        }
    }
}

async fn read_data<R: tokio::io::AsyncBufRead + Unpin>(lines: &mut tokio::io::Lines<R>) -> io::Result<String> {
    let mut data = String::new();
    while let Some(line) = lines.next_line().await? {
        if line == "." {
            return Ok(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
        data.push('\n');
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}
