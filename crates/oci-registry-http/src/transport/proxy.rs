// SPDX-License-Identifier: Apache-2.0
//! Hosts that are reached through a proxy, and those that are not.

use std::net::IpAddr;

use reqwest::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::transport::redact::{self, Secret};
use crate::transport::redirect::Zone;

/// The proxies, as a caller read them from the environment.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ProxyOptions {
    /// The proxy for `http://` hosts.
    pub http: Option<Secret>,
    /// The proxy for `https://` hosts.
    pub https: Option<Secret>,
    /// Hosts that are reached without, as in `NO_PROXY`: names, with all below them; addresses and
    /// networks; each with a port or without; `*` for all. Loopback hosts always are.
    pub exempt: String,
}

/// The route to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Route {
    /// A direct connection: the address is known.
    Direct,
    /// Through the proxy for `http://` hosts, which alone knows the address.
    HttpProxy,
    /// Through the one for `https://` hosts.
    HttpsProxy,
}

/// The proxies, read.
#[derive(Debug, Default)]
pub(crate) struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    exempt: Vec<Exempt>,
}

/// The URL of a proxy, which may hold a password.
#[derive(Clone)]
struct Proxy(Url);

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&redact::url(&self.0))
    }
}

impl Proxies {
    /// Reads the options.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] if a URL is malformed or is a proxy's of a kind that is not
    /// supported; without what may be a password in it.
    pub(crate) fn read(options: &ProxyOptions) -> Result<Self> {
        let read = |secret: &Option<Secret>, hosts: &str| match secret {
            Some(secret) => read_url(secret.expose(), hosts).map(Proxy).map(Some),
            None => Ok(None),
        };
        let separators = |c: char| c == ',' || c.is_ascii_whitespace();
        Ok(Self {
            http: read(&options.http, "http://")?,
            https: read(&options.https, "https://")?,
            exempt: options.exempt.split(separators).filter_map(Exempt::read).collect(),
        })
    }

    /// Returns the route to the host of that URL.
    pub(crate) fn route(&self, url: &Url) -> Route {
        let (proxy, route) = match url.scheme() {
            "https" => (&self.https, Route::HttpsProxy),
            _ => (&self.http, Route::HttpProxy),
        };
        let is_exempt = Zone::of_literal(url) == Some(Zone::Loopback)
            || self.exempt.iter().any(|exempt| exempt.has(url));
        if proxy.is_none() || is_exempt { Route::Direct } else { route }
    }

    /// Returns the proxy's URL; none if the way is direct.
    pub(crate) fn url(&self, route: Route) -> Option<&Url> {
        let proxy = match route {
            Route::Direct => None,
            Route::HttpProxy => self.http.as_ref(),
            Route::HttpsProxy => self.https.as_ref(),
        };
        proxy.map(|Proxy(url)| url)
    }
}

/// Returns a proxy's URL; without a scheme it is an HTTP one.
fn read_url(text: &str, hosts: &str) -> Result<Url> {
    let refused = |why: &str| {
        Error::new(ErrorKind::InvalidOption, format!("the proxy for {hosts} hosts {why}"))
    };
    let url = match text.contains("://") {
        true => Url::parse(text),
        false => Url::parse(&format!("http://{text}")),
    };
    let url = url.map_err(|_| refused("has a malformed URL"))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        "http" | "https" => Err(refused("has a malformed URL")),
        other => {
            let other = redact::clean(other);
            Err(refused(&format!("is a {other} proxy, which is not supported"))
                .with_help("name an http:// or https:// proxy, or unset the variable"))
        }
    }
}

/// One entry of `NO_PROXY`.
#[derive(Debug, PartialEq, Eq)]
struct Exempt {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Debug, PartialEq, Eq)]
enum Hosts {
    All,
    /// Addresses that have that many first bits in common with this one.
    Network(IpAddr, u32),
    /// A name, and all names below it.
    Name(String),
}

impl Exempt {
    /// Parses an exemption; a malformed one names no host.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let any_port = |hosts| Some(Self { hosts, port: None });
        if text == "*" {
            return any_port(Hosts::All);
        }
        if let Some((address, bits)) = text.split_once('/') {
            let address = read_address(address)?;
            let bits = bits.parse().ok().filter(|bits| *bits <= width(address))?;
            return any_port(Hosts::Network(address, bits));
        }
        if let Some(address) = read_address(text) {
            return any_port(Hosts::Network(address, width(address)));
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (text, None),
        };
        if let Some(address) = read_address(host) {
            return Some(Self { hosts: Hosts::Network(address, width(address)), port });
        }
        let name = host.strip_prefix("*.").or_else(|| host.strip_prefix('.')).unwrap_or(host);
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        (!name.is_empty()).then_some(Self { hosts: Hosts::Name(name), port })
    }

    fn has(&self, url: &Url) -> bool {
        if self.port.is_some_and(|port| url.port_or_known_default() != Some(port)) {
            return false;
        }
        match (&self.hosts, url.host()) {
            (Hosts::All, _) => true,
            (Hosts::Network(network, bits), Some(url::Host::Ipv4(v4))) => {
                is_in(*network, *bits, IpAddr::V4(v4))
            }
            (Hosts::Network(network, bits), Some(url::Host::Ipv6(v6))) => {
                is_in(*network, *bits, IpAddr::V6(v6))
            }
            (Hosts::Name(name), Some(url::Host::Domain(host))) => {
                let host = host.strip_suffix('.').unwrap_or(host);
                let before = host.strip_suffix(name.as_str());
                before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
            }
            _ => false,
        }
    }
}

