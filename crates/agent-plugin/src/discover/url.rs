// SPDX-License-Identifier: Apache-2.0
//! URLs, as far as a person has to know them (S-50).

/// The parts of an absolute URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) scheme: String,
    pub(super) host: String,
    pub(super) port: Option<u16>,
    /// Whether a user or a password stands before the host.
    pub(super) has_user: bool,
    /// The part behind the host and port.
    rest: String,
}

/// Whether a text has a scheme that is not one of the web's, so that it is a URL all the same.
pub(super) fn has_other_scheme(text: &str) -> bool {
    let Some((scheme, rest)) = text.trim().split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let of_web = ["http", "https", "ws", "wss"].iter().any(|web| web.eq_ignore_ascii_case(scheme));
    is_scheme && !of_web && !rest.is_empty()
}

impl Url {
    /// Returns the parts; `None` if it is not absolute.
    pub(super) fn parse(text: &str) -> Option<Self> {
        // A parser would drop line ends and tabs; nobody means them.
        if text.chars().any(|c| c.is_control() || c == ' ') {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        if scheme.is_empty() || !scheme.chars().all(plain) {
            return None;
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let (has_user, place) = match authority.rsplit_once('@') {
            Some((_, place)) => (true, place),
            None => (false, authority),
        };
        let (host, port) = match place.split_once(":$") {
            // Only the port is a variable.
            Some((host, _)) if !host.contains('$') => (host, None),
            _ => host_and_port(place),
        };
        let variable = place.strip_prefix(host).filter(|_| port.is_none()).unwrap_or_default();
        let rest = format!("{variable}{rest}");
        if host.is_empty() {
            return None;
        }
        Some(Self {
            scheme: scheme.to_ascii_lowercase(),
            host: if host.contains('$') { host.to_owned() } else { host.to_ascii_lowercase() },
            port,
            has_user,
            rest,
        })
    }

    /// Whether it is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.host.trim_matches(['[', ']']);
        host == "localhost"
            || host == "::1"
            || host.starts_with("127.")
            || host.ends_with(".localhost")
    }

    /// Returns the text without a user and a password.
    pub(super) fn shown(&self) -> String {
        let user = if self.has_user { "…@" } else { "" };
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{user}{}{port}{}", self.scheme, self.host, self.rest)
    }
}

fn host_and_port(place: &str) -> (&str, Option<u16>) {
    match place.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') && !port.contains('}') => {
            (host, port.parse().ok())
        }
        _ => (place, None),
    }
}

/// Returns the URL that a variable stands for if it is not set: `https://h/x` of
/// `${URL:-https://h}/x`.
pub(super) fn by_default(text: &str) -> Option<String> {
    let (variable, rest) = text.strip_prefix("${")?.split_once('}')?;
    let (_, default) = variable.split_once(":-")?;
    (default.contains("://") && !default.contains('$')).then(|| format!("{default}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_url_s_50() {
        let url = Url::parse("HTTPS://u:p@Mcp.Example.net:8443/x?y=@z").expect("absolute");
        assert_eq!(
            (url.scheme.as_str(), url.host.as_str(), url.port),
            ("https", "mcp.example.net", Some(8443))
        );
        assert_eq!(url.shown(), "https://…@mcp.example.net:8443/x?y=@z");
        assert!(Url::parse("http://[::1]:80").is_some_and(|url| url.is_loopback()));
        assert!(Url::parse("ws://127.0.0.1").is_some_and(|url| url.is_loopback()));
        assert!(!Url::parse("http://localhost.evil.example").is_some_and(|url| url.is_loopback()));
        assert_eq!(Url::parse("mcp.example.net/x"), None);
        assert_eq!(Url::parse("https:///x"), None);
        assert_eq!(
            Url::parse("https://${HOST:-a.b}/x").map(|url| url.host),
            Some("${HOST:-a.b}".into())
        );
    }
}
