// SPDX-License-Identifier: Apache-2.0
//! Authentication: challenges are answered when they come, remembered, and answered in advance from
//! then on (registry.md B2).

pub mod challenge;
pub mod scope;
pub mod credential;
pub mod docker_config;
pub mod helper;
pub mod login;
mod memory;
pub(crate) mod token;
pub(crate) mod tokens;
pub(crate) mod token_server;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Url;
use reqwest::header::HeaderValue;

use crate::error::{Error, ErrorKind, Result};
use crate::transport::gate::lock;
use crate::transport::patience::Patience;
use crate::transport::redact::Secret;
use crate::transport::redirect::Origin;
use crate::transport::{Tally, Transport};
use challenge::{Challenge, Scheme};
use credential::{Credential, CredentialSource, Found};
use memory::Memory;
use scope::{Access, Scopes};
use token_server::Server;
use tokens::{Key, Tokens};

/// The reaction to credentials that are refused for something that may be public.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnRefusal {
    /// The error says so.
    #[default]
    Fail,
    /// Reading is tried once more without credentials.
    TryAnonymously,
}

/// The parties of a conversation with a registry, and its subject.
#[derive(Clone, Copy)]
pub(crate) struct Dialogue<'a> {
    pub(crate) transport: &'a Transport,
    pub(crate) patience: &'a Patience,
    pub(crate) tally: &'a Tally,
    /// The registry as the user wrote it.
    pub(crate) registry: &'a str,
    pub(crate) repository: &'a str,
    /// Any URL of the registry.
    pub(crate) base: &'a Url,
}

/// The authorization that a request carries, and what it was made of.
#[derive(Clone, Debug)]
pub(crate) struct Authorization {
    pub(crate) header: HeaderValue,
    scheme: Scheme,
    /// The token, or the password.
    secret: Secret,
    /// The place where the credential was found; none of an anonymous token.
    pub(crate) source: Option<String>,
}

impl Authorization {
    pub(crate) fn is_bearer(&self) -> bool {
        self.scheme == Scheme::Bearer
    }

    /// Returns the texts that must not appear anywhere.
    pub(crate) fn secrets(&self) -> [&str; 2] {
        let header = self.header.to_str().unwrap_or_default();
        [self.secret.expose(), header.split_once(' ').map_or(header, |(_, rest)| rest)]
    }
}

/// The knowledge of who we are, to all registries.
pub(crate) struct Authenticator {
    source: Arc<dyn CredentialSource>,
    on_refusal: OnRefusal,
    challenges: Mutex<BTreeMap<Origin, Challenge>>,
    tokens: Tokens,
    /// The credentials found, by registry and repository.
    found: Memory<Option<Found>>,
    /// Messages about credentials that cannot be used, by registry and repository.
    unusable: Mutex<BTreeMap<(String, String), Vec<String>>>,
    /// Identity tokens that a server replaced, by the fingerprint of the first one (F-24).
    rotated: Mutex<BTreeMap<String, Secret>>,
}

impl Authenticator {
    pub(crate) fn new(source: Arc<dyn CredentialSource>, on_refusal: OnRefusal) -> Self {
        Self {
            source,
            on_refusal,
            challenges: Mutex::default(),
            tokens: Tokens::default(),
            found: Memory::default(),
            unusable: Mutex::default(),
            rotated: Mutex::default(),
        }
    }

    /// The authorization to send along where the registry's challenge is known. A token lasts for `lasting`
    /// at least, if tokens of that server do.
    pub(crate) async fn prepare(
        &self,
        dialogue: &Dialogue<'_>,
        scopes: &Scopes,
        lasting: Duration,
    ) -> Result<Option<Authorization>> {
        let known = lock(&self.challenges).get(&Origin::of(dialogue.base)).cloned();
        match known {
            Some(challenge) => self.answer(&challenge, dialogue, scopes, lasting).await,
            None => Ok(None),
        }
    }

    /// Returns the password, where there is one, for a registry that has not asked for it.
    pub(crate) async fn volunteer(&self, dialogue: &Dialogue<'_>) -> Result<Option<Authorization>> {
        basic(self.credential(dialogue).await?.as_ref())
    }

    /// Returns the credentials for a repository that cannot be used, as far as they were looked
    /// for: the file or helper, and what is wrong with it, without its value.
    pub(crate) fn unusable(&self, registry: &str, repository: &str) -> Vec<String> {
        let key = (registry.to_owned(), repository.to_owned());
        lock(&self.unusable).get(&key).cloned().unwrap_or_default()
    }

