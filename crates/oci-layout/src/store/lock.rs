// SPDX-License-Identifier: Apache-2.0
//! The store's one lock (LS-5, LS-6).

use std::fs::{File, TryLockError};
use std::thread;
use std::time::Duration;

use super::fs as ops;
use super::root::StorePath;
use crate::observer::{self, Observer};
use crate::{Error, ErrorKind, Result};

/// The time that a change waits for its turn. It is measured in attempts: the store reads no clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockWait {
    /// The number of times that the lock is tried; 0 counts as 1.
    pub attempts: u32,
    /// The longest pause between two attempts. The first pauses are shorter.
    pub pause: Duration,
}

impl Default for LockWait {
    /// Some 20 seconds; a change takes milliseconds.
    fn default() -> Self {
        Self { attempts: 2_000, pause: Duration::from_millis(10) }
    }
}

/// The right to change the store, held until this is dropped. A process that dies lets go of it.
#[derive(Debug)]
pub(super) struct StoreLock(#[expect(dead_code, reason = "held open")] File);

impl StoreLock {
    /// Waits for the lock in that file, which is made if it is missing.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`] if others hold it all the while; [`ErrorKind::Cancelled`] if `observer`
    /// says so meanwhile.
    pub(super) fn acquire(
        path: &StorePath,
        wait: LockWait,
        observer: &dyn Observer,
    ) -> Result<Self> {
        let file = ops::open_lock(path)?;
        for attempt in 0..wait.attempts.max(1) {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) => {
                    observer::check(observer)?;
                    thread::sleep(pause(attempt).min(wait.pause));
                }
                Err(TryLockError::Error(error)) => {
                    return Err(Error::io("cannot lock the store", &path.path(), error));
                }
            }
        }
        Err(Error::new(ErrorKind::Locked, "another process is changing the store")
            .at_path(path)
            .with_help("wait for it and try again; if it hangs, end it: that releases its lock"))
    }
}

/// Returns a millisecond, then twice as long each time.
fn pause(attempt: u32) -> Duration {
    Duration::from_millis(1 << attempt.min(10))
}
