// SPDX-License-Identifier: Apache-2.0
//! Token servers: where a challenge sends us, and what is asked there.

use std::time::SystemTime;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Url};
use url::form_urlencoded;

use crate::auth::challenge::Challenge;
use crate::auth::credential::Credential;
use crate::auth::scope::Scopes;
use crate::auth::token::{self, Token};
use crate::auth::{Dialogue, basic_header};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::body::Body;
use crate::transport::patience::{Verdict, come_back, reason};
use crate::transport::redact::Secret;
use crate::transport::redirect::{self, Origin, Zone};
use crate::transport::retry::{is_transient, is_transient_status};
use crate::transport::{Request, Response};

/// The most that is read of a token server's answer, in bytes.
const MAX_ANSWER: u64 = 128 * 1024;
/// The name that we give to token servers.
const CLIENT_ID: &str = "oci-registry-http";

/// A token server, as a challenge names it.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) realm: Url,
    pub(crate) service: Option<String>,
    /// The network zone of its address; none if it is the registry's own host, or allowed.
    pub(crate) zone: Option<Zone>,
}

impl Server {
    /// Reads a Bearer challenge and checks where it sends us.
    pub(crate) fn of(challenge: &Challenge, dialogue: &Dialogue<'_>) -> Result<Self> {
        let failed = |why: &str| Error::new(ErrorKind::Token, format!("the challenge {why}"));
        let realm = challenge.parameter("realm").ok_or_else(|| failed("names no realm"))?;
        if realm.contains('#') {
            return Err(failed("names a realm with a fragment"));
        }
        let realm = redirect::resolve(dialogue.base, Some(realm.as_bytes()))
            .map_err(|_| failed("names a realm that is not a URL"))?;
        let registry = Origin::of(dialogue.base);
        let is_trusted = Origin::of(&realm).host() == registry.host()
            || dialogue.transport.connections.is_allowed(&realm);
        if !dialogue.transport.connections.is_allowed(&realm) {
            redirect::check_target(&realm, &registry, Zone::Public)?;
        }
        let zone = (!is_trusted).then_some(Zone::Public);
        let service = challenge.parameter("service").map(str::to_owned);
        Ok(Self { realm, service, zone })
    }

    /// Asks for a token. Failures that may pass are tried again, here and nowhere else.
    pub(crate) async fn fetch(
        &self,
        dialogue: &Dialogue<'_>,
        scopes: &Scopes,
        credential: Option<&Credential>,
    ) -> Result<Token> {
        if credential.is_some()
            && !dialogue.transport.connections.may_carry_credentials(&self.realm)
        {
            let host = Origin::of(&self.realm).authority();
            let message = format!(
                "the token server {host} is reached over plain HTTP, and gets no credentials"
            );
            return Err(Error::new(ErrorKind::ForbiddenAddress, message)
                .with_help("if that is intended, allow plain HTTP for that host"));
        }
        if let Some(Credential::IdentityToken { token }) = credential {
            return self.exchange(dialogue, self.post(scopes, token), None, credential).await;
        }
        let authorization = credential.and_then(basic_header).transpose()?;
        let request = self.get(scopes, credential);
        self.exchange(dialogue, request, authorization.as_ref(), credential).await
    }

    /// Returns the request of the specification.
    fn get(&self, scopes: &Scopes, credential: Option<&Credential>) -> Request {
        let mut url = self.realm.clone();
        {
            let mut query = url.query_pairs_mut();
            if let Some(service) = &self.service {
                query.append_pair("service", service);
            }
            for scope in scopes.texts() {
                query.append_pair("scope", &scope);
            }
            if let Some(Credential::Basic { username, .. }) = credential {
                query.append_pair("client_id", CLIENT_ID).append_pair("account", username);
            }
        }
        // An empty query would leave a question mark.
        if url.query() == Some("") {
            url.set_query(None);
        }
        Request::new(Method::GET, url)
    }

    /// Returns the request of OAuth 2.
    fn post(&self, scopes: &Scopes, token: &Secret) -> Request {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "refresh_token");
        if let Some(service) = &self.service {
            form.append_pair("service", service);
        }
        form.append_pair("client_id", CLIENT_ID);
        form.append_pair("scope", &scopes.texts().collect::<Vec<_>>().join(" "));
        form.append_pair("refresh_token", token.expose());
        let mut request = Request::new(Method::POST, self.realm.clone());
        request.body = Body::Form(Bytes::from(form.finish()));
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers.insert(CONTENT_TYPE, form);
        request
    }

    async fn exchange(
        &self,
        dialogue: &Dialogue<'_>,
        request: Request,
        authorization: Option<&HeaderValue>,
        credential: Option<&Credential>,
    ) -> Result<Token> {
        let Dialogue { transport, tally, patience, .. } = dialogue;
        let gate = transport.gate(&request.url);
        let shown = request.show();
        let mut backoff = patience.backoff();
        let response = loop {
            patience.arrive(&gate, &shown).await?;
            let mut sent = transport.exchange(&request, authorization, self.zone, tally).await;
            let (why, asked) = match &sent {
                Ok(response) if is_transient_status(response.status) => {
                    let asked = response.retry_after(patience.clock.now());
                    patience.heed(&gate, response.status, asked);
                    (format!("status {}", response.status), asked)
                }
                Ok(_) => {
                    gate.succeeded();
                    break sent;
                }
                Err(error) if is_transient(error) => (reason(error), None),
                Err(_) => break sent,
            };
            if !gate.may_retry() {
                break sent;
            }
            if let Ok(response) = &mut sent {
                // Its place at the gate is not held while we wait.
                response.keep_body().await;
            }
            if patience.endure(&mut backoff, &shown, &why, asked).await == Verdict::GiveUp {
                break sent;
            }
        };
        let attempts = backoff.attempts();
        let read = async {
            let mut response = response?;
            let sent = authorization.and_then(|header| header.to_str().ok());
            let sent = sent.and_then(|header| header.split_once(' ')).map(|(_, secret)| secret);
            let secrets = [sent.unwrap_or_default(), credential.map_or("", Credential::secret)];
            self.read(&mut response, secrets, patience.clock.now()).await
        };
        // A caller that needs a token does not try all of it again.
        read.await.map_err(|e| e.about(|| shown).after_attempts(attempts).spent())
    }

    async fn read(
        &self,
        response: &mut Response,
        secrets: [&str; 2],
        now: SystemTime,
    ) -> Result<Token> {
        if response.status != 200 {
            let mut refusal = response.refusal().await;
            refusal.scrub(&secrets);
            let kind = match response.status {
                429 => ErrorKind::RateLimited,
                status if is_transient_status(status) => ErrorKind::Unavailable,
                _ => ErrorKind::Token,
            };
            let retry_after = response.retry_after(now);
            let error = Error::new(kind, "the token server gives no token")
                .with_refusal(refusal)
                .with_retry_after(retry_after);
            return Err(match retry_after.filter(|_| kind != ErrorKind::Token) {
                Some(wait) => error.with_help(come_back(wait, now)),
                None => error,
            });
        }
        let body = response.bytes(MAX_ANSWER, "the token server's answer").await?;
        token::parse(&body, now).map_err(|why| {
            let media_type = response.media_type().unwrap_or_else(|| "no media type".into());
            let media_type = crate::transport::redact::clean(&media_type);
            let message = format!("the token server's answer ({media_type}) {why}");
            Error::new(ErrorKind::Token, message)
        })
    }
}
