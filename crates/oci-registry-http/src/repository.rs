// SPDX-License-Identifier: Apache-2.0
//! A repository of a registry, and how requests about it are sent: with credentials, again where
//! that may help, with one error for everything that goes wrong.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use oci_artifact::reference::RepositoryName;
use reqwest::header::WWW_AUTHENTICATE;
use reqwest::{Method, Url};

use crate::auth::challenge;
use crate::auth::scope::{Access, Scopes};
use crate::auth::{Authorization, Dialogue, refused_source};
use crate::client::{Client, Inner};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::body::Body;
use crate::transport::connection::Scheme;
use crate::transport::redact::hidden;
use crate::transport::redirect::{Origin, Zone};
use crate::transport::retry::{Backoff, is_transient, is_transient_status};
use crate::transport::{Request, Response, Tally};

/// A repository. Clones count their requests together.
#[derive(Clone, Debug)]
pub struct Repository {
    client: Client,
    name: Arc<RepositoryName>,
    base: Url,
    tally: Arc<Tally>,
}

/// Whether a request is sent again by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// Where the failure may pass.
    IfItHelps,
    /// Never: the request is part of something that is tried again as a whole.
    Never,
}

/// A request and how it is sent.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) request: Request,
    pub(crate) scopes: Scopes,
    pub(crate) again: Again,
    /// How long a token must last.
    pub(crate) lasting: Duration,
    /// Where the side stands that named the URL, if it is not our own.
    pub(crate) from: Option<Zone>,
}

/// An answer, and with what it was got.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) response: Response,
    used: Option<Authorization>,
    /// The repository that was asked about, and whether something was to be pushed to it.
    repository: Arc<RepositoryName>,
    is_push: bool,
    request: String,
    attempts: u32,
    at: SystemTime,
}

/// Why a request got no answer.
enum Failure {
    /// It was not sent, as there is no authorization for it; that was tried often enough.
    Before(Error),
    /// It was sent.
    Sent(Error),
}

impl Repository {
    pub(crate) fn new(client: Client, name: &RepositoryName) -> Result<Self> {
        let host = name.api_host();
        let is_plain = client.inner().transport.connections.scheme(host) == Scheme::PlainHttp;
        let malformed = || {
            Error::new(ErrorKind::InvalidOption, format!("{:?} is no registry", name.registry()))
        };
        let parse =
            |scheme: &str| Url::parse(&format!("{scheme}://{host}/")).map_err(|_| malformed());
        let mut base = parse("https")?;
        let is_loopback = Zone::of_literal(&base) == Some(Zone::Loopback);
        let authority = Origin::of(&base).authority();
        let options = client.inner().transport.connections.options(&Origin::of(&base));
        if is_plain
            || (is_loopback && options.is_none() && client.inner().loopback == Scheme::PlainHttp)
        {
            base = parse("http")?;
        }
        if base.path() != "/" || authority.is_empty() {
            return Err(malformed());
        }
        Ok(Self { client, name: Arc::new(name.clone()), base, tally: Arc::default() })
    }

    /// The registry and the repository.
    pub fn name(&self) -> &RepositoryName {
        &self.name
    }

    /// How many requests were sent so far, those for tokens included.
    pub fn requests(&self) -> u32 {
        self.tally.requests()
    }

    /// The same repository with a count of its own.
    #[must_use]
    pub fn counted_anew(&self) -> Self {
        Self { tally: Arc::default(), ..self.clone() }
    }

    pub(crate) fn inner(&self) -> &Inner {
        self.client.inner()
    }

    /// Whether both are in the same registry.
    pub(crate) fn shares_registry_with(&self, other: &Self) -> bool {
        Origin::of(&self.base) == Origin::of(&other.base)
    }

