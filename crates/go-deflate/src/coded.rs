// SPDX-License-Identifier: Apache-2.0
//! Blocks as bit strings, made anywhere and then joined.

use std::collections::VecDeque;
use std::io;

use crate::bits::Bits;
use crate::block::write_stored;
use crate::pool::Pending;

/// Codes of blocks in a row.
pub(super) enum Coded {
    /// Bytes, and the bits behind the last one.
    Bits(Vec<u8>, Bits),
    /// The content of a stored block: how it is padded depends on where it begins.
    Stored(Box<[u8]>),
}

impl Coded {
    /// Puts the codes behind those that there are.
    pub(super) fn join(&self, bits: &mut Bits, out: &mut Vec<u8>) {
        match self {
            Self::Bits(bytes, rest) => bits.append(bytes, rest, out),
            Self::Stored(input) => write_stored([input, &[]], bits, out),
        }
    }
}

/// Blocks that threads code, put behind each other in the order of the input.
#[derive(Default)]
pub(super) struct Joining {
    pending: VecDeque<Pending<Vec<Coded>>>,
    bits: Bits,
}

impl Joining {
    /// Waits until no more than `most` are being coded.
    ///
    /// # Errors
    /// If a thread has died.
    pub(super) fn make_room(&mut self, most: usize, out: &mut Vec<u8>) -> io::Result<()> {
        while self.pending.len() > most
            && let Some(pending) = self.pending.pop_front()
        {
            for coded in pending.wait()? {
                coded.join(&mut self.bits, out);
            }
        }
        Ok(())
    }

    /// Adds the next blocks.
    pub(super) fn add(&mut self, pending: Pending<Vec<Coded>>) {
        self.pending.push_back(pending);
    }

    /// Waits for all; the bits that are left, behind which the stream ends.
    ///
    /// # Errors
    /// If a thread has died.
    pub(super) fn finish(mut self, out: &mut Vec<u8>) -> io::Result<Bits> {
        self.make_room(0, out)?;
        Ok(self.bits)
    }
}
