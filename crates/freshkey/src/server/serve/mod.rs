//! Serves connections: HTTP/1.1, with a limit on everything that a slow or silent client could make the server wait
//! for. (axum's own loop waits for ever.)

mod connections;
mod stream;
mod unread;

pub use connections::{Bounds, raise_descriptor_limit};

use super::settings::Timeouts;
use axum::{body::Body, extract::ConnectInfo};
use connections::Connections;
use freshkey_core::causes::with_causes;
use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use std::{convert::Infallible, future::Future, net::SocketAddr, sync::Arc, time::Duration};
use stream::Stream;
use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};
use unread::Unread;

/// The largest head of a request, in bytes; a larger one gets 431 (RFC 6585, section 5).
const HEAD_BYTES: usize = 32 * 1024;
/// The pause after the operating system could not provide a connection, for lack of file descriptors say.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves until `stop` is done, then takes no new connections and lets requests finish. Returns false if some had not
/// finished when their time was up.
pub(super) async fn serve<A, F>(
    listener: TcpListener,
    answer: A,
    bounds: Bounds,
    timeouts: Timeouts,
    stop: impl Future<Output = ()>,
) -> bool
where
    A: Fn(Request<Body>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send,
{
    let connections = Connections::new(bounds);
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(timeouts.head).max_buf_size(HEAD_BYTES);
    let mut stop = std::pin::pin!(stop);
    while let Some((tcp, peer)) = next(&listener, &connections, &mut stop).await {
        // Answers are small and complete: waiting for more to send would only delay them.
        let _ = tcp.set_nodelay(true);
        let place = connections.admit(peer.ip());
        let stream = Stream::new(tcp, Arc::clone(place.activity()), timeouts.write);
        let (answer, activity) = (answer.clone(), Arc::clone(place.activity()));
        let service = service_fn(move |request: Request<Incoming>| {
            let (answer, activity, mut unread) = (answer.clone(), Arc::clone(&activity), Unread::default());
            async move {
                let mut request = unread.watch(request);
                request.extensions_mut().insert(ConnectInfo(peer));
                let mut response = answer(request).await;
                unread.settle(&mut response, &activity, timeouts.body);
                Ok::<_, Infallible>(response)
            }
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            tokio::select! {
                // A connection fails because its client is gone or too slow; there is nothing to do about it.
                _ = connection => {}
                () = place.evicted() => {}
            }
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => true,
        () = sleep(timeouts.stop) => false,
    }
}

/// Returns the next connection; none once `stop` is done.
async fn next(
    listener: &TcpListener,
    connections: &Connections,
    stop: &mut (impl Future<Output = ()> + Unpin),
) -> Option<(TcpStream, SocketAddr)> {
    let accepted = async {
        loop {
            match listener.accept().await {
                Ok(accepted) => return accepted,
                Err(error) => {
                    tracing::warn!(event = "connection_not_accepted", error = %with_causes(&error));
                    connections.make_room();
                    sleep(PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = stop => None,
        accepted = accepted => Some(accepted),
    }
}
