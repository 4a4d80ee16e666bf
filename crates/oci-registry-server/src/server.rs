// SPDX-License-Identifier: Apache-2.0
//! Starting and stopping.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hyper::{Request, Response};
use oci_artifact::{Error, Result};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::rustls::ServerConfig;

use crate::auth::{Access, Gate};
use crate::body::Body;
use crate::clock::Clock;
use crate::connection::{Connection, Http};
use crate::counters::Counters;
use crate::front::{Front, Fronted};
use crate::limits::Limits;
use crate::origin::Hosts;
use crate::places::{Place, Places};
use crate::refusal::{Code, Refusal};
use crate::registry::Registry;
use crate::seam::Seam;
use crate::session::Sessions;
use crate::storage::{Mode, Storage};
use crate::tls::Tls;

/// The time between two looks for expired uploads.
const SWEEP: Duration = Duration::from_secs(60);
/// The time for which accepting rests when the system cannot, because there are too many open files.
const REST: Duration = Duration::from_millis(100);

/// A registry before it is started.
#[derive(Debug)]
pub struct Server(());

/// The settings of a server.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// # let root = tempfile::tempdir()?;
/// use oci_registry_server::Server;
///
/// let server = Server::builder().store(root.path()).start().await?;
/// assert!(server.addr().ip().is_loopback());
/// server.shutdown().await;
/// # Ok(())
/// # })
/// # }
/// ```
#[derive(Default)]
pub struct Builder {
    store: Option<PathBuf>,
    addr: Option<SocketAddr>,
    hosts: Vec<String>,
    mode: Mode,
    access: Access,
    tls: Option<Tls>,
    http: Http,
    limits: Limits,
    clock: Clock,
    seam: Option<Arc<dyn Seam>>,
    front: Option<Arc<dyn Front>>,
}

impl Server {
    /// Returns the default settings: an open registry on a free port of 127.0.0.1, without a store.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl Builder {
    /// Keeps content in the image layout in that directory, which is made if it is missing.
    /// Without a store, every request is answered with 404.
    #[must_use]
    pub fn store(mut self, root: impl AsRef<Path>) -> Self {
        self.store = Some(root.as_ref().to_owned());
        self
    }

    /// Listens there; port 0 takes a free one.
    #[must_use]
    pub fn addr(mut self, addr: SocketAddr) -> Self {
        self.addr = Some(addr);
        self
    }

    /// Answers to that host as well, a name without a port. A registry that listens on loopback
    /// without accounts and without TLS answers to no names but this machine's own (SV-10).
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.hosts.push(host.into());
        self
    }

    /// Takes pushes, or not.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Asks who is there.
    #[must_use]
    pub fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// Serves over TLS.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Speaks these versions of HTTP.
    #[must_use]
    pub fn http(mut self, http: Http) -> Self {
        self.http = http;
        self
    }

    /// Bounds what clients can do.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Reckons with that clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Puts that between clients and the registry; see [`seam`](crate::seam).
    #[must_use]
    pub fn seam(mut self, seam: Arc<dyn Seam>) -> Self {
        self.seam = Some(seam);
        self
    }

    /// Answers browsers with the pages that this makes; without it, there is nothing but the protocol.
    #[must_use]
    pub fn front(mut self, front: Arc<dyn Front>) -> Self {
        self.front = Some(front);
        self
    }

    /// Opens the store and starts to listen.
    ///
    /// # Errors
    /// Those of opening the store; [`ErrorKind::Io`](oci_artifact::ErrorKind::Io) if it cannot
    /// listen there; [`ErrorKind::InvalidOption`](oci_artifact::ErrorKind::InvalidOption) for TLS
    /// settings that are none.
    pub async fn start(self) -> Result<Running> {
        let addr = self.addr.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into());
        let tls = self.tls.as_ref().map(|tls| tls.config(self.http.protocols())).transpose()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let is_open = matches!(self.access, Access::Open) && tls.is_none();
        let hosts = match is_open && addr.ip().is_loopback() {
            true => Hosts::Local(self.hosts),
            false => Hosts::Any,
        };
        let gate = Gate::new(self.access, scheme, self.clock.clone())?;
        let registry = match self.store {
            None => None,
            Some(root) => {
                let mode = self.mode;
                let open = move || Storage::open(&root, mode);
                let storage = tokio::task::spawn_blocking(open).await;
                let storage = storage.unwrap_or_else(|error| Err(failed(addr, error)))?;
                let sessions = Sessions::new(&self.limits, self.clock.clone());
                let (storage, limits) = (Arc::new(storage), self.limits.clone());
                let front = self.front.map(Fronted::new);
                Some(Registry { storage, sessions, gate, hosts, limits, mode, front })
            }
        };
        let listener = TcpListener::bind(addr).await.map_err(|error| failed(addr, error))?;
        let addr = listener.local_addr().map_err(|error| failed(addr, error))?;
        if !addr.ip().is_loopback() {
            tracing::warn!(%addr, "other machines can reach this registry");
        }
        let shared = Arc::new(Shared {
            registry,
            tls,
            http: self.http,
            limits: self.limits,
            clock: self.clock,
            counters: Arc::default(),
            seam: self.seam,
        });
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(accept(listener, shared.clone(), stopped));
        tracing::info!(%addr, scheme, "listening");
        Ok(Running { addr, scheme, shared, stop, task })
    }
}

