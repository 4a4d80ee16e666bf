// SPDX-License-Identifier: Apache-2.0
//! Patience with a host: its pauses are obeyed, failures that may pass are tried again, and an observer hears of
//! every wait before it begins.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::error::{Error, ErrorKind};
use crate::transport::gate::Gate;
use crate::transport::retry::{Backoff, Clock, Jitter, RetryPolicy};

/// The longest pause of a host that is remembered.
const MAX_PAUSE: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// A wait that is about to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wait {
    /// Method and URL of the request that waits, without secrets.
    pub request: String,
    /// The reason in a few words: `status 503`.
    pub why: String,
    /// The time until then.
    pub wait: Duration,
    /// The attempt that comes then, and the most that there are; none if the host asked everybody
    /// to wait, or something is asked for again that may need time.
    pub attempt: Option<(u32, u32)>,
}

/// A function that receives waits. It is called from the transfer itself and must return at once.
pub type OnWait = Arc<dyn Fn(&Wait) + Send + Sync>;

/// The limits of waiting for a host, the clock that measures them, and the observer of it.
pub(crate) struct Patience {
    pub(crate) policy: RetryPolicy,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) jitter: Arc<dyn Jitter>,
    pub(crate) on_wait: Option<OnWait>,
}

impl Patience {
    /// Returns the retries of one operation.
    pub(crate) fn backoff(&self) -> Backoff {
        Backoff::new(&self.policy)
    }

    /// Keeps the pause that a host asked for; where that is longer than we wait, the request fails at
    /// once and is not sent.
    pub(crate) async fn arrive(&self, gate: &Gate, request: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let Some(pause) = gate.pause(now) else { return Ok(()) };
        if pause > self.policy.max_retry_after {
            let message = "the registry asked all clients to wait for longer than the limit";
            return Err(Error::new(ErrorKind::RateLimited, message)
                .with_help(come_back(pause, now))
                .with_retry_after(Some(pause))
                .about(|| request.to_owned())
                .spent());
        }
        self.tell(request, "the registry asked all clients to wait", pause, None);
        self.clock.sleep(pause).await;
        Ok(())
    }

    /// Takes note of what an answer asks of everybody.
    pub(crate) fn heed(&self, gate: &Gate, status: u16, asked: Option<Duration>) {
        let now = self.clock.now();
        if let (429 | 503, Some(wait)) = (status, asked)
            && let Some(until) = now.checked_add(wait.min(MAX_PAUSE))
        {
            gate.throttle(until);
        }
    }

    /// After a failure that may pass: waits for the next attempt, or says that there is none.
    pub(crate) async fn endure(
        &self,
        backoff: &mut Backoff,
        request: &str,
        why: &str,
        asked: Option<Duration>,
    ) -> Verdict {
        let Some(wait) = backoff.next(asked, self.jitter.as_ref()) else { return Verdict::GiveUp };
        tracing::debug!(request, why, ?wait, "is tried again");
        self.tell(request, why, wait, Some((backoff.attempts(), backoff.most())));
        self.clock.sleep(wait).await;
        Verdict::TryAgain
    }

    /// Waits for the next attempt after an error that may pass; the error, for good, if there is none.
    pub(crate) async fn outlast(
        &self,
        backoff: &mut Backoff,
        request: &str,
        error: Error,
        asked: Option<Duration>,
    ) -> Result<(), Error> {
        match self.endure(backoff, request, &reason(&error), asked).await {
            Verdict::TryAgain => Ok(()),
            Verdict::GiveUp => Err(error.after_attempts(backoff.attempts()).spent()),
        }
    }

    /// Waits before a question that is no attempt at anything.
    pub(crate) async fn pause(&self, request: &str, why: &str, wait: Duration) {
        self.tell(request, why, wait, None);
        self.clock.sleep(wait).await;
    }

    fn tell(&self, request: &str, why: &str, wait: Duration, attempt: Option<(u32, u32)>) {
        if let Some(on_wait) = &self.on_wait {
            on_wait(&Wait { request: request.to_owned(), why: why.to_owned(), wait, attempt });
        }
    }
}

/// Whether there is another attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    TryAgain,
    GiveUp,
}

/// Returns the words for the time of a retry: the wait, and the time of day.
pub(crate) fn come_back(wait: Duration, now: SystemTime) -> String {
    let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
    match now.checked_add(wait.min(MAX_PAUSE)) {
        Some(then) => format!("come back in {seconds} s, after {}", httpdate::fmt_http_date(then)),
        None => format!("come back in {seconds} s"),
    }
}

/// Returns the reason of a retry, in a few words.
pub(crate) fn reason(error: &Error) -> String {
    match error.status() {
        Some(status) => format!("status {status}"),
        None => error.message().to_owned(),
    }
}
