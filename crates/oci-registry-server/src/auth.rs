// SPDX-License-Identifier: Apache-2.0
//! Who may do what: nobody is asked, a password is (Basic), or a token that a token endpoint gives
//! for a password (Bearer, as the docker registry's token specification has it).

mod account;
mod scope;
mod token;

pub use account::{Accounts, Rights};
pub(crate) use scope::{Action, Scope};

use std::time::Duration;

use hyper::header::{AUTHORIZATION, HOST, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Method, Response};

use crate::body::{self, Body};
use crate::clock::Clock;
use crate::name::Repository;
use crate::query::Query;
use crate::refusal::{Code, Refusal};
use crate::route::Route;
use token::Tokens;

/// How a registry finds out who is asking.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Access {
    /// It does not: everybody may do everything.
    #[default]
    Open,
    /// By user and password with every request.
    Basic(Accounts),
    /// By tokens from the registry's own token endpoint, `/token`.
    Bearer(Bearer),
}

/// Bearer authentication.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Bearer {
    /// Who gets tokens, and for what.
    pub accounts: Accounts,
    /// The name under which the registry asks for tokens.
    pub service: String,
    /// How long a token is good.
    pub lifetime: Duration,
    /// The token endpoint as challenges name it; where there is none, `/token` on the host that
    /// the client asked.
    pub realm: Option<String>,
}

impl Bearer {
    /// Tokens for these accounts, good for five minutes.
    pub fn new(accounts: Accounts) -> Self {
        let service = "oci-registry-server".to_owned();
        Self { accounts, service, lifetime: Duration::from_secs(300), realm: None }
    }
}

/// Checks who is asking.
pub(crate) struct Gate {
    access: Access,
    tokens: Tokens,
    scheme: &'static str,
}

/// Who is asking, as far as it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Somebody with the same rights everywhere.
    Known(Rights),
    /// Somebody with a token for these.
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

impl Gate {
    pub(crate) fn new(access: Access, scheme: &'static str, clock: Clock) -> Self {
        Self { access, tokens: Tokens::new(clock), scheme }
    }

    /// Lets a request pass, or not.
    ///
    /// # Errors
    /// `UNAUTHORIZED` with a challenge, `DENIED` for those who are known but may not.
    pub(crate) fn check(
        &self,
        method: &Method,
        route: &Route,
        headers: &HeaderMap,
    ) -> Result<Caller, Refusal> {
        let action = needed(method, route);
        match &self.access {
            Access::Open => Ok(Caller::Known(Rights::All)),
            Access::Basic(accounts) => {
                let rights = match basic(headers) {
                    Some((user, password)) => accounts.check(&user, &password),
                    None => Some(accounts.of_anonymous()).filter(|rights| *rights != Rights::None),
                };
                let rights = rights.ok_or_else(|| {
                    unauthorized("user and password are needed")
                        .with_header(WWW_AUTHENTICATE, "Basic realm=\"oci-registry-server\"")
                })?;
                if *route == Route::Base || rights.allow(action) {
                    return Ok(Caller::Known(rights));
                }
                Err(Refusal::new(Code::Denied, "this user may not do that"))
            }
            Access::Bearer(bearer) => {
                let challenge = |error: Option<&str>| {
                    let value = self.challenge(bearer, action, route, headers, error);
                    unauthorized("a token is needed").with_header(WWW_AUTHENTICATE, &value)
                };
                let token = credential(headers, "bearer").ok_or_else(|| challenge(None))?;
                let scopes =
                    self.tokens.scopes(token).ok_or_else(|| challenge(Some("invalid_token")))?;
                let is_enough = match (route, route.repository()) {
                    (Route::Catalog, _) => scopes.iter().any(Scope::is_catalog),
                    (_, Some(name)) => scopes.iter().any(|s| s.covers(action, name.as_str())),
                    (_, None) => true,
                };
                match is_enough {
                    true => Ok(Caller::Scoped(scopes)),
                    false => Err(challenge(Some("insufficient_scope"))),
                }
            }
        }
    }

    fn challenge(
        &self,
        bearer: &Bearer,
        action: Action,
        route: &Route,
        headers: &HeaderMap,
        error: Option<&str>,
    ) -> String {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let own = || format!("{}://{}/token", self.scheme, host.replace(['"', '\\'], ""));
        let realm = bearer.realm.clone().unwrap_or_else(own);
        let mut challenge = format!("Bearer realm=\"{realm}\",service=\"{}\"", bearer.service);
        if let Some(repository) = route.repository() {
            let actions = action.as_scope();
            challenge.push_str(&format!(",scope=\"repository:{repository}:{actions}\""));
        } else if *route == Route::Catalog {
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
    /// `UNAUTHORIZED` for wrong passwords; status 404 where no tokens are given.
    pub(crate) fn token(
        &self,
        headers: &HeaderMap,
        query: &Query,
        form: Option<&Query>,
    ) -> Result<Response<Body>, Refusal> {
        let Access::Bearer(bearer) = &self.access else {
            return Err(Refusal::new(Code::Unsupported, "no tokens are given here")
                .with_status(hyper::StatusCode::NOT_FOUND));
        };
        let parameters = form.unwrap_or(query);
        let rejected = || unauthorized("wrong user or password");
        let grant = form.and_then(|form| form.get("grant_type"));
        let (user, rights) = match (grant, basic(headers)) {
            (Some("refresh_token"), _) => {
                let token = parameters.get("refresh_token").unwrap_or_default();
                let user = self.tokens.user(token).ok_or_else(rejected)?;
                let rights = bearer.accounts.of_user(&user).ok_or_else(rejected)?;
                (Some(user), rights)
            }
            (Some("password"), _) => {
                let user = parameters.get("username").unwrap_or_default();
                let password = parameters.get("password").unwrap_or_default();
                (Some(user.to_owned()), bearer.accounts.check(user, password).ok_or_else(rejected)?)
            }
            (Some(_), _) => {
                return Err(Refusal::new(Code::Unsupported, "this grant type is not known")
                    .with_status(hyper::StatusCode::BAD_REQUEST));
            }
            (None, Some((user, password))) => {
                let rights = bearer.accounts.check(&user, &password).ok_or_else(rejected)?;
                (Some(user), rights)
            }
            (None, None) => (None, bearer.accounts.of_anonymous()),
        };
        let asked = parameters.all("scope").flat_map(|scopes| scopes.split(' '));
        let scopes = asked.filter_map(Scope::parse).filter_map(|scope| scope.limited_to(rights));
        let wants_refresh = parameters.get("offline_token") == Some("true")
            || parameters.get("access_type") == Some("offline")
            || grant == Some("refresh_token");
        let refresh = user.filter(|_| wants_refresh);
        let json = self.tokens.issue(scopes.collect(), bearer.lifetime, refresh)?;
        let mut response = Response::new(body::full(json));
        let headers = response.headers_mut();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        headers.insert("cache-control", HeaderValue::from_static("no-store"));
        Ok(response)
    }
}

/// What a request needs the right for.
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

/// What stands behind the scheme in the `Authorization` header.
fn credential<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let (found, rest) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    found.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

/// User and password of Basic authentication.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    use base64::Engine as _;
    let encoded = credential(headers, "basic")?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