    /// `/v2/NAME/` and more, part by part.
    pub(crate) fn url(&self, parts: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().push("v2").extend(self.name.repository().split('/')).extend(parts);
        }
        url
    }

    /// The registry's `/v2/`.
    pub(crate) fn root_url(&self) -> Url {
        self.base.join("/v2/").unwrap_or_else(|_| self.base.clone())
    }

    pub(crate) fn scopes(&self, access: Access) -> Scopes {
        Scopes::repository(self.name.repository(), access)
    }

    /// A call that is repeated where that helps.
    pub(crate) fn call(&self, method: Method, url: Url, access: Access) -> Call {
        Call {
            request: Request::new(method, url),
            scopes: self.scopes(access),
            again: Again::IfItHelps,
            lasting: Duration::ZERO,
            from: None,
        }
    }

    /// Sends a call: the answer, whatever its status, or why there is none.
    pub(crate) async fn send(&self, call: &Call) -> Result<Answer> {
        let inner = self.inner();
        let gate = inner.transport.gate(&call.request.url);
        let mut backoff = Backoff::new(&inner.retry);
        loop {
            let now = inner.clock.now();
            if let Some(pause) = gate.pause(now) {
                inner.clock.sleep(pause).await;
            }
            let outcome = self.attempt(call).await;
            let attempts = backoff.attempts();
            let now = inner.clock.now();
            let finish = |outcome: Result<Answer, Failure>| match outcome {
                Ok(answer) => Ok(Answer { attempts, ..answer }),
                Err(Failure::Before(error) | Failure::Sent(error)) => {
                    Err(error.about(|| call.request.show()).after_attempts(attempts))
                }
            };
            let asked = match &outcome {
                Ok(answer) if is_transient_status(answer.response.status) => {
                    let asked = answer.response.retry_after(now);
                    let is_throttled = matches!(answer.response.status, 429 | 503);
                    if let Some(wait) = asked.filter(|_| is_throttled) {
                        gate.throttle(now + wait.min(inner.retry.max_retry_after));
                    }
                    asked
                }
                Ok(_) => {
                    gate.succeeded();
                    return finish(outcome);
                }
                Err(Failure::Sent(error)) if is_transient(error) => None,
                Err(_) => return finish(outcome),
            };
            let may = call.again == Again::IfItHelps && call.request.body.can_be_sent_again();
            if !may || !gate.may_retry() {
                return finish(outcome);
            }
            let Some(wait) = backoff.next(asked, inner.jitter.as_ref()) else {
                return finish(outcome);
            };
            tracing::debug!(request = %call.request.show(), ?wait, "is tried again");
            drop(outcome);
            inner.clock.sleep(wait).await;
        }
    }

    /// One attempt, with at most one new authorization, and one more where the registry says which
    /// scope it wants.
    async fn attempt(&self, call: &Call) -> Result<Answer, Failure> {
        let inner = self.inner();
        let dialogue = self.dialogue();
        let is_ours = Origin::of(&call.request.url) == Origin::of(&self.base);
        let mut used = match is_ours {
            true => inner.auth.prepare(&dialogue, &call.scopes, call.lasting).await,
            false => Ok(None),
        }
        .map_err(Failure::Before)?;
        let (mut is_renewed, mut is_widened, mut was_expired) = (false, false, false);
        loop {
            let header = used.as_ref().map(|used| &used.header);
            let from = call.from.filter(|_| !is_ours);
            let sent = inner.transport.exchange(&call.request, header, from, &self.tally);
            let mut response = sent.await.map_err(Failure::Sent)?;
            inner.warn(self.base.host_str().unwrap_or_default(), &response.headers);
            // A body that streams is not sent again blindly: its upload asks first what came of it.
            let is_upload = matches!(call.request.body, Body::Source { .. });
            if let (401, true, Some(used)) = (response.status, is_upload, &used) {
                inner.auth.forget(used);
            }
            let may_answer = is_ours && !response.is_foreign && !is_upload;
            let verdict =
                if may_answer { judge(&mut response, used.as_ref()).await } else { Verdict::Final };
            if !matches!(verdict, Verdict::Final) {
                // Its place at the gate may be the one that the token needs.
                response.keep_body().await;
            }
            let next = match verdict {
                Verdict::Scope(scopes) if !is_widened => {
                    is_widened = true;
                    let challenges = challenges(&response);
                    inner.auth.answer_refusal(challenges, used.as_ref(), &dialogue, &scopes).await
                }
                Verdict::Refused | Verdict::Scope(_) if !is_renewed => {
                    is_renewed = true;
                    let challenges = challenges(&response);
                    let again = inner.auth.answer_refusal(
                        challenges,
                        used.as_ref(),
                        &dialogue,
                        &call.scopes,
                    );
                    again.await
                }
                Verdict::Expired if !was_expired => {
                    was_expired = true;
                    if let Some(used) = &used {
                        inner.auth.forget(used);
                    }
                    inner.auth.prepare(&dialogue, &call.scopes, call.lasting).await
                }
                _ => Ok(None),
            };
            match next.map_err(Failure::Before)? {
                Some(next) => used = Some(next),
                None => {
                    let request = call.request.show();
                    let at = inner.clock.now();
                    let repository = self.name.clone();
                    let is_push = self.is_push(call);
                    let attempts = 1;
                    return Ok(Answer {
                        response,
                        used,
                        repository,
                        is_push,
                        request,
                        attempts,
                        at,
                    });
                }
            }
        }
    }

    /// Whether the right to push is needed for that.
    fn is_push(&self, call: &Call) -> bool {
        call.scopes.covers(&Scopes::repository(self.name.repository(), Access::PullPush))
    }

    fn dialogue(&self) -> Dialogue<'_> {
        let inner = self.inner();
        Dialogue {
            transport: &inner.transport,
            policy: &inner.retry,
            clock: inner.clock.as_ref(),
            jitter: inner.jitter.as_ref(),
            tally: &self.tally,
            registry: self.name.registry(),
            repository: self.name.repository(),
            base: &self.base,
        }
    }

    /// Asks the registry whether it accepts us: `/v2/` with the credentials that there are.
    ///
    /// # Errors
    /// An [auth](Error::is_auth) error where they are not accepted.
    pub async fn check_auth(&self) -> Result<()> {
        let mut call = self.call(Method::GET, self.root_url(), Access::Pull);
        call.scopes = Scopes::default();
        let answer = self.send(&call).await?;
        match answer.status() {
            200..=299 => Ok(()),
            _ => Err(answer.refused("the registry").await),
        }
    }
}

