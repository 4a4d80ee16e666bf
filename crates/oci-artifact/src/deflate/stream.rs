// SPDX-License-Identifier: Apache-2.0
//! The encoder as a stream: bytes come as they come (D-8), memory stays the same.

use std::io::{self, Read, Write};

use super::MAX;
use super::bits::Bits;
use super::block;
use super::matcher::Matcher;
use super::parse::Parse;
use super::token::Tokens;

/// How many bytes are brought in at once.
const STEP: usize = 8_192;
/// How far the matcher must be ahead of the parse: a position's S depends on the next 262 bytes,
/// and its search reads links up to the end of the longest match.
const AHEAD: u64 = 2 * MAX as u64;

/// The whole encoder, without a place to write to.
pub(super) struct Deflater {
    matcher: Matcher,
    parse: Parse,
    tokens: Tokens,
    /// Where the block that is being made begins.
    block_start: u64,
    bits: Bits,
}

impl Deflater {
    pub(super) fn new() -> Self {
        Self {
            matcher: Matcher::new(),
            parse: Parse::default(),
            tokens: Tokens::new(),
            block_start: 0,
            bits: Bits::default(),
        }
    }

    /// Takes in `input` and appends what can be said by now to `out`.
    pub(super) fn push(&mut self, input: &[u8], out: &mut Vec<u8>) {
        for step in input.chunks(STEP) {
            self.matcher.append(step);
            let until = self.matcher.indexed().saturating_sub(AHEAD);
            self.parse_until(until, out);
        }
    }

    /// Ends the stream (D-12, D-21). Nothing may be pushed afterwards.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        self.matcher.finish();
        self.parse_until(self.matcher.indexed(), out);
        if !self.tokens.is_empty() {
            self.close_block(out);
        }
        self.bits.room(3, out).put(0b001, 3);
        self.bits.align(out);
        out.extend([0, 0, 0xff, 0xff]);
    }

    fn parse_until(&mut self, until: u64, out: &mut Vec<u8>) {
        loop {
            self.parse.run(&mut self.matcher, until, &mut self.tokens);
            if !self.tokens.is_full() {
                return;
            }
            self.close_block(out);
        }
    }

    fn close_block(&mut self, out: &mut Vec<u8>) {
        let end = self.parse.position();
        let input = self.matcher.recent(self.block_start, end);
        block::write(self.tokens.as_slice(), input, &mut self.bits, out);
        self.tokens.clear();
        self.block_start = end;
    }
}

/// Writes the DEFLATE stream of what is written to it to another writer.
///
/// How the input is cut into writes does not change the output, nor does [`flush`](Write::flush)
/// (D-8). Needs about a mebibyte, however long the input is.
///
/// The stream is complete only after [`finish`](Encoder::finish); dropping the encoder leaves a
/// stream without an end.
pub struct Encoder<W: Write> {
    inner: W,
    deflater: Deflater,
    /// Output that is still to be written, from `written` on.
    out: Vec<u8>,
    written: usize,
}

impl<W: Write> Encoder<W> {
    /// An encoder that writes to `inner`.
    pub fn new(inner: W) -> Self {
        Self { inner, deflater: Deflater::new(), out: Vec::new(), written: 0 }
    }

    /// The writer.
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// Ends the stream and gives the writer back, which is not flushed.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(mut self) -> io::Result<W> {
        self.deflater.finish(&mut self.out);
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
        self.deflater.push(step, &mut self.out);
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
