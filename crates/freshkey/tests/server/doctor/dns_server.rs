//! A name server that knows some texts, of names in example.com. What is too long for a datagram it answers by TCP.

use hickory_resolver::proto::{
    op::{Message, Metadata, ResponseCode},
    rr::{Name, RData, Record, RecordType, rdata::TXT},
};
use std::{
    collections::HashMap,
    net::{SocketAddr, UdpSocket},
    sync::Arc,
    thread,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The texts of each name, without the dot at its end.
type Zone = HashMap<String, Vec<String>>;

/// The longest answer by datagram, in bytes.
const DATAGRAM: usize = 400;

pub struct DnsServer {
    pub address: SocketAddr,
}

impl DnsServer {
    pub async fn start(zone: &[(&str, &str)]) -> Self {
        let mut all = Zone::new();
        for (name, text) in zone {
            all.entry((*name).to_owned()).or_default().push((*text).to_owned());
        }
        let zone = Arc::new(all);
        let (tcp, udp) = both().await;
        let address = tcp.local_addr().unwrap();
        let known = Arc::clone(&zone);
        thread::spawn(move || {
            let mut asked = [0; 1500];
            while let Ok((length, from)) = udp.recv_from(&mut asked) {
                let whole = answer(&known, &asked[..length]);
                let sent = if whole.to_vec().unwrap().len() > DATAGRAM { cut(whole) } else { whole };
                udp.send_to(&sent.to_vec().unwrap(), from).unwrap();
            }
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = tcp.accept().await {
                tokio::spawn(by_tcp(stream, Arc::clone(&zone)));
            }
        });
        Self { address }
    }
}

/// The same port of both kinds: the one may be free and the other taken.
async fn both() -> (TcpListener, UdpSocket) {
    for _ in 0..100 {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()) {
            return (tcp, udp);
        }
    }
    panic!("no port is free");
}

async fn by_tcp(mut stream: TcpStream, zone: Arc<Zone>) {
    while let Ok(length) = stream.read_u16().await {
        let mut asked = vec![0; usize::from(length)];
        stream.read_exact(&mut asked).await.unwrap();
        let answer = answer(&zone, &asked).to_vec().unwrap();
        stream.write_u16(u16::try_from(answer.len()).unwrap()).await.unwrap();
        stream.write_all(&answer).await.unwrap();
    }
}

fn answer(zone: &Zone, asked: &[u8]) -> Message {
    let asked = Message::from_vec(asked).unwrap();
    let query = asked.queries.first().expect("a question").clone();
    let mut answer = Message::response(asked.metadata.id, asked.metadata.op_code);
    answer.metadata = Metadata::response_from_request(&asked.metadata);
    let name = query.name().to_ascii().to_lowercase();
    let name = name.trim_end_matches('.');
    // A name is there that others are below.
    let below = format!(".{name}");
    let is_there = zone.keys().any(|known| known == name || known.ends_with(&below));
    answer.metadata.response_code = if is_there { ResponseCode::NoError } else { ResponseCode::NXDomain };
    assert_eq!(query.query_type(), RecordType::TXT);
    answer.answers = zone.get(name).into_iter().flatten().map(|text| record(query.name(), text)).collect();
    answer.queries = vec![query];
    answer
}

/// A long text comes in parts of 255 bytes at most (RFC 1035, section 3.3).
fn record(name: &Name, text: &str) -> Record {
    let parts = text.as_bytes().chunks(255).map(|part| String::from_utf8(part.to_vec()).unwrap()).collect();
    Record::from_rdata(name.clone(), 60, RData::TXT(TXT::new(parts)))
}

fn cut(mut answer: Message) -> Message {
    answer.metadata.truncation = true;
    answer.answers.clear();
    answer
}
