// SPDX-License-Identifier: Apache-2.0
//! Connections: proxies, time-outs, and the options of single hosts.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Proxy, Url};

use crate::error::{Error, ErrorKind, Result};
use crate::transport::gate::lock;
pub use crate::transport::proxy::ProxyOptions;
use crate::transport::proxy::{Proxies, Route};
use crate::transport::redact::Secret;
use crate::transport::redirect::{Origin, Zone};
use crate::transport::resolve::Guard;
use crate::transport::tls;

/// The protocol that a host speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// The scheme `https`.
    #[default]
    Https,
    /// Plain HTTP: anybody on the way can read and change everything.
    PlainHttp,
}

/// Whether a host's certificate is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verification {
    /// Certificates are verified.
    #[default]
    Full,
    /// Certificates are not verified: anybody on the way can pretend to be the host.
    Off,
}

/// The authorities that may vouch for a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Roots {
    /// The machine's, and those given.
    #[default]
    System,
    /// Only the given authorities.
    OnlyGiven,
}

/// A client certificate with its key, for hosts that require one.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The certificate chain, PEM.
    pub certificates: Vec<u8>,
    /// The private key, PEM.
    pub key: Secret,
}

/// Whether a registry (a host, perhaps with a port) is this machine by its name: an address of its own
/// or `localhost`.
pub fn is_loopback(registry: &str) -> bool {
    let url = Url::parse(&format!("https://{registry}/"));
    url.is_ok_and(|url| Zone::of_literal(&url) == Some(Zone::Loopback))
}

/// Options of one host.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct HostOptions {
    /// HTTPS or plain HTTP.
    pub scheme: Scheme,
    /// The further authorities, as PEM with one or several certificates each.
    pub authorities: Vec<Vec<u8>>,
    /// The authorities that count.
    pub roots: Roots,
    /// The client certificate, and its key.
    pub identity: Option<Identity>,
    /// Whether its certificate is checked.
    pub verification: Verification,
    /// Headers of every request to it. Those that the protocol needs cannot be set.
    pub headers: Vec<(String, Secret)>,
    /// The largest body of one PATCH, in bytes, where the host takes no larger one.
    pub max_chunk: Option<u64>,
    /// Requests at once; the client's number where none is given.
    pub max_in_flight: Option<usize>,
}

/// Time limits.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Timeouts {
    /// The time limit for a connection, TLS included.
    pub connect: Duration,
    /// The time limit for the head of an answer.
    pub head: Duration,
    /// The time limit for the answer after a blob was sent; a second more for every 10 MiB.
    pub commit: Duration,
    /// The time limit for the next bytes of a body, in either direction.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            head: Duration::from_secs(60),
            commit: Duration::from_secs(300),
            idle: Duration::from_secs(60),
        }
    }
}

/// The key that keeps connections apart: a host with options of its own, how far in a name may lead, and the route.
type Place = (Option<String>, Zone, Route);

/// All connections of a client, made when they are needed.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    pub(crate) hosts: BTreeMap<String, HostOptions>,
    /// The scheme of registries without options of their own.
    pub(crate) scheme: Scheme,
    /// The further authorities for all hosts, as PEM.
    pub(crate) authorities: Vec<Vec<u8>>,
    pub(crate) proxies: Proxies,
    pub(crate) timeouts: Timeouts,
    /// A valid header value.
    pub(crate) user_agent: String,
    pub(crate) overrides: BTreeMap<String, SocketAddr>,
    pub(crate) allowed: Vec<String>,
    pub(crate) clients: Mutex<BTreeMap<Place, reqwest::Client>>,
}

impl Connections {
    /// Checks all options now rather than when they are needed.
    pub(crate) fn checked(self) -> Result<Self> {
        tls::config(&HostOptions::default(), &self.authorities)?;
        for (host, options) in &self.hosts {
            self.headers_of(options)
                .and_then(|_| tls::config(options, &self.authorities))
                .map_err(|e| e.about(|| host.clone()))?;
        }
        Ok(self)
    }

    /// Returns the options of the host at that origin.
    pub(crate) fn options(&self, origin: &Origin) -> Option<&HostOptions> {
        self.hosts.get(&origin.authority()).or_else(|| self.hosts.get(origin.host()))
    }

    /// Returns the options for the host of a URL.
    pub(crate) fn options_of(&self, url: &Url) -> Option<&HostOptions> {
        self.options(&Origin::of(url))
    }

