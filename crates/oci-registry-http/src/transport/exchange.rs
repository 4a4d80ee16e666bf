// SPDX-License-Identifier: Apache-2.0
//! Requests and answers for people who want to see them, without secrets.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use crate::transport::redact;

/// One request and the head of its answer; each hop of a redirect is one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// The method of the request.
    pub method: String,
    /// The URL, without secrets.
    pub url: String,
    /// The status, or why there is none.
    pub outcome: Result<u16, String>,
    /// The time from the start of the request, the connection included, to the head of the answer.
    pub time: Duration,
    /// The headers of the request, in wire order; what may be secret is redacted.
    pub sent: Vec<(String, String)>,
    /// The headers of the answer, likewise.
    pub received: Vec<(String, String)>,
}

/// A function that receives exchanges. It is called from the transfer itself and must return at
/// once.
pub type OnExchange = Arc<dyn Fn(&Exchange) + Send + Sync>;

/// Headers for people: the values of those that are known to be harmless, and of the others how long
/// they are. Nothing is shown because nobody thought of it.
pub(crate) fn show(headers: &HeaderMap, base: &Url, secrets: &[&str]) -> Vec<(String, String)> {
    let shown = headers.iter().map(|(name, value)| {
        let text = match Showing::of(name, value) {
            Showing::Text(text) => redact::scrub(&redact::clean(text), secrets.iter().copied()),
            Showing::Url(text) => match base.join(text) {
                Ok(url) => redact::url(&url),
                Err(_) => hidden(value),
            },
            Showing::Scheme(text) => match text.split_once(' ') {
                Some((scheme, _)) => format!("{} [redacted]", redact::clean(scheme)),
                None => hidden(value),
            },
            Showing::Nothing => hidden(value),
        };
        (name.as_str().to_owned(), text)
    });
    shown.collect()
}

fn hidden(value: &HeaderValue) -> String {
    format!("[redacted, {} bytes]", value.len())
}

/// The part of a header that is shown.
enum Showing<'a> {
    Text(&'a str),
    /// A URL, of which the values of the query are hidden.
    Url(&'a str),
    /// A credential, of which only the scheme is shown.
    Scheme(&'a str),
    Nothing,
}

impl<'a> Showing<'a> {
    fn of(name: &HeaderName, value: &'a HeaderValue) -> Self {
        let Ok(text) = value.to_str() else { return Self::Nothing };
        match name.as_str() {
            "authorization" | "proxy-authorization" => Self::Scheme(text),
            _ if value.is_sensitive() => Self::Nothing,
            "location" | "content-location" => Self::Url(text),
            "link" => match crate::link::parse(value.as_bytes()).map(std::str::from_utf8) {
                Some(Ok(target)) => Self::Url(target),
                _ => Self::Nothing,
            },
            "accept"
            | "accept-encoding"
            | "accept-ranges"
            | "age"
            | "allow"
            | "cache-control"
            | "connection"
            | "content-encoding"
            | "content-length"
            | "content-range"
            | "content-type"
            | "date"
            | "docker-content-digest"
            | "docker-distribution-api-version"
            | "docker-upload-uuid"
            | "etag"
            | "expires"
            | "host"
            | "if-match"
            | "if-none-match"
            | "if-range"
            | "last-modified"
            | "oci-chunk-min-length"
            | "oci-filters-applied"
            | "oci-subject"
            | "oci-tag"
            | "range"
            | "ratelimit-limit"
            | "ratelimit-remaining"
            | "retry-after"
            | "server"
            | "transfer-encoding"
            | "user-agent"
            | "vary"
            | "via"
            | "warning"
            | "www-authenticate"
            | "x-amzn-requestid"
            | "x-cache"
            | "x-content-type-options"
            | "x-github-request-id"
            | "x-ms-correlation-request-id"
            | "x-request-id" => Self::Text(text),
            _ => Self::Nothing,
        }
    }
}

/// Returns the report of one exchange.
pub(crate) fn report(
    method: &Method,
    url: &Url,
    outcome: Result<u16, String>,
    time: Duration,
) -> Exchange {
    let (sent, received) = (Vec::new(), Vec::new());
    Exchange { method: method.to_string(), url: redact::url(url), outcome, time, sent, received }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_show_only_what_is_known_to_be_harmless_r_84() {
        let headers: HeaderMap = [
            ("authorization", "Bearer canary"),
            ("proxy-authorization", "canary"),
            ("cookie", "canary"),
            ("set-cookie", "canary"),
            ("x-amz-security-token", "canary"),
            ("x-anything", "canary"),
            ("location", "/p?X-Amz-Signature=canary&digest=sha256:1"),
            ("link", "</t?next_page=canary>; rel=\"next\""),
            ("www-authenticate", "Basic realm=\"r\", you sent \"canary-1\""),
            ("content-type", "text/plain"),
        ]
        .into_iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect();
        let base = Url::parse("https://h.example/v2/").expect("a URL");
        let shown = show(&headers, &base, &["canary-1"]);
        assert_eq!(shown.len(), headers.len());
        assert!(!format!("{shown:?}").contains("canary"), "{shown:?}");
        let value = |name: &str| shown.iter().find(|(one, _)| one == name).map(|(_, v)| v.as_str());
        assert_eq!(value("authorization"), Some("Bearer [redacted]"));
        assert_eq!(value("content-type"), Some("text/plain"));
        let location = "https://h.example/p?X-Amz-Signature=[redacted]&digest=sha256:1";
        assert_eq!(value("location"), Some(location));
        assert_eq!(value("x-anything"), Some("[redacted, 6 bytes]"));
        let mut secret = HeaderValue::from_static("canary");
        secret.set_sensitive(true);
        let own = HeaderMap::from_iter([(HeaderName::from_static("server"), secret)]);
        assert_eq!(show(&own, &base, &[])[0].1, "[redacted, 6 bytes]");
    }
}
