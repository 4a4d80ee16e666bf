// SPDX-License-Identifier: Apache-2.0
//! The options of a client, made of those of the command line: plain HTTP, certificate authorities, time limits, and
//! messages meanwhile.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use oci_artifact::{Error, ErrorKind, Result};
use oci_registry_http::transport::connection::{HostOptions, Scheme, is_loopback};
use oci_registry_http::transport::exchange::Exchange;
use oci_registry_http::transport::patience::Wait;
use oci_registry_http::{Client, ClientBuilder};
use tokio::time::Instant;

use crate::args::Verbosity;
use crate::context::Context;
use crate::network::args::{Options, PlainHttp};
use crate::network::progress::beside_bars;
use crate::output::Output;

/// The remarks of a command on registries so far: one option can stand for one registry only.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// The registry that `--plain-http` without a host names.
    the_one: Mutex<Option<String>>,
    /// The hosts that another option marks as plain HTTP.
    named: Mutex<Vec<String>>,
    start: OnceLock<Instant>,
}

impl Options {
    /// Marks a registry as one that speaks plain HTTP.
    pub(crate) fn name_plain(&self, registry: &str) {
        let mut named = self.said.named.lock().unwrap_or_else(PoisonError::into_inner);
        named.push(registry.to_ascii_lowercase());
    }

    /// The time at which registries have to be done, counted from their first client on.
    pub(super) fn deadline(&self) -> Option<(Instant, u64)> {
        let start = *self.said.start.get_or_init(Instant::now);
        let seconds = self.timeout?;
        Some((start.checked_add(Duration::from_secs(seconds))?, seconds))
    }

    /// The hosts that are spoken to over plain HTTP, of a command that names these registries.
    fn plain_hosts(&self, registries: &[&str]) -> Result<Vec<String>> {
        let named = self.said.named.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let others: Vec<&str> = registries
            .iter()
            .copied()
            .filter(|registry| !named.contains(&registry.to_ascii_lowercase()))
            .collect();
        let mut hosts = named;
        for option in &self.plain_http {
            match option {
                PlainHttp::Host(host) => hosts.push(host.clone()),
                PlainHttp::TheOne => hosts.extend(self.the_one(&others)?),
                PlainHttp::Nobody => {}
            }
        }
        Ok(hosts)
    }

    /// The one registry that is not this machine.
    fn the_one(&self, registries: &[&str]) -> Result<Option<String>> {
        let mut the_one = self.said.the_one.lock().unwrap_or_else(PoisonError::into_inner);
        for registry in registries.iter().filter(|registry| !is_loopback(registry)) {
            let registry = registry.to_ascii_lowercase();
            match &*the_one {
                Some(other) if *other != registry => {
                    let message =
                        format!("--plain-http may be meant for {other} or for {registry}");
                    return Err(Error::new(ErrorKind::InvalidOption, message)
                        .with_help(format!("name one: --plain-http={registry}")));
                }
                _ => *the_one = Some(registry),
            }
        }
        Ok(the_one.clone())
    }

    fn loopback(&self) -> Scheme {
        match self.plain_http.contains(&PlainHttp::Nobody) {
            true => Scheme::Https,
            false => Scheme::PlainHttp,
        }
    }
}

/// A client with the options of the command line, for a command that names these registries.
pub(super) fn client(context: &Context, registries: &[&str]) -> Result<ClientBuilder> {
    let (output, network) = (context.output, &context.network);
    let mut client = Client::builder()
        .application(concat!("toolhive-oci/", env!("CARGO_PKG_VERSION")))
        .loopback(network.loopback())
        .on_wait(Arc::new(move |wait| beside_bars(|| output.note(&waits(wait)))))
        .on_warning(Arc::new(move |text| beside_bars(|| output.warning(text))));
    if output.is_verbose() {
        client = client.on_exchange(Arc::new(move |one| beside_bars(|| show(&output, one))));
    }
    for host in network.plain_hosts(registries)? {
        let mut plain = HostOptions::default();
        plain.scheme = Scheme::PlainHttp;
        client = client.host(host, plain);
    }
    if let Some(file) = &network.ca_file {
        let pem = fs::read(file).map_err(|error| Error::io("cannot read the file", file, error))?;
        check_pem(&pem, "CERTIFICATE", file)?;
        client = client.authorities(pem);
    }
    Ok(client)
}

