// SPDX-License-Identifier: Apache-2.0
//! The server of `oci-registry-server` with scripts at its seam.

use std::net::SocketAddr;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use hyper::{Request, Response};
use oci_artifact::Result;
use oci_registry_server::seam::{Body, Broken, Coming, Next, Seam};
use oci_registry_server::{Access, Clock, Http, Limits, Mode, Tls};
use tokio::net::TcpStream;

use crate::script::Faults;
use crate::{Dialect, Door, Fault, Logged, Rule, Times, When};

/// A registry before it is started.
#[derive(Debug)]
pub struct Server(());

/// The settings of a server, and its script. For those that are the server's see
/// [`oci_registry_server::Builder`].
#[must_use]
pub struct Builder {
    server: oci_registry_server::Builder,
    faults: Arc<Faults>,
    clock: Clock,
}

impl Server {
    /// Returns the default settings, and no faults yet.
    pub fn builder() -> Builder {
        let faults = Arc::<Faults>::default();
        let server = oci_registry_server::Server::builder().seam(faults.clone());
        Builder { server, faults, clock: Clock::default() }
    }
}

impl Builder {
    /// Adds a rule; see [the crate](crate).
    pub fn script(self, when: When, fault: Fault) -> Self {
        self.faults.add(when, fault);
        self
    }

    /// Behaves like a known registry; see [`Dialect`].
    pub fn dialect(self, dialect: Dialect) -> Self {
        for (when, fault) in dialect.rules() {
            self.faults.add(when, fault);
        }
        self
    }

    /// Treats connections before anything is read from them.
    pub fn door(self, times: Times, door: Door) -> Self {
        self.faults.add_door(times, door);
        self
    }

    /// Keeps content in the image layout in that directory.
    pub fn store(self, root: impl AsRef<Path>) -> Self {
        self.map(|server| server.store(root))
    }

    /// Listens there; port 0 takes a free one.
    pub fn addr(self, addr: SocketAddr) -> Self {
        self.map(|server| server.addr(addr))
    }

    /// Answers to that host as well.
    pub fn host(self, host: impl Into<String>) -> Self {
        self.map(|server| server.host(host))
    }

    /// Takes pushes, or not.
    pub fn mode(self, mode: Mode) -> Self {
        self.map(|server| server.mode(mode))
    }

    /// Asks who is there.
    pub fn access(self, access: Access) -> Self {
        self.map(|server| server.access(access))
    }

    /// Serves over TLS.
    pub fn tls(self, tls: Tls) -> Self {
        self.map(|server| server.tls(tls))
    }

    /// Speaks these versions of HTTP.
    pub fn http(self, http: Http) -> Self {
        self.map(|server| server.http(http))
    }

    /// Bounds what clients can do.
    pub fn limits(self, limits: Limits) -> Self {
        self.map(|server| server.limits(limits))
    }

    /// Reckons with that clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock.clone();
        self.map(|server| server.clock(clock))
    }

    /// Opens the store and starts to listen.
    ///
    /// # Errors
    /// As of [`oci_registry_server::Builder::start`].
    pub async fn start(self) -> Result<Running> {
        let server = self.server.start().await?;
        Ok(Running { server, faults: self.faults, clock: self.clock })
    }

    fn map(
        mut self,
        set: impl FnOnce(oci_registry_server::Builder) -> oci_registry_server::Builder,
    ) -> Self {
        self.server = set(self.server);
        self
    }
}

/// A registry that runs. Dropping it stops it without waiting.
pub struct Running {
    server: oci_registry_server::Running,
    faults: Arc<Faults>,
    clock: Clock,
}

impl Running {
    /// Adds a rule, which counts from now on; see [the crate](crate).
    pub fn script(&self, when: When, fault: Fault) -> Rule {
        self.faults.add(when, fault)
    }

    /// Treats connections before anything is read from them, counting from now on.
    pub fn door(&self, times: Times, door: Door) {
        self.faults.add_door(times, door);
    }

    /// Returns all requests so far, with their headers, in the order in which they came.
    pub fn requests(&self) -> Vec<Logged> {
        self.faults.log()
    }

    /// Returns the requests so far that `when` describes, however often it applies.
    pub fn requests_like(&self, when: &When) -> Vec<Logged> {
        let mut requests = self.requests();
        requests.retain(|request| when.describes(&request.seen));
        requests
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.faults.clear_log();
    }

    /// Returns the clock that it reckons with.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Stops it, as [`oci_registry_server::Running::shutdown`] does.
    pub async fn shutdown(self) {
        self.server.shutdown().await;
    }
}

impl Deref for Running {
    type Target = oci_registry_server::Running;

    fn deref(&self) -> &Self::Target {
        &self.server
    }
}

impl Seam for Faults {
    fn connection(&self, stream: TcpStream) -> Coming<'_, Option<TcpStream>> {
        Box::pin(self.open_door(stream))
    }

    fn request<'a>(
        &'a self,
        request: Request<Body>,
        next: Next<'a>,
    ) -> Coming<'a, Result<Response<Body>, Broken>> {
        Box::pin(self.answer(request, next))
    }
}
