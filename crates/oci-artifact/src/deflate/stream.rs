// SPDX-License-Identifier: Apache-2.0
//! The encoder as a stream: bytes come as they come (D-8), memory stays the same.

use std::io::{self, Read, Write};

use super::deflater::Deflater;
use super::parallel::{Parallel, Threads};

/// How many bytes are taken at once.
const STEP: usize = 8_192;

/// The encoder with one thread or more.
enum Engine {
    Serial(Deflater),
    Parallel(Parallel),
}

impl Engine {
    fn new(threads: Threads) -> Self {
        match threads.count() {
            1 => Self::Serial(Deflater::new()),
            _ => Self::Parallel(Parallel::new(threads)),
        }
    }

    fn push(&mut self, input: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Serial(deflater) => {
                deflater.push(input, out);
                Ok(())
            }
            Self::Parallel(parallel) => parallel.push(input, out),
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Serial(deflater) => {
                deflater.finish(out);
                Ok(())
            }
            Self::Parallel(parallel) => parallel.finish(out),
        }
    }
}

/// Writes the DEFLATE stream of what is written to it to another writer.
///
/// How the input is cut into writes does not change the output, nor does [`flush`](Write::flush)
/// (D-8), nor does the number of threads. Needs about a mebibyte, with up to eight threads less than
/// 64, however long the input is.
///
/// The stream is complete only after [`finish`](Encoder::finish); dropping the encoder leaves a
/// stream without an end.
pub struct Encoder<W: Write> {
    inner: W,
    engine: Engine,
    /// Output that is still to be written, from `written` on.
    out: Vec<u8>,
    written: usize,
}

impl<W: Write> Encoder<W> {
    /// An encoder that writes to `inner`.
    pub fn new(inner: W) -> Self {
        Self::with_threads(inner, Threads::ONE)
    }

    /// An encoder with so many threads.
    pub fn with_threads(inner: W, threads: Threads) -> Self {
        Self { inner, engine: Engine::new(threads), out: Vec::new(), written: 0 }
    }

    /// The writer.
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// Ends the stream and gives the writer back, which is not flushed.
    ///
    /// # Errors
    /// Those of the writer; if a thread has died.
    pub fn finish(mut self) -> io::Result<W> {
        self.engine.finish(&mut self.out)?;
        self.drain()?;
        Ok(self.inner)
    }

    fn drain(&mut self) -> io::Result<()> {
        while let Some(rest) = self.out.get(self.written..).filter(|rest| !rest.is_empty()) {
            match self.inner.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => self.written += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.out.clear();
        self.written = 0;
        Ok(())
    }
}

impl<W: Write> Write for Encoder<W> {
    /// Takes at most 8 KiB at once, so that the output that waits is bounded, too.
    fn write(&mut self, input: &[u8]) -> io::Result<usize> {
        self.drain()?;
        let step = input.get(..STEP).unwrap_or(input);
        self.engine.push(step, &mut self.out)?;
        Ok(step.len())
    }

    /// Hands on the output that there is, and flushes the writer; forces no output.
    fn flush(&mut self) -> io::Result<()> {
        self.drain()?;
        self.inner.flush()
    }
}

/// Yields the DEFLATE stream of what it reads from another reader.
///
/// How much is read at once does not change the output (D-8). Needs about a mebibyte, however
/// long the input is.
pub struct Reader<R: Read> {
    inner: R,
    deflater: Deflater,
    input: Box<[u8]>,
    ended: bool,
    /// Output that is still to be read, from `taken` on.
    out: Vec<u8>,
    taken: usize,
}

impl<R: Read> Reader<R> {
    /// A reader of the stream of what `inner` yields.
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            deflater: Deflater::new(),
            input: vec![0; STEP].into_boxed_slice(),
            ended: false,
            out: Vec::new(),
            taken: 0,
        }
    }
}

impl<R: Read> Read for Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while self.taken >= self.out.len() && !self.ended {
            self.out.clear();
            self.taken = 0;
            let n = self.inner.read(&mut self.input)?;
            let input = self.input.get(..n).ok_or(io::ErrorKind::InvalidData)?;
            if input.is_empty() {
                self.ended = true;
                self.deflater.finish(&mut self.out);
            } else {
                self.deflater.push(input, &mut self.out);
            }
        }
        let rest = self.out.get(self.taken..).unwrap_or_default();
        let n = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        self.taken += n;
        Ok(n)
    }
}
