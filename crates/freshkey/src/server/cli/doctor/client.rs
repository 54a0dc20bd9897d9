//! The HTTP client: it follows nothing, changes nothing, and shows an answer as it came.
//!
//! On hyper and rustls, which are in the server anyway, because what usual clients do for their users (follow a
//! redirect, decompress, merge headers) is what is looked at here.

use axum::body::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode,
    header::{HOST, USER_AGENT},
};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::{
    io,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        self, ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{InvalidDnsNameError, ServerName, UnixTime},
        time_provider::TimeProvider,
    },
};
use url::Url;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// The longest answer that is read.
const LONGEST: usize = 16 * 1024 * 1024;

type Sender = SendRequest<Empty<Bytes>>;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClientError {
    #[error("it can't be reached: {0}")]
    Connect(io::Error),
    #[error("its certificate is not accepted: {0}")]
    Certificate(rustls::Error),
    #[error("TLS failed: {0}")]
    Tls(String),
    #[error("no certificates of authorities are on this machine; SSL_CERT_FILE names a file of them")]
    NoRoots,
    #[error("it has no name that a certificate could be for: {0}")]
    Name(#[from] InvalidDnsNameError),
    #[error("the answer broke off: {0}")]
    Http(#[from] hyper::Error),
    #[error("the answer is too long, or broke off")]
    Body,
    #[error("it did not answer within 15 seconds")]
    Timeout,
    #[error("{0}")]
    Request(#[from] http::Error),
}

/// An answer.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) path: String,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    /// A header's value; the first, where there are several.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether a header that is a list has this word among its words.
    pub(super) fn says(&self, name: &str, word: &str) -> bool {
        let values = self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(word))
    }

    /// Where it is JSON.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }

    /// The code of one of Freshkey's refusals.
    pub(super) fn code(&self) -> Option<String> {
        Some(self.json()?.get("code")?.as_str()?.to_owned())
    }
}

/// A client of one site.
pub(super) struct Client {
    site: Url,
    host: String,
    tls: Option<Arc<ClientConfig>>,
    connection: Option<Sender>,
}

impl Client {
    /// A client of the site. With `later`, certificates are judged as they will be then.
    pub(super) fn new(site: Url, later: Duration) -> Result<Self, ClientError> {
        let host = site.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let tls = if site.scheme() == "https" { Some(Arc::new(tls_config(later)?)) } else { None };
        Ok(Self { site, host, tls, connection: None })
    }

    /// Another client of the same site, not connected yet.
    pub(super) fn another(&self) -> Self {
        Self { site: self.site.clone(), host: self.host.clone(), tls: self.tls.clone(), connection: None }
    }

    /// Asks for something, without a body.
    pub(super) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, &str)],
    ) -> Result<Answer, ClientError> {
        timeout(PATIENCE, self.send(method, path, headers)).await.map_err(|_| ClientError::Timeout)?
    }

    /// GET.
    pub(super) async fn get(&mut self, path: &str) -> Result<Answer, ClientError> {
        self.ask(Method::GET, path, &[]).await
    }

    /// Connects, with TLS where the site has it.
    pub(super) async fn connect(&mut self) -> Result<(), ClientError> {
        let sender = timeout(PATIENCE, self.open()).await.map_err(|_| ClientError::Timeout)??;
        self.connection = Some(sender);
        Ok(())
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, &str)],
    ) -> Result<Answer, ClientError> {
        let mut request = Request::new(Empty::new());
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().map_err(http::Error::from)?;
        let host = self.site.authority().to_owned();
        let own = [(HOST, host.as_str()), (USER_AGENT, concat!("freshkey-doctor/", env!("CARGO_PKG_VERSION")))];
        for (name, value) in own.iter().chain(headers) {
            request.headers_mut().append(name, HeaderValue::from_str(value).map_err(http::Error::from)?);
        }
        let (sender, answer) = if let Some(answered) = self.reuse(request.clone()).await {
            answered
        } else {
            let mut sender = self.open().await?;
            let answer = sender.send_request(request).await?;
            (sender, answer)
        };
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, LONGEST).collect().await.map_err(|_| ClientError::Body)?.to_bytes();
        self.connection = Some(sender);
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer { path: path.to_owned(), status: parts.status, headers: parts.headers, body })
    }

    /// On the connection that is open. It may end before it is used again: whatever is asked here can be asked twice.
    async fn reuse(&mut self, request: Request<Empty<Bytes>>) -> Option<(Sender, Response<Incoming>)> {
        let mut sender = self.connection.take()?;
        sender.ready().await.ok()?;
        let answer = sender.send_request(request).await.ok()?;
        Some((sender, answer))
    }

    async fn open(&self) -> Result<Sender, ClientError> {
        let port = self.site.port_or_known_default().unwrap_or(443);
        let stream = TcpStream::connect((self.host.as_str(), port)).await.map_err(ClientError::Connect)?;
        let Some(tls) = &self.tls else { return begin(stream).await };
        let name = ServerName::try_from(self.host.clone())?;
        begin(TlsConnector::from(Arc::clone(tls)).connect(name, stream).await.map_err(|error| tls_error(&error))?).await
    }
}

async fn begin(
    stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
) -> Result<Sender, ClientError> {
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // It ends with its sender. What breaks it, the sender says.
    tokio::spawn(async { drop(connection.await) });
    Ok(sender)
}

fn tls_error(error: &io::Error) -> ClientError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(error @ rustls::Error::InvalidCertificate(_)) => ClientError::Certificate(error.clone()),
        _ => ClientError::Tls(error.to_string()),
    }
}

fn tls_config(later: Duration) -> Result<ClientConfig, ClientError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(ClientError::NoRoots);
    }
    let versions = ClientConfig::builder_with_details(Arc::new(aws_lc_rs::default_provider()), Arc::new(Later(later)));
    let versions =
        versions.with_safe_default_protocol_versions().map_err(|error| ClientError::Tls(error.to_string()))?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

/// The time by which certificates are judged: how long one is still good is found out by verifying it as of then.
#[derive(Debug)]
struct Later(Duration);

impl TimeProvider for Later {
    fn current_time(&self) -> Option<UnixTime> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        Some(UnixTime::since_unix_epoch(now + self.0))
    }
}
