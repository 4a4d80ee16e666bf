// SPDX-License-Identifier: Apache-2.0
//! The encoders as streams: bytes come as they come (D-8, E-3), memory stays the same.

use std::io::{self, Read, Write};

use crate::encoder::Encoder;
use crate::go127::Arithmetic;
use crate::threads::Threads;
use crate::{go126, go127};

/// The number of bytes that are taken at once.
const STEP: usize = 8_192;

/// An encoder, with one thread or more.
enum Engine {
    Go126(go126::Deflater),
    Go126Parallel(go126::Parallel),
    Go127(go127::Deflater),
    Go127Parallel(go127::Parallel),
}

impl Engine {
    fn new(encoder: Encoder, threads: Threads) -> Self {
        match (Arithmetic::of(encoder), threads.count()) {
            (None, 1) => Self::Go126(go126::Deflater::new()),
            (None, _) => Self::Go126Parallel(go126::Parallel::new(threads)),
            (Some(arithmetic), 1) => Self::Go127(go127::Deflater::new(arithmetic)),
            (Some(arithmetic), _) => Self::Go127Parallel(go127::Parallel::new(arithmetic, threads)),
        }
    }

    fn push(&mut self, input: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Go126(deflater) => deflater.push(input, out),
            Self::Go127(deflater) => deflater.push(input, out),
            Self::Go126Parallel(parallel) => return parallel.push(input, out),
            Self::Go127Parallel(parallel) => return parallel.push(input, out),
        }
        Ok(())
    }

    fn finish(self, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Go126(deflater) => deflater.finish(out),
            Self::Go127(deflater) => deflater.finish(out),
            Self::Go126Parallel(parallel) => return parallel.finish(out),
            Self::Go127Parallel(parallel) => return parallel.finish(out),
        }
        Ok(())
    }
}

/// Writes the DEFLATE stream of what is written to it to another writer.
///
/// How the input is cut into writes does not change the output, nor does [`flush`](Write::flush)
/// (D-8, E-3), nor does the number of threads. Needs about a mebibyte, with up to eight threads less than
/// 64, however long the input is.
///
/// The stream is complete only after [`finish`](Writer::finish); dropping the writer leaves a
/// stream without an end.
pub struct Writer<W: Write> {
    engine: Engine,
    output: Output<W>,
}

impl<W: Write> Writer<W> {
    /// Returns the [default](Encoder::Go126) encoder, which writes to `inner`.
    pub fn new(inner: W) -> Self {
        Self::with_threads(inner, Threads::ONE)
    }

    /// Creates a writer that works with that number of threads.
    pub fn with_threads(inner: W, threads: Threads) -> Self {
        Self::with_encoder(inner, Encoder::default(), threads)
    }

    /// Creates a writer with that encoder, which decides about the stream, and that number of threads, which do not.
    pub fn with_encoder(inner: W, encoder: Encoder, threads: Threads) -> Self {
        let output = Output { inner, waiting: Vec::new(), written: 0 };
        Self { engine: Engine::new(encoder, threads), output }
    }

    /// Returns the writer below this one.
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

/// The destination of the stream.
struct Output<W> {
    inner: W,
    /// Bytes that are still to be written, from `written` on.
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

impl<W: Write> Write for Writer<W> {
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
    engine: Option<Engine>,
    input: Box<[u8]>,
    /// Output that is still to be read, from `taken` on.
    out: Vec<u8>,
    taken: usize,
}

impl<R: Read> Reader<R> {
    /// Creates a reader of the stream of what `inner` yields, by the [default](Encoder::Go126)
    /// encoder.
    pub fn new(inner: R) -> Self {
        Self::with_encoder(inner, Encoder::default())
    }

    /// Creates a reader that compresses with that encoder.
    pub fn with_encoder(inner: R, encoder: Encoder) -> Self {
        Self {
            inner,
            engine: Some(Engine::new(encoder, Threads::ONE)),
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
            && let Some(engine) = &mut self.engine
        {
            let n = self.inner.read(&mut self.input)?;
            let input = self.input.get(..n).ok_or(io::ErrorKind::InvalidData)?;
            self.out.clear();
            self.taken = 0;
            if !input.is_empty() {
                engine.push(input, &mut self.out)?;
            } else if let Some(engine) = self.engine.take() {
                engine.finish(&mut self.out)?;
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
