// SPDX-License-Identifier: Apache-2.0
//! Tokens: asking a token server for one, and keeping it while it lasts (R-10 to R-17).

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Url};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::form_urlencoded;

use crate::auth::challenge::Challenge;
use crate::auth::credential::Credential;
use crate::auth::scope::Scopes;
use crate::auth::{Dialogue, basic_header};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::body::Body;
use crate::transport::gate::lock;
use crate::transport::redact::Secret;
use crate::transport::redirect::{self, Origin, Zone};
use crate::transport::retry::{Backoff, is_transient, is_transient_status};
use crate::transport::{Request, Response};

/// What is read of a token server's answer.
const MAX_ANSWER: u64 = 128 * 1024;
/// How long a token lasts at least, whatever is said (R-12).
const SHORTEST_LIFE: Duration = Duration::from_secs(60);
/// And at most.
const LONGEST_LIFE: Duration = Duration::from_secs(365 * 24 * 3600);
/// How far a token server's clock may be off.
const MAX_SKEW: Duration = Duration::from_secs(300);
/// Tokens and places for them that are kept.
const MAX_KEPT: usize = 1024;
/// What we call ourselves to token servers.
const CLIENT_ID: &str = "oci-registry-http";

/// A token and how long it lasts.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) secret: Secret,
    issued: SystemTime,
    life: Duration,
    /// The next identity token, where the server gave one.
    refresh: Option<Secret>,
}

impl Token {
    /// Whether it lasts for `wanted` more; of a token that never lasts as long, half its life is
    /// enough (R-17).
    fn lasts(&self, now: SystemTime, wanted: Duration) -> bool {
        let margin = (self.life / 10).max(Duration::from_secs(5));
        let needed = wanted.min(self.life / 2).max(margin);
        let end = self.issued.checked_add(self.life.saturating_sub(needed));
        end.is_none_or(|end| now < end)
    }
}

/// Whose token it is and from where (R-15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) origin: Origin,
    pub(crate) realm: String,
    pub(crate) service: String,
    /// The digest of the credential.
    pub(crate) fingerprint: String,
}

/// The tokens of a client.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Mutex<Vec<Arc<Place>>>);

/// Where a token for some scopes is kept; whoever holds the lock fetches it.
struct Place {
    key: Key,
    scopes: Scopes,
    token: Mutex<Option<Token>>,
    /// How the last fetch failed, and the number of fetches.
    fetch: tokio::sync::Mutex<()>,
    failure: Mutex<(u64, Option<Error>)>,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").field("scopes", &self.scopes).finish_non_exhaustive()
    }
}

impl Tokens {
    /// A token for these scopes that lasts for `wanted`: one that is kept, or a new one. Of many
    /// who want the same, one fetches; when that fails, all who waited get its error; when it is
    /// dropped, another one takes over (R-15).
    pub(crate) async fn get(
        &self,
        key: &Key,
        scopes: &Scopes,
        now: SystemTime,
        wanted: Duration,
        fetch: impl Future<Output = Result<Token>>,
    ) -> Result<Token> {
        let place = match self.find(key, scopes, now, wanted) {
            Ok(token) => return Ok(token),
            Err(place) => place,
        };
        let before = lock(&place.failure).0;
        let _turn = place.fetch.lock().await;
        if let Some(token) = lock(&place.token).as_ref().filter(|t| t.lasts(now, wanted)) {
            return Ok(token.clone());
        }
        if let (count, Some(error)) = &*lock(&place.failure)
            && *count != before
        {
            return Err(error.clone());
        }
        let result = fetch.await;
        let mut failure = lock(&place.failure);
        failure.0 = failure.0.wrapping_add(1);
        failure.1 = result.as_ref().err().cloned();
        *lock(&place.token) = result.as_ref().ok().cloned();
        result
    }

