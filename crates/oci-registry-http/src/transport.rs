// SPDX-License-Identifier: Apache-2.0
//! One request and its answer, over however many redirects (registry.md B4).
//!
//! Nothing is retried here, and credentials are only carried: to the origin that they are for, and
//! never again once a chain of redirects has left it (D4b).

pub mod redact;
pub mod retry;
pub mod patience;
pub mod proxy;
pub mod connection;
pub mod exchange;
mod tls;
mod resolve;
mod failure;
pub(crate) mod redirect;
pub(crate) mod gate;
pub(crate) mod body;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, HeaderMap, HeaderValue, LOCATION,
};
use reqwest::{Method, Url};
use tokio::time::{Instant, timeout};

use crate::error::{Error, ErrorKind, Refusal, Result};
use body::{Body, Flow};
use connection::Connections;
use exchange::{Exchange, OnExchange};
use gate::{Gate, Gates, Permit, Priority};
use redirect::{Follow, Origin, Zone};

/// The largest number of redirects that are followed for one request.
const MAX_REDIRECTS: usize = 5;
/// The most that is read of an answer's body that nobody needs, so that its connection can be used again.
const MAX_DRAIN: u64 = 64 * 1024;
/// The most that is read of an error's body.
const MAX_ERROR: u64 = 64 * 1024;

/// The requests of one operation, counted.
#[derive(Debug, Default)]
pub(crate) struct Tally(AtomicU32);

impl Tally {
    pub(crate) fn requests(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A request as it is sent.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    pub(crate) priority: Priority,
    /// Whether it waits at the host's gate; false for one that is sent while the same task holds
    /// another place there, and would wait for itself.
    pub(crate) gate: AtGate,
    /// Whether a redirect to another origin is an error.
    pub(crate) stays: bool,
}

/// Whether a request waits at the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AtGate {
    /// The request waits.
    Waits,
    /// The request passes on the place of another one of the same task.
    Passes,
}

impl Request {
    pub(crate) fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Body::Empty,
            priority: Priority::Small,
            gate: AtGate::Waits,
            stays: false,
        }
    }

    /// Method and URL for people.
    pub(crate) fn show(&self) -> String {
        format!("{} {}", self.method, redact::url(&self.url))
    }
}

/// The transport of requests.
pub(crate) struct Transport {
    pub(crate) connections: Connections,
    pub(crate) gates: Gates,
    pub(crate) max_in_flight: usize,
    pub(crate) on_exchange: Option<OnExchange>,
}

/// The answer to a request. It holds its place at the gate until it is read or dropped.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The address from which the answer came in the end.
    pub(crate) url: Url,
    /// The network zone of the first host.
    pub(crate) zone: Zone,
    /// Whether a redirect left the first origin.
    pub(crate) is_foreign: bool,
    content: Content,
    idle: Duration,
    /// The place at the host's gate, as long as there is a body to come.
    permit: Option<Permit>,
}

#[derive(Debug)]
enum Content {
    Live(Box<reqwest::Response>),
    Read(Bytes),
}

impl Transport {
    /// Returns the gate of the host at that URL.
    pub(crate) fn gate(&self, url: &Url) -> Arc<Gate> {
        let origin = Origin::of(url);
        let own = self.connections.options(&origin).and_then(|options| options.max_in_flight);
        self.gates.of(&origin.authority(), own.unwrap_or(self.max_in_flight))
    }

    /// Sends a request and follows redirects. `authorization` goes to the first origin only. `from`
    /// is where the side stands that named the URL, if it is not our own: names that resolve further
    /// in than that are not contacted.
    pub(crate) async fn exchange(
        &self,
        request: &Request,
        authorization: Option<&HeaderValue>,
        from: Option<Zone>,
        tally: &Tally,
    ) -> Result<Response> {
        let first = Origin::of(&request.url);
        let mut hop = request.clone();
        let mut guard = from;
        let mut is_foreign = false;
        let mut zone = from.unwrap_or(Zone::Never);
        for redirects in 0.. {
            let carried = authorization.filter(|_| !is_foreign);
            let at_first = Origin::of(&hop.url) == first;
            let gate = if redirects == 0 { request.gate } else { AtGate::Waits };
            let limit = if at_first { from } else { guard };
            let sent = self.send(&hop, carried, limit, gate, tally).await;
            let mut response = sent.map_err(|e| e.about(|| hop.show()))?;
            if redirects == 0 {
                zone = response.zone;
                guard = Some(zone);
            }
            response.zone = zone;
            response.is_foreign = is_foreign;
            if !redirect::is_redirect(response.status) {
                return Ok(response);
            }
            let followed = self.redirected(&hop, &response, &first, zone);
            let next = followed.map_err(|e| e.about(|| hop.show()))?;
            if redirects >= MAX_REDIRECTS {
                return Err(Error::new(ErrorKind::Redirect, "there are too many redirects")
                    .about(|| request.show()));
            }
            is_foreign |= Origin::of(&next.url) != first;
            response.drain().await;
            hop = next;
        }
        Err(Error::new(ErrorKind::Redirect, "there are too many redirects"))
    }

