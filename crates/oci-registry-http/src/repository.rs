// SPDX-License-Identifier: Apache-2.0
//! A repository of a registry, and how requests about it are sent: with credentials, again where
//! that may help, with one error for everything that goes wrong.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use oci_artifact::reference::RepositoryName;
use reqwest::header::WWW_AUTHENTICATE;
use reqwest::{Method, Url};

use crate::answer::Answer;
use crate::auth::scope::{Access, Scopes};
use crate::auth::{Authorization, Dialogue, challenge};
use crate::client::{Client, Inner};
use crate::error::{Error, ErrorKind, Result, Retries};
use crate::transport::body::Body;
use crate::transport::connection::Scheme;
use crate::transport::gate::lock;
use crate::transport::patience::{self, reason};
use crate::transport::redirect::{Origin, Zone};
use crate::transport::retry::{Backoff, is_transient, is_transient_status};
use crate::transport::{Request, Response, Tally};

/// A repository of a registry. Clones count their requests together.
#[derive(Clone, Debug)]
pub struct Repository {
    client: Client,
    name: Arc<RepositoryName>,
    base: Url,
    chosen: Chosen,
    tally: Arc<Tally>,
}

/// The side that chose a registry's scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chosen {
    /// The scheme was stated by the caller.
    Stated,
    /// The scheme is presumed: a loopback host speaks plain HTTP, unless it turns out to speak
    /// HTTPS.
    Presumed,
}

/// Whether a request is sent again by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// A retry if the failure may pass.
    IfItHelps,
    /// Never: the request is part of something that is tried again as a whole.
    Never,
}

/// The conditions under which a password is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// Sends them if the registry asked for them.
    WhenAsked,
    /// Sends them with the first request already.
    AtOnce,
}

/// A request and how it is sent.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) request: Request,
    pub(crate) scopes: Scopes,
    pub(crate) again: Again,
    pub(crate) credentials: Credentials,
    /// The time that a token must last.
    pub(crate) lasting: Duration,
    /// The network zone of the side that named the URL, if it is not our own.
    pub(crate) from: Option<Zone>,
}

/// The reason for which a request got no answer.
enum Failure {
    /// The request was not sent, since it has no authorization; that was tried often enough.
    Before(Error),
    /// The request was sent.
    Sent(Error),
}

impl Repository {
    pub(crate) fn new(client: Client, name: &RepositoryName) -> Result<Self> {
        let host = name.api_host();
        let is_plain = client.inner().transport.connections.scheme(host) == Scheme::PlainHttp;
        let malformed = || {
            Error::new(ErrorKind::InvalidOption, format!("{:?} is not a registry", name.registry()))
        };
        let parse =
            |scheme: &str| Url::parse(&format!("{scheme}://{host}/")).map_err(|_| malformed());
        let mut base = parse("https")?;
        let is_loopback = Zone::of_literal(&base) == Some(Zone::Loopback);
        let authority = Origin::of(&base).authority();
        let options = client.inner().transport.connections.options(&Origin::of(&base));
        let presumes =
            is_loopback && options.is_none() && client.inner().loopback == Scheme::PlainHttp;
        let chosen = if presumes { Chosen::Presumed } else { Chosen::Stated };
        if is_plain || presumes {
            base = parse("http")?;
        }
        if base.path() != "/" || authority.is_empty() {
            return Err(malformed());
        }
        Ok(Self { client, name: Arc::new(name.clone()), base, chosen, tally: Arc::default() })
    }

    /// Returns the registry and the repository.
    pub fn name(&self) -> &RepositoryName {
        &self.name
    }

    /// Returns the number of requests that were sent so far, those for tokens included.
    pub fn requests(&self) -> u32 {
        self.tally.requests()
    }

    /// Returns the repository with a count of requests of its own.
    #[must_use]
    pub fn counted_anew(&self) -> Self {
        Self { tally: Arc::default(), ..self.clone() }
    }

    pub(crate) fn inner(&self) -> &Inner {
        self.client.inner()
    }

    /// Whether both are in the same registry.
    pub(crate) fn shares_registry_with(&self, other: &Self) -> bool {
        Origin::of(&self.base()) == Origin::of(&other.base())
    }

    /// Any URL of the registry.
    fn base(&self) -> Url {
        let mut base = self.base.clone();
        let speaks_https = self.chosen == Chosen::Presumed
            && lock(&self.inner().secure).contains(&Origin::of(&base).authority());
        if speaks_https {
            secure(&mut base);
        }
        base
    }

