// SPDX-License-Identifier: Apache-2.0
//! Counters of what happened.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts what a server does. They only grow, but for the gauges.
#[derive(Debug, Default)]
pub struct Counters {
    connections: AtomicU64,
    requests: AtomicU64,
    in_flight: AtomicU64,
    peak_in_flight: AtomicU64,
    bytes_received: AtomicU64,
    bytes_sent: AtomicU64,
}

impl Counters {
    /// Connections that were accepted.
    pub fn connections(&self) -> u64 {
        self.connections.load(Relaxed)
    }

    /// Requests whose heads came.
    pub fn requests(&self) -> u64 {
        self.requests.load(Relaxed)
    }

    /// Requests that are being answered now; the sending of the body is part of it.
    pub fn in_flight(&self) -> u64 {
        self.in_flight.load(Relaxed)
    }

    /// Returns the most that were in flight at a time.
    pub fn peak_in_flight(&self) -> u64 {
        self.peak_in_flight.load(Relaxed)
    }

    /// Bytes of requests' bodies.
    pub fn bytes_received(&self) -> u64 {
        self.bytes_received.load(Relaxed)
    }

    /// Bytes of responses' bodies, as they were handed to the connections.
    pub fn bytes_sent(&self) -> u64 {
        self.bytes_sent.load(Relaxed)
    }

    pub(crate) fn connect(&self) -> u64 {
        self.connections.fetch_add(1, Relaxed).saturating_add(1)
    }

    pub(crate) fn receive(&self, bytes: usize) {
        self.bytes_received.fetch_add(bytes as u64, Relaxed);
    }

    pub(crate) fn send(&self, bytes: usize) {
        self.bytes_sent.fetch_add(bytes as u64, Relaxed);
    }
}

/// A request in flight, until it is dropped.
pub(crate) struct Flight(Arc<Counters>);

impl Flight {
    pub(crate) fn begin(counters: &Arc<Counters>) -> Self {
        counters.requests.fetch_add(1, Relaxed);
        let now = counters.in_flight.fetch_add(1, Relaxed).saturating_add(1);
        counters.peak_in_flight.fetch_max(now, Relaxed);
        Self(counters.clone())
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}
