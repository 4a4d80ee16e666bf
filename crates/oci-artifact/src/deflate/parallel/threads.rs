// SPDX-License-Identifier: Apache-2.0
//! How many threads.

use std::num::NonZeroUsize;

/// More threads than this do not help.
const MOST: usize = 64;
/// Bytes of a segment. Smaller ones cost more history, larger ones more memory.
const SEGMENT: usize = 1 << 18;
/// The least bytes of a segment.
const LEAST: usize = 1 << 9;

/// How many threads an encoder may have. The stream does not depend on it (D-4).
///
/// One, the default, means the caller's. With more, so many are started once there is more input
/// than one segment, besides the caller's, which then mostly waits; they end with the encoder.
/// Each adds 3 to 6 MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threads {
    count: NonZeroUsize,
    segment_size: usize,
}

impl Threads {
    /// The caller's only.
    pub const ONE: Self = Self { count: NonZeroUsize::MIN, segment_size: SEGMENT };

    /// So many; at most 64.
    pub fn new(count: NonZeroUsize) -> Self {
        let most = NonZeroUsize::new(MOST).unwrap_or(count);
        Self { count: count.min(most), ..Self::ONE }
    }

    /// The same with segments of about so many bytes, at least 512. The default, 256 KiB, suits
    /// all inputs; small ones are for tests.
    #[must_use]
    pub fn with_segment_size(self, bytes: usize) -> Self {
        Self { segment_size: bytes.max(LEAST), ..self }
    }

    /// How many.
    pub fn count(self) -> usize {
        self.count.get()
    }

    pub(super) fn segment_size(self) -> u64 {
        self.segment_size as u64
    }

    /// How many segments may be under way: enough that no thread waits for the caller's, few enough
    /// that eight threads need less than 64 MiB, whatever the input.
    pub(super) fn window(self) -> usize {
        self.count() + self.count().min(4) + 2
    }
}

impl Default for Threads {
    fn default() -> Self {
        Self::ONE
    }
}
