// SPDX-License-Identifier: Apache-2.0
//! Whether a web page makes a browser send a request: by a name of its own that leads to this
//! machine (DNS rebinding, SV-10), or across sites (SV-11).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hyper::header::{HOST, HeaderMap, ORIGIN};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode, Version};

use crate::refusal::{Code, Refusal};

/// The hosts that a registry answers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Hosts {
    /// Any host.
    #[default]
    Any,
    /// The names and addresses of this machine for itself, and these.
    Local(Vec<String>),
}

impl Hosts {
    /// Lets a request pass, or not.
    ///
    /// # Errors
    /// Status 400 without a host or with two, 421 for a host that this registry does not answer to,
    /// `DENIED` for a change that a page of another site asks for.
    pub(crate) fn check(&self, parts: &Parts) -> Result<(), Refusal> {
        let named: Vec<&str> = parts
            .headers
            .get_all(HOST)
            .iter()
            .map(|host| host.to_str().unwrap_or_default())
            .collect();
        // RFC 9112, section 3.2.
        let is_missing = named.is_empty() && parts.version == Version::HTTP_11;
        if named.len() > 1 || (is_missing && parts.uri.authority().is_none()) {
            return Err(Refusal::new(Code::Unsupported, "a request must name exactly one host")
                .with_status(StatusCode::BAD_REQUEST));
        }
        let authority = parts.uri.authority().map(|authority| authority.as_str());
        if let Self::Local(others) = self {
            let is_known = |host: &&str| is_local(host, others);
            if let Some(host) = named.iter().copied().chain(authority).find(|h| !is_known(h)) {
                let message = "this registry has no accounts, so it answers only to names of this \
                               machine, such as localhost and 127.0.0.1";
                return Err(Refusal::new(Code::Denied, message)
                    .with_status(StatusCode::MISDIRECTED_REQUEST)
                    .with_detail(host));
            }
        }
        let is_reading = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
        let host = authority.or(named.first().copied()).unwrap_or_default();
        if !is_reading && is_cross_site(&parts.headers, host) {
            let message = "a page of another site requests this change";
            return Err(Refusal::new(Code::Denied, message));
        }
        Ok(())
    }
}

/// Whether a host, with or without a port, is this machine for itself, or one of `others`.
fn is_local(host: &str, others: &[String]) -> bool {
    let (name, rest) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => match address.parse::<Ipv6Addr>() {
            Ok(address) => return is_port(rest) && is_loopback(address.into()),
            Err(_) => return false,
        },
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    if !is_port(rest) {
        return false;
    }
    if let Ok(address) = name.parse::<Ipv4Addr>() {
        return is_loopback(address.into());
    }
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || others.iter().any(|other| name.eq_ignore_ascii_case(other))
}

/// Whether that is nothing, or a colon and a port.
fn is_port(text: &str) -> bool {
    let digits = text.strip_prefix(':').unwrap_or(text);
    digits.len() <= 5
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits.is_empty() || text.starts_with(':'))
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// Whether a browser says that another site's page asks. Other clients send neither header.
fn is_cross_site(headers: &HeaderMap, host: &str) -> bool {
    let is_foreign_site = headers
        .get_all("sec-fetch-site")
        .iter()
        .any(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"));
    let is_foreign_origin = headers.get_all(ORIGIN).iter().any(|origin| {
        let origin = origin.to_str().unwrap_or_default();
        let of = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        !of.is_some_and(|of| of.eq_ignore_ascii_case(host))
    });
    is_foreign_site || is_foreign_origin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machines_own_names_are_local_sv_10() {
        let others = ["registry.lan".to_owned()];
        for host in [
            "localhost",
            "LOCALHOST:5000",
            "localhost.",
            "a.localhost:1",
            "127.0.0.1",
            "127.9.8.7:5000",
            "[::1]",
            "[::1]:5000",
            "[::ffff:127.0.0.1]:5000",
            "registry.lan",
            "Registry.LAN:5000",
        ] {
            assert!(is_local(host, &others), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "evil-localhost",
            "evillocalhost",
            "127.0.0.1.evil.example",
            "127.0.0.1@evil.example",
            "evil.example:127",
            "localhost:5000:1",
            "localhost:x",
            "localhost:123456",
            "0.0.0.0",
            "192.168.0.1",
            "[::]",
            "[::1",
            "[::1]x",
            "[fe80::1]:5000",
            "2130706433",
            "127.1",
            "registry.lan.evil.example",
        ] {
            assert!(!is_local(host, &others), "{host}");
        }
    }
}
