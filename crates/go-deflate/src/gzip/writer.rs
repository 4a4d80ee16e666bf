// SPDX-License-Identifier: Apache-2.0
//! The writer (format.md, 5). Its bytes get a digest.

use std::io::{self, Write};

use crc32fast::Hasher;

use super::MAGIC;
use crate::encoder::Encoder;
use crate::stream;
use crate::threads::Threads;

/// FLG: no name, no comment, nothing else.
const NO_FLAGS: u8 = 0;
/// XFL: the best compression, level 9 (GZ-3).
const BEST: u8 = 2;
/// The value of the header's OS field that means unknown.
const UNKNOWN: u8 = 255;

/// Writes what is written to it to another writer, as one gzip member at level 9.
///
/// How the input is cut into writes does not change the output, nor does flushing. The member is
/// complete only after [`finish`](Self::finish).
pub struct Writer<W: Write> {
    deflate: stream::Writer<W>,
    crc: Hasher,
    size: u32,
}

impl<W: Write> Writer<W> {
    /// Begins a member with that MTIME by
    /// writing its header (GZ-1).
    ///
    /// # Errors
    /// Those of the writer.
    pub fn new(output: W, mtime: u32) -> io::Result<Self> {
        Self::with_threads(output, mtime, Threads::ONE)
    }

    /// Creates a writer that works with that number of threads, which do not change the output.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn with_threads(output: W, mtime: u32, threads: Threads) -> io::Result<Self> {
        Self::with_encoder(output, mtime, Encoder::default(), threads)
    }

    /// Creates a writer that compresses with that encoder. The header is the same with each of them
    /// (E-32, G27-1).
    ///
    /// # Errors
    /// Those of the writer.
    pub fn with_encoder(
        mut output: W,
        mtime: u32,
        encoder: Encoder,
        threads: Threads,
    ) -> io::Result<Self> {
        let [a, b, c, d] = mtime.to_le_bytes();
        let [id1, id2, method] = MAGIC;
        output.write_all(&[id1, id2, method, NO_FLAGS, a, b, c, d, BEST, UNKNOWN])?;
        let deflate = stream::Writer::with_encoder(output, encoder, threads);
        Ok(Self { deflate, crc: Hasher::new(), size: 0 })
    }

    /// Ends the member with its trailer (GZ-5) and gives the writer back, which is not flushed.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(self) -> io::Result<W> {
        let mut output = self.deflate.finish()?;
        output.write_all(&self.crc.finalize().to_le_bytes())?;
        output.write_all(&self.size.to_le_bytes())?;
        Ok(output)
    }
}

impl<W: Write> Write for Writer<W> {
    fn write(&mut self, input: &[u8]) -> io::Result<usize> {
        let written = self.deflate.write(input)?;
        self.crc.update(input.get(..written).unwrap_or(input));
        // Modulo 2^32, as GZ-5 requires.
        self.size = self.size.wrapping_add(written as u32);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.deflate.flush()
    }
}
