// SPDX-License-Identifier: Apache-2.0
//! Access control: nobody is asked, a password is (Basic), or a token that a token endpoint gives
//! for a password (Bearer, as the docker registry's token specification has it).

mod account;
mod hmac;
mod password;
mod scope;
mod shown;
mod token;

pub use account::{Accounts, Rights};
pub(crate) use scope::{Action, Scope};

use std::time::Duration;

use hyper::header::{HOST, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Method, Response};
use oci_artifact::Result;

use crate::body;
use crate::clock::Clock;
use crate::name::Repository;
use crate::query::Query;
use crate::refusal::{Answer, Code, Refusal};
use crate::route::Route;
use password::Verifier;
use shown::Shown;
use token::Tokens;

/// The way in which a registry finds out who is asking.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Access {
    /// No authentication: everybody may do everything.
    #[default]
    Open,
    /// Basic authentication: user and password with every request.
    Basic(Accounts),
    /// Bearer authentication, by tokens from the registry's own token endpoint, `/token`.
    Bearer(Bearer),
}

/// The settings of Bearer authentication.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Bearer {
    /// The accounts that get tokens, and their rights.
    pub accounts: Accounts,
    /// The name under which the registry asks for tokens.
    pub service: String,
    /// The lifetime of a token.
    pub lifetime: Duration,
    /// The lifetime of a refresh token; one that was got with another ends when that one does.
    pub refresh_lifetime: Duration,
    /// The token endpoint as challenges name it; if there is none, `/token` on the host that the
    /// client asked.
    pub realm: Option<String>,
}

impl Bearer {
    /// Tokens for these accounts, good for five minutes; refresh tokens are good for a day.
    pub fn new(accounts: Accounts) -> Self {
        Self {
            accounts,
            service: "oci-registry-server".to_owned(),
            lifetime: Duration::from_secs(300),
            refresh_lifetime: Duration::from_secs(24 * 3_600),
            realm: None,
        }
    }
}

/// Checks who is asking.
pub(crate) struct Gate {
    access: Access,
    tokens: Tokens,
    verifier: Verifier,
    scheme: &'static str,
}

/// The account that asks, as far as it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A caller with the same rights everywhere.
    Known(Rights),
    /// A caller whose token has these scopes.
    Scoped(Vec<Scope>),
}

impl Caller {
    /// Whether they may do that there.
    pub(crate) fn may(&self, action: Action, repository: &Repository) -> bool {
        match self {
            Self::Known(rights) => rights.allow(action),
            Self::Scoped(scopes) => {
                scopes.iter().any(|scope| scope.covers(action, repository.as_str()))
            }
        }
    }
}

/// A request, as far as the gate looks at it.
struct Visit<'a> {
    action: Action,
    route: &'a Route,
    query: &'a Query,
    headers: &'a HeaderMap,
}

impl Gate {
    /// # Errors
    /// [`ErrorKind::Io`](oci_artifact::ErrorKind::Io) if the system gives no random numbers.
    pub(crate) fn new(access: Access, scheme: &'static str, clock: Clock) -> Result<Self> {
        Ok(Self { access, tokens: Tokens::new(clock)?, verifier: Verifier::new()?, scheme })
    }

    /// Lets a request pass, or not.
    ///
    /// # Errors
    /// `UNAUTHORIZED` with a challenge for those who show no credential that is enough (SV-1), a
    /// wrong one, or one that cannot be read (SV-2); `DENIED` for users who may not.
    pub(crate) async fn check(
        &self,
        method: &Method,
        route: &Route,
        query: &Query,
        headers: &HeaderMap,
    ) -> Result<Caller, Refusal> {
        let visit = Visit { action: needed(method, route), route, query, headers };
        match &self.access {
            Access::Open => Ok(Caller::Known(Rights::All)),
            Access::Basic(accounts) => {
                let needed = (*route != Route::Base).then_some(visit.action);
                self.check_password(accounts, headers, needed).await
            }
            Access::Bearer(bearer) => self.check_bearer(bearer, &visit),
        }
    }

    /// Lets a browser look, or not: with user and password however programs are asked, for no browser can
    /// fetch a token.
    ///
    /// # Errors
    /// As of [`check`](Self::check).
    pub(crate) async fn check_visitor(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let accounts = match &self.access {
            Access::Open => return Ok(Caller::Known(Rights::All)),
            Access::Basic(accounts) => accounts,
            Access::Bearer(bearer) => &bearer.accounts,
        };
        self.check_password(accounts, headers, Some(Action::Pull)).await
    }

    /// Without an action, known users are let in, and unknown ones that may do anything at all.
    async fn check_password(
        &self,
        accounts: &Accounts,
        headers: &HeaderMap,
        needed: Option<Action>,
    ) -> Result<Caller, Refusal> {
        let is_enough = |rights: Rights| needed.is_none_or(|action| rights.allow(action));
        let challenge = |message| {
            Err(unauthorized(message)
                .with_header(WWW_AUTHENTICATE, "Basic realm=\"oci-registry-server\""))
        };
        match Shown::of(headers) {
            Shown::Nothing => match accounts.of_anonymous() {
                rights if is_enough(rights) && rights != Rights::None => Ok(Caller::Known(rights)),
                _ => challenge("user and password are needed"),
            },
            Shown::Password(user, password) => {
                match self.verifier.check(accounts, &user, &password).await? {
                    None => challenge("wrong user or password"),
                    Some(rights) if is_enough(rights) => Ok(Caller::Known(rights)),
                    Some(_) => {
                        Err(Refusal::new(Code::Denied, "this user is not allowed to do that"))
                    }
                }
            }
            Shown::Token(_) | Shown::Unreadable => {
                challenge("user and password are needed, by Basic authentication")
            }
        }
    }

