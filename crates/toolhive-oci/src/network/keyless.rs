// SPDX-License-Identifier: Apache-2.0
//! `KIND sign --keyless`: a key for this once, a certificate for it, a log's entry for each signature; and
//! all of it checked before anything is written (SIG-40 to SIG-43).

use std::env;
use std::io::Read as _;
use std::path::Path;

use bytes::Bytes;
use oci_artifact::{Error, ErrorKind, Result};
use oci_registry_http::services::Service;
use oci_registry_http::transport::redact::Secret;
use serde::Deserialize;
use signatures::keyless::{Draft, Token, certificate_request};
use signatures::sign::{Request, Signed};

use super::args::Keyless;
use super::keys::random_key;
use super::material::content;
use super::remote::Remote;

/// The variable that has a token.
const TOKEN: &str = "SIGSTORE_ID_TOKEN";
/// The variables of a GitHub job that may ask for tokens: where, and with what.
const GITHUB: [&str; 2] = ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
/// The audience of the tokens that are requested.
const AUDIENCE: &str = "sigstore";
/// The most bytes of a token.
const MAX_TOKEN: u64 = 1 << 16;
/// The services of Sigstore's public instance.
const PUBLIC: [&str; 2] = ["https://fulcio.sigstore.dev", "https://rekor.sigstore.dev"];

/// An authority and a log, and the token to ask the authority with.
pub(super) struct Services {
    authority: Service,
    log: Service,
    token: Secret,
}

/// The answer of a GitHub job's own token service.
#[derive(Deserialize)]
struct Ambient {
    value: String,
}

impl Services {
    /// Returns the services of the options, and a token from a file, a variable or the job.
    pub(super) fn new(said: &Keyless, remote: &Remote) -> Result<Self> {
        let [authority, log] = match (&said.fulcio_url, &said.rekor_url) {
            (Some(authority), Some(log)) => [authority.as_str(), log.as_str()],
            _ => PUBLIC,
        };
        let client = &remote.client;
        Ok(Self {
            authority: Service::new(client, authority, "the authority")?,
            log: Service::new(client, log, "the log")?,
            token: token(said.identity_token.as_deref(), remote)?,
        })
    }

    /// Signs both layouts with a key that the authority has certified.
    pub(super) fn draft(&self, request: &Request<'_>, remote: &Remote) -> Result<Draft> {
        let key = random_key()?;
        let token = Token::parse(self.token.expose()).map_err(|fault| {
            Error::from(fault).with_help("--identity-token FILE has the token of an OpenID issuer")
        })?;
        let asked = Bytes::from(certificate_request(&key, &token)?);
        let post = self.authority.post("api/v2/signingCert", asked, Some(&self.token));
        let certified = remote.run(post)?;
        Ok(Draft::new(request, &key, &certified)?)
    }

    /// Submits both signatures to the log. Nothing of it is checked yet but that it is whole.
    pub(super) fn log(&self, draft: Draft, remote: &Remote) -> Result<Signed> {
        let log = |entry: Vec<u8>| {
            remote.run(self.log.post("api/v1/log/entries", Bytes::from(entry), None))
        };
        let statement = log(draft.statement_entry())?;
        let payload = log(draft.payload_entry())?;
        Ok(draft.finish(&statement, &payload)?)
    }
}

/// The identity token: of a file or stdin, of the variable, or of the job that this is.
fn token(file: Option<&Path>, remote: &Remote) -> Result<Secret> {
    let of = |name: &str| env::var(name).ok().filter(|text| !text.is_empty());
    let trimmed = |text: &str| Secret::new(text.trim());
    if let Some(file) = file {
        let mut read = Vec::new();
        if file == Path::new("-") {
            std::io::stdin().take(MAX_TOKEN).read_to_end(&mut read).map_err(|error| {
                Error::new(ErrorKind::Io, "the token cannot be read from stdin").caused_by(error)
            })?;
        } else {
            read = content(file, MAX_TOKEN)?;
        }
        let text = std::str::from_utf8(&read).map_err(|_| {
            Error::new(ErrorKind::InvalidOption, "the identity token is not text").at_path(file)
        })?;
        return Ok(trimmed(text));
    }
    if let Some(text) = of(TOKEN) {
        return Ok(trimmed(&text));
    }
    let (Some(url), Some(bearer)) = (of(GITHUB[0]), of(GITHUB[1])) else {
        let message = "there is no identity token to ask for a certificate with";
        return Err(Error::new(ErrorKind::InvalidOption, message).with_help(format!(
            "--identity-token FILE, or ${TOKEN}; in a GitHub job `permissions: id-token: write`"
        )));
    };
    let service = Service::new(&remote.client, &url, "the job's token service")?;
    let answer = remote.run(service.get(&[("audience", AUDIENCE)], &Secret::new(bearer)))?;
    let answer: Ambient = serde_json::from_slice(&answer).map_err(|_| {
        Error::new(ErrorKind::InvalidDocument, "the job's token service returned no token")
    })?;
    Ok(Secret::new(answer.value))
}