fn failed(addr: SocketAddr, error: impl Into<std::io::Error>) -> Error {
    let what = format!("cannot listen on {addr}");
    Error::new(oci_artifact::ErrorKind::Io, what)
        .with_help("use an address of this machine, and a free port")
        .caused_by(error.into())
}

/// The state that all connections share.
pub(crate) struct Shared {
    registry: Option<Registry>,
    pub(crate) tls: Option<Arc<ServerConfig>>,
    pub(crate) http: Http,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) counters: Arc<Counters>,
    pub(crate) seam: Option<Arc<dyn Seam>>,
}

impl Shared {
    /// The true answer to a request.
    pub(crate) async fn respond(&self, request: Request<Body>) -> Response<Body> {
        match &self.registry {
            Some(registry) => registry.respond(request).await,
            None => Refusal::new(Code::Unsupported, "there is nothing here")
                .with_status(hyper::StatusCode::NOT_FOUND)
                .into_response(),
        }
    }
}

/// Accepts connections until it has to stop, then waits for the open ones.
async fn accept(listener: TcpListener, shared: Arc<Shared>, stop: watch::Receiver<bool>) {
    let mut stopping = stop.clone();
    // Also true if the server was dropped.
    let stopping = async { drop(stopping.wait_for(|is_stopping| *is_stopping).await) };
    let mut stopping = std::pin::pin!(stopping);
    let places = Places::new(&shared.limits);
    let mut connections = JoinSet::new();
    let mut sweep = tokio::time::interval(SWEEP);
    // A connection that has no place yet.
    let mut next: Option<(TcpStream, u64)> = None;
    loop {
        let number = next.as_ref().map_or(0, |(_, number)| *number);
        tokio::select! {
            () = &mut stopping => break,
            accepted = listener.accept(), if next.is_none() => match accepted {
                Ok((stream, peer)) => {
                    let number = shared.counters.connect();
                    tracing::debug!(connection = number, %peer, "accepted");
                    next = Some((stream, number));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(REST).await;
                }
            },
            place = places.take(number), if next.is_some() => {
                if let Some((stream, number)) = next.take() {
                    connections.spawn(welcome(stream, shared.clone(), number, stop.clone(), place));
                }
            }
            Some(_) = connections.join_next() => {}
            _ = sweep.tick() => {
                if let Some(registry) = &shared.registry {
                    registry.sessions.sweep();
                }
            }
        }
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(shared.limits.grace, all).await.is_err() {
        tracing::warn!("requests were cut off");
    }
    connections.shutdown().await;
}

/// Serves a connection until it ends, or has to leave its place to another.
async fn welcome(
    stream: TcpStream,
    shared: Arc<Shared>,
    number: u64,
    stop: watch::Receiver<bool>,
    place: Place,
) {
    let occupant = place.occupant();
    let serve = async move {
        let stream = match &shared.seam {
            None => Some(stream),
            Some(seam) => seam.connection(stream).await,
        };
        let Some(stream) = stream else { return };
        Connection { shared, number, stop, occupant }.serve(stream).await;
    };
    tokio::select! {
        () = serve => {}
        () = place.told_to_leave() => {}
    }
}

/// A registry that runs. Dropping it stops it without waiting.
pub struct Running {
    addr: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    /// Returns the address on which it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Returns its address as a URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.addr)
    }

    /// Returns the counters of the server.
    pub fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    /// Uploads under way.
    pub fn uploads(&self) -> usize {
        self.shared.registry.as_ref().map_or(0, |registry| registry.sessions.len())
    }

    /// Takes no more connections, and returns when the requests under way are answered, or cut off
    /// after [`Limits::grace`].
    pub async fn shutdown(self) {
        let _ = self.stop.send(true);
        let mut task = self.task;
        // It only fails if it panicked, and then the panic was printed.
        let _ = (&mut task).await;
        tracing::info!(addr = %self.addr, "stopped");
    }
}

/// Runs a registry until `until` is done.
///
/// # Errors
/// As of [`Builder::start`].
pub async fn serve(builder: Builder, until: impl Future<Output = ()>) -> Result<()> {
    let running = builder.start().await?;
    until.await;
    tracing::info!("stopping");
    running.shutdown().await;
    Ok(())
}
