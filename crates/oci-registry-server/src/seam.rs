// SPDX-License-Identifier: Apache-2.0
//! The seam between clients and the registry: something can stand there that sees each connection
//! before a byte is read from it, and each request before and after the registry answers. The
//! registry itself has nothing there; the tests of clients put one there that misbehaves.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use hyper::{Request, Response};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::Notify;

pub use crate::body::{Body, BodyError, full, watched};
use crate::clock::Clock;
use crate::connection::Stream;
use crate::counters::Counters;
use crate::lock;
use crate::server::Shared;

/// The future that a [`Seam`] answers with.
pub type Coming<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Stands between clients and the registry.
pub trait Seam: Send + Sync + 'static {
    /// Lets a connection in, or not, before anything is read from it.
    fn connection(&self, stream: TcpStream) -> Coming<'_, Option<TcpStream>>;

    /// Answers a request, with what the registry says or otherwise. An error leaves the request
    /// without an answer: its HTTP/2 stream is reset.
    fn request<'a>(
        &'a self,
        request: Request<Body>,
        next: Next<'a>,
    ) -> Coming<'a, Result<Response<Body>, Broken>>;
}

/// The far side of a [`Seam`]: the registry, and the connection that the request came on.
pub struct Next<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) line: &'a Arc<Line>,
    pub(crate) connection: u64,
}

impl Next<'_> {
    /// The registry's answer.
    pub async fn respond(self, request: Request<Body>) -> Response<Body> {
        self.shared.respond(request).await
    }

    /// Returns the number of the connection, from 1.
    pub fn connection(&self) -> u64 {
        self.connection
    }

    /// Returns the connection itself, which can be ended.
    pub fn line(&self) -> Arc<Line> {
        self.line.clone()
    }

    /// Returns the counters of the server.
    pub fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    /// Returns the server's clock.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }
}

/// The reason for which a request gets no answer.
#[derive(Debug)]
pub struct Broken(Box<dyn Error + Send + Sync>);

impl Broken {
    /// The cause decides on what the client sees: an `h2::Error` has the code of the reset.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no response")
    }
}

impl Error for Broken {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

/// The ways in which a connection ends before its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The connection is closed, as by a server that ends in peace.
    Close,
    /// The connection is reset.
    Reset,
    /// The connection gets these bytes, whatever they are.
    Raw(Bytes),
}

/// A connection, as requests on it can end it.
#[derive(Default)]
pub struct Line {
    ending: Mutex<Option<Ending>>,
    notify: Notify,
    /// The stream that HTTP leaves when it ends.
    left: Mutex<Option<Box<dyn Stream>>>,
}

impl Line {
    /// Ends the connection as soon as it looks.
    pub fn end_soon(&self, ending: Ending) {
        *lock(&self.ending) = Some(ending);
        self.notify.notify_one();
    }

    pub(crate) async fn ended(&self) {
        self.notify.notified().await;
    }

    /// Takes back the stream when HTTP is done with it; it may have to be closed by a reset.
    pub(crate) fn give_back(&self, stream: Box<dyn Stream>) {
        if *lock(&self.ending) == Some(Ending::Reset) {
            let _ = stream.socket().set_zero_linger();
        }
        *lock(&self.left) = Some(stream);
    }

    /// Says the last bytes, if there are any.
    pub(crate) async fn close(&self) {
        let left = lock(&self.left).take();
        let ending = lock(&self.ending).clone();
        if let (Some(mut stream), Some(Ending::Raw(bytes))) = (left, ending) {
            // The client may be gone.
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
    }
}
