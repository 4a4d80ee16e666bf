// SPDX-License-Identifier: Apache-2.0
//! Tokens: what a token server's answer says, and how long it holds (R-12).

use std::time::{Duration, SystemTime};

use oci_artifact::Epoch;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::transport::redact::Secret;

/// The least time that a token lasts, whatever is said (R-12).
const SHORTEST_LIFE: Duration = Duration::from_secs(60);
/// The longest life that a token is trusted to have.
const LONGEST_LIFE: Duration = Duration::from_secs(365 * 24 * 3600);
/// The most that a token server's clock may be off.
const MAX_SKEW: Duration = Duration::from_secs(300);

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
    pub(crate) fn lasts(&self, now: SystemTime, wanted: Duration) -> bool {
        let margin = (self.life / 10).max(Duration::from_secs(5));
        let needed = wanted.min(self.life / 2).max(margin);
        let end = self.issued.checked_add(self.life.saturating_sub(needed));
        end.is_none_or(|end| now < end)
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
pub(crate) fn parse(body: &[u8], now: SystemTime) -> Result<Token, &'static str> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| "is not the JSON of a token")?;
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let secret = filled(answer.access_token).or(filled(answer.token)).map(Secret::new);
    let secret = secret.ok_or("holds no token")?;
    if !secret.expose().bytes().all(|b| b.is_ascii_graphic()) {
        return Err("holds a token that cannot be sent in a header");
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
        Some(serde_json::Value::String(text)) => Epoch::from_rfc3339(&text),
        _ => None,
    };
    // A clock that is off by more says nothing; a token from the future is from now.
    let issued = issued
        .and_then(instant)
        .filter(|issued| now.duration_since(*issued).is_ok_and(|age| age <= MAX_SKEW))
        .unwrap_or(now);
    let refresh = filled(answer.refresh_token).map(Secret::new);
    Ok(Token { secret, issued, life, refresh })
}

/// Returns the instant as the system counts it; none before 1970, which no token was issued.
fn instant(epoch: Epoch) -> Option<SystemTime> {
    let since = Duration::new(u64::try_from(epoch.seconds()).ok()?, epoch.nanos());
    SystemTime::UNIX_EPOCH.checked_add(since)
}

impl Token {
    /// Returns the header that carries it.
    pub(crate) fn header(&self) -> Result<HeaderValue> {
        bearer(&self.secret)
    }

    pub(crate) fn take_refresh(&mut self) -> Option<Secret> {
        self.refresh.take()
    }
}

/// Returns the header that carries a token.
pub(crate) fn bearer(token: &Secret) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose())).map_err(|_| {
        Error::new(ErrorKind::Credentials, format!("the token cannot be sent in {AUTHORIZATION}"))
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
    fn either_name_of_the_token_f_12() {
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
    fn lives_in_every_form_f_13() {
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
    fn times_of_issue_f_13() {
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
    fn tokens_are_renewed_before_they_end_r_12() {
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
}
