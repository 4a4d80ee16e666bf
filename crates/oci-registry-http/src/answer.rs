// SPDX-License-Identifier: Apache-2.0
//! An answer of a registry, and the one error that its refusal is.

use std::sync::Arc;
use std::time::SystemTime;

use oci_artifact::reference::RepositoryName;

use crate::auth::{Authorization, refused_source};
use crate::error::{Error, ErrorKind, Refusal, Retries};
use crate::transport::Response;
use crate::transport::patience::come_back;
use crate::transport::redact::hidden;
use crate::transport::retry::is_transient_status;

/// An answer, and with what it was got.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) response: Response,
    pub(crate) used: Option<Authorization>,
    /// Credentials that there are and that could not be used, and why.
    pub(crate) unusable: Vec<String>,
    /// The repository that was asked about, and whether something was to be pushed to it.
    pub(crate) repository: Arc<RepositoryName>,
    pub(crate) is_push: bool,
    /// Method and URL, without secrets.
    pub(crate) request: String,
    pub(crate) attempts: u32,
    pub(crate) retries: Retries,
    pub(crate) at: SystemTime,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.response.status
    }

    /// Returns the number of times that the request was sent.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// An error about what the answer brought, with the request that it answers.
    pub(crate) fn about(&self) -> impl Fn(Error) -> Error + use<> {
        let request = self.request.clone();
        move |error| error.about(|| request.clone())
    }

    /// Returns the error that a refusal is; `what` was refused.
    pub(crate) async fn refused(mut self, what: &str) -> Error {
        let response = &mut self.response;
        let mut refusal = response.refusal().await;
        let used = self.used.iter().flat_map(|used| used.secrets());
        let secrets: Vec<&str> = used.chain(hidden(&response.url)).collect();
        refusal.scrub(&secrets);
        let source = self.used.as_ref().and_then(|used| used.source.clone());
        let (kind, message) = verdict(&refusal, source.as_deref());
        let retry_after = response.retry_after(self.at);
        let mut error = Error::new(kind, format!("{what} {message}"))
            .with_refusal(refusal)
            .with_retry_after(retry_after)
            .about(|| self.request.clone())
            .after_attempts(self.attempts)
            .with_retries(self.retries);
        if let Some(wait) = retry_after.filter(|_| is_transient_status(self.status())) {
            error = error.with_help(come_back(wait, self.at));
        }
        self.with_advice(error, source.as_deref())
    }

    /// Adds what can be done about an error, where that is known.
    fn with_advice(&self, mut error: Error, source: Option<&str>) -> Error {
        let log_in = || match self.unusable.as_slice() {
            [] => format!("log in to {}", self.repository.registry()),
            reasons => reasons.join("; "),
        };
        let kind = error.kind();
        let is_bearer = self.used.as_ref().is_some_and(Authorization::is_bearer);
        error = match (kind, source, self.is_push.then_some(&self.repository)) {
            (ErrorKind::Unauthorized | ErrorKind::Forbidden, None, Some(target)) => error
                .with_message(format!("{target} accepts pushes only from users who are logged in"))
                .with_help(log_in()),
            // Who has got a token has shown who they are.
            (ErrorKind::Unauthorized | ErrorKind::Forbidden, Some(source), Some(target))
                if is_bearer || kind == ErrorKind::Forbidden =>
            {
                error.with_message(format!("this account may not push to {target}")).with_help(
                    format!(
                        "it is the one from {source}: ask for the right to push, or log in with \
                     another account"
                    ),
                )
            }
            (ErrorKind::Unauthorized | ErrorKind::Forbidden, Some(source), _) => {
                error.with_help(refused_source(source))
            }
            (ErrorKind::Unauthorized, None, None) => error.with_help(log_in()),
            (ErrorKind::Forbidden, None, None) if !self.unusable.is_empty() => {
                error.with_help(log_in())
            }
            (ErrorKind::RepositoryNotFound, ..) => error
                .with_help("some registries need a repository to be created before the first push"),
            _ => error,
        };
        error
    }
}

/// Returns the meaning of a refusal: its kind, and what is said of what was refused.
fn verdict(refusal: &Refusal, source: Option<&str>) -> (ErrorKind, &'static str) {
    match refusal.status {
        401 if source.is_none() => (ErrorKind::Unauthorized, "was not found, or needs credentials"),
        401 => (ErrorKind::Unauthorized, "was not found, or needs other credentials"),
        403 => (ErrorKind::Forbidden, "was not found, or is forbidden"),
        404 if refusal.has_code("NAME_UNKNOWN") => {
            (ErrorKind::RepositoryNotFound, "is in no repository that the registry knows")
        }
        404 => (ErrorKind::NotFound, "was not found"),
        405 | 501 | 505 => (ErrorKind::Unsupported, "is not supported by the registry"),
        407 => (ErrorKind::Proxy, "cannot be reached: the proxy needs credentials"),
        413 => (ErrorKind::PayloadTooLarge, "is larger than the registry accepts"),
        429 => (ErrorKind::RateLimited, "was requested too often"),
        507 => (ErrorKind::Rejected, "was refused: the registry has no room for it"),
        511 => (ErrorKind::Rejected, "was refused: the network requires a login of its own"),
        408 | 499 | 500.. => (ErrorKind::Unavailable, "failed in the registry"),
        300..=399 => (ErrorKind::Redirect, "is elsewhere, and the registry does not say where"),
        200..=299 => (ErrorKind::Protocol, "got an unexpected answer"),
        _ if refusal.has_code("UNSUPPORTED") => {
            (ErrorKind::Unsupported, "is not supported by the registry")
        }
        _ if refusal.has_code("DIGEST_INVALID") => {
            (ErrorKind::DigestMismatch, "has another digest, says the registry")
        }
        _ => (ErrorKind::Rejected, "was refused"),
    }
}
