// SPDX-License-Identifier: Apache-2.0
//! The end of a layer that is read for another reason: it hints at the encoder.

use std::io::{self, Read};

use oci_artifact::Encoder;

/// The number of bytes that are kept.
const KEPT: usize = 16;

/// A reader that remembers the last bytes.
pub(super) struct Ending<R> {
    inner: R,
    last: Vec<u8>,
    count: u64,
}

impl<R: Read> Ending<R> {
    pub(super) fn of(inner: R) -> Self {
        Self { inner, last: Vec::with_capacity(2 * KEPT), count: 0 }
    }

    /// The encoder that the last bytes hint at, if all `size` bytes were read.
    pub(super) fn encoder(&self, size: u64) -> Option<Encoder> {
        (self.count == size).then(|| Encoder::hint(&self.last)).flatten()
    }
}

impl<R: Read> Read for Ending<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        let read = buffer.get(..n).unwrap_or_default();
        self.last.extend_from_slice(read.get(n.saturating_sub(KEPT)..).unwrap_or_default());
        self.last.drain(..self.last.len().saturating_sub(KEPT));
        self.count += n as u64;
        Ok(n)
    }
}
