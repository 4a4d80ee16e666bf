// SPDX-License-Identifier: Apache-2.0
//! Redirects: the places that we may be sent to, and what we take along.
//!
//! Redirects, upload locations and token realms are the other side's input. One policy holds for
//! all: a redirecting host may not lead further in than where it is itself.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::{Method, Url};

use crate::error::{Error, ErrorKind, Result};

/// Scheme, host and port: what credentials belong to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    pub(crate) fn of(url: &Url) -> Self {
        Self {
            scheme: url.scheme().to_owned(),
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port_or_known_default().unwrap_or_default(),
        }
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// `host:port`, always with the port.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    pub(crate) fn is_https(&self) -> bool {
        self.scheme == "https"
    }
}

/// The zone of an address: the internet, a private network, or this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Zone {
    /// An address on the public internet.
    Public,
    /// A local network's.
    Private,
    /// An address of this machine.
    Loopback,
    /// An address that no registry may lead to: link-local and other places where clouds keep their
    /// secrets, multicast, unspecified, tunnels whose end is unknown.
    Never,
}

impl Zone {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => Self::of_v4(v4),
            IpAddr::V6(v6) => Self::of_v6(v6),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        let [a, b, c, d] = address.octets();
        match (a, b) {
            // Azure, Alibaba and Oracle keep metadata there.
            (168, 63) if (c, d) == (129, 16) => Self::Never,
            (100, 100) if (c, d) == (100, 200) => Self::Never,
            (192, 0) if (c, d) == (0, 192) => Self::Never,
            (127, _) => Self::Loopback,
            (10, _) | (172, 16..=31) | (192, 168) | (100, 64..=127) | (198, 18 | 19) => {
                Self::Private
            }
            (192, 0) if c == 0 => Self::Private,
            (0, _) | (169, 254) | (224.., _) => Self::Never,
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        let segments = address.segments();
        let embedded = |high: u16, low: u16| {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            Self::of_v4(Ipv4Addr::new(a, b, c, d))
        };
        match segments {
            [0, 0, 0, 0, 0, 0, 0, 1] => Self::Loopback,
            [0, 0, 0, 0, 0, 0, 0, 0] => Self::Never,
            // An IPv4 address in IPv6's clothes: mapped, compatible, translated, 6to4.
            [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
            | [0, 0, 0, 0, 0xffff, 0, high, low]
            | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
            | [0x2002, high, low, ..] => embedded(high, low),
            // A network's own translation, and Teredo: an IPv4 address that only others can tell.
            [0x64, 0xff9b, 1, ..] | [0x2001, 0, ..] => Self::Never,
            // The metadata of AWS, Google, Oracle and Scaleway.
            [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254]
            | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254]
            | [0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe]
            | [0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42] => Self::Never,
            [0xfc00..=0xfdff, ..] => Self::Private,
            [0xfe80..=0xfebf | 0xff00.., ..] => Self::Never,
            [0xfec0..=0xfeff, ..] => Self::Private,
            // ISATAP.
            [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => embedded(high, low),
            _ => Self::Public,
        }
    }

    /// Returns the zone of a URL's host, where that is an address.
    pub(crate) fn of_literal(url: &Url) -> Option<Self> {
        match url.host()? {
            url::Host::Ipv4(v4) => Some(Self::of_v4(v4)),
            url::Host::Ipv6(v6) => Some(Self::of_v6(v6)),
            url::Host::Domain(name) => {
                let name = name.strip_suffix('.').unwrap_or(name);
                if is_metadata(name) {
                    return Some(Self::Never);
                }
                let is_local = name == "localhost" || name.ends_with(".localhost");
                is_local.then_some(Self::Loopback)
            }
        }
    }
}

/// Whether that is a name under which a cloud answers its machines' questions for secrets.
fn is_metadata(name: &str) -> bool {
    const NAMES: [&str; 12] = [
        "metadata",
        "metadata.google.internal",
        "metadata.goog",
        "metadata.azure.internal",
        "metadata.azure.com",
        "metadata.oraclecloud.com",
        "metadata.tencentyun.com",
        "metadata.packet.net",
        "metadata.platformequinix.com",
        "instance-data",
        "instance-data.ec2.internal",
        "rancher-metadata",
    ];
    let is_below = |one: &str| {
        let before = name.strip_suffix(one);
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    NAMES.iter().any(|one| if one.contains('.') { is_below(one) } else { name == *one })
}

/// Checks a URL that another side named: its scheme, user info, and address. `from` is where that
/// side stands.
pub(crate) fn check_target(target: &Url, from: &Origin, from_zone: Zone) -> Result<()> {
    let forbidden = |why: &str| {
        Error::new(ErrorKind::ForbiddenAddress, format!("{} names {why}", from.authority()))
    };
    match target.scheme() {
        "https" => {}
        "http" if !from.is_https() => {}
        "http" => return Err(forbidden("a plain HTTP address, which is not followed from HTTPS")),
        _ => return Err(forbidden("an address that is neither HTTPS nor HTTP")),
    }
    if !target.username().is_empty() || target.password().is_some() {
        return Err(forbidden("an address with credentials in it"));
    }
    let host = target.host_str().unwrap_or_default();
    if host == from.host() {
        return Ok(());
    }
    match Zone::of_literal(target) {
        Some(zone) if zone > from_zone || zone == Zone::Never => {
            Err(forbidden(&format!("{host}, in a network to which it must not redirect"))
                .with_help("if that is intended, allow the host in the client's options"))
        }
        _ => Ok(()),
    }
}

/// Resolves a `Location` against the URL that was asked. The path and query stay as they are.
pub(crate) fn resolve(base: &Url, location: Option<&[u8]>) -> Result<Url> {
    let refused = |why: &str| Error::new(ErrorKind::Redirect, format!("the Location header {why}"));
    let text = location.ok_or_else(|| refused("is missing"))?;
    let text = std::str::from_utf8(text).map_err(|_| refused("is not text"))?;
    if text.len() > 16 * 1024 {
        return Err(refused("is too long"));
    }
    if text.is_empty() || text.bytes().any(|b| b.is_ascii_control() || b == b' ') {
        return Err(refused("is malformed"));
    }
    let mut url = base.join(text).map_err(|_| refused("is malformed"))?;
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none_or(str::is_empty) {
        return Err(refused("is neither an HTTPS nor an HTTP address"));
    }
    url.set_fragment(None);
    Ok(url)
}

/// The request to send to the next hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follow {
    /// The same method, with the body if there is one.
    Same,
    /// GET, without a body.
    Get,
}

/// Whether a redirect of that status is followed for that method, and how.
pub(crate) fn follow(status: u16, method: &Method) -> Option<Follow> {
    let is_read = matches!(*method, Method::GET | Method::HEAD);
    match status {
        301 | 302 if is_read => Some(Follow::Same),
        303 if *method == Method::HEAD => Some(Follow::Same),
        303 => Some(Follow::Get),
        307 | 308 => Some(Follow::Same),
        _ => None,
    }
}

/// Whether that status is a redirect at all. 304 and 300 are not.
pub(crate) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect(text)
    }

    fn check(target: &str, from: &str, zone: Zone) -> Option<ErrorKind> {
        check_target(&url(target), &Origin::of(&url(from)), zone).err().map(|e| e.kind())
    }

    #[test]
    fn addresses_in_every_spelling_r_87_f_27() {
        use Zone::{Loopback, Never, Private, Public};
        for (host, zone) in [
            ("127.0.0.1", Loopback),
            ("127.9.9.9", Loopback),
            ("[::1]", Loopback),
            ("[::ffff:127.0.0.1]", Loopback),
            ("[::7f00:1]", Loopback),
            ("[64:ff9b::7f00:1]", Loopback),
            ("[2002:7f00:1::]", Loopback),
            ("2130706433", Loopback),
            ("0177.0.0.1", Loopback),
            ("0x7f.1", Loopback),
            ("localhost", Loopback),
            ("LOCALHOST.", Loopback),
            ("a.localhost", Loopback),
            ("169.254.169.254", Never),
            ("[fe80::1]", Never),
            ("0.0.0.0", Never),
            ("[::]", Never),
            ("224.0.0.1", Never),
            ("255.255.255.255", Never),
            ("[ff02::1]", Never),
            ("168.63.129.16", Never),
            ("100.100.100.200", Never),
            ("192.0.0.192", Never),
            ("[::ffff:168.63.129.16]", Never),
            ("[64:ff9b::a9fe:a9fe]", Never),
            ("[64:ff9b:1::7f00:1]", Never),
            ("[64:ff9b:1:ffff::1]", Never),
            ("[2001:0:1::1]", Never),
            ("[2001::]", Never),
            ("[fd00:ec2::254]", Never),
            ("[fd20:ce::254]", Never),
            ("[fd00:c1::a9fe:a9fe]", Never),
            ("[fd00:42::42]", Never),
            ("[2606:4700::5efe:7f00:1]", Loopback),
            ("[2606:4700::200:5efe:a9fe:a9fe]", Never),
            ("metadata", Never),
            ("metadata.google.internal", Never),
            ("METADATA.google.internal.", Never),
            ("x.metadata.google.internal", Never),
            ("metadata.goog", Never),
            ("metadata.azure.internal", Never),
            ("metadata.tencentyun.com", Never),
            ("instance-data", Never),
            ("instance-data.ec2.internal", Never),
            ("rancher-metadata", Never),
            ("168.63.129.17", Public),
            ("100.100.100.201", Private),
            ("[2001:db8::1]", Public),
            ("[2001:1::1]", Public),
            ("[64:ff9b::808:808]", Public),
            ("[fd00:ec2::253]", Private),
            ("10.1.2.3", Private),
            ("172.16.0.1", Private),
            ("172.31.255.255", Private),
            ("192.168.1.1", Private),
            ("100.64.0.1", Private),
            ("[fd00::1]", Private),
            ("[::ffff:10.0.0.1]", Private),
            ("172.32.0.1", Public),
            ("100.128.0.1", Public),
            ("8.8.8.8", Public),
            ("[2606:4700::1111]", Public),
        ] {
            assert_eq!(Zone::of_literal(&url(&format!("https://{host}/"))), Some(zone), "{host}");
        }
        for name in ["example.com", "metadata.example", "notmetadata.goog", "xinstance-data"] {
            assert_eq!(Zone::of_literal(&url(&format!("https://{name}/"))), None, "{name}");
        }
    }

    #[test]
    fn nobody_sends_us_further_in_than_it_stands_r_20() {
        let forbidden = Some(ErrorKind::ForbiddenAddress);
        let public = "https://r.example/";
        assert_eq!(check("https://other.example/x", public, Zone::Public), None);
        assert_eq!(check("https://10.0.0.1/x", public, Zone::Public), forbidden);
        assert_eq!(check("https://localhost/x", public, Zone::Public), forbidden);
        assert_eq!(check("http://other.example/x", public, Zone::Public), forbidden);
        assert_eq!(check("http://r.example/x", public, Zone::Public), forbidden);
        assert_eq!(check("https://u:p@other.example/x", public, Zone::Public), forbidden);
        assert_eq!(check("https://10.0.0.2/x", "https://10.0.0.1/", Zone::Private), None);
        assert_eq!(check("https://127.0.0.1/x", "https://10.0.0.1/", Zone::Private), forbidden);
        assert_eq!(check("http://127.0.0.1:2/x", "http://127.0.0.1:1/", Zone::Public), None);
        assert_eq!(check("http://127.0.0.2/x", "http://127.0.0.1/", Zone::Loopback), None);
        assert_eq!(
            check("http://169.254.169.254/", "http://127.0.0.1/", Zone::Loopback),
            forbidden
        );
    }

    #[test]
    fn locations_f_51() {
        let base = url("https://r.example/v2/x/blobs/y?a=b");
        for (location, wanted) in [
            ("/p?_state=a%2Bb%3D%3D", "https://r.example/p?_state=a%2Bb%3D%3D"),
            ("up", "https://r.example/v2/x/blobs/up"),
            ("?q", "https://r.example/v2/x/blobs/y?q"),
            ("//s.example/p#f", "https://s.example/p"),
            ("https://S.example:443/%7e/A?b=%c3", "https://s.example/%7e/A?b=%c3"),
        ] {
            let got = resolve(&base, Some(location.as_bytes())).map(String::from).expect(location);
            assert_eq!(got, wanted);
        }
        for bad in
            ["", "file:///etc/passwd", "javascript:x", "https://", "a b", "https://[", "\u{1}"]
        {
            let error = resolve(&base, Some(bad.as_bytes())).expect_err(bad);
            assert_eq!(error.kind(), ErrorKind::Redirect);
        }
        resolve(&base, None).expect_err("missing");
        resolve(&base, Some(b"\xff")).expect_err("not text");
    }

    #[test]
    fn which_redirects_are_followed_f_54() {
        for method in [Method::GET, Method::HEAD] {
            for status in [301, 302, 307, 308] {
                assert_eq!(follow(status, &method), Some(Follow::Same));
            }
        }
        assert_eq!(follow(303, &Method::PUT), Some(Follow::Get));
        assert_eq!(follow(303, &Method::HEAD), Some(Follow::Same));
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert_eq!((follow(301, &method), follow(302, &method)), (None, None));
            assert_eq!(follow(307, &method), Some(Follow::Same));
        }
    }

    proptest! {
        #[test]
        fn any_location_is_taken_or_refused(bytes in any::<Vec<u8>>(), text in "\\PC{0,30}") {
            let base = url("https://r.example/v2/");
            for location in [bytes.as_slice(), text.as_bytes()] {
                if let Ok(url) = resolve(&base, Some(location)) {
                    prop_assert!(url.host_str().is_some_and(|host| !host.is_empty()));
                    let _ = check_target(&url, &Origin::of(&base), Zone::Public);
                }
            }
        }
    }
}