/// Checks that a file holds a PEM block with that word in its name; what is in it, others read.
///
/// # Errors
/// [`ErrorKind::InvalidOption`], with the file.
pub(crate) fn check_pem(pem: &[u8], what: &str, file: &Path) -> Result<()> {
    let text = String::from_utf8_lossy(pem);
    let begins = |line: &str| line.starts_with("-----BEGIN ") && line.contains(what);
    if text.lines().any(begins) {
        return Ok(());
    }
    let message = format!("this file contains no {}", what.to_ascii_lowercase());
    Err(Error::new(ErrorKind::InvalidOption, message)
        .at_path(file)
        .with_help(format!("it must be PEM: text with a line -----BEGIN {what}-----")))
}

/// A wait, for people.
fn waits(wait: &Wait) -> String {
    let Wait { request, why, .. } = wait;
    let seconds = wait.wait.as_secs_f64();
    match wait.attempt {
        Some((attempt, attempts)) => {
            format!("tried again ({attempt} of {attempts}): {request}: {why}; waits {seconds:.1} s")
        }
        None => format!("waits {seconds:.1} s: {request}: {why}"),
    }
}

/// A request and its answer, for people who asked for them.
fn show(output: &Output, exchange: &Exchange) {
    let Exchange { method, url, outcome, sent, received, .. } = exchange;
    let outcome = match outcome {
        Ok(status) => status.to_string(),
        Err(why) => why.clone(),
    };
    output.detail(&format!("{method} {url}: {outcome} in {} ms", exchange.time.as_millis()));
    if output.verbosity == Verbosity::Wire {
        for (sign, headers) in [('>', sent), ('<', received)] {
            for (name, value) in headers {
                output.detail(&format!("  {sign} {name}: {value}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(options: &[PlainHttp], registries: &[&str]) -> Result<Vec<String>> {
        let plain_http = options.to_vec();
        Options { plain_http, ..Options::default() }.plain_hosts(registries)
    }

    #[test]
    fn plain_http_without_a_host_stands_for_one_registry_r_85() {
        let host = |host: &str| PlainHttp::Host(host.to_owned());
        let the_one = [PlainHttp::TheOne];
        let fine =
            |options: &[PlainHttp], registries: &[&str]| hosts(options, registries).expect("fine");
        assert_eq!(fine(&the_one, &["a.io"]), ["a.io"]);
        assert_eq!(fine(&the_one, &["a.io", "A.io"]), ["a.io"]);
        assert_eq!(fine(&the_one, &["127.0.0.1:5000", "a.io:80"]), ["a.io:80"]);
        assert!(fine(&the_one, &["127.0.0.1:5000", "localhost"]).is_empty());
        assert_eq!(fine(&[host("b.io")], &["a.io", "b.io"]), ["b.io"]);
        let error = hosts(&the_one, &["a.io", "b.io"]).expect_err("which?");
        assert_eq!(error.kind(), ErrorKind::InvalidOption);
        assert!(error.to_string().contains("a.io or for b.io"), "{error}");
        // A command may make a client for each registry.
        let options = Options { plain_http: the_one.to_vec(), ..Options::default() };
        assert_eq!(options.plain_hosts(&["a.io"]).expect("fine"), ["a.io"]);
        assert_eq!(options.plain_hosts(&["a.io"]).expect("fine"), ["a.io"]);
        options.clone().plain_hosts(&["b.io"]).expect_err("another one");
    }
}
