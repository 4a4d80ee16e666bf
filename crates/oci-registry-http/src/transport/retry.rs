// SPDX-License-Identifier: Apache-2.0
//! Retries: when to ask again, and how long to wait before.

use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::error::{Error, ErrorKind};
use crate::transport::gate::lock;

/// The schedule of retries. Every number may be changed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// The number of times that a request is sent again.
    pub retries: u32,
    /// The longest first wait; it doubles with each retry.
    pub base: Duration,
    /// The shortest wait.
    pub floor: Duration,
    /// The longest wait.
    pub cap: Duration,
    /// The time that one operation may wait in all.
    pub budget: Duration,
    /// The longest wait that a registry may ask for.
    pub max_retry_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            retries: 5,
            base: Duration::from_millis(250),
            floor: Duration::from_millis(50),
            cap: Duration::from_secs(30),
            budget: Duration::from_secs(120),
            max_retry_after: Duration::from_secs(60),
        }
    }
}

/// The time, and waiting for it. Tests bring their own.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync {
    /// Returns the time of day.
    fn now(&self) -> SystemTime;
    /// Waits for that time.
    async fn sleep(&self, duration: Duration);
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that callers may replace")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// A source of jitter. Tests bring their own.
pub trait Jitter: fmt::Debug + Send + Sync {
    /// Returns a number from 0 to 1.
    fn draw(&self) -> f64;
}

/// Jitter that differs between processes. Nothing secret depends on it.
#[derive(Debug, Default)]
pub struct SeededJitter(Mutex<fastrand::Rng>);

impl Jitter for SeededJitter {
    fn draw(&self) -> f64 {
        lock(&self.0).f64()
    }
}

/// One operation's retries: the only level of them, whatever the operation is made of.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    policy: RetryPolicy,
    retries: u32,
    waited: Duration,
}

impl Backoff {
    pub(crate) fn new(policy: &RetryPolicy) -> Self {
        Self { policy: policy.clone(), retries: 0, waited: Duration::ZERO }
    }

    /// Returns the number of attempts, the one under way included.
    pub(crate) fn attempts(&self) -> u32 {
        self.retries.saturating_add(1)
    }

    /// Returns the largest number of attempts.
    pub(crate) fn most(&self) -> u32 {
        self.policy.retries.saturating_add(1)
    }

    /// Counts from the start again: something was gained.
    pub(crate) fn renew(&mut self) {
        (self.retries, self.waited) = (0, Duration::ZERO);
    }

    /// Whether there is no other attempt, where the registry asks for that wait.
    pub(crate) fn is_over(&self, asked: Option<Duration>) -> bool {
        self.retries >= self.policy.retries
            || asked.is_some_and(|asked| asked > self.policy.max_retry_after)
    }

    /// Counts an attempt that was waited for otherwise.
    pub(crate) fn count(&mut self) {
        self.retries = self.retries.saturating_add(1);
    }

    /// Returns the time to wait before the next retry; `None` when there is no further one. `asked`
    /// is what the registry asked for, which goes before the schedule.
    pub(crate) fn next(
        &mut self,
        asked: Option<Duration>,
        jitter: &dyn Jitter,
    ) -> Option<Duration> {
        if self.retries >= self.policy.retries {
            return None;
        }
        let highest = self
            .policy
            .base
            .saturating_mul(1u32.checked_shl(self.retries.min(20)).unwrap_or(u32::MAX))
            .min(self.policy.cap);
        let wait = match asked {
            Some(asked) if asked > self.policy.max_retry_after => return None,
            Some(asked) => asked,
            None => highest.mul_f64(jitter.draw().clamp(0.0, 1.0)).max(self.policy.floor),
        };
        self.waited = self.waited.saturating_add(wait);
        if self.waited > self.policy.budget {
            return None;
        }
        self.retries = self.retries.saturating_add(1);
        Some(wait)
    }
}

/// Whether an answer of that status may be another one next time.
pub(crate) fn is_transient_status(status: u16) -> bool {
    matches!(status, 408 | 429 | 499 | 500 | 502 | 503 | 504 | 522)
}

/// Whether that failure may pass by itself, and nobody has waited for that already.
pub(crate) fn is_transient(error: &Error) -> bool {
    let may_pass = match error.status() {
        Some(status) => is_transient_status(status),
        None => matches!(error.kind(), ErrorKind::Network | ErrorKind::Timeout),
    };
    may_pass && !error.is_spent()
}

/// Reads `Retry-After`: seconds, also with a fraction, or a date. A malformed value is
/// ignored.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        let seconds: f64 = text.parse().ok()?;
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[derive(Debug)]
    struct Fixed(f64);

    impl Jitter for Fixed {
        fn draw(&self) -> f64 {
            self.0
        }
    }

    #[test]
    fn waits_double_up_to_the_cap_with_full_jitter_r_69() {
        let policy = RetryPolicy { retries: 9, ..RetryPolicy::default() };
        let mut backoff = Backoff::new(&policy);
        let waits: Vec<u128> =
            std::iter::from_fn(|| backoff.next(None, &Fixed(1.0))).map(|w| w.as_millis()).collect();
        assert_eq!(waits, [250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
        let mut backoff = Backoff::new(&policy);
        assert_eq!(backoff.next(None, &Fixed(0.0)), Some(Duration::from_millis(50)));
    }

    #[test]
    fn the_waiting_is_bounded_r_69() {
        let policy = RetryPolicy { retries: 99, ..RetryPolicy::default() };
        let mut backoff = Backoff::new(&policy);
        let total: Duration = std::iter::from_fn(|| backoff.next(None, &Fixed(1.0))).sum();
        assert!(total <= policy.budget);
        let mut backoff = Backoff::new(&policy);
        assert_eq!(
            backoff.next(Some(Duration::from_secs(60)), &Fixed(1.0)),
            Some(policy.max_retry_after)
        );
        assert_eq!(backoff.next(Some(Duration::from_secs(61)), &Fixed(1.0)), None);
    }

    #[test]
    fn retry_after_in_every_spelling_f_104() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        for (text, seconds) in [
            ("1", Some(1.0)),
            ("0", Some(0.0)),
            (" 60 ", Some(60.0)),
            ("1.5", Some(1.5)),
            ("99999", Some(99999.0)),
            ("Tue, 14 Nov 2023 22:13:30 GMT", Some(10.0)),
            ("Tue, 14 Nov 2000 22:13:30 GMT", Some(0.0)),
            ("abc", None),
            ("-1", None),
            ("", None),
            ("880.092µs", None),
            ("1e400", None),
            ("99999999999999999999999999", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_bytes(text.as_bytes()).expect("a value"));
            let wanted = seconds.map(Duration::from_secs_f64);
            assert_eq!(retry_after(&headers, now), wanted, "{text}");
        }
    }

    #[test]
    fn jitter_stays_between_0_and_1_and_moves() {
        let jitter = SeededJitter::default();
        let draws: Vec<f64> = (0..100).map(|_| jitter.draw()).collect();
        assert!(draws.iter().all(|d| (0.0..1.0).contains(d)));
        assert!(draws.windows(2).all(|w| w[0] != w[1]));
    }
}
