//! A proxy in front of a server, with one fault: TLS on loopback, each request as it came but for what the fault changes.

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, Response, StatusCode},
    serve::Listener,
};
use reqwest::{Client, redirect::Policy};
use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    pin::Pin,
    process::Command,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
    server::TlsStream,
};

pub type Answer = Response<Bytes>;

/// What a proxy does wrong.
#[derive(Clone, Copy)]
pub struct Fault {
    /// To the head of a request.
    pub request: fn(&mut HeaderMap),
    /// To an answer, by its path.
    pub answer: fn(&str, &mut Answer),
    /// The path that it answers from its cache.
    pub cached: Option<&'static str>,
}

impl Fault {
    /// None: forwarded headers are the proxy's own.
    pub const NONE: Self = Self { request: own_forwarded, answer: |_, _| {}, cached: None };

    pub const fn request(request: fn(&mut HeaderMap)) -> Self {
        Self { request, ..Self::NONE }
    }

    pub const fn answer(answer: fn(&str, &mut Answer)) -> Self {
        Self { answer, ..Self::NONE }
    }
}

fn own_forwarded(headers: &mut HeaderMap) {
    headers.remove("forwarded");
    headers.insert("x-forwarded-for", "127.0.0.1".parse().unwrap());
}

/// A certificate for localhost, and its key.
pub struct Certificate {
    pub file: PathBuf,
    key: PathBuf,
}

impl Certificate {
    /// One that is good for so many days, made by itself.
    pub fn make(folder: &Path, days: u32) -> Self {
        let [file, key, config] = ["pem", "key", "cnf"].map(|kind| folder.join(format!("localhost-{days}.{kind}")));
        let extensions = "subjectAltName=DNS:localhost\nbasicConstraints=critical,CA:FALSE\n";
        let text = format!("[req]\ndistinguished_name=name\nx509_extensions=own\n[name]\n[own]\n{extensions}");
        std::fs::write(&config, text).unwrap();
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=localhost"])
            .args(["-days", &days.to_string(), "-config"])
            .args([&config, Path::new("-keyout"), &key, Path::new("-out"), &file])
            .output()
            .expect("openssl is there");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self { file, key }
    }

    fn acceptor(&self) -> TlsAcceptor {
        let chain = vec![CertificateDer::from_pem_file(&self.file).unwrap()];
        let key = PrivateKeyDer::from_pem_file(&self.key).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()))
    }
}

/// A proxy that runs; its fault can be exchanged.
pub struct Proxy {
    fault: Arc<Mutex<Fault>>,
    task: JoinHandle<()>,
}

struct Way {
    to: String,
    client: Client,
    fault: Arc<Mutex<Fault>>,
    cache: Mutex<HashMap<String, Answer>>,
}

impl Proxy {
    /// Listens with TLS for so many connections at once, and forwards to the server at `to`. More are closed.
    pub fn with_tls(most: usize, listener: TcpListener, certificate: &Certificate, to: &str, fault: Fault) -> Self {
        let places = Arc::new(Semaphore::new(most));
        Self::start(Tls { listener, acceptor: certificate.acceptor(), places }, to, fault)
    }

    /// Listens without TLS.
    pub fn without_tls(listener: TcpListener, to: &str, fault: Fault) -> Self {
        Self::start(listener, to, fault)
    }

    /// Does this wrong from now on.
    pub fn fail(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }

    fn start<L: Listener<Addr = SocketAddr>>(listener: L, to: &str, fault: Fault) -> Self {
        let fault = Arc::new(Mutex::new(fault));
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        let way = Way { to: to.to_owned(), client, fault: Arc::clone(&fault), cache: Mutex::default() };
        let service = Router::new().fallback(forward).with_state(Arc::new(way));
        let task = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self { fault, task }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(State(way): State<Arc<Way>>, request: Request) -> Response<Body> {
    let fault = *way.fault.lock().unwrap();
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let is_cached = fault.cached == Some(&path);
    if let Some(answer) = way.cache.lock().unwrap().get(&path).filter(|_| is_cached) {
        return answer.clone().map(Body::from);
    }
    (fault.request)(&mut parts.headers);
    parts.headers.remove("content-length");
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let url = format!("{}{}", way.to, parts.uri);
    let sent = way.client.request(parts.method, url).headers(parts.headers).body(body).send().await;
    let Ok(got) = sent else {
        return Response::builder().status(StatusCode::BAD_GATEWAY).body(Body::empty()).unwrap();
    };
    let (status, mut headers) = (got.status(), got.headers().clone());
    for hop in ["content-length", "transfer-encoding", "connection"] {
        headers.remove(HeaderName::from_static(hop));
    }
    let mut answer = Response::new(got.bytes().await.unwrap());
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    (fault.answer)(&path, &mut answer);
    if is_cached {
        way.cache.lock().unwrap().insert(path, answer.clone());
    }
    answer.map(Body::from)
}

struct Tls {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    places: Arc<Semaphore>,
}

/// A connection, and the place that it takes.
struct Placed {
    stream: TlsStream<TcpStream>,
    _place: OwnedSemaphorePermit,
}

impl Listener for Tls {
    type Io = Placed;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, peer) = Listener::accept(&mut self.listener).await;
            let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { continue };
            // A client that does not accept the certificate hangs up.
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (Placed { stream, _place: place }, peer);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

impl AsyncRead for Placed {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Placed {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
