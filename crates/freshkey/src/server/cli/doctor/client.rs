//! The HTTP client: it follows nothing, changes nothing, and shows an answer as it came.
//!
//! It uses hyper and rustls, which are in the server anyway. Usual clients follow redirects, decompress and merge
//! headers, which are the very things that the doctor looks at.

use axum::body::Bytes;
use freshkey_core::causes::Cause;
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
/// The longest answer that is read, in bytes.
const LONGEST: usize = 16 * 1024 * 1024;

type Sender = SendRequest<Empty<Bytes>>;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClientError {
    #[error("it can't be reached")]
    Connect(#[source] io::Error),
    #[error("its certificate is not accepted")]
    Certificate(#[source] rustls::Error),
    #[error("TLS failed")]
    Handshake(#[source] io::Error),
    #[error("TLS can't be set up")]
    Tls(#[from] rustls::Error),
    #[error("no certificates of authorities are on this machine; SSL_CERT_FILE names a file of them")]
    NoRoots,
    #[error("it has no name that a certificate could be for")]
    Name(#[from] InvalidDnsNameError),
    #[error("the answer broke off")]
    Http(#[from] hyper::Error),
    #[error("the answer is too long, or broke off")]
    Body(#[source] Cause),
    #[error("it did not answer within 15 seconds")]
    Timeout,
    #[error(transparent)]
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
    /// Returns a header's value; the first if there are several.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether a header that is a list contains this word.
    pub(super) fn says(&self, name: &str, word: &str) -> bool {
        let values = self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(word))
    }

    /// Parses the body, if it is JSON.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }

    /// Returns the code, if the answer is one of Freshkey's refusals.
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
    /// Creates a client of the site. Certificates are judged as of `later` from now.
    pub(super) fn new(site: Url, later: Duration) -> Result<Self, ClientError> {
        let host = site.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let tls = if site.scheme() == "https" { Some(Arc::new(tls_config(later)?)) } else { None };
        Ok(Self { site, host, tls, connection: None })
    }

    /// Creates another client of the same site, not connected yet.
    pub(super) fn another(&self) -> Self {
        Self { site: self.site.clone(), host: self.host.clone(), tls: self.tls.clone(), connection: None }
    }

    /// Sends a request without a body.
    pub(super) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, &str)],
    ) -> Result<Answer, ClientError> {
        timeout(PATIENCE, self.send(method, path, headers)).await.map_err(|_| ClientError::Timeout)?
    }

    /// Sends a GET request.
    pub(super) async fn get(&mut self, path: &str) -> Result<Answer, ClientError> {
        self.ask(Method::GET, path, &[]).await
    }

    /// Connects, with TLS if the site uses it.
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
        let body = Limited::new(body, LONGEST).collect().await.map_err(ClientError::Body)?.to_bytes();
        self.connection = Some(sender);
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer { path: path.to_owned(), status: parts.status, headers: parts.headers, body })
    }

    /// Sends the request on the open connection. The connection may end first: every request here can be repeated.
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
        begin(TlsConnector::from(Arc::clone(tls)).connect(name, stream).await.map_err(tls_error)?).await
    }
}

async fn begin(
    stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
) -> Result<Sender, ClientError> {
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // The task ends with the sender, which reports any error.
    tokio::spawn(async { drop(connection.await) });
    Ok(sender)
}

fn tls_error(error: io::Error) -> ClientError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(error @ rustls::Error::InvalidCertificate(_)) => ClientError::Certificate(error.clone()),
        _ => ClientError::Handshake(error),
    }
}

fn tls_config(later: Duration) -> Result<ClientConfig, ClientError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(ClientError::NoRoots);
    }
    let versions = ClientConfig::builder_with_details(Arc::new(aws_lc_rs::default_provider()), Arc::new(Later(later)));
    let versions = versions.with_safe_default_protocol_versions()?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

/// Makes rustls verify certificates as of a later time, to find out how long they stay valid.
#[derive(Debug)]
struct Later(Duration);

impl TimeProvider for Later {
    fn current_time(&self) -> Option<UnixTime> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        Some(UnixTime::since_unix_epoch(now + self.0))
    }
}
