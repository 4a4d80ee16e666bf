// SPDX-License-Identifier: Apache-2.0
//! Services of Sigstore beside registries: an authority that issues certificates, and a log
//! (signatures.md 3.8). What is asked for and what an answer means is the caller's business; this carries
//! it, bounded, to one origin and with a token that goes nowhere else.

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Method, Url};

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::body::Body;
use crate::transport::redact::Secret;
use crate::transport::redirect::{self, Origin};
use crate::transport::retry::is_transient_status;
use crate::transport::{Request, Response, Tally};

/// The most that is read of an answer, in bytes.
const MAX_ANSWER: u64 = 1 << 20;

/// A service at a URL.
#[derive(Clone, Debug)]
pub struct Service {
    client: Client,
    base: Url,
    what: &'static str,
}

impl Service {
    /// Returns the service at that URL: over HTTPS, or on this machine. `what` it is, for people.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] for another URL.
    pub fn new(client: &Client, url: &str, what: &'static str) -> Result<Self> {
        let invalid = |why: &str| {
            Error::new(ErrorKind::InvalidOption, format!("the URL of {what} {why}"))
                .with_help("write https://HOST, or http:// for this machine")
        };
        let base = Url::parse(url).map_err(|_| invalid("is none"))?;
        let is_here = base.host_str().is_some_and(|host| {
            host.trim_matches(['[', ']'])
                .parse::<std::net::IpAddr>()
                .map_or(host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
        });
        match base.scheme() {
            "https" => {}
            "http" if is_here => {}
            _ => return Err(invalid("is not HTTPS")),
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(invalid("has a user"));
        }
        if base.fragment().is_some() {
            return Err(invalid("has a fragment"));
        }
        Ok(Self { client: client.clone(), base, what })
    }

    /// Sends JSON to a path, with a token or without, and returns the answer's JSON. An entry that is
    /// there already (409) is fetched from where the answer says that it is.
    ///
    /// Nothing is sent twice: another request gets another certificate.
    ///
    /// # Errors
    /// Any answer but that; a redirect that leads away is [`ErrorKind::Redirect`].
    pub async fn post(&self, path: &str, json: Bytes, token: Option<&Secret>) -> Result<Vec<u8>> {
        let mut request = self.request(Method::POST, self.url(path)?);
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request.body = Body::Bytes(json);
        let mut response = self.send(&request, token).await?;
        if response.status != 409 || token.is_some() {
            return self.read(&request, &mut response, token).await;
        }
        let location = response.headers.get(LOCATION).map(HeaderValue::as_bytes);
        let url = redirect::resolve(&request.url, location)
            .map_err(|error| error.about(|| request.show()))?;
        if Origin::of(&url) != Origin::of(&self.base) {
            let message = format!("{} says that an entry is at another host", self.what);
            return Err(Error::new(ErrorKind::Redirect, message).about(|| request.show()));
        }
        response.drain().await;
        let request = self.request(Method::GET, url);
        let mut response = self.send(&request, None).await?;
        self.read(&request, &mut response, None).await
    }

    /// Fetches JSON from the URL itself, with a token.
    ///
    /// # Errors
    /// As of [`post`](Self::post).
    pub async fn get(&self, query: &[(&str, &str)], token: &Secret) -> Result<Vec<u8>> {
        let mut url = self.base.clone();
        url.query_pairs_mut().extend_pairs(query);
        let request = self.request(Method::GET, url);
        let mut response = self.send(&request, Some(token)).await?;
        self.read(&request, &mut response, Some(token)).await
    }

    fn url(&self, path: &str) -> Result<Url> {
        let mut url = self.base.clone();
        let joined = format!("{}/{path}", url.path().trim_end_matches('/'));
        url.set_path(&joined);
        Ok(url)
    }

    fn request(&self, method: Method, url: Url) -> Request {
        let mut request = Request::new(method, url);
        request.stays = true;
        request
    }

    async fn send(&self, request: &Request, token: Option<&Secret>) -> Result<Response> {
        let header = token.map(|token| {
            let value = HeaderValue::from_str(&format!("Bearer {}", token.expose()));
            let mut value = value.map_err(|_| {
                Error::new(ErrorKind::InvalidOption, "the token has characters that no token has")
            })?;
            value.set_sensitive(true);
            Ok::<_, Error>(value)
        });
        let header = header.transpose()?;
        let transport = &self.client.inner().transport;
        transport.exchange(request, header.as_ref(), None, &Tally::default()).await
    }

    async fn read(
        &self,
        request: &Request,
        response: &mut Response,
        token: Option<&Secret>,
    ) -> Result<Vec<u8>> {
        let what = self.what;
        if matches!(response.status, 200 | 201) {
            let read = response.bytes(MAX_ANSWER, "the answer").await;
            return read.map_err(|error| error.about(|| request.show()));
        }
        let mut refusal = response.refusal().await;
        refusal.scrub(&[token.map_or("", Secret::expose)]);
        let kind = match response.status {
            401 | 403 => ErrorKind::Unauthorized,
            429 => ErrorKind::RateLimited,
            status if is_transient_status(status) => ErrorKind::Unavailable,
            _ => ErrorKind::Rejected,
        };
        Err(Error::new(kind, format!("{what} refuses"))
            .with_refusal(refusal)
            .about(|| request.show()))
    }
}
