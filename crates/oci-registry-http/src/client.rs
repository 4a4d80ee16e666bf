// SPDX-License-Identifier: Apache-2.0
//! The client: what all requests to all registries share.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use oci_artifact::limits::MIB;
use oci_artifact::reference::{Reference, RepositoryName};
use reqwest::header::HeaderValue;

use crate::auth::credential::{Anonymous, CredentialSource};
use crate::auth::{Authenticator, OnRefusal};
use crate::blobs::endings::Endings;
use crate::error::{Error, ErrorKind, Result};
use crate::repository::Repository;
use crate::transport::Transport;
use crate::transport::connection::{Connections, HostOptions, ProxyOptions, Scheme, Timeouts};
use crate::transport::exchange::OnExchange;
use crate::transport::gate::{Gates, lock};
use crate::transport::patience::{OnWait, Patience};
use crate::transport::proxy::Proxies;
use crate::transport::retry::{Clock, Jitter, RetryPolicy, SeededJitter, SystemClock};

/// The largest documents that are read (D10). All are inclusive maxima.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// The number of bytes of a manifest or index, in either direction (R-54, R-59).
    pub manifest: u64,
    /// The number of bytes of a page of tags or referrers.
    pub page: u64,
    /// The number of pages of a list (R-61).
    pub pages: usize,
    /// The number of entries of a list (R-61).
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { manifest: 4 * MIB, page: 4 * MIB, pages: 10_000, entries: 1_000_000 }
    }
}

/// Receives a registry's warnings (R-65), to show them.
pub type OnWarning = Arc<dyn Fn(&str) + Send + Sync>;

/// Makes a [`Client`].
#[must_use]
pub struct ClientBuilder {
    credentials: Arc<dyn CredentialSource>,
    on_refusal: OnRefusal,
    loopback: Scheme,
    proxies: ProxyOptions,
    /// Those without the proxies.
    connections: Connections,
    patience: Patience,
    limits: Limits,
    max_in_flight: usize,
    on_warning: Option<OnWarning>,
    on_exchange: Option<OnExchange>,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            credentials: Arc::new(Anonymous),
            on_refusal: OnRefusal::Fail,
            loopback: Scheme::Https,
            proxies: ProxyOptions::default(),
            connections: Connections {
                user_agent: concat!("oci-registry-http/", env!("CARGO_PKG_VERSION")).to_owned(),
                ..Connections::default()
            },
            patience: Patience {
                policy: RetryPolicy::default(),
                clock: Arc::new(SystemClock),
                jitter: Arc::new(SeededJitter::default()),
                on_wait: None,
            },
            limits: Limits::default(),
            max_in_flight: 4,
            on_warning: None,
            on_exchange: None,
        }
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Sets the source of credentials; there is none by default.
    pub fn credentials(mut self, source: impl CredentialSource + 'static) -> Self {
        self.credentials = Arc::new(source);
        self
    }

    /// Sets the reaction to credentials that are refused for something that may be public (R-18).
    pub fn on_refusal(mut self, on_refusal: OnRefusal) -> Self {
        self.on_refusal = on_refusal;
        self
    }

    /// Sets options of one host, given with its port or without.
    pub fn host(mut self, host: impl Into<String>, options: HostOptions) -> Self {
        self.connections.hosts.insert(host.into(), options);
        self
    }

    /// Sets the scheme for registries without options of their own; HTTPS by default (R-31). What
    /// they send us to, a token server or storage, says for itself how it is. Credentials go over
    /// plain HTTP only to loopback hosts, and to those whose own [`HostOptions`] say plain HTTP (R-85).
    pub fn scheme(mut self, scheme: Scheme) -> Self {
        self.connections.scheme = scheme;
        self
    }

    /// A file of certificate authorities, PEM, that may vouch for any host beside the machine's own
    /// (R-30).
    pub fn authorities(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.connections.authorities.push(pem.into());
        self
    }

    /// Sets the scheme for loopback hosts without options of their own; HTTPS by default (R-31). Over
    /// plain HTTP, HTTPS is tried where what they say is no HTTP (R-92).
    pub fn loopback(mut self, scheme: Scheme) -> Self {
        self.loopback = scheme;
        self
    }

    /// The proxies; none by default (R-29).
    pub fn proxies(mut self, proxies: ProxyOptions) -> Self {
        self.proxies = proxies;
        self
    }

    /// Sets the time limits (R-28).
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.connections.timeouts = timeouts;
        self
    }

    /// Sets when and how often requests are sent again (R-69).
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.patience.policy = policy;
        self
    }

    /// Sets the largest documents that are read.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Requests to one host at once; 4 by default (R-72).
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.max_in_flight = requests.max(1);
        self
    }

    /// The application's name and version, added to the user agent (R-35).
    pub fn application(mut self, name: &str) -> Self {
        self.connections.user_agent.push(' ');
        self.connections.user_agent.push_str(name);
        self
    }

    /// The address of a host, in place of what its name resolves to.
    pub fn resolve(mut self, host: impl Into<String>, address: SocketAddr) -> Self {
        self.connections.overrides.insert(host.into(), address);
        self
    }

    /// A host (with its port or without) to which registries may send us wherever it lies (R-20).
    pub fn allow(mut self, host: impl Into<String>) -> Self {
        self.connections.allowed.push(host.into());
        self
    }

    /// Replaces the clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.patience.clock = clock;
        self
    }

    /// Replaces the source of jitter.
    pub fn jitter(mut self, jitter: Arc<dyn Jitter>) -> Self {
        self.patience.jitter = jitter;
        self
    }

    /// Sets the receiver of the registries' warnings, each once (R-65).
    pub fn on_warning(mut self, on_warning: OnWarning) -> Self {
        self.on_warning = Some(on_warning);
        self
    }

    /// Sets the receiver of every wait, before it begins (R-82).
    pub fn on_wait(mut self, on_wait: OnWait) -> Self {
        self.patience.on_wait = Some(on_wait);
        self
    }

    /// Sets the receiver of every request and the head of its answer, without secrets (R-84).
    pub fn on_exchange(mut self, on_exchange: OnExchange) -> Self {
        self.on_exchange = Some(on_exchange);
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] if a certificate, a header or a proxy's URL is malformed.
    pub fn build(self) -> Result<Client> {
        HeaderValue::from_str(&self.connections.user_agent).map_err(|_| {
            Error::new(ErrorKind::InvalidOption, "the user agent is not a valid header value")
        })?;
        let proxies = Proxies::read(&self.proxies)?;
        let transport = Transport {
            connections: Connections { proxies, ..self.connections }.checked()?,
            gates: Gates::default(),
            max_in_flight: self.max_in_flight,
            on_exchange: self.on_exchange,
        };
        Ok(Client(Arc::new(Inner {
            transport,
            auth: Authenticator::new(self.credentials, self.on_refusal),
            loopback: self.loopback,
            patience: self.patience,
            limits: self.limits,
            on_warning: self.on_warning,
            warned: Mutex::default(),
            secure: Mutex::default(),
            referrers: Mutex::default(),
            writing: Mutex::default(),
            endings: Endings::default(),
        })))
    }
}