    /// A kept token, or the place for a new one.
    fn find(
        &self,
        key: &Key,
        scopes: &Scopes,
        now: SystemTime,
        wanted: Duration,
    ) -> Result<Token, Arc<Place>> {
        let mut places = lock(&self.0);
        let fitting =
            places.iter().filter(|place| place.key == *key && place.scopes.covers(scopes));
        for place in fitting {
            if let Some(token) = lock(&place.token).as_ref().filter(|t| t.lasts(now, wanted)) {
                return Ok(token.clone());
            }
        }
        if let Some(place) = places.iter().find(|p| p.key == *key && p.scopes == *scopes) {
            return Err(Arc::clone(place));
        }
        if places.len() >= MAX_KEPT {
            places.retain(|place| Arc::strong_count(place) > 1);
        }
        let place = Arc::new(Place {
            key: key.clone(),
            scopes: scopes.clone(),
            token: Mutex::default(),
            fetch: tokio::sync::Mutex::default(),
            failure: Mutex::default(),
        });
        places.push(Arc::clone(&place));
        Err(place)
    }

    /// Forgets a token that was not accepted (R-16), wherever it is kept.
    pub(crate) fn forget(&self, secret: &Secret) {
        for place in lock(&self.0).iter() {
            let mut token = lock(&place.token);
            if token.as_ref().is_some_and(|token| token.secret == *secret) {
                *token = None;
            }
        }
    }
}

/// A token server, as a challenge names it.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) realm: Url,
    pub(crate) service: Option<String>,
    /// How far in its address may lie; none where it is the registry's own host, or allowed.
    pub(crate) zone: Option<Zone>,
}

impl Server {
    /// Reads a Bearer challenge and checks where it sends us (R-20).
    pub(crate) fn of(challenge: &Challenge, dialogue: &Dialogue<'_>) -> Result<Self> {
        let failed = |why: &str| Error::new(ErrorKind::Token, format!("the challenge {why}"));
        let realm = challenge.parameter("realm").ok_or_else(|| failed("names no realm"))?;
        if realm.contains('#') {
            return Err(failed("names a realm with a fragment"));
        }
        let realm = redirect::resolve(dialogue.base, Some(realm.as_bytes()))
            .map_err(|_| failed("names a realm that is no URL"))?;
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

    /// Asks for a token. Failures that may pass are tried again, here and nowhere else (R-69).
    pub(crate) async fn fetch(
        &self,
        dialogue: &Dialogue<'_>,
        scopes: &Scopes,
        credential: Option<&Credential>,
    ) -> Result<Token> {
        if let Some(Credential::IdentityToken { token }) = credential {
            return self.exchange(dialogue, self.post(scopes, token), None, credential).await;
        }
        let authorization = credential.and_then(basic_header).transpose()?;
        let request = self.get(scopes, credential);
        self.exchange(dialogue, request, authorization.as_ref(), credential).await
    }

    /// The request of the specification (R-10).
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

    /// The request of OAuth 2 (R-11).
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
        let Dialogue { transport, tally, clock, .. } = dialogue;
        let gate = transport.gate(&request.url);
        let mut backoff = Backoff::new(dialogue.policy);
        let response = loop {
            let now = clock.now();
            if let Some(pause) = gate.pause(now) {
                clock.sleep(pause).await;
            }
            let sent = transport.exchange(&request, authorization, self.zone, tally).await;
            let asked = match &sent {
                Ok(response) if is_transient_status(response.status) => response.retry_after(now),
                Ok(_) => break sent,
                Err(error) if is_transient(error) => None,
                Err(_) => break sent,
            };
            if !gate.may_retry() {
                break sent;
            }
            match backoff.next(asked, dialogue.jitter) {
                Some(wait) => {
                    drop(sent);
                    clock.sleep(wait).await;
                }
                None => break sent,
            }
        };
        let attempts = backoff.attempts();
        let read = async {
            let mut response = response?;
            let sent = authorization.and_then(|header| header.to_str().ok());
            let sent = sent.and_then(|header| header.split_once(' ')).map(|(_, secret)| secret);
            let secrets = [sent.unwrap_or_default(), credential.map_or("", Credential::secret)];
            self.read(&mut response, secrets, dialogue.clock.now()).await
        };
        read.await.map_err(|e| e.about(|| request.show()).after_attempts(attempts))
    }