    /// Returns the request that a redirect leads to.
    fn redirected(
        &self,
        hop: &Request,
        response: &Response,
        first: &Origin,
        zone: Zone,
    ) -> Result<Request> {
        let follow = redirect::follow(response.status, &hop.method).ok_or_else(|| {
            let message = format!("a {} is not redirected with {}", hop.method, response.status);
            Error::new(ErrorKind::Redirect, message)
        })?;
        let location = response.headers.get(LOCATION).map(HeaderValue::as_bytes);
        let url = redirect::resolve(&hop.url, location)?;
        let origin = Origin::of(&url);
        if !first.is_https() && origin.is_https() && origin.host() == first.host() {
            return Err(Error::new(
                ErrorKind::WrongScheme,
                format!("{} redirects plain HTTP requests to HTTPS", first.authority()),
            )
            .with_help("use HTTPS for this host"));
        }
        if hop.stays && origin != *first {
            let message = "the registry redirects to another host, which is not allowed here";
            return Err(Error::new(ErrorKind::Redirect, message));
        }
        if !self.connections.is_allowed(&url) {
            redirect::check_target(&url, &Origin::of(&hop.url), zone)?;
        }
        if matches!(hop.body, Body::Form(_)) && origin != *first {
            return Err(Error::new(
                ErrorKind::Redirect,
                "credentials are not forwarded to another host",
            ));
        }
        let mut next = hop.clone();
        next.url = url;
        if follow == Follow::Get {
            next.method = Method::GET;
            next.body = Body::Empty;
        }
        if !next.body.can_be_sent_again() {
            let message =
                "the body would have to be sent again to another address, and cannot be read again";
            return Err(Error::new(ErrorKind::NotRewindable, message));
        }
        Ok(next)
    }

    /// Sends a request to one hop.
    async fn send(
        &self,
        request: &Request,
        authorization: Option<&HeaderValue>,
        guard: Option<Zone>,
        at_gate: AtGate,
        tally: &Tally,
    ) -> Result<Response> {
        let permit = match at_gate {
            AtGate::Waits => Some(self.gate(&request.url).enter(request.priority).await),
            AtGate::Passes => None,
        };
        let guard = match self.connections.is_allowed(&request.url) {
            true => Zone::Never,
            false => guard.unwrap_or(Zone::Never),
        };
        let (client, route) = self.connections.to(&request.url, guard)?;
        let mut wire = reqwest::Request::new(request.method.clone(), request.url.clone());
        wire.headers_mut().extend(request.headers.clone());
        // Digests are over the bytes on the wire.
        wire.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Some(authorization) = authorization {
            wire.headers_mut().insert(AUTHORIZATION, authorization.clone());
        }
        let flow = request.body.attach(&mut wire).await?;
        tally.0.fetch_add(1, Ordering::Relaxed);
        let sent = self.on_exchange.as_ref().map(|_| wire.headers().clone());
        let start = Instant::now();
        let answer = self.wait(client.execute(wire), flow.as_deref()).await;
        if let (Some(on_exchange), Some(sent)) = (&self.on_exchange, sent) {
            on_exchange(&self.report(request, &sent, &answer, start.elapsed()));
        }
        let is_refused = answer.as_ref().is_ok_and(|answer| answer.status().as_u16() >= 400);
        if let Some(failure) = flow.as_ref().and_then(|flow| flow.failure())
            && !is_refused
        {
            return Err(failure);
        }
        let answer = answer?;
        let zone = self.connections.zone(&request.url, route, answer.remote_addr());
        // For logs; `on_exchange` says more.
        tracing::debug!(
            request = %request.show(),
            status = answer.status().as_u16(),
            "answered"
        );
        // A place is not held for a body that nobody will read: its owner may ask for more.
        let is_empty = request.method == Method::HEAD || answer.content_length() == Some(0);
        Ok(Response {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            url: request.url.clone(),
            zone,
            is_foreign: false,
            content: Content::Live(Box::new(answer)),
            idle: self.connections.timeouts.idle,
            permit: permit.filter(|_| !is_empty),
        })
    }

    /// Returns the report on an exchange.
    fn report(
        &self,
        request: &Request,
        sent: &HeaderMap,
        answer: &Result<reqwest::Response>,
        time: Duration,
    ) -> Exchange {
        let outcome = match answer {
            Ok(answer) => Ok(answer.status().as_u16()),
            Err(error) => Err(error.message().to_owned()),
        };
        let mut exchange = exchange::report(&request.method, &request.url, outcome, time);
        let credential = sent.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let secret = credential.and_then(|text| text.split_once(' ')).map(|(_, secret)| secret);
        let secrets = secret.as_slice();
        exchange.sent = exchange::show(sent, &request.url, secrets);
        if let Ok(answer) = answer {
            exchange.received = exchange::show(answer.headers(), &request.url, secrets);
        }
        exchange
    }

