// SPDX-License-Identifier: Apache-2.0
//! The numbers that bound what a client can make the registry do.

use std::time::Duration;

/// The limits of a client. All are inclusive maxima.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// The largest number of bytes of a manifest: 4 MiB, as the specification expects.
    pub manifest: usize,
    /// The largest number of bytes of a blob: 64 GiB.
    pub blob: u64,
    /// The largest number of bytes of a request's head: 64 KiB.
    pub head: usize,
    /// The largest number of headers of a request: 100.
    pub headers: usize,
    /// The largest number of connections at a time: 1,024. When one more comes, the one that has
    /// been idle longest gives way (SV-7).
    pub connections: usize,
    /// The largest number of requests at a time on one HTTP/2 connection: 100.
    pub streams: u32,
    /// The largest number of uploads that are under way: 1,024.
    pub uploads: usize,
    /// The time that an upload is remembered after its last request: an hour.
    pub upload_lifetime: Duration,
    /// The time that a client may take until the head of its first request is there, a TLS handshake
    /// included: 10 seconds (SV-6).
    pub first_head_time: Duration,
    /// The time that a client may take for the head of each further request, the time between requests
    /// included, and for a whole form at the token endpoint: 60 seconds.
    pub head_time: Duration,
    /// The time that a client may send nothing of a body, or take nothing of a response: 60 seconds.
    pub idle_time: Duration,
    /// The time that a request may move no byte until its connection may give way to another: 10 seconds.
    pub stall_time: Duration,
    /// The time that requests may still run once the server has to stop: 10 seconds.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            manifest: 4 << 20,
            blob: 64 << 30,
            head: 64 << 10,
            headers: 100,
            connections: 1_024,
            streams: 100,
            uploads: 1_024,
            upload_lifetime: Duration::from_secs(3_600),
            first_head_time: Duration::from_secs(10),
            head_time: Duration::from_secs(60),
            idle_time: Duration::from_secs(60),
            stall_time: Duration::from_secs(10),
            grace: Duration::from_secs(10),
        }
    }
}