/// What an answer says about our authorization.
enum Verdict {
    /// Nothing that another one would change.
    Final,
    /// It is missing or not accepted.
    Refused,
    /// It is for too little: these scopes are wanted.
    Scope(Scopes),
    /// It is too old, says the registry in words.
    Expired,
}

async fn judge(response: &mut Response, used: Option<&Authorization>) -> Verdict {
    let is_bearer = used.is_some_and(Authorization::is_bearer);
    match response.status {
        401 => {
            let wanted = challenges(response)
                .iter()
                .filter(|c| c.parameter("error") == Some("insufficient_scope"))
                .find_map(|c| c.parameter("scope").map(Scopes::parse));
            match wanted {
                Some(scopes) if is_bearer && !scopes.is_empty() => Verdict::Scope(scopes),
                _ => Verdict::Refused,
            }
        }
        status @ (400 | 403) if used.is_some() => {
            let text = response.refusal().await;
            let words = text.message.to_ascii_lowercase();
            let is_expired = match status {
                403 => words.contains("authorization token has expired"),
                _ => text.has_code("DENIED") && words.contains("authorization token is invalid"),
            };
            if is_expired { Verdict::Expired } else { Verdict::Final }
        }
        _ => Verdict::Final,
    }
}

fn challenges(response: &Response) -> Vec<challenge::Challenge> {
    let lines = response.headers.get_all(WWW_AUTHENTICATE);
    challenge::parse(lines.iter().map(|line| line.as_bytes()))
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.response.status
    }

    /// How often the request was sent.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The error that a refusal is; `what` was refused.
    pub(crate) async fn refused(mut self, what: &str) -> Error {
        let response = &mut self.response;
        let mut refusal = response.refusal().await;
        let used = self.used.iter().flat_map(|used| used.secrets());
        let secrets: Vec<&str> = used.chain(hidden(&response.url)).collect();
        refusal.scrub(&secrets);
        let source = self.used.as_ref().and_then(|used| used.source.as_deref());
        let (kind, message) = match refusal.status {
            401 if source.is_none() => {
                (ErrorKind::Unauthorized, "was not found, or needs credentials")
            }
            401 => (ErrorKind::Unauthorized, "was not found, or needs other credentials"),
            403 => (ErrorKind::Forbidden, "was not found, or is forbidden"),
            404 if refusal.has_code("NAME_UNKNOWN") => {
                (ErrorKind::RepositoryNotFound, "is in no repository that the registry knows")
            }
            404 => (ErrorKind::NotFound, "was not found"),
            405 => (ErrorKind::Unsupported, "is nothing that the registry does"),
            407 => (ErrorKind::Proxy, "cannot be reached: the proxy wants credentials"),
            413 => (ErrorKind::PayloadTooLarge, "is larger than the registry takes"),
            429 => (ErrorKind::RateLimited, "was asked for too often"),
            408 | 499 | 500.. => (ErrorKind::Unavailable, "failed in the registry"),
            300..=399 => {
                (ErrorKind::Redirect, "lies elsewhere, and the registry does not say where")
            }
            200..=299 => (ErrorKind::Protocol, "got an answer that does not fit"),
            _ if refusal.has_code("UNSUPPORTED") => {
                (ErrorKind::Unsupported, "is nothing that the registry does")
            }
            _ if refusal.has_code("DIGEST_INVALID") => {
                (ErrorKind::DigestMismatch, "has another digest, says the registry")
            }
            _ => (ErrorKind::Rejected, "was refused"),
        };
        let retry_after = response.retry_after(self.at);
        let mut error = Error::new(kind, format!("{what} {message}"))
            .with_refusal(refusal)
            .with_retry_after(retry_after)
            .about(|| self.request.clone())
            .after_attempts(self.attempts);
        let log_in = || format!("log in to {}", self.repository.registry());
        let is_bearer = self.used.as_ref().is_some_and(Authorization::is_bearer);
        error = match (kind, source, self.is_push.then_some(&self.repository)) {
            (ErrorKind::Unauthorized | ErrorKind::Forbidden, None, Some(target)) => error
                .with_message(format!("{target} takes a push only from those who are logged in"))
                .with_help(log_in()),
            // Who has got a token has shown who they are.
            (ErrorKind::Unauthorized | ErrorKind::Forbidden, Some(source), Some(target))
                if is_bearer || kind == ErrorKind::Forbidden =>
            {
                error.with_message(format!("this account may not push to {target}")).with_help(format!(
                    "it is that of {source}: ask for the right to push, or log in with another one"
                ))
            }
            (ErrorKind::Unauthorized | ErrorKind::Forbidden, Some(source), _) => {
                error.with_help(refused_source(source))
            }
            (ErrorKind::Unauthorized, None, None) => error.with_help(log_in()),
            (ErrorKind::RepositoryNotFound, ..) => error
                .with_help("some registries want a repository to be made before it is pushed to"),
            _ => error,
        };
        error
    }
}