    /// Returns the scheme with which `authority` (a host, perhaps with a port) is spoken to.
    pub(crate) fn scheme(&self, authority: &str) -> Scheme {
        let authority = authority.to_ascii_lowercase();
        let authority = authority.as_str();
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => authority,
        };
        let options = self.hosts.get(authority).or_else(|| self.hosts.get(host));
        options.map_or(self.scheme, |options| options.scheme)
    }

    /// Whether the caller allows that host wherever it lies.
    pub(crate) fn is_allowed(&self, url: &Url) -> bool {
        let origin = Origin::of(url);
        self.allowed.iter().any(|allowed| {
            allowed.eq_ignore_ascii_case(origin.host())
                || allowed.eq_ignore_ascii_case(&origin.authority())
        })
    }

    /// Whether credentials may go to that URL: not in clear text, unless the host is this machine or
    /// was named as one that speaks plain HTTP.
    pub(crate) fn may_carry_credentials(&self, url: &Url) -> bool {
        url.scheme() == "https"
            || Zone::of_literal(url) == Some(Zone::Loopback)
            || self.options_of(url).is_some_and(|options| options.scheme == Scheme::PlainHttp)
    }

    /// Returns the zone of a host that gave an answer, by its address if that is known. Through a proxy we do not:
    /// there it is a stranger, unless its name is an address or the caller allows it.
    pub(crate) fn zone(&self, url: &Url, route: Route, peer: Option<SocketAddr>) -> Zone {
        let zone = match (route, peer) {
            (Route::Direct, Some(peer)) => Zone::of(peer.ip()),
            (Route::Direct, None) => Zone::Public,
            _ if self.is_allowed(url) => Zone::Private,
            _ => Zone::of_literal(url).unwrap_or(Zone::Public),
        };
        zone.min(Zone::Loopback)
    }

    /// Returns the connection to `url`, and how it leads there; names that resolve further in than
    /// `zone` fail where we resolve them.
    pub(crate) fn to(&self, url: &Url, zone: Zone) -> Result<(reqwest::Client, Route)> {
        let route = self.proxies.route(url);
        // The proxy resolves names; ours is the proxy's own, which the caller named.
        let zone = if route == Route::Direct { zone } else { Zone::Never };
        let origin = Origin::of(url);
        let key = [origin.authority(), origin.host().to_owned()]
            .into_iter()
            .find(|key| self.hosts.contains_key(key));
        let mut clients = lock(&self.clients);
        let place = (key, zone, route);
        if let Some(client) = clients.get(&place) {
            return Ok((client.clone(), route));
        }
        let default = HostOptions::default();
        let options = place.0.as_ref().and_then(|key| self.hosts.get(key)).unwrap_or(&default);
        let client = self.build(options, zone, route)?;
        clients.insert(place, client.clone());
        Ok((client, route))
    }

    fn build(&self, options: &HostOptions, zone: Zone, route: Route) -> Result<reqwest::Client> {
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(options, &self.authorities)?)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .user_agent(self.user_agent.as_str())
            .default_headers(self.headers_of(options)?)
            .connect_timeout(self.timeouts.connect)
            .pool_idle_timeout(Duration::from_secs(90))
            .pool_max_idle_per_host(16)
            .tcp_keepalive(Duration::from_secs(30))
            .http1_max_headers(100)
            .http2_adaptive_window(true)
            .http2_keep_alive_interval(Duration::from_secs(20))
            .http2_keep_alive_timeout(Duration::from_secs(10))
            .http2_max_header_list_size(64 * 1024)
            .no_proxy();
        #[cfg(any(target_os = "android", target_os = "linux"))]
        {
            // By default it cuts what stands still for 30 s, whatever our time-outs say.
            builder = builder.tcp_user_timeout(None);
        }
        if let Some(proxy) = self.proxies.url(route) {
            let proxy = Proxy::all(proxy.clone())
                .map_err(|_| Error::new(ErrorKind::InvalidOption, "the proxy cannot be used"))?;
            builder = builder.proxy(proxy);
        }
        let overrides = self.overrides.clone();
        let builder = builder.dns_resolver(Guard { zone, overrides });
        builder.build().map_err(|_| {
            Error::new(
                ErrorKind::InvalidOption,
                "the HTTP client cannot be built with these options",
            )
        })
    }

    fn headers_of(&self, options: &HostOptions) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        for (name, value) in &options.headers {
            let refused =
                |why| Error::new(ErrorKind::InvalidOption, format!("the header {name:?} {why}"));
            let key =
                HeaderName::try_from(name.as_str()).map_err(|_| refused("has an invalid name"))?;
            if matches!(
                key.as_str(),
                "host"
                    | "content-length"
                    | "authorization"
                    | "accept-encoding"
                    | "transfer-encoding"
                    | "connection"
                    | "range"
                    | "content-range"
                    | "cookie"
            ) {
                return Err(refused("is set by the protocol"));
            }
            let mut value = HeaderValue::from_str(value.expose())
                .map_err(|_| refused("has an invalid value"))?;
            value.set_sensitive(true);
            headers.append(key, value);
        }
        Ok(headers)
    }
}
