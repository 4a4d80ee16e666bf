// SPDX-License-Identifier: Apache-2.0
//! Requests as scripts see them and logs keep them. Headers are kept as they came, secrets too:
//! tests look for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use hyper::http::request::Parts;
use oci_registry_server::Endpoint;
use oci_registry_server::seam::Next;

/// The head of a request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Seen {
    /// Its number on this server, from 1.
    pub number: u64,
    /// The number of its connection, from 1.
    pub connection: u64,
    /// The time when it came, by the server's clock.
    pub at: Duration,
    /// The method of the request.
    pub method: String,
    /// Its path, as it came.
    pub path: String,
    /// Its query, as it came.
    pub query: Option<String>,
    /// The host that it was meant for.
    pub host: Option<String>,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub version: String,
    /// Its headers, in order; names are in lower case, bytes that are not UTF-8 replaced.
    pub headers: Vec<(String, String)>,
    /// The endpoint that its path leads to.
    pub endpoint: Endpoint,
    /// The number of requests in flight, this one included.
    pub in_flight: u64,
}

impl Seen {
    pub(crate) fn new(parts: &Parts, number: u64, next: &Next<'_>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers: Vec<(String, String)> = parts
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
            .collect();
        let host = headers.iter().find(|(name, _)| name == "host").map(|(_, host)| host.clone());
        Self {
            number,
            connection: next.connection(),
            at: next.clock().now(),
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            host: host.or_else(|| parts.uri.authority().map(ToString::to_string)),
            version: format!("{:?}", parts.version),
            headers,
            endpoint: Endpoint::of(parts.uri.path()),
            in_flight: next.counters().in_flight(),
        }
    }

    /// Returns the first value of a header; its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Path and query.
    pub fn target(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    /// Returns a parameter of the query, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let query = self.query.as_deref().unwrap_or_default();
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// A request and what became of it so far.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Logged {
    /// The request as it was seen.
    pub seen: Seen,
    outcome: Arc<Outcome>,
}

#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) status: AtomicU16,
    pub(crate) received: AtomicU64,
    pub(crate) sent: AtomicU64,
    pub(crate) is_faulty: AtomicBool,
    pub(crate) is_over: AtomicBool,
}

impl Logged {
    pub(crate) fn new(seen: Seen, outcome: Arc<Outcome>) -> Self {
        Self { seen, outcome }
    }

    /// Returns the status that it got; `None` if there is no response (yet).
    pub fn status(&self) -> Option<u16> {
        Some(self.outcome.status.load(Relaxed)).filter(|status| *status != 0)
    }

    /// Returns the bytes of its body that came.
    pub fn received(&self) -> u64 {
        self.outcome.received.load(Relaxed)
    }

    /// Returns the bytes of its response's body that went out.
    pub fn sent(&self) -> u64 {
        self.outcome.sent.load(Relaxed)
    }

    /// Whether a rule fired on it.
    pub fn is_faulty(&self) -> bool {
        self.outcome.is_faulty.load(Relaxed)
    }

    /// Whether its response went out to its end, or broke off.
    pub fn is_over(&self) -> bool {
        self.outcome.is_over.load(Relaxed)
    }
}
