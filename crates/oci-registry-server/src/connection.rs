// SPDX-License-Identifier: Apache-2.0
//! One connection: TLS if there is any, HTTP in the version that was agreed on, a request after the
//! other or several at once, until the client or the server ends it.

mod tap;

pub(crate) use tap::Stream;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::body::{self, Body};
use crate::counters::Flight;
use crate::places::{Asking, Occupant};
use crate::seam::{Broken, Line, Next};
use crate::server::Shared;
use tap::Tap;

/// The time after which an HTTP/2 peer that is silent is asked whether it is still there.
const PING: Duration = Duration::from_secs(20);

/// Versions of HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Http {
    /// HTTP/1.1; over TLS also HTTP/2, if the client asks for it.
    #[default]
    Any,
    /// HTTP/1.1 only.
    One,
    /// HTTP/2 only, also without TLS ("prior knowledge").
    Two,
}

impl Http {
    /// Returns the protocols that TLS offers for them.
    pub(crate) fn protocols(self) -> &'static [&'static str] {
        match self {
            Self::Any => &["h2", "http/1.1"],
            Self::One => &["http/1.1"],
            Self::Two => &["h2"],
        }
    }
}

/// A connection that was accepted.
pub(crate) struct Connection {
    pub(crate) shared: Arc<Shared>,
    pub(crate) number: u64,
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) occupant: Arc<Occupant>,
}

impl Connection {
    /// Serves it to its end, or until the head of its first request is overdue (SV-6).
    pub(crate) async fn serve(self, stream: TcpStream) {
        let (number, occupant) = (self.number, self.occupant.clone());
        let first_head_time = self.shared.limits.first_head_time;
        let overdue = async {
            tokio::time::sleep(first_head_time).await;
            if occupant.has_asked() {
                std::future::pending().await
            }
        };
        tokio::select! {
            () = self.shake_hands(stream) => {}
            () = overdue => tracing::debug!(connection = number, "no request arrived in time"),
        }
    }

    async fn shake_hands(self, stream: TcpStream) {
        // Responses are written in one piece; waiting for more only delays them.
        let _ = stream.set_nodelay(true);
        let line = Arc::<Line>::default();
        let Some(tls) = self.shared.tls.clone() else {
            let is_two = self.shared.http == Http::Two;
            return speak(self, Box::new(stream), is_two, line).await;
        };
        match TlsAcceptor::from(tls).accept(stream).await {
            Err(error) => {
                tracing::debug!(connection = self.number, %error, "the TLS handshake failed");
            }
            Ok(stream) => {
                let is_two = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                speak(self, Box::new(stream), is_two, line).await;
            }
        }
    }
}

async fn speak(connection: Connection, stream: Box<dyn Stream>, is_two: bool, line: Arc<Line>) {
    let Connection { shared, number, mut stop, occupant } = connection;
    let limits = &shared.limits;
    let io = TokioIo::new(Tap::new(stream, limits.idle_time, line.clone(), occupant.clone()));
    let service = {
        let (shared, line) = (shared.clone(), line.clone());
        service_fn(move |request| {
            let asking = occupant.begin();
            answer(shared.clone(), line.clone(), number, asking, request)
        })
    };
    // The two kinds of connection have the same methods, but no common trait.
    macro_rules! run {
        ($connection:expr) => {{
            let mut connection = pin!($connection);
            let stopping = async { drop(stop.wait_for(|is_stopping| *is_stopping).await) };
            let mut stopping = pin!(stopping);
            let mut is_stopping = false;
            loop {
                tokio::select! {
                    result = connection.as_mut() => {
                        if let Err(error) = result {
                            tracing::debug!(connection = number, %error, "the connection ended");
                        }
                        break;
                    }
                    // Also if the server was dropped.
                    () = &mut stopping, if !is_stopping => {
                        is_stopping = true;
                        connection.as_mut().graceful_shutdown();
                    }
                    () = line.ended() => break,
                }
            }
        }};
    }
    match is_two {
        true => run!(
            http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .max_concurrent_streams(limits.streams)
                .max_header_list_size(u32::try_from(limits.head).unwrap_or(u32::MAX))
                .keep_alive_interval(PING)
                .serve_connection(io, service)
        ),
        false => run!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(limits.head_time)
                .max_headers(limits.headers)
                .max_buf_size(limits.head.max(8 << 10))
                .serve_connection(io, service)
        ),
    }
    line.close().await;
}

/// Answers one request, and says so in the log.
async fn answer(
    shared: Arc<Shared>,
    line: Arc<Line>,
    connection: u64,
    asking: Asking,
    request: Request<Incoming>,
) -> Result<Response<Body>, Broken> {
    let flight = Flight::begin(&shared.counters);
    let started = shared.clock.now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let counters = shared.counters.clone();
    let request = request.map(|body| {
        let body = body.map_err(Into::into).boxed_unsync();
        body::watched(body, move |piece| counters.receive(piece.len()))
    });

    let response = match &shared.seam {
        None => shared.respond(request).await,
        Some(seam) => {
            let next = Next { shared: &shared, line: &line, connection };
            seam.request(request, next).await?
        }
    };

    let elapsed = shared.clock.now().saturating_sub(started);
    tracing::info!(
        connection,
        %method,
        path,
        status = response.status().as_u16(),
        milliseconds = elapsed.as_millis(),
        "request"
    );
    let counters = shared.counters.clone();
    Ok(response.map(|body| {
        body::watched(body, move |piece| {
            // The request is in flight as long as its response's body is.
            let _ = (&flight, &asking);
            counters.send(piece.len());
        })
    }))
}