    async fn read(
        &self,
        response: &mut Response,
        secrets: [&str; 2],
        now: SystemTime,
    ) -> Result<Token> {
        if response.status != 200 {
            let mut refusal = response.refusal().await;
            refusal.message = crate::transport::redact::scrub(&refusal.message, secrets);
            let kind = match response.status {
                429 => ErrorKind::RateLimited,
                500.. => ErrorKind::Unavailable,
                _ => ErrorKind::Token,
            };
            return Err(Error::new(kind, "the token server gives no token")
                .with_refusal(refusal)
                .with_retry_after(response.retry_after(now)));
        }
        let body = response.bytes(MAX_ANSWER, "the token server's answer").await?;
        parse(&body, now).map_err(|why| {
            let media_type = response.media_type().unwrap_or_else(|| "no media type".into());
            let media_type = crate::transport::redact::clean(&media_type);
            let message = format!("the token server's answer ({media_type}) {why}");
            Error::new(ErrorKind::Token, message)
        })
    }
}

#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<serde_json::Value>,
    issued_at: Option<serde_json::Value>,
    refresh_token: Option<String>,
}

/// Reads a token server's answer (R-12).
fn parse(body: &[u8], now: SystemTime) -> Result<Token, &'static str> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| "is not the JSON of a token")?;
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let secret = filled(answer.access_token).or(filled(answer.token)).map(Secret::new);
    let secret = secret.ok_or("holds no token")?;
    if !secret.expose().bytes().all(|b| b.is_ascii_graphic()) {
        return Err("holds a token that no header can carry");
    }
    let seconds = match answer.expires_in {
        Some(serde_json::Value::Number(number)) => number.as_f64(),
        Some(serde_json::Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let life = seconds
        .filter(|seconds| seconds.is_finite() && *seconds > 0.0)
        .map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_LIFE))
        .unwrap_or_default()
        .clamp(SHORTEST_LIFE, LONGEST_LIFE);
    let issued = match answer.issued_at {
        Some(serde_json::Value::String(text)) => OffsetDateTime::parse(&text, &Rfc3339).ok(),
        _ => None,
    };
    // A clock that is off by more says nothing; a token from the future is from now.
    let issued = issued
        .map(SystemTime::from)
        .filter(|issued| now.duration_since(*issued).is_ok_and(|age| age <= MAX_SKEW))
        .unwrap_or(now);
    let refresh = filled(answer.refresh_token).map(Secret::new);
    Ok(Token { secret, issued, life, refresh })
}

impl Token {
    /// The header that carries it.
    pub(crate) fn header(&self) -> Result<HeaderValue> {
        bearer(&self.secret)
    }

    pub(crate) fn take_refresh(&mut self) -> Option<Secret> {
        self.refresh.take()
    }
}

