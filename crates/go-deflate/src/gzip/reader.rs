// SPDX-License-Identifier: Apache-2.0
//! The reader (format.md, 11.1): whole members and nothing else, up to a limit.

use std::io::{self, BufRead, Read};

use crc32fast::Hasher;

use super::MAGIC;
use crate::error::Error;
use crate::inflate::{Inflate, fill};

/// FLG: a check of the header, further fields, a name, a comment.
const FHCRC: u8 = 1 << 1;
const FEXTRA: u8 = 1 << 2;
const FNAME: u8 = 1 << 3;
const FCOMMENT: u8 = 1 << 4;
/// The longest name or comment, with the NUL at its end (GU-2).
const MAX_TEXT: usize = 512;

/// Reads what the gzip members of an input hold, one after the other, in constant memory.
///
/// The bytes of a member are handed out before its checksum is known: they are of no use until
/// the end (0 bytes) was read without an error. All errors but those of the input carry an
/// [`Error`]:
/// - [`Error::Malformed`]: no input, a malformed or truncated member, a wrong checksum or
///   length, and anything behind a member that is not another one (GU-1, GU-2);
/// - [`Error::TooLarge`]: more output than the limit (GU-3).
pub struct Reader<R> {
    input: R,
    inflate: Inflate,
    state: State,
    limit: u64,
    /// The rest of the limit.
    left: u64,
    /// The CRC-32 of the current member.
    crc: Hasher,
    size: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The header of the first member comes next.
    Start,
    /// Within a member.
    Member,
    Ended,
    Failed,
}

impl<R: BufRead> Reader<R> {
    /// Creates a reader of at most `limit` bytes of output; exactly as many pass. [`u64::MAX`] is
    /// no limit (BUG-67).
    pub fn new(input: R, limit: u64) -> Self {
        Self {
            input,
            inflate: Inflate::new(),
            state: State::Start,
            limit,
            left: limit,
            crc: Hasher::new(),
            size: 0,
        }
    }

    /// Returns the output of some bytes, and whether more can follow.
    fn advance(&mut self, state: State, buffer: &mut [u8]) -> io::Result<(usize, State)> {
        match state {
            State::Start if fill(&mut self.input)?.is_empty() => {
                return Err(Error::Malformed("the gzip stream is empty").into());
            }
            State::Start => self.header()?,
            State::Member => {}
            State::Ended => return Ok((0, State::Ended)),
            State::Failed => return Err(Error::Malformed("the gzip stream is damaged").into()),
        }
        loop {
            let size = self.inflate.read(&mut self.input, buffer)?;
            if size > 0 {
                self.account(buffer.get(..size).unwrap_or(buffer))?;
                return Ok((size, State::Member));
            }
            self.trailer()?;
            if fill(&mut self.input)?.is_empty() {
                return Ok((0, State::Ended));
            }
            self.header()?;
        }
    }

    fn account(&mut self, output: &[u8]) -> Result<(), Error> {
        let left = self.left.checked_sub(output.len() as u64);
        self.left = left.ok_or(Error::TooLarge(self.limit))?;
        self.crc.update(output);
        self.size = self.size.wrapping_add(output.len() as u32);
        Ok(())
    }

    /// Reads a header and prepares for what follows it. All fields are passed over but the
    /// method and the header's own checksum (GU-2).
    fn header(&mut self) -> io::Result<()> {
        let mut header = Header { input: &mut self.input, crc: Hasher::new() };
        if [header.byte()?, header.byte()?, header.byte()?] != MAGIC {
            return Err(Error::Malformed("a gzip member does not begin with a gzip header").into());
        }
        let flags = header.byte()?;
        header.skip(6)?;
        if flags & FEXTRA != 0 {
            let size = header.u16()?;
            header.skip(size)?;
        }
        for flag in [FNAME, FCOMMENT] {
            if flags & flag != 0 {
                header.skip_text()?;
            }
        }
        if flags & FHCRC != 0 {
            let expected = header.crc.clone().finalize() & 0xffff;
            if u32::from(header.u16()?) != expected {
                return Err(Error::Malformed("the gzip header has a wrong checksum").into());
            }
        }
        self.inflate.restart();
        self.crc = Hasher::new();
        self.size = 0;
        Ok(())
    }

    fn trailer(&mut self) -> io::Result<()> {
        let mut trailer = [0; 8];
        for byte in &mut trailer {
            *byte = next_byte(&mut self.input)?;
        }
        let [a, b, c, d, size @ ..] = trailer;
        if u32::from_le_bytes([a, b, c, d]) != self.crc.clone().finalize() {
            return Err(Error::Malformed("the gzip stream has a wrong checksum").into());
        }
        if u32::from_le_bytes(size) != self.size {
            return Err(Error::Malformed(
                "the gzip stream does not have the length that it states",
            )
            .into());
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        // Until all went well; a stream that failed must not look as if it had ended.
        let state = std::mem::replace(&mut self.state, State::Failed);
        let (size, state) = self.advance(state, buffer)?;
        self.state = state;
        Ok(size)
    }
}

/// A header while it is read, with the checksum of what was read of it.
struct Header<'a, R> {
    input: &'a mut R,
    crc: Hasher,
}

impl<R: BufRead> Header<'_, R> {
    fn byte(&mut self) -> io::Result<u8> {
        let byte = next_byte(self.input)?;
        self.crc.update(&[byte]);
        Ok(byte)
    }

    fn u16(&mut self) -> io::Result<u16> {
        Ok(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn skip(&mut self, size: u16) -> io::Result<()> {
        (0..size).try_for_each(|_| self.byte().map(drop))
    }

    fn skip_text(&mut self) -> io::Result<()> {
        for _ in 0..MAX_TEXT {
            if self.byte()? == 0 {
                return Ok(());
            }
        }
        Err(Error::Malformed("the gzip header has too long a name or comment").into())
    }
}

fn next_byte(input: &mut impl BufRead) -> io::Result<u8> {
    let Some(byte) = fill(input)?.first().copied() else {
        return Err(Error::Malformed("the gzip stream is cut off").into());
    };
    input.consume(1);
    Ok(byte)
}