    /// `/v2/NAME/` and more, part by part.
    pub(crate) fn url(&self, parts: &[&str]) -> Url {
        let mut url = self.base();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().push("v2").extend(self.name.repository().split('/')).extend(parts);
        }
        url
    }

    /// A request for what is there, for people: `GET https://host/v2/NAME/…`.
    pub(crate) fn shown(&self, parts: &[&str]) -> String {
        Request::new(Method::GET, self.url(parts)).show()
    }

    /// Returns the registry's `/v2/`.
    pub(crate) fn root_url(&self) -> Url {
        let base = self.base();
        base.join("/v2/").unwrap_or(base)
    }

    pub(crate) fn scopes(&self, access: Access) -> Scopes {
        Scopes::repository(self.name.repository(), access)
    }

    /// Returns a call that is repeated where that helps.
    pub(crate) fn call(&self, method: Method, url: Url, access: Access) -> Call {
        Call {
            request: Request::new(method, url),
            scopes: self.scopes(access),
            again: Again::IfItHelps,
            credentials: Credentials::WhenAsked,
            lasting: Duration::ZERO,
            from: None,
        }
    }

    /// Sends a call: the answer, whatever its status, or why there is none.
    pub(crate) async fn send(&self, call: &Call) -> Result<Answer> {
        self.send_within(call, &mut self.inner().patience.backoff()).await
    }

    /// Sends a call that is a part of something: what is tried again counts for all of it.
    pub(crate) async fn send_within(&self, call: &Call, backoff: &mut Backoff) -> Result<Answer> {
        let inner = self.inner();
        let gate = inner.transport.gate(&call.request.url);
        let request = call.request.show();
        let mut call = Cow::Borrowed(call);
        loop {
            inner.patience.arrive(&gate, &request).await?;
            let mut outcome = self.attempt(&call).await;
            if self.is_no_http(&call, &mut outcome).await {
                self.try_https(&mut call, &mut outcome).await;
            }
            let (why, asked) = match &outcome {
                Ok(answer) if is_transient_status(answer.status()) => {
                    let asked = answer.response.retry_after(answer.at);
                    inner.patience.heed(&gate, answer.status(), asked);
                    (format!("status {}", answer.status()), asked)
                }
                Ok(_) => {
                    gate.succeeded();
                    return finish(outcome, &call, backoff, Retries::Open);
                }
                Err(Failure::Sent(error)) if is_transient(error) => (reason(error), None),
                Err(_) => return finish(outcome, &call, backoff, Retries::Open),
            };
            if call.again == Again::Never {
                return finish(outcome, &call, backoff, Retries::Open);
            }
            if !call.request.body.can_be_sent_again() || !gate.may_retry() {
                return finish(outcome, &call, backoff, Retries::Spent);
            }
            if let Ok(answer) = &mut outcome {
                // Its place at the gate is not held while we wait.
                answer.response.keep_body().await;
            }
            let verdict = inner.patience.endure(backoff, &request, &why, asked).await;
            if verdict == patience::Verdict::GiveUp {
                // Some who speak TLS hang up on others without a word.
                if self.presumes_http(&call) && has_broken(&outcome) {
                    self.try_https(&mut call, &mut outcome).await;
                }
                return finish(outcome, &call, backoff, Retries::Spent);
            }
        }
    }

    /// Sends a call and reads its answer as one: what breaks off while it is read is tried again like
    /// what breaks off before, with the same attempts, and every error says what was asked
    ///
    pub(crate) async fn ask<T, F>(&self, call: &Call, read: impl Fn(Answer) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let patience = &self.inner().patience;
        let mut backoff = patience.backoff();
        loop {
            let answer = self.send_within(call, &mut backoff).await?;
            let about = answer.about();
            let error = match read(answer).await {
                Err(error) if is_transient(&error) => about(error),
                other => return other.map_err(about),
            };
            patience.outlast(&mut backoff, &call.request.show(), error, None).await?;
        }
    }

    /// Whether a call goes to the registry, and that is still presumed to speak plain HTTP.
    fn presumes_http(&self, call: &Call) -> bool {
        let origin = Origin::of(&self.base);
        let is_known = || lock(&self.inner().secure).contains(&origin.authority());
        self.chosen == Chosen::Presumed && Origin::of(&call.request.url) == origin && !is_known()
    }

    /// Whether a host that is presumed to speak plain HTTP does not: its answer is not HTTP, or asks for TLS.
    async fn is_no_http(&self, call: &Call, outcome: &mut Result<Answer, Failure>) -> bool {
        match outcome {
            _ if !self.presumes_http(call) => false,
            Err(Failure::Sent(error)) => error.kind() == ErrorKind::Protocol,
            Ok(answer) if answer.status() == 400 => {
                let body = answer.response.keep_body().await;
                let text = String::from_utf8_lossy(&body).to_ascii_lowercase();
                text.contains("http request") && text.contains("https")
            }
            _ => false,
        }
    }

    /// Sends a call once over HTTPS; where the host turns out to speak it, that is what is done from
    /// then on, and the outcome that counts.
    async fn try_https(&self, call: &mut Cow<'_, Call>, outcome: &mut Result<Answer, Failure>) {
        let mut other = Call::clone(call);
        secure(&mut other.request.url);
        match self.attempt(&other).await {
            Err(Failure::Sent(error)) if error.kind() != ErrorKind::Tls => {}
            spoke => {
                lock(&self.inner().secure).insert(Origin::of(&self.base).authority());
                (*call, *outcome) = (Cow::Owned(other), spoke);
            }
        }
    }

    /// Makes one attempt, and reports credentials that cannot be used.
    async fn attempt(&self, call: &Call) -> Result<Answer, Failure> {
        let outcome = self.attempt_now(call).await;
        let inner = self.inner();
        for problem in inner.auth.unusable(self.name.registry(), self.name.repository()) {
            inner.warn_once(problem);
        }
        outcome
    }

    /// Makes one attempt, with at most one new authorization, and one more if the registry says
    /// which scope it needs.
    async fn attempt_now(&self, call: &Call) -> Result<Answer, Failure> {
        let inner = self.inner();
        let mut base = self.base();
        if self.chosen == Chosen::Presumed && call.request.url.scheme() == "https" {
            // It is being found out whether it speaks HTTPS.
            secure(&mut base);
        }
        let is_ours = Origin::of(&call.request.url) == Origin::of(&base);
        let dialogue = self.dialogue(&base);
        let mut used = match is_ours {
            true if call.credentials == Credentials::AtOnce => {
                inner.auth.volunteer(&dialogue).await
            }
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
            inner.warn(base.host_str().unwrap_or_default(), &response.headers);
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
                    return Ok(Answer {
                        unusable: inner.auth.unusable(self.name.registry(), self.name.repository()),
                        response,
                        used,
                        repository: Arc::clone(&self.name),
                        is_push: self.is_push(call),
                        request: call.request.show(),
                        attempts: 1,
                        retries: Retries::Open,
                        at: inner.patience.clock.now(),
                    });
                }
            }
        }
    }

    /// Whether the right to push is needed for that.
    fn is_push(&self, call: &Call) -> bool {
        call.scopes.covers(&Scopes::repository(self.name.repository(), Access::PullPush))
    }

    fn dialogue<'a>(&'a self, base: &'a Url) -> Dialogue<'a> {
        let inner = self.inner();
        Dialogue {
            transport: &inner.transport,
            patience: &inner.patience,
            tally: &self.tally,
            registry: self.name.registry(),
            repository: self.name.repository(),
            base,
        }
    }
}

