// SPDX-License-Identifier: Apache-2.0
//! Watching work that may take long, and stopping it.

use std::io::{self, Read};

use crate::error::{Error, ErrorKind, Result};

/// Watches work that may take long, from whichever thread does it. Everything is optional: `()` watches
/// nothing.
pub trait Observer: Send + Sync {
    /// Receives the number of bytes before the first is read.
    fn start(&self, _total: u64) {}
    /// Receives the number of further bytes that were read.
    fn advance(&self, _bytes: u64) {}
    /// Whether to stop as soon as possible.
    fn is_cancelled(&self) -> bool {
        false
    }
}

impl Observer for () {}

/// Whether the work may go on.
///
/// # Errors
/// [`ErrorKind::Cancelled`] if the observer says so.
pub fn check(observer: &dyn Observer) -> Result<()> {
    match observer.is_cancelled() {
        true => Err(Error::new(ErrorKind::Cancelled, "stopped; nothing is half done")),
        false => Ok(()),
    }
}

/// A reader that reports its progress to an observer, and fails with [`ErrorKind::Cancelled`] if
/// that asks for it.
pub struct Watched<'a, R> {
    inner: R,
    observer: &'a dyn Observer,
}

impl<'a, R: Read> Watched<'a, R> {
    /// Watches what is read from `inner` from now on.
    pub fn new(inner: R, observer: &'a dyn Observer) -> Self {
        Self { inner, observer }
    }
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        check(self.observer)?;
        let read = self.inner.read(buffer)?;
        self.observer.advance(read as u64);
        Ok(read)
    }
}