/// Returns an address, an IPv6 one with brackets or without.
fn read_address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    bare.unwrap_or(text).parse().ok()
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn is_in(network: IpAddr, bits: u32, address: IpAddr) -> bool {
    let differs = match (network, address) {
        (IpAddr::V4(a), IpAddr::V4(b)) => u128::from(a.to_bits() ^ b.to_bits()) << 96,
        (IpAddr::V6(a), IpAddr::V6(b)) => a.to_bits() ^ b.to_bits(),
        _ => return false,
    };
    differs.leading_zeros() >= bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(exempt: &str, url: &str) -> Route {
        let options = ProxyOptions {
            http: Some(Secret::new("proxy.example:3128")),
            https: Some(Secret::new("http://u:canary@proxy.example:3128")),
            exempt: exempt.to_owned(),
        };
        let proxies = Proxies::read(&options).expect("fine");
        assert!(!format!("{proxies:?}").contains("canary"));
        proxies.route(&Url::parse(url).expect(url))
    }

    #[test]
    fn no_proxy_is_read_in_every_spelling_r_83() {
        for (exempt, past, through) in [
            ("r.example", "https://r.example/", "https://xr.example/"),
            ("r.example", "https://a.r.example:5000/", "https://r.example.org/"),
            (".r.example", "https://a.r.example/", "https://r.example.org/"),
            ("*.r.example", "https://a.r.example/", "https://other.example/"),
            ("R.Example.", "https://r.example/", "https://other.example/"),
            ("r.example:5000", "https://r.example:5000/", "https://r.example/"),
            ("r.example:443", "https://r.example/", "https://r.example:5000/"),
            ("r.example:80", "http://r.example/", "https://r.example/"),
            ("a.example, r.example:5000", "https://r.example:5000/", "https://r.example:5001/"),
            ("a.example r.example", "https://r.example/", "https://b.example/"),
            ("10.1.2.3", "https://10.1.2.3:5000/", "https://10.1.2.4/"),
            ("10.1.2.3:5000", "https://10.1.2.3:5000/", "https://10.1.2.3/"),
            ("10.0.0.0/8", "https://10.1.2.3/", "https://11.1.2.3/"),
            ("10.1.2.3/32", "https://10.1.2.3/", "https://10.1.2.2/"),
            ("fd00::/8", "https://[fd12::1]/", "https://[fe00::1]/"),
            ("::2", "https://[::2]:1/", "https://[::3]/"),
            ("[fd00::2]:5000", "https://[fd00::2]:5000/", "https://[fd00::2]/"),
        ] {
            assert_eq!(route(exempt, past), Route::Direct, "{exempt}: {past}");
            assert_ne!(route(exempt, through), Route::Direct, "{exempt}: {through}");
        }
        assert_eq!(route("*", "http://r.example/"), Route::Direct);
        assert_eq!(route("0.0.0.0/0", "http://8.8.8.8/"), Route::Direct);
        for malformed in ["", ",", "10.0.0.0/33", "10.0.0.0/x", "r.example:x", "r.example:99999"] {
            assert_eq!(route(malformed, "https://r.example/"), Route::HttpsProxy, "{malformed}");
            assert_eq!(route(malformed, "http://10.1.1.1/"), Route::HttpProxy, "{malformed}");
        }
        for loopback in ["http://127.0.0.1:5000/", "https://localhost/", "http://[::1]/"] {
            assert_eq!(route("", loopback), Route::Direct, "{loopback}");
        }
    }

    #[test]
    fn proxies_of_other_kinds_are_not_supported_and_that_is_said_r_83() {
        for (text, words) in [
            ("socks5://u:canary@h:1080", "is a socks5 proxy, which is not supported"),
            ("socks5h://h:1080", "is a socks5h proxy, which is not supported"),
            ("socks4://h", "is a socks4 proxy, which is not supported"),
            ("http://", "has a malformed URL"),
            ("http://[canary", "has a malformed URL"),
        ] {
            let options =
                ProxyOptions { https: Some(Secret::new(text)), ..ProxyOptions::default() };
            let error = Proxies::read(&options).expect_err(text);
            assert_eq!(error.message(), format!("the proxy for https:// hosts {words}"));
            assert!(!format!("{error:?} {:?}", error.help()).contains("canary"));
        }
    }
}
