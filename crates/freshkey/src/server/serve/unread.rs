//! Discards a request's body that was not read by the time the answer is ready.
//!
//! The HTTP library would then close the connection without notice, and a client or a proxy that sends its next request
//! on it would lose that request. Here a small body is read and discarded beside the answer, and the connection stays
//! open; otherwise the answer says that it closes.

use super::connections::Activity;
use axum::body::{Body, Bytes, HttpBody};
use http::{HeaderValue, Request, Response, header};
use hyper::body::{Frame, Incoming, SizeHint};
use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::timeout;

/// The largest body that is discarded, in bytes.
const SMALL: u64 = 64 * 1024;

/// Receives the rest of a request's body when its reader is done with it; none without a body.
#[derive(Default)]
pub struct Unread(Option<Arc<Mutex<Option<Rest>>>>);

struct Rest {
    body: Incoming,
    /// The client waits for a `100 Continue` before it sends the body, and has not got one.
    waits: bool,
}

/// A body that hands over its rest when it is dropped, for use after the answer.
struct Watched {
    rest: Option<Rest>,
    left: Arc<Mutex<Option<Rest>>>,
}

impl Unread {
    /// Passes the request on, with a body that is watched if it has one.
    pub fn watch(&mut self, request: Request<Incoming>) -> Request<Body> {
        if request.body().is_end_stream() {
            return request.map(Body::new);
        }
        let waits = request.headers().contains_key(header::EXPECT);
        let left = Arc::clone(self.0.get_or_insert_default());
        request.map(|body| Body::new(Watched { rest: Some(Rest { body, waits }), left }))
    }

    /// Handles the rest of the body, and tells the client if the connection closes.
    pub fn settle(&self, response: &mut Response<Body>, activity: &Activity, patience: Duration) {
        let rest = self.0.as_ref().and_then(|left| left.lock().unwrap_or_else(PoisonError::into_inner).take());
        match rest {
            None => activity.settled(),
            Some(Rest { body, waits: false }) if body.size_hint().exact().is_some_and(|size| size <= SMALL) => {
                tokio::spawn(timeout(patience, throw_away(body)));
            }
            Some(_) => {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
        }
    }
}

async fn throw_away(mut body: Incoming) {
    while let Some(Ok(_)) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {}
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(rest) = &mut self.rest else { return Poll::Ready(None) };
        // Asking for the body makes the library tell the client to send it.
        rest.waits = false;
        let polled = Pin::new(&mut rest.body).poll_frame(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.rest = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.rest.as_ref().is_none_or(|rest| rest.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.rest.as_ref().map_or_else(|| SizeHint::with_exact(0), |rest| rest.body.size_hint())
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(rest) = self.rest.take()
            && !rest.body.is_end_stream()
        {
            *self.left.lock().unwrap_or_else(PoisonError::into_inner) = Some(rest);
        }
    }
}
