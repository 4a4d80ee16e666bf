// SPDX-License-Identifier: Apache-2.0
//! The tokens of a client: kept while they last, fetched once for all that need the same (R-15).

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use crate::auth::scope::Scopes;
use crate::auth::token::Token;
use crate::error::{Error, Result};
use crate::transport::gate::lock;
use crate::transport::redact::Secret;
use crate::transport::redirect::Origin;

/// The largest number of tokens and places for them that are kept.
const MAX_KEPT: usize = 1024;

/// The owner and the origin of a token (R-15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) origin: Origin,
    pub(crate) realm: String,
    pub(crate) service: String,
    /// The digest of the credential.
    pub(crate) fingerprint: String,
}

/// The tokens of a client.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<Vec<Arc<Place>>>);

/// The place where a token for some scopes is kept; the holder of the lock fetches it.
struct Place {
    key: Key,
    scopes: Scopes,
    token: Mutex<Option<Token>>,
    /// The failure of the last fetch, and the number of fetches.
    fetch: tokio::sync::Mutex<()>,
    failure: Mutex<(u64, Option<Error>)>,
}

impl Tokens {
    /// Returns a token for these scopes that lasts for `wanted`: one that is kept, or a new one. Of
    /// many that need the same, one fetches; when that fails, all who waited get its error; when it
    /// is dropped, another one takes over (R-15).
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

    /// Returns a kept token, or the place for a new one.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::token;
    use crate::error::ErrorKind;
    use url::Url;

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
    }

    fn token(body: &str) -> Result<Token, &'static str> {
        token::parse(body.as_bytes(), now())
    }

    fn key() -> Key {
        let origin = Origin::of(&Url::parse("https://r.example/").expect("a URL"));
        Key { origin, realm: "r".into(), service: "s".into(), fingerprint: "f".into() }
    }

    #[tokio::test]
    async fn one_fetches_for_all_and_a_failure_reaches_all_f_21() {
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
