// SPDX-License-Identifier: Apache-2.0
//! The time by which sessions and tokens end. The only place that looks at a clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock: the system's, or one that a test moves by hand. Clones show the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicU64>>);

impl Clock {
    /// Returns the system's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// Returns a clock that stands at `start`, counted from 1970, until it is
    /// [moved](Self::advance).
    pub fn manual(start: Duration) -> Self {
        Self(Some(Arc::new(AtomicU64::new(millis(start)))))
    }

    /// Returns the time since 1970, to the millisecond.
    #[expect(clippy::disallowed_methods, reason = "a server has a clock, and this is it")]
    pub fn now(&self) -> Duration {
        match &self.0 {
            Some(time) => Duration::from_millis(time.load(Ordering::Acquire)),
            None => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        }
    }

    /// Moves a manual clock on; the system's clock does not care.
    pub fn advance(&self, by: Duration) {
        if let Some(time) = &self.0 {
            time.fetch_add(millis(by), Ordering::AcqRel);
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