    /// The authorization to send along after a 401 with these challenges; none if nothing would help. What was sent
    /// before is not used again.
    pub(crate) async fn answer_refusal(
        &self,
        challenges: Vec<Challenge>,
        before: Option<&Authorization>,
        dialogue: &Dialogue<'_>,
        scopes: &Scopes,
    ) -> Result<Option<Authorization>> {
        if let Some(before) = before {
            self.forget(before);
        }
        let Some(challenge) = choose(challenges) else {
            return self.without_challenge(before, dialogue).await;
        };
        lock(&self.challenges).insert(Origin::of(dialogue.base), challenge.clone());
        let answer = self.answer(&challenge, dialogue, scopes, Duration::ZERO).await?;
        // The same password again would be refused again.
        Ok(answer.filter(|answer| {
            before.is_none_or(|before| answer.is_bearer() || answer.header != before.header)
        }))
    }

    /// Returns a 401 that asks for nothing: a password may help.
    async fn without_challenge(
        &self,
        before: Option<&Authorization>,
        dialogue: &Dialogue<'_>,
    ) -> Result<Option<Authorization>> {
        let found = self.credential(dialogue).await?;
        match basic(found.as_ref().filter(|_| before.is_none()))? {
            Some(authorization) => Ok(Some(authorization)),
            None => Err(Error::new(
                ErrorKind::MissingChallenge,
                "the registry requires credentials, and does not say how to send them",
            )),
        }
    }

    /// Forgets a token that was refused.
    pub(crate) fn forget(&self, used: &Authorization) {
        self.tokens.forget(&used.secret);
    }

    /// Answers a challenge.
    async fn answer(
        &self,
        challenge: &Challenge,
        dialogue: &Dialogue<'_>,
        scopes: &Scopes,
        lasting: Duration,
    ) -> Result<Option<Authorization>> {
        let found = self.credential(dialogue).await?;
        if challenge.scheme == Scheme::Basic {
            return basic(found.as_ref());
        }
        // A token that goes as it is asks no server (F-29).
        if let Some(found @ Found { credential: Credential::RegistryToken { token }, .. }) = &found
        {
            return Ok(Some(authorization(token::bearer(token)?, Scheme::Bearer, found)));
        }
        let server = Server::of(challenge, dialogue)?;
        let credential = found.as_ref().map(|found| &found.credential);
        let token = match self.token(&server, dialogue, scopes, credential, lasting).await {
            Err(error) if self.may_try_anonymously(&error, scopes, dialogue, credential) => {
                self.token(&server, dialogue, scopes, None, lasting).await
            }
            other => other,
        };
        let unusable = || self.unusable(dialogue.registry, dialogue.repository);
        let token = token.map_err(|error| match &found {
            Some(found) if error.kind() == ErrorKind::Token => error.with_help(refused(found)),
            None if error.kind() == ErrorKind::Token && !unusable().is_empty() => {
                error.with_help(unusable().join("; "))
            }
            _ => error,
        })?;
        let source = found.map(|found| found.source);
        let (header, secret) = (token.header()?, token.secret);
        Ok(Some(Authorization { header, scheme: Scheme::Bearer, secret, source }))
    }

    fn may_try_anonymously(
        &self,
        error: &Error,
        scopes: &Scopes,
        dialogue: &Dialogue<'_>,
        credential: Option<&Credential>,
    ) -> bool {
        self.on_refusal == OnRefusal::TryAnonymously
            && credential.is_some()
            && matches!(error.status(), Some(401 | 403))
            && Scopes::repository(dialogue.repository, Access::Pull).covers(scopes)
    }