    /// Waits for the head of the answer: so long for a request without a body; with one, as long
    /// as it moves, and then the time of a commit.
    async fn wait(
        &self,
        sending: impl Future<Output = reqwest::Result<reqwest::Response>>,
        flow: Option<&Flow>,
    ) -> Result<reqwest::Response> {
        let late = || Error::new(ErrorKind::Timeout, "the answer did not come in time");
        let timeouts = &self.connections.timeouts;
        let Some(flow) = flow else {
            let answer = timeout(timeouts.head, sending).await.map_err(|_| late())?;
            return answer.map_err(|error| failure::classify(&error));
        };
        tokio::pin!(sending);
        let mut seen = flow.sent();
        let mut since = Instant::now();
        loop {
            let allowed = if flow.is_done() {
                timeouts.commit.saturating_add(Duration::from_secs(flow.size() / (10 << 20)))
            } else {
                timeouts.idle
            };
            let step = allowed.min(Duration::from_secs(1)).max(Duration::from_millis(1));
            match timeout(step, &mut sending).await {
                Ok(answer) => return answer.map_err(|error| failure::classify(&error)),
                Err(_) if flow.sent() != seen => {
                    seen = flow.sent();
                    since = Instant::now();
                }
                Err(_) if since.elapsed() >= allowed => {
                    return Err(
                        late().with_help("the registry stopped accepting data, or did not answer")
                    );
                }
                Err(_) => {}
            }
        }
    }
}

impl Response {
    /// Returns the next bytes of the body.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        match &mut self.content {
            Content::Read(bytes) if bytes.is_empty() => Ok(None),
            Content::Read(bytes) => Ok(Some(std::mem::take(bytes))),
            Content::Live(live) => {
                let chunk = match timeout(self.idle, live.chunk()).await {
                    Ok(chunk) => chunk.map_err(|error| failure::classify(&error)),
                    Err(_) => Err(Error::new(ErrorKind::Timeout, "the body stopped arriving")),
                };
                if !matches!(chunk, Ok(Some(_))) {
                    self.permit = None;
                }
                chunk
            }
        }
    }

    /// Returns the whole body, at most `cap` bytes; `what` it is.
    pub(crate) async fn bytes(&mut self, cap: u64, what: &str) -> Result<Vec<u8>> {
        let too_large =
            || Error::new(ErrorKind::TooLarge, format!("{what} has more than {cap} bytes"));
        if self.content_length().is_some_and(|length| length > cap) {
            return Err(too_large());
        }
        let mut all = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if (all.len() as u64).saturating_add(chunk.len() as u64) > cap {
                return Err(too_large());
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all)
    }

    /// Returns the value of `Content-Length`.
    pub(crate) fn content_length(&self) -> Option<u64> {
        self.header(CONTENT_LENGTH.as_str())?.trim().parse().ok()
    }

    /// Returns a header's value where it is visible text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the media type in `Content-Type`, without parameters, in lower case.
    pub(crate) fn media_type(&self) -> Option<String> {
        let text = self.header("content-type")?;
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        (!essence.is_empty()).then_some(essence)
    }

    /// Reads what is left of a short body, so that the connection can be used again.
    pub(crate) async fn drain(mut self) {
        let mut left = MAX_DRAIN;
        while let Ok(Some(chunk)) = self.chunk().await {
            left = left.saturating_sub(chunk.len() as u64);
            if left == 0 {
                break;
            }
        }
    }

    /// Reads the body of an error, and keeps it: at most 64 KiB of it. The place at the gate is free
    /// from then on.
    pub(crate) async fn keep_body(&mut self) -> Bytes {
        let mut all = Vec::new();
        while let Ok(Some(chunk)) = self.chunk().await {
            let left = usize::try_from(MAX_ERROR).unwrap_or(usize::MAX) - all.len();
            all.extend_from_slice(chunk.get(..left).unwrap_or(&chunk));
            if chunk.len() >= left {
                break;
            }
        }
        let all = Bytes::from(all);
        self.content = Content::Read(all.clone());
        self.permit = None;
        all
    }

    /// Reads what the registry says in its error.
    pub(crate) async fn refusal(&mut self) -> Refusal {
        let body = self.keep_body().await;
        let mut refusal = crate::refusal::read(&body);
        refusal.status = self.status;
        let ids = [
            "x-request-id",
            "x-amzn-requestid",
            "x-github-request-id",
            "x-ms-correlation-request-id",
        ];
        refusal.request_id = ids.iter().find_map(|id| self.header(id)).map(redact::clean);
        refusal
    }

    /// The wait that the registry asks for.
    pub(crate) fn retry_after(&self, now: SystemTime) -> Option<Duration> {
        retry::retry_after(&self.headers, now)
    }
}
