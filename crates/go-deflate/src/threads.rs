// SPDX-License-Identifier: Apache-2.0
//! The number of threads.

use std::num::NonZeroUsize;

/// The largest number of threads that helps.
const MOST: usize = 64;
/// The number of bytes of a segment, unless the caller sets another size: the first ones are small,
/// so that little input occupies all threads, too; later ones are larger, as each has to index its
/// history.
const SMALL: usize = 1 << 18;
const LARGE: usize = 1 << 20;
const FIRST: u64 = 1 << 15;
/// The largest number of bytes of all segments that are parsed at a time, so that many threads need
/// no more memory than few.
const TOGETHER: usize = 1 << 21;
/// The least bytes of a segment.
const LEAST: usize = 1 << 9;

/// The number of threads that an encoder may have. The stream does not depend on it (D-4).
///
/// One, the default, means the caller's. With more, that many are started once there is more input
/// than 256 KiB, besides the caller's, which then mostly waits; they end with the encoder. All
/// together need less than 64 MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threads {
    count: NonZeroUsize,
    /// The size of every segment in bytes; `None` chooses one that suits the input.
    segment_size: Option<usize>,
}

impl Threads {
    /// The caller's only.
    pub const ONE: Self = Self { count: NonZeroUsize::MIN, segment_size: None };

    /// Sets the number of threads; at most 64.
    pub fn new(count: NonZeroUsize) -> Self {
        let most = NonZeroUsize::new(MOST).unwrap_or(count);
        Self { count: count.min(most), ..Self::ONE }
    }

    /// Sets the size of segments to about that many bytes, at least 512. The default, 256 KiB to 1
    /// MiB, suits all inputs; small ones are for tests.
    #[must_use]
    pub fn with_segment_size(self, bytes: usize) -> Self {
        Self { segment_size: Some(bytes.max(LEAST)), ..self }
    }

    /// Returns the number of them.
    pub fn count(self) -> usize {
        self.count.get()
    }

    /// Bytes of the segment that begins at `start`.
    pub(super) fn segment_size(self, start: u64) -> u64 {
        let most = (TOGETHER / self.count()).clamp(SMALL, LARGE) as u64;
        let suitable = (start / 8).clamp(SMALL as u64, most);
        self.segment_size.map_or(suitable, |size| size as u64)
    }

    /// Bytes of the first segment, once there is as much input as for several: it shows the
    /// positions of tokens in a run with which the input may begin.
    pub(super) fn first_size(self) -> u64 {
        self.segment_size.map_or(FIRST, |size| size as u64)
    }

    /// Bytes of each of the last segments, if there are `rest` bytes for them: no thread shall end
    /// long before another.
    pub(super) fn last_size(self, rest: u64) -> u64 {
        let fair = rest.div_ceil(self.count() as u64).max(SMALL as u64 / 2);
        self.segment_size.map_or(fair, |size| size as u64)
    }

    /// Returns the number of segments that may be under way: enough that no thread waits for the
    /// caller's, few enough that eight threads need less than 64 MiB, whatever the input.
    pub(super) fn window(self) -> usize {
        self.count() + self.count().clamp(2, 6)
    }
}

impl Default for Threads {
    fn default() -> Self {
        Self::ONE
    }
}
