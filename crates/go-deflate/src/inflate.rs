// SPDX-License-Identifier: Apache-2.0
//! Reading a DEFLATE stream, strictly and in constant memory.
//!
//! It drives miniz_oxide's core over a sliding window of its own instead of going through flate2:
//! the ring buffer there takes a match that reaches back before the start of the stream for zeros,
//! and which library is behind flate2 is up to every crate of a build.

use std::io::{self, BufRead};

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_HAS_MORE_INPUT, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use crate::error::Error;

/// The largest distance of a match, in bytes.
const HISTORY: usize = 32 * 1024;
/// The window: the history, and room before it has to be moved.
const WINDOW: usize = 4 * HISTORY;

/// A decoder of DEFLATE streams, one after the other.
pub(crate) struct Inflate {
    state: Box<DecompressorOxide>,
    /// Output, of which `taken..filled` is still to be handed out.
    window: Box<[u8]>,
    taken: usize,
    filled: usize,
    progress: Progress,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Running,
    Ended,
}

impl Inflate {
    /// A decoder at the start of a stream.
    pub(crate) fn new() -> Self {
        Self {
            state: Box::default(),
            window: vec![0; WINDOW].into(),
            taken: 0,
            filled: 0,
            progress: Progress::Running,
        }
    }

    /// Prepares for another stream, whose matches cannot reach into this one.
    pub(crate) fn restart(&mut self) {
        self.state.init();
        (self.taken, self.filled) = (0, 0);
        self.progress = Progress::Running;
    }

    /// Fills the start of `buffer` and says how much of it; 0 is the end of the stream, after which
    /// `input` stands at the byte behind it.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a stream that is malformed or cut off; those of `input`.
    pub(crate) fn read(
        &mut self,
        input: &mut impl BufRead,
        buffer: &mut [u8],
    ) -> io::Result<usize> {
        while self.taken == self.filled && self.progress == Progress::Running {
            self.advance(input)?;
        }
        let output = self.window.get(self.taken..self.filled).unwrap_or_default();
        let size = output.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(output) {
            *to = *from;
        }
        self.taken += size;
        Ok(size)
    }

    fn advance(&mut self, input: &mut impl BufRead) -> io::Result<()> {
        if self.filled == self.window.len() {
            self.window.copy_within(WINDOW - HISTORY.., 0);
            (self.taken, self.filled) = (HISTORY, HISTORY);
        }
        let chunk = fill(input)?;
        let is_end = chunk.is_empty();
        // The window does not wrap, so a match before its first byte is an error.
        let flags = TINFL_FLAG_HAS_MORE_INPUT | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, consumed, produced) =
            decompress(&mut self.state, chunk, &mut self.window, self.filled, flags);
        input.consume(consumed);
        self.filled += produced;
        match status {
            TINFLStatus::Done => self.progress = Progress::Ended,
            TINFLStatus::NeedsMoreInput | TINFLStatus::HasMoreOutput
                if consumed > 0 || produced > 0 => {}
            TINFLStatus::NeedsMoreInput if is_end => {
                return Err(Error::Malformed("the compressed data is cut off").into());
            }
            _ => return Err(Error::Malformed("the compressed data is malformed").into()),
        }
        Ok(())
    }
}

/// Returns the bytes that the input has buffered, and reads more if there are none; empty at its
/// end.
pub(crate) fn fill(input: &mut impl BufRead) -> io::Result<&[u8]> {
    loop {
        match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
            Ok(_) => break,
        }
    }
    // What is at hand is given once more; returned from the loop, it would stay borrowed there.
    input.fill_buf()
}