/// The header that carries a token.
pub(crate) fn bearer(token: &Secret) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose())).map_err(|_| {
        Error::new(ErrorKind::Credentials, format!("the token cannot stand in {AUTHORIZATION}"))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
    }

    fn token(body: &str) -> Result<Token, &'static str> {
        parse(body.as_bytes(), now())
    }

    #[test]
    fn f_12_either_name_of_the_token() {
        let secret = |body| token(body).map(|token| token.secret.expose().to_owned());
        assert_eq!(secret(r#"{"token":"a"}"#).as_deref(), Ok("a"));
        assert_eq!(secret(r#"{"access_token":"b"}"#).as_deref(), Ok("b"));
        assert_eq!(secret(r#"{"token":"a","access_token":"b"}"#).as_deref(), Ok("b"));
        assert_eq!(secret(r#"{"token":"a","access_token":""}"#).as_deref(), Ok("a"));
        assert_eq!(secret(r#"{"token":"a","access_token":null}"#).as_deref(), Ok("a"));
        for bad in
            [r#"{"token":""}"#, "{}", "<html>", "", r#"{"token":"a\r\nb"}"#, r#"{"token":1}"#]
        {
            assert!(token(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn f_13_lives_in_every_form() {
        for (expires, seconds) in [
            ("300", 300),
            ("\"300\"", 300),
            ("300.9", 300),
            ("0", 60),
            ("5", 60),
            ("-1", 60),
            ("null", 60),
            ("\"x\"", 60),
            ("1e9", 365 * 24 * 3600),
            ("1e300", 365 * 24 * 3600),
        ] {
            let token =
                token(&format!(r#"{{"token":"a","expires_in":{expires}}}"#)).expect(expires);
            assert_eq!(token.life.as_secs(), seconds, "{expires}");
        }
        assert_eq!(token(r#"{"token":"a"}"#).expect("fine").life, SHORTEST_LIFE);
    }

    #[test]
    fn f_13_times_of_issue() {
        for (issued, age) in [
            ("2023-11-14T22:13:10Z", 10),
            ("2023-11-14T22:13:10.123456789Z", 9),
            ("2023-11-14T23:13:10+01:00", 10),
            ("2023-11-14T22:00:00Z", 0),
            ("2030-01-01T00:00:00Z", 0),
            ("0001-01-01T00:00:00Z", 0),
            ("yesterday", 0),
        ] {
            let token = token(&format!(r#"{{"token":"a","issued_at":"{issued}"}}"#)).expect(issued);
            assert_eq!(
                now().duration_since(token.issued).map(|d| d.as_secs()).ok(),
                Some(age),
                "{issued}"
            );
        }
    }

    #[test]
    fn r_12_tokens_are_renewed_before_they_end() {
        let token = token(r#"{"token":"a","expires_in":300}"#).expect("fine");
        let after = |seconds| now() + Duration::from_secs(seconds);
        assert!(
            token.lasts(after(269), Duration::ZERO) && !token.lasts(after(270), Duration::ZERO)
        );
        let upload = Duration::from_secs(60);
        assert!(token.lasts(after(239), upload) && !token.lasts(after(240), upload), "R-17");
        let long = Duration::from_secs(3600);
        assert!(token.lasts(after(149), long) && !token.lasts(after(150), long), "R-17");
    }

    fn key() -> Key {
        let origin = Origin::of(&Url::parse("https://r.example/").expect("a URL"));
        Key { origin, realm: "r".into(), service: "s".into(), fingerprint: "f".into() }
    }

    #[tokio::test]
    async fn f_21_one_fetches_for_all_and_a_failure_reaches_all() {
        use crate::auth::scope::Access;
        use std::sync::atomic::{AtomicU32, Ordering};
        let (tokens, fetches) = (Tokens::default(), AtomicU32::new(0));
        let scopes = Scopes::repository("x", Access::Pull);
        let get = |result: Result<Token, &'static str>| {
            let fetches = &fetches;
            let fetch = async move {
                fetches.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(5)).await;
                result.map_err(|why| Error::new(ErrorKind::Token, why))
            };
            let (tokens, scopes) = (&tokens, &scopes);
            async move { tokens.get(&key(), scopes, now(), Duration::ZERO, fetch).await }
        };
        let failed = futures_util::future::join_all((0..50).map(|_| get(Err("no")))).await;
        assert!(failed.iter().all(Result::is_err));
        assert_eq!(fetches.swap(0, Ordering::Relaxed), 1);

        // The first one is dropped while it fetches; another one takes over.
        let mut leader = Box::pin(get(token(r#"{"token":"a"}"#)));
        let rest = futures_util::future::join_all((0..49).map(|_| get(token(r#"{"token":"a"}"#))));
        assert!(futures_util::FutureExt::now_or_never(&mut leader).is_none());
        let (_, got) = tokio::join!(async { drop(leader) }, rest);
        assert!(got.iter().all(Result::is_ok));
        assert_eq!(fetches.swap(0, Ordering::Relaxed), 2);

        tokens.forget(&Secret::new("a"));
        get(token(r#"{"token":"b"}"#)).await.expect("fine");
        assert_eq!(fetches.load(Ordering::Relaxed), 1);
    }
}