    fn check_bearer(&self, bearer: &Bearer, visit: &Visit<'_>) -> Result<Caller, Refusal> {
        let challenge = |error: Option<&str>| {
            let value = self.challenge(bearer, visit, error);
            unauthorized("a token is needed").with_header(WWW_AUTHENTICATE, &value)
        };
        let Shown::Token(token) = Shown::of(visit.headers) else { return Err(challenge(None)) };
        let scopes = self.tokens.scopes(&token).ok_or_else(|| challenge(Some("invalid_token")))?;
        let is_enough = match (visit.route, visit.route.repository()) {
            (Route::Catalog, _) => scopes.iter().any(Scope::is_catalog),
            (_, Some(name)) => scopes.iter().any(|s| s.covers(visit.action, name.as_str())),
            (_, None) => true,
        };
        match is_enough {
            true => Ok(Caller::Scoped(scopes)),
            false => Err(challenge(Some("insufficient_scope"))),
        }
    }

    fn challenge(&self, bearer: &Bearer, visit: &Visit<'_>, error: Option<&str>) -> String {
        let host = visit.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let own = || format!("{}://{}/token", self.scheme, host.replace(['"', '\\'], ""));
        let realm = bearer.realm.clone().unwrap_or_else(own);
        let mut challenge = format!("Bearer realm=\"{realm}\",service=\"{}\"", bearer.service);
        if let Some(repository) = visit.route.repository() {
            let actions = visit.action.as_scope();
            challenge.push_str(&format!(",scope=\"repository:{repository}:{actions}"));
            if let Some(from) = mounted_from(visit).filter(|from| from != repository) {
                challenge.push_str(&format!(" repository:{from}:pull"));
            }
            challenge.push('"');
        } else if *visit.route == Route::Catalog {
            challenge.push_str(",scope=\"registry:catalog:*\"");
        }
        if let Some(error) = error {
            challenge.push_str(&format!(",error=\"{error}\""));
        }
        challenge
    }

    /// Answers at the token endpoint: GET with Basic authentication, or POST with a form (OAuth 2).
    ///
    /// # Errors
    /// `UNAUTHORIZED` for wrong passwords and credentials that cannot be read; status 400 for too
    /// many scopes, 404 where no tokens are given.
    pub(crate) async fn token(
        &self,
        headers: &HeaderMap,
        query: &Query,
        form: Option<&Query>,
    ) -> Answer {
        let Access::Bearer(bearer) = &self.access else {
            return Err(Refusal::new(Code::Unsupported, "this registry issues no tokens")
                .with_status(hyper::StatusCode::NOT_FOUND));
        };
        let parameters = form.unwrap_or(query);
        // Before any password is checked, which takes longer.
        let asked = Scope::parse_all(parameters.all("scope"))?;
        let rejected = || unauthorized("wrong user or password");
        let grant = form.and_then(|form| form.get("grant_type"));
        let new = |user| self.tokens.new_refresh(user, bearer.refresh_lifetime);
        let (refresh, rights) = match (grant, Shown::of(headers)) {
            (Some("refresh_token"), _) => {
                let token = parameters.get("refresh_token").unwrap_or_default();
                let refresh = self.tokens.refresh(token).ok_or_else(rejected)?;
                let rights = bearer.accounts.get(&refresh.user).ok_or_else(rejected)?.rights;
                (Some(refresh), rights)
            }
            (Some("password"), _) => {
                let user = parameters.get("username").unwrap_or_default();
                let password = parameters.get("password").unwrap_or_default();
                let rights = self.verifier.check(&bearer.accounts, user, password).await?;
                (Some(new(user.to_owned())), rights.ok_or_else(rejected)?)
            }
            (Some(_), _) => {
                return Err(Refusal::new(Code::Unsupported, "this grant type is not supported")
                    .with_status(hyper::StatusCode::BAD_REQUEST));
            }
            (None, Shown::Password(user, password)) => {
                let rights = self.verifier.check(&bearer.accounts, &user, &password).await?;
                (Some(new(user)), rights.ok_or_else(rejected)?)
            }
            (None, Shown::Nothing) => (None, bearer.accounts.of_anonymous()),
            (None, Shown::Token(_) | Shown::Unreadable) => return Err(rejected()),
        };
        let scopes = asked.into_iter().filter_map(|scope| scope.limited_to(rights));
        let scopes: Vec<Scope> = scopes.collect();
        let wants_refresh = parameters.get("offline_token") == Some("true")
            || parameters.get("access_type") == Some("offline")
            || grant == Some("refresh_token");
        let refresh = refresh.filter(|_| wants_refresh);
        let json = self.tokens.issue(&scopes, bearer.lifetime, refresh.as_ref())?;
        let mut response = Response::new(body::full(json));
        let headers = response.headers_mut();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        headers.insert("cache-control", HeaderValue::from_static("no-store"));
        Ok(response)
    }
}

/// Returns the repository that a blob is to be mounted from, which must be readable, too (SV-3).
fn mounted_from(visit: &Visit<'_>) -> Option<Repository> {
    if !matches!(visit.route, Route::Uploads(_)) {
        return None;
    }
    visit.query.get("mount")?;
    Repository::parse(visit.query.get("from")?).ok()
}

/// Returns the right that a request needs.
fn needed(method: &Method, route: &Route) -> Action {
    match (route, method.as_str()) {
        (Route::Upload(..) | Route::Uploads(_), _) => Action::Push,
        (_, "DELETE") => Action::Delete,
        (_, "GET" | "HEAD") => Action::Pull,
        _ => Action::Push,
    }
}

fn unauthorized(message: &str) -> Refusal {
    Refusal::new(Code::Unauthorized, message)
}
