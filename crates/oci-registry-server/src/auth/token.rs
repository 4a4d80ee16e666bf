// SPDX-License-Identifier: Apache-2.0
//! Tokens: random, kept as hashes, forgotten when they end.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oci_artifact::epoch::Epoch;
use oci_artifact::json::Writer;
use sha2::{Digest as _, Sha256};

use super::Scope;
use crate::clock::Clock;
use crate::random;
use crate::refusal::{Code, Refusal};

/// The most tokens that are good at a time.
const MAX_TOKENS: usize = 100_000;

/// The tokens that were given out.
pub(super) struct Tokens {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    access: BTreeMap<Hash, Grant>,
    refresh: BTreeMap<Hash, String>,
}

struct Grant {
    scopes: Vec<Scope>,
    ends: Duration,
}

type Hash = [u8; 32];

impl Tokens {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, state: Mutex::default() }
    }

    /// What a token is good for, if it is good.
    pub(super) fn scopes(&self, token: &str) -> Option<Vec<Scope>> {
        let now = self.clock.now();
        let state = self.state();
        let grant = state.access.get(&hash(token)).filter(|grant| now < grant.ends)?;
        Some(grant.scopes.clone())
    }

    /// Whom a refresh token is good for.
    pub(super) fn user(&self, token: &str) -> Option<String> {
        self.state().refresh.get(&hash(token)).cloned()
    }

    /// Makes a token, and one to get more with for that user; the JSON that says so.
    ///
    /// # Errors
    /// `TOOMANYREQUESTS` if too many are good already.
    pub(super) fn issue(
        &self,
        scopes: Vec<Scope>,
        lifetime: Duration,
        refresh: Option<String>,
    ) -> Result<Vec<u8>, Refusal> {
        let now = self.clock.now();
        let (token, again) = (random::token()?, random::token()?);
        let mut state = self.state();
        if state.access.len().max(state.refresh.len()) >= MAX_TOKENS {
            state.access.retain(|_, grant| now < grant.ends);
            if state.access.len().max(state.refresh.len()) >= MAX_TOKENS {
                let message = "too many tokens are in use";
                return Err(Refusal::new(Code::TooManyRequests, message).retry_after(60));
            }
        }
        state.access.insert(hash(&token), Grant { scopes, ends: now.saturating_add(lifetime) });
        let again = refresh.map(|user| {
            state.refresh.insert(hash(&again), user);
            again
        });
        drop(state);
        let mut json = Writer::new();
        json.object(|json| {
            json.key("token").string(&token);
            json.key("access_token").string(&token);
            json.key("expires_in").integer(lifetime.as_secs());
            json.key("issued_at").string(rfc3339(now));
            if let Some(again) = &again {
                json.key("refresh_token").string(again);
            }
        });
        Ok(json.into_bytes())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(token: &str) -> Hash {
    Sha256::digest(token.as_bytes()).into()
}

/// A time since 1970 as `2026-01-02T03:04:05Z`.
fn rfc3339(time: Duration) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or_default();
    Epoch::from_seconds(seconds).rfc3339_seconds().unwrap_or_default()
}