/// A client of any number of registries. Clones share everything: connections, tokens, the gates
/// before the hosts.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) transport: Transport,
    pub(crate) auth: Authenticator,
    pub(crate) loopback: Scheme,
    pub(crate) patience: Patience,
    pub(crate) limits: Limits,
    on_warning: Option<OnWarning>,
    warned: Mutex<BTreeSet<String>>,
    /// Loopback hosts that speak HTTPS where plain HTTP was presumed (R-92).
    pub(crate) secure: Mutex<BTreeSet<String>>,
    /// Registries and repositories without a referrers API, and until when that is believed.
    pub(crate) referrers: Mutex<BTreeMap<String, SystemTime>>,
    /// The writers of the list of each subject's referrers, one at a time (R-63).
    writing: Mutex<BTreeMap<String, std::sync::Weak<tokio::sync::Mutex<()>>>>,
    /// Uploads that are open in registries.
    pub(crate) endings: Endings,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// Starts making one.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Returns the repository of a reference.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] if the registry is no host that a URL can have.
    pub fn repository(&self, reference: &Reference) -> Result<Repository> {
        Repository::new(self.clone(), reference.name())
    }

    /// Returns a repository by its name.
    ///
    /// # Errors
    /// Those of [`repository`](Self::repository).
    pub fn repository_named(&self, name: &RepositoryName) -> Result<Repository> {
        Repository::new(self.clone(), name)
    }

    /// Waits until no upload is open in a registry. A caller that drops a push waits for this
    /// before the runtime ends, so that its sessions are ended in the registry, and bounds the time
    /// (R-46).
    pub async fn settled(&self) {
        self.0.endings.settled().await;
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }
}

impl Inner {
    /// Returns the turn of those who write the list behind a tag.
    pub(crate) fn turn(&self, tag: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut writing = lock(&self.writing);
        writing.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = writing.get(tag).and_then(std::sync::Weak::upgrade) {
            return turn;
        }
        let turn = Arc::new(tokio::sync::Mutex::default());
        writing.insert(tag.to_owned(), Arc::downgrade(&turn));
        turn
    }

    /// Hands a registry's `Warning` headers on: code 299, each text once (R-65).
    pub(crate) fn warn(&self, host: &str, headers: &reqwest::header::HeaderMap) {
        for value in headers.get_all(reqwest::header::WARNING) {
            if let Some(text) = value.to_str().ok().and_then(parse_warning) {
                self.warn_once(format!("{host}: {text}"));
            }
        }
    }

    /// Hands a warning on, each text once.
    pub(crate) fn warn_once(&self, text: String) {
        const MAX_WARNINGS: usize = 256;
        let mut warned = lock(&self.warned);
        if warned.len() < MAX_WARNINGS && warned.insert(text.clone()) {
            drop(warned);
            tracing::warn!("{text}");
            if let Some(on_warning) = &self.on_warning {
                on_warning(&text);
            }
        }
    }
}

/// Returns the text of a warning: `299 - "text"` (R-65).
fn parse_warning(value: &str) -> Option<String> {
    const MAX_LENGTH: usize = 4096;
    let quoted = value.strip_prefix("299 - \"").filter(|_| value.len() <= MAX_LENGTH)?;
    let mut text = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => break,
            '\\' => text.push(chars.next()?),
            c => text.push(c),
        }
    }
    let text = crate::transport::redact::clean(&text);
    (chars.as_str().trim().is_empty() && !text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_parsed_and_cleaned_f_103() {
        assert_eq!(parse_warning(r#"299 - "say \"hi\"""#).as_deref(), Some(r#"say "hi""#));
        for other in [
            r#"199 - "x""#,
            r#"299 a "x""#,
            r#"299 - "x" "date""#,
            r#"299 - "x"#,
            "299 - x",
            r#"299 - """#,
            &format!(r#"299 - "{}""#, "x".repeat(5000)),
        ] {
            assert_eq!(parse_warning(other), None, "{other}");
        }
    }
}
