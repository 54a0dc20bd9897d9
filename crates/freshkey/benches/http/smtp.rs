//! Mail servers: one that says nothing, and one that takes whatever comes. Their threads are their own, so that they
//! wait for nothing of what is measured.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// A mail server. It ends with the bench.
pub struct MailServer {
    addr: SocketAddr,
    taken: Arc<AtomicUsize>,
}

impl MailServer {
    /// It takes connections, and says not a word.
    pub fn silent() -> Self {
        Self::start(|stream, _| {
            // Until the client has had enough.
            BufReader::new(stream).lines().map_while(Result::ok).for_each(drop);
        })
    }

    /// It takes every email at once.
    pub fn fast() -> Self {
        Self::start(|stream, taken| {
            // The client leaves when it likes.
            let _ = serve(stream, taken);
        })
    }

    fn start(serve: fn(TcpStream, &AtomicUsize)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (addr, taken) = (listener.local_addr().unwrap(), Arc::<AtomicUsize>::default());
        let counted = Arc::clone(&taken);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, taken) = (stream.unwrap(), Arc::clone(&counted));
                thread::spawn(move || serve(stream, &taken));
            }
        });
        Self { addr, taken }
    }

    /// The flags of a server that sends by it.
    pub fn flags(&self) -> Vec<String> {
        let url = format!("smtp://{}", self.addr);
        ["--mail", &url, "--mail-from", "no-reply@shop.example", "--mail-rate-limit", "off"].map(str::to_owned).into()
    }

    /// How many emails it has taken.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }
}

fn serve(stream: TcpStream, taken: &AtomicUsize) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut answers = stream.try_clone()?;
    let mut lines = BufReader::new(stream).lines();
    answers.write_all(b"220 mail.test ESMTP\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let answer: &[u8] = match line.get(..4).unwrap_or_default() {
            "EHLO" => b"250-mail.test\r\n250 8BITMIME\r\n",
            "DATA" => {
                answers.write_all(b"354 go on\r\n")?;
                while lines.next().transpose()?.is_some_and(|line| line != ".") {}
                taken.fetch_add(1, Ordering::SeqCst);
                b"250 taken\r\n"
            }
            "QUIT" => return answers.write_all(b"221 bye\r\n"),
            _ => b"250 ok\r\n",
        };
        answers.write_all(answer)?;
    }
    Ok(())
}
