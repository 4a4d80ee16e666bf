// SPDX-License-Identifier: Apache-2.0
//! The encoder as a stream: bytes come as they come (D-8), memory stays the same.

use std::io::{self, Read, Write};

use super::go126::{Deflater, Parallel};
use super::threads::Threads;

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

    fn finish(self, out: &mut Vec<u8>) -> io::Result<()> {
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
    engine: Engine,
    output: Output<W>,
}

impl<W: Write> Encoder<W> {
    /// An encoder that writes to `inner`.
    pub fn new(inner: W) -> Self {
        Self::with_threads(inner, Threads::ONE)
    }

    /// An encoder with so many threads.
    pub fn with_threads(inner: W, threads: Threads) -> Self {
        let output = Output { inner, waiting: Vec::new(), written: 0 };
        Self { engine: Engine::new(threads), output }
    }

    /// The writer.
    pub fn get_ref(&self) -> &W {
        &self.output.inner
    }

    /// Ends the stream and gives the writer back, which is not flushed.
    ///
    /// # Errors
    /// Those of the writer; if a thread has died.
    pub fn finish(self) -> io::Result<W> {
        let Self { engine, mut output } = self;
        engine.finish(&mut output.waiting)?;
        output.drain()?;
        Ok(output.inner)
    }
}

/// Where the stream goes.
struct Output<W> {
    inner: W,
    /// What is still to be written, from `written` on.
    waiting: Vec<u8>,
    written: usize,
}

impl<W: Write> Output<W> {
    fn drain(&mut self) -> io::Result<()> {
        while let Some(rest) = self.waiting.get(self.written..).filter(|rest| !rest.is_empty()) {
            match self.inner.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => self.written += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.waiting.clear();
        self.written = 0;
        Ok(())
    }
}

impl<W: Write> Write for Encoder<W> {
    /// Takes at most 8 KiB at once, so that the output that waits is bounded, too.
    fn write(&mut self, input: &[u8]) -> io::Result<usize> {
        self.output.drain()?;
        let step = input.get(..STEP).unwrap_or(input);
        self.engine.push(step, &mut self.output.waiting)?;
        Ok(step.len())
    }

    /// Hands on the output that there is, and flushes the writer; forces no output.
    fn flush(&mut self) -> io::Result<()> {
        self.output.drain()?;
        self.output.inner.flush()
    }
}

/// Yields the DEFLATE stream of what it reads from another reader.
///
/// How much is read at once does not change the output (D-8). Needs about a mebibyte, however
/// long the input is.
pub struct Reader<R: Read> {
    inner: R,
    /// `None` once the stream has ended.
    deflater: Option<Deflater>,
    input: Box<[u8]>,
    /// Output that is still to be read, from `taken` on.
    out: Vec<u8>,
    taken: usize,
}

impl<R: Read> Reader<R> {
    /// A reader of the stream of what `inner` yields.
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            deflater: Some(Deflater::new()),
            input: vec![0; STEP].into_boxed_slice(),
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
        while self.taken >= self.out.len()
            && let Some(deflater) = &mut self.deflater
        {
            let n = self.inner.read(&mut self.input)?;
            let input = self.input.get(..n).ok_or(io::ErrorKind::InvalidData)?;
            self.out.clear();
            self.taken = 0;
            if !input.is_empty() {
                deflater.push(input, &mut self.out);
            } else if let Some(deflater) = self.deflater.take() {
                deflater.finish(&mut self.out);
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