    /// Returns a token for these scopes; for the first of them alone where the server takes no more
    ///
    async fn token(
        &self,
        server: &Server,
        dialogue: &Dialogue<'_>,
        scopes: &Scopes,
        credential: Option<&Credential>,
        lasting: Duration,
    ) -> Result<token::Token> {
        let fingerprint = credential.map(fingerprint).unwrap_or_default();
        let rotated = lock(&self.rotated).get(&fingerprint).cloned();
        let current = match rotated {
            Some(token) => Some(Credential::IdentityToken { token }),
            None => credential.cloned(),
        };
        let key = Key {
            origin: Origin::of(dialogue.base),
            realm: server.realm.to_string(),
            service: server.service.clone().unwrap_or_default(),
            fingerprint: fingerprint.clone(),
        };
        let now = dialogue.patience.clock.now();
        let fetch = async {
            let fetched = server.fetch(dialogue, scopes, current.as_ref()).await;
            let fetched = match (fetched, scopes.first()) {
                (Err(error), Some(first)) if matches!(error.status(), Some(400..=403)) => {
                    server.fetch(dialogue, &first, current.as_ref()).await
                }
                (fetched, _) => fetched,
            };
            let mut token = fetched?;
            if let (Some(refresh), Some(Credential::IdentityToken { .. })) =
                (token.take_refresh(), &current)
            {
                lock(&self.rotated).insert(fingerprint, refresh);
            }
            Ok(token)
        };
        self.tokens.get(&key, scopes, now, lasting, fetch).await
    }

    /// Returns the credential for a repository, looked up once in a while.
    async fn credential(&self, dialogue: &Dialogue<'_>) -> Result<Option<Found>> {
        let (key, clock) = ((dialogue.registry, dialogue.repository), &dialogue.patience.clock);
        self.found.get(key, clock.as_ref(), self.look_up(dialogue)).await
    }

    async fn look_up(&self, dialogue: &Dialogue<'_>) -> Result<Option<Found>> {
        let mut found = self.source.lookup(dialogue.registry, dialogue.repository).await?;
        let mut unusable = self.source.unusable(dialogue.registry);
        if let Some(kept) = &found
            && !dialogue.transport.connections.may_carry_credentials(dialogue.base)
        {
            unusable.push(format!(
                "the credentials from {} are not sent to {} over plain HTTP, since that was not \
                 allowed for this host: use HTTPS, or allow it (--plain-http={1})",
                kept.source, dialogue.registry
            ));
            found = None;
        }
        let key = (dialogue.registry.to_owned(), dialogue.repository.to_owned());
        lock(&self.unusable).insert(key, unusable);
        Ok(found)
    }
}

/// Returns the advice about a credential that is refused.
pub(crate) fn refused(found: &Found) -> String {
    refused_source(&found.source)
}

pub(crate) fn refused_source(source: &str) -> String {
    format!(
        "the credentials from {source} were not accepted; log in again, or remove them if the \
         artifact is public"
    )
}

/// Bearer with a realm, else Basic.
fn choose(challenges: Vec<Challenge>) -> Option<Challenge> {
    let (bearer, basic): (Vec<_>, Vec<_>) =
        challenges.into_iter().partition(|challenge| challenge.scheme == Scheme::Bearer);
    let mut bearer = bearer.into_iter();
    bearer.find(|challenge| challenge.parameter("realm").is_some()).or(basic.into_iter().next())
}

/// Returns the authorization of a user name and a password, where that was found.
fn basic(found: Option<&Found>) -> Result<Option<Authorization>> {
    let header = found.and_then(|found| Some((basic_header(&found.credential)?, found)));
    header.map(|(header, found)| Ok(authorization(header?, Scheme::Basic, found))).transpose()
}

fn authorization(header: HeaderValue, scheme: Scheme, found: &Found) -> Authorization {
    let secret = Secret::new(found.credential.secret());
    Authorization { header, scheme, secret, source: Some(found.source.clone()) }
}

/// Returns the header of Basic authentication, for a user name and a password.
pub(crate) fn basic_header(credential: &Credential) -> Option<Result<HeaderValue>> {
    let Credential::Basic { username, password } = credential else { return None };
    let text = Secret::new(format!("{username}:{}", password.expose()));
    let text = Secret::new(format!("Basic {}", BASE64_STANDARD.encode(text.expose())));
    Some(HeaderValue::from_str(text.expose()).map_or_else(
        |_| Err(Error::new(ErrorKind::Credentials, "the credentials cannot be sent in a header")),
        |mut value| {
            value.set_sensitive(true);
            Ok(value)
        },
    ))
}

/// Returns a name for a credential that does not give it away.
fn fingerprint(credential: &Credential) -> String {
    let (kind, name) = match credential {
        Credential::Basic { username, .. } => ("basic", username.as_str()),
        Credential::IdentityToken { .. } => ("identity", ""),
        Credential::RegistryToken { .. } => ("registry", ""),
    };
    let text = Secret::new(format!("{kind}\0{name}\0{}", credential.secret()));
    oci_artifact::digest::sha256(text.expose().as_bytes()).to_string()
}