/// Returns the outcome of a call, with what is known of its attempts.
fn finish(
    outcome: Result<Answer, Failure>,
    call: &Call,
    backoff: &Backoff,
    retries: Retries,
) -> Result<Answer> {
    let attempts = backoff.attempts();
    match outcome {
        Ok(answer) => Ok(Answer { attempts, retries, ..answer }),
        Err(Failure::Before(error) | Failure::Sent(error)) => {
            let error = error.about(|| call.request.show()).after_attempts(attempts);
            Err(error.with_retries(retries))
        }
    }
}

/// Whether the connection broke, before an answer came.
fn has_broken(outcome: &Result<Answer, Failure>) -> bool {
    matches!(outcome, Err(Failure::Sent(error)) if error.kind() == ErrorKind::Network)
}

/// Changes a URL to HTTPS, with the same host and port.
fn secure(url: &mut Url) {
    // A port that is HTTP's own would vanish with the scheme.
    let port = url.port_or_known_default();
    let _ = url.set_scheme("https").and_then(|()| url.set_port(port));
}

/// The meaning of an answer for our authorization.
enum Verdict {
    /// A failure that another attempt would not change.
    Final,
    /// The credential is missing or not accepted.
    Refused,
    /// The credential covers too little: these scopes are needed.
    Scope(Scopes),
    /// The credential is too old, as the registry's text says.
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
