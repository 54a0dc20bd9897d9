//! The connections: HTTP/1.1, with a limit on everything that a slow or silent client could make
//! us wait for. (axum's own loop waits for ever.)

use super::router::Service;
use axum::{body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use std::{convert::Infallible, future::Future, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};

/// Connections at once; more wait in the operating system's queue.
const CONNECTIONS: usize = 8 * 1024;
/// A request's head in bytes: 431 beyond (RFC 6585, section 5).
const HEAD_BYTES: usize = 32 * 1024;
/// After the operating system could not give us a connection, out of file descriptors say.
const PAUSE: Duration = Duration::from_millis(50);

/// How long we wait.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For the head of a request, the first or the next on a connection.
    pub head: Duration,
    /// For the body of a call.
    pub body: Duration,
    /// For requests in flight when the server stops.
    pub stop: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let [head, body, stop] = [30, 10, 10].map(Duration::from_secs);
        Self { head, body, stop }
    }
}

/// Serves until `stop` is done, then takes no new connections and lets requests finish; false if
/// some had not when their time was up.
pub(super) async fn serve(
    listener: TcpListener,
    service: Service,
    timeouts: Timeouts,
    stop: impl Future<Output = ()>,
) -> bool {
    let (service, connections) = (Arc::new(service), Arc::new(Semaphore::new(CONNECTIONS)));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(timeouts.head).max_buf_size(HEAD_BYTES);
    let mut stop = std::pin::pin!(stop);
    while let Some((permit, stream, peer)) = next(&listener, &connections, &mut stop).await {
        // Answers are small and whole: waiting for more to send only delays them.
        let _ = stream.set_nodelay(true);
        let service = Arc::clone(&service);
        let answer = service_fn(move |request: Request<Incoming>| {
            let (service, mut request) = (Arc::clone(&service), request.map(Body::new));
            request.extensions_mut().insert(ConnectInfo(peer));
            async move { Ok::<_, Infallible>(service.answer(request).await) }
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), answer));
        tokio::spawn(async move {
            // What goes wrong with a connection is its client's affair: gone, or too slow.
            let _ = connection.await;
            drop(permit);
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => true,
        () = sleep(timeouts.stop) => false,
    }
}

/// The next connection, as soon as there is room for it; none once `stop` is done, also while
/// there is no room.
async fn next(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
    stop: &mut (impl Future<Output = ()> + Unpin),
) -> Option<(OwnedSemaphorePermit, TcpStream, SocketAddr)> {
    let accepted = async {
        // Never closed, so this is only ever a wait.
        let permit = Arc::clone(connections).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => return Some((permit, stream, peer)),
                Err(error) => {
                    tracing::warn!(event = "connection_not_accepted", %error);
                    sleep(PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = stop => None,
        accepted = accepted => accepted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn a_server_with_no_room_left_still_stops() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let full = Arc::new(Semaphore::new(0));
        let mut stopped = std::pin::pin!(async { drop(stopped.await) });
        let waiting = next(&listener, &full, &mut stopped);
        let (none, ()) = tokio::join!(waiting, async { stop.send(()).expect("it listens") });
        assert!(none.is_none());
    }
}
