// SPDX-License-Identifier: Apache-2.0
//! Tokens: signed, with all in them that they are good for. Nothing is kept of those that are given
//! out, so that nobody's tokens are in the way of another's (SV-12). The key is this process's own.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oci_artifact::Result;
use oci_artifact::epoch::Epoch;
use oci_artifact::json::Writer;

use super::Scope;
use super::hmac::Key;
use crate::clock::Clock;
use crate::random;
use crate::refusal::Refusal;

/// Makes tokens, and reads them.
pub(super) struct Tokens {
    clock: Clock,
    key: Key,
}

/// A token that more can be got with: whose it is, and when it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refresh {
    pub(super) user: String,
    ends: Duration,
}

/// The two kinds, which differ in the first word of what is signed.
const ACCESS: &str = "access";
const REFRESH: &str = "refresh";

impl Tokens {
    /// # Errors
    /// [`ErrorKind::Io`](oci_artifact::ErrorKind::Io) if the system gives no random numbers.
    pub(super) fn new(clock: Clock) -> Result<Self> {
        Ok(Self { clock, key: Key::random()? })
    }

    /// Returns the scopes of a token, if it is valid.
    pub(super) fn scopes(&self, token: &str) -> Option<Vec<Scope>> {
        let (_, scopes) = self.open(ACCESS, token)?;
        scopes.lines().map(Scope::parse).collect()
    }

    /// Returns the user of a refresh token, if the token is valid.
    pub(super) fn refresh(&self, token: &str) -> Option<Refresh> {
        let (ends, user) = self.open(REFRESH, token)?;
        Some(Refresh { user, ends })
    }

    /// The right to get more tokens, from now on for that time.
    pub(super) fn new_refresh(&self, user: String, lifetime: Duration) -> Refresh {
        Refresh { user, ends: self.clock.now().saturating_add(lifetime) }
    }

    /// Makes a token, and where it is wanted one to get more with; the JSON that says so. A refresh
    /// token that was made for another one ends when that one does (SV-13).
    ///
    /// # Errors
    /// If the system gives no random numbers.
    pub(super) fn issue(
        &self,
        scopes: &[Scope],
        lifetime: Duration,
        refresh: Option<&Refresh>,
    ) -> Result<Vec<u8>, Refusal> {
        let now = self.clock.now();
        let scopes: Vec<String> = scopes.iter().map(Scope::to_string).collect();
        let token = self.seal(ACCESS, now.saturating_add(lifetime), &scopes.join("\n"))?;
        let again =
            refresh.map(|refresh| self.seal(REFRESH, refresh.ends, &refresh.user)).transpose()?;
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

    /// Seals a token. The nonce makes each one another.
    fn seal(&self, kind: &str, ends: Duration, content: &str) -> Result<String, Refusal> {
        let (ends, nonce) = (ends.as_millis(), random::nonce()?);
        let text = format!("{kind}\n{ends}\n{nonce}\n{content}");
        let signature = self.key.sign(text.as_bytes());
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        Ok(format!("{}.{}", encode(text.as_bytes()), encode(signature.as_bytes())))
    }

    /// The end and the content of a token, if it is one of ours, of that kind, and has not ended.
    fn open(&self, kind: &str, token: &str) -> Option<(Duration, String)> {
        let (text, signature) = token.split_once('.')?;
        let text = URL_SAFE_NO_PAD.decode(text).ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        if !self.key.sign(&text).is(&signature) {
            return None;
        }
        let text = String::from_utf8(text).ok()?;
        let mut parts = text.splitn(4, '\n');
        let is_kind = parts.next() == Some(kind);
        let ends = Duration::from_millis(parts.next()?.parse().ok()?);
        let _nonce = parts.next()?;
        let content = parts.next()?;
        (is_kind && self.clock.now() < ends).then(|| (ends, content.to_owned()))
    }
}

/// Returns a time since 1970 as `2026-01-02T03:04:05Z`.
fn rfc3339(time: Duration) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or_default();
    Epoch::from_seconds(seconds).rfc3339_seconds().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_hold_what_was_put_in_and_nothing_else_opens_them_sv_12() {
        let clock = Clock::manual(Duration::from_secs(1_000));
        let (tokens, others) = (Tokens::new(clock.clone()), Tokens::new(clock.clone()));
        let (tokens, others) = (tokens.expect("a key"), others.expect("a key"));
        let user = "a name\nwith: anything";
        let ends = Duration::from_secs(1_010);
        let token = tokens.seal(REFRESH, ends, user).expect("seals");
        assert_ne!(token, tokens.seal(REFRESH, ends, user).expect("seals"));
        assert_eq!(tokens.refresh(&token), Some(Refresh { user: user.to_owned(), ends }));
        assert!(tokens.scopes(&token).is_none());
        assert!(others.refresh(&token).is_none());
        for at in 0..token.len() {
            // One bit of the alphabet's 64 characters, or no character of it at all.
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'Q' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert!(tokens.refresh(&changed).is_none(), "{at}");
            assert!(tokens.refresh(&token[..at]).is_none(), "{at}");
        }
        clock.advance(Duration::from_secs(10));
        assert!(tokens.refresh(&token).is_none());
    }
}
