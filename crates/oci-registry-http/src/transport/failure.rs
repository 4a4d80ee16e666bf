// SPDX-License-Identifier: Apache-2.0
//! Failures in which there is no answer.

use std::error::Error as StdError;
use std::io;

use crate::error::{Error, ErrorKind};
use crate::transport::resolve::Forbidden;

/// Turns a failure of reqwest into an error. Its text is not kept: it may hold a URL.
pub(crate) fn classify(error: &reqwest::Error) -> Error {
    let (mut parse, mut large, mut refused) = (false, false, false);
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(one) = cause {
        if let Some(known) = known(one) {
            return known;
        }
        parse |= one.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse);
        // hyper shows it only in its text, unless more of it is compiled than is used.
        large |= one.is::<hyper::Error>() && one.to_string().contains("too large");
        refused |= one
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
        // hyper-util has no type for it.
        if one.to_string().contains("proxy authorization required") {
            return Error::new(ErrorKind::Proxy, "the proxy needs credentials");
        }
        cause = one.source();
    }
    if large {
        return Error::new(ErrorKind::TooLarge, "the head of the answer is too large");
    }
    if parse {
        return Error::protocol("the answer is not HTTP")
            .with_help("if the registry speaks HTTPS, do not ask for plain HTTP");
    }
    if error.is_connect() && is_unknown_host(&root(error)) {
        // Asked again, the answer is the same.
        return Error::new(ErrorKind::UnknownHost, "there is no host of that name").with_help(
            "a reference begins with its registry, as in ghcr.io/me/x:1; look at the name, or at the \
             network if it is right",
        );
    }
    if error.is_connect() {
        let why = if error.is_timeout() { "in time" } else { "to the host" };
        let error = Error::new(ErrorKind::Network, format!("no connection {why}: {}", root(error)));
        if refused {
            return error.with_help(
                "nothing listens there: is the registry (or the proxy in front of it) running, \
                 and is this its port?",
            );
        }
        return error;
    }
    if error.is_timeout() {
        return Error::new(ErrorKind::Timeout, "the answer did not come in time");
    }
    Error::new(ErrorKind::Network, format!("the connection broke: {}", root(error)))
}

/// Whether a resolver's text says that there is no such name. Neither the standard library nor hyper has a
/// type for it; what may pass (`EAI_AGAIN`) has another text.
fn is_unknown_host(text: &str) -> bool {
    [
        "Name or service not known",
        "nodename nor servname provided",
        "No address associated with hostname",
        "Name does not resolve",
    ]
    .iter()
    .any(|known| text.contains(known))
}

/// Returns the error that stands behind another, however deep `io::Error`s hide it: their own `source` skips what
/// they hold.
fn known(error: &(dyn StdError + 'static)) -> Option<Error> {
    if error.is::<Forbidden>() {
        return Some(Error::new(ErrorKind::ForbiddenAddress, Forbidden.to_string()));
    }
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(classify_tls(tls));
    }
    known(error.downcast_ref::<io::Error>()?.get_ref()?)
}

/// Returns the text of the innermost cause, which is the system's or hyper's and names no URL.
fn root(error: &reqwest::Error) -> String {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    let mut text = "the reason is unknown".to_owned();
    while let Some(one) = cause {
        text = one.to_string();
        cause = one.source();
    }
    crate::transport::redact::clean(&text)
}

fn classify_tls(error: &rustls::Error) -> Error {
    match error {
        rustls::Error::InvalidMessage(_) => {
            Error::new(ErrorKind::WrongScheme, "the host answered an HTTPS request without TLS")
                .with_help("if the registry speaks plain HTTP, allow that for this host")
        }
        rustls::Error::AlertReceived(alert) => {
            Error::new(ErrorKind::Tls, format!("the host ended TLS with the alert {alert:?}"))
        }
        other => Error::new(ErrorKind::Tls, format!("TLS with the host failed: {other}"))
            .with_help(
                "if the certificate is from a private authority, give the certificate of \
                        that authority",
            ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::retry::is_transient;

    #[test]
    fn a_name_that_does_not_exist_is_told_from_a_resolver_that_fails_r_96() {
        let begin = "failed to lookup address information: ";
        for text in ["Name or service not known", "nodename nor servname provided, or not known"] {
            assert!(is_unknown_host(&format!("{begin}{text}")), "{text}");
        }
        for text in ["Temporary failure in name resolution", "Non-recoverable failure"] {
            assert!(!is_unknown_host(&format!("{begin}{text}")), "{text}");
        }
        assert!(!is_transient(&Error::new(ErrorKind::UnknownHost, "there is no such host")));
        assert!(is_transient(&Error::new(ErrorKind::Network, "the connection broke")));
    }
}
