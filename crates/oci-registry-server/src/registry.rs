// SPDX-License-Identifier: Apache-2.0
//! The registry as a function from request to response.

use std::sync::Arc;

use hyper::header::{ALLOW, HOST, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};

use crate::auth::{Caller, Gate};
use crate::body::{self, Body};
use crate::endpoints::{base, blobs, manifests, referrers, tags, uploads};
use crate::front::Fronted;
use crate::limits::Limits;
use crate::origin::Hosts;
use crate::query::Query;
use crate::refusal::{Answer, Code, Refusal};
use crate::route::Route;
use crate::session::Sessions;
use crate::storage::{Mode, Storage, blocking};

/// The most bytes of a form at the token endpoint.
const MAX_FORM: usize = 64 << 10;

/// The state that all requests share.
pub(crate) struct Registry {
    pub(crate) storage: Arc<Storage>,
    pub(crate) sessions: Sessions,
    pub(crate) gate: Gate,
    pub(crate) hosts: Hosts,
    pub(crate) limits: Limits,
    pub(crate) mode: Mode,
    pub(crate) front: Option<Fronted>,
}

/// A request that may be carried out.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) query: Query,
    pub(crate) caller: Caller,
    pub(crate) body: Body,
}

impl Call {
    /// Returns the text of a header, if it has one.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Registry {
    /// Does what blocks with the storage, away from the executor's threads.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Storage) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let storage = self.storage.clone();
        blocking(move || work(&storage)).await
    }

    /// Answers a request, whatever it is.
    pub(crate) async fn respond(&self, request: Request<Body>) -> Response<Body> {
        let is_head = request.method() == Method::HEAD;
        let (parts, body) = request.into_parts();
        let mut response = match self.carry_out(parts, body).await {
            Ok(response) => response,
            Err(refusal) => {
                tracing::debug!(%refusal, "refused");
                refusal.into_response()
            }
        };
        if is_head {
            // What a GET would say about its body stays.
            let length = hyper::body::Body::size_hint(response.body()).exact();
            if let Some(length) = length.filter(|length| *length > 0) {
                response.headers_mut().entry("content-length").or_insert(length.into());
            }
            *response.body_mut() = body::empty();
        }
        let headers = response.headers_mut();
        headers.insert("docker-distribution-api-version", HeaderValue::from_static("registry/2.0"));
        headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
        response
    }

    async fn carry_out(&self, parts: Parts, body: Body) -> Answer {
        self.hosts.check(&parts)?;
        let Parts { method, uri, mut headers, .. } = parts;
        // HTTP/2 says in the URI whom it is for.
        if let (false, Some(host)) = (headers.contains_key(HOST), uri.authority())
            && let Ok(host) = HeaderValue::try_from(host.as_str())
        {
            headers.insert(HOST, host);
        }
        if let Some(front) = self.front.as_ref().filter(|_| Fronted::is_for(uri.path())) {
            let caller = self.gate.check_visitor(&headers).await;
            let storage = self.storage.clone();
            return Ok(front.answer(&method, &uri, &headers, storage, caller).await);
        }
        let route = Route::parse(uri.path())?;
        let query = Query::parse(uri.query());
        if !route.allows(&method) {
            return Err(Refusal::new(Code::Unsupported, "this method is not supported here")
                .with_header(ALLOW, route.allowed()));
        }
        if route == Route::Token {
            return self.token(&method, &headers, &query, body).await;
        }
        let caller = self.gate.check(&method, &route, &query, &headers).await?;
        let is_reading = method == Method::GET || method == Method::HEAD;
        if self.mode == Mode::ReadOnly && !is_reading {
            return Err(Refusal::new(Code::Unsupported, "this registry is read-only"));
        }
        let call = Call { method, headers, query, caller, body };
        match route {
            Route::Base => Ok(base::version()),
            Route::Catalog => base::catalog(self, call).await,
            Route::Token => Err(Refusal::new(Code::Unsupported, "answered above")),
            Route::Blob(repository, digest) => match call.method {
                Method::DELETE => blobs::delete(self, repository, digest).await,
                _ => blobs::get(self, call, repository, digest).await,
            },
            Route::Manifest(repository, reference) => match call.method {
                Method::PUT => manifests::put(self, call, repository, reference).await,
                Method::DELETE => manifests::delete(self, repository, reference).await,
                _ => manifests::get(self, call, repository, reference).await,
            },
            Route::Uploads(repository) => uploads::begin(self, call, repository).await,
            Route::Upload(repository, id) => {
                let session = self.sessions.get(&repository, &id)?;
                match call.method {
                    Method::PATCH => uploads::patch(self, call, session).await,
                    Method::PUT => uploads::put(self, call, repository, session).await,
                    Method::DELETE => uploads::cancel(self, session).await,
                    _ => uploads::status(session).await,
                }
            }
            Route::Tags(repository) => tags::list(self, call, repository).await,
            Route::Referrers(repository, digest) => {
                referrers::list(self, call, repository, digest).await
            }
        }
    }

    async fn token(
        &self,
        method: &Method,
        headers: &HeaderMap,
        query: &Query,
        body: Body,
    ) -> Answer {
        if method != Method::POST {
            return self.gate.token(headers, query, None).await;
        }
        // Nobody knows yet who sends it: the whole form has its time, not each piece of it.
        let time = self.limits.head_time;
        let collected = body::collect(body, MAX_FORM, self.limits.idle_time);
        let form = tokio::time::timeout(time, collected).await.unwrap_or_else(|_| {
            Err(Refusal::new(Code::Unsupported, "the form stopped arriving")
                .with_status(StatusCode::REQUEST_TIMEOUT))
        })?;
        let form = Query::parse(std::str::from_utf8(&form).ok());
        self.gate.token(headers, query, Some(&form)).await
    }
}
