// SPDX-License-Identifier: Apache-2.0
//! Blocks and tables (deflate-go127.md, 7): a block's tokens are counted, its form is decided beside
//! the table that the block before may have left, and it is written. These are three steps, as only the
//! second one depends on the block before.

#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::sync::Arc;

use super::round::Round;
use super::{Arithmetic, SMALL};
use crate::bits::{Bits, Room};
use crate::block::{Counts, END, FIXED, Header, Lengths, write_stored, write_tokens};
use crate::huffman::{code_lengths, codes};
use crate::segment::Behind;
use crate::token::Token;

/// Whether more blocks may go on with a block's table (E-22).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seal {
    Open,
    /// The block was closed in the last round.
    Sealed,
}

impl Seal {
    /// Returns the seal of a block that is closed in that round.
    pub(super) fn of(round: Round) -> Self {
        match round.behind {
            Behind::More => Self::Open,
            Behind::Nothing => Self::Sealed,
        }
    }
}

/// The counts of a block (E-23), and what follows from them alone.
pub(super) struct Tally {
    pub(super) counts: Counts,
    /// The number of tokens, t.
    pub(super) tokens: u32,
    /// The number of matches, M.
    pub(super) matches: u32,
    seal: Seal,
    /// 8 * (bytes + 5), where the block may be stored (E-24).
    stored: Option<u64>,
    own: OnceCell<Box<Own>>,
}

/// The codes of a block's own.
struct Own {
    lengths: Arc<Lengths>,
    header: Header,
    size: u64,
}

/// The table that a block goes on with (E-22).
struct Carried {
    lengths: Arc<Lengths>,
    end: EndCode,
    /// H: the bits of its header.
    header: u64,
}

/// A code that ends a block: its bits, and their number.
type EndCode = (u64, u32);

impl Tally {
    /// Counts the tokens of a block, which covers that many bytes if it may be stored.
    pub(super) fn new(tokens: &[Token], seal: Seal, bytes: Option<usize>) -> Self {
        let counts = Counts::new(tokens);
        let matches = counts.literals[END + 1..].iter().sum();
        Self {
            counts,
            tokens: tokens.len() as u32 + u32::from(seal == Seal::Sealed),
            matches,
            seal,
            stored: bytes.map(|bytes| 8 * (bytes as u64 + 5)),
            own: OnceCell::new(),
        }
    }

    /// Returns the codes of its own, made if they were not.
    fn own(&self) -> &Own {
        self.own.get_or_init(|| {
            let lengths = Lengths {
                literals: code_lengths(&self.counts.literals, 15),
                distances: code_lengths(&self.counts.distances, 15),
            };
            let header = Header::new(&lengths.literals, &lengths.distances);
            let size = header.bits() + self.counts.bits(&lengths);
            Box::new(Own { lengths: Arc::new(lengths), header, size })
        })
    }

    /// Makes the codes of its own, which may be wanted later.
    pub(super) fn prepare(&self) {
        self.own();
    }

    fn fixed(&self) -> u64 {
        3 + self.counts.bits(&FIXED)
    }

    fn is_small(&self) -> bool {
        self.tokens < SMALL
    }

    /// Whether it may be stored and that takes no more bits.
    fn is_stored_within(&self, bits: u64) -> bool {
        self.stored.is_some_and(|stored| stored <= bits)
    }

    /// Whether those codes have all its symbols (E-25.1).
    fn fits(&self, lengths: &Lengths) -> bool {
        let has = |counts: &[u32], lengths: &[u8]| {
            counts.iter().zip(lengths).all(|(&count, &length)| count == 0 || length > 0)
        };
        has(&self.counts.literals, &lengths.literals)
            && (self.matches == 0 || has(&self.counts.distances, &lengths.distances))
    }
}

/// The chosen form of a block.
pub(super) struct Plan {
    /// The end of the block before, where a table has been carried until now (E-22).
    before: Option<EndCode>,
    form: Form,
    seal: Seal,
}

enum Form {
    Stored,
    Fixed(u64),
    /// A form with codes of its own, and its size in bits.
    Dynamic(Box<Own>),
    /// The block before goes on.
    Carried(Arc<Lengths>, u64),
}

/// Decides about blocks, in their order.
#[derive(Default)]
pub(super) struct Planner {
    arithmetic: Arithmetic,
    carried: Option<Carried>,
}

impl Planner {
    pub(super) fn new(arithmetic: Arithmetic) -> Self {
        Self { arithmetic, carried: None }
    }

    /// Decides how the next block is written (E-25, E-26).
    pub(super) fn plan(&mut self, tally: Tally) -> Plan {
        let seal = tally.seal;
        let Some(carried) = self.carried.take() else {
            return Plan { before: None, form: self.form(tally), seal };
        };
        let before = Some(carried.end);
        if !tally.fits(&carried.lengths) {
            return Plan { before, form: self.form(tally), seal };
        }
        let reuse = tally.counts.bits(&carried.lengths);
        let new = carried.header + self.arithmetic.estimate(&tally);
        let new = new + u64::from(carried.end.1) + new / 256;
        let (size, is_dropped) = if new < reuse { (new, true) } else { (reuse, false) };
        let fixed = tally.fixed();
        if tally.is_small() && fixed + 7 < size {
            let is_stored = tally.is_stored_within(size);
            let form = if is_stored { Form::Stored } else { Form::Fixed(fixed) };
            return Plan { before, form, seal };
        }
        if tally.is_stored_within(size) {
            return Plan { before, form: Form::Stored, seal };
        }
        if is_dropped {
            return Plan { before, form: self.form(tally), seal };
        }
        let form = Form::Carried(carried.lengths.clone(), reuse);
        if seal == Seal::Open {
            self.carried = Some(carried);
        }
        Plan { before: None, form, seal }
    }

    /// Returns the form of a block for which no table is carried (E-26).
    fn form(&mut self, tally: Tally) -> Form {
        let dynamic = tally.own().size;
        let fixed = tally.fixed();
        if tally.is_small() && fixed <= dynamic {
            let is_stored = tally.is_stored_within(fixed);
            return if is_stored { Form::Stored } else { Form::Fixed(fixed) };
        }
        if tally.is_stored_within(dynamic) {
            return Form::Stored;
        }
        let seal = tally.seal;
        let Some(own) = tally.own.into_inner() else { unreachable!("its size was asked for") };
        if seal == Seal::Open {
            let code = codes(&own.lengths.literals)[END];
            let end = (u64::from(code), u32::from(own.lengths.literals[END]));
            let (lengths, header) = (own.lengths.clone(), own.header.bits());
            self.carried = Some(Carried { lengths, end, header });
        }
        Form::Dynamic(own)
    }
}

impl Plan {
    /// Whether the block is stored: then its size depends on where it begins.
    pub(super) fn is_stored(&self) -> bool {
        matches!(self.form, Form::Stored)
    }

    /// Writes the end of the block before, if it is still to be written.
    pub(super) fn write_before(&self, bits: &mut Bits, out: &mut Vec<u8>) {
        if let Some((code, length)) = self.before {
            bits.room(u64::from(length), out).put(code, length);
        }
    }

    /// Writes the block that consists of `tokens` and covers `input`, which may be missing unless it
    /// is stored (E-27); [what is before](Self::write_before) has been written.
    pub(super) fn write(
        &self,
        tokens: &[Token],
        input: [&[u8]; 2],
        bits: &mut Bits,
        out: &mut Vec<u8>,
    ) {
        let seal = |end: EndCode, room: &mut Room<'_>| match self.seal {
            Seal::Open => {}
            Seal::Sealed => room.put(end.0, end.1),
        };
        match &self.form {
            Form::Stored => write_stored(input, bits, out),
            Form::Fixed(size) => {
                let mut room = bits.room(*size, out);
                room.put(0b010, 3);
                let (end, length) = write_tokens(tokens, &FIXED, &mut room);
                room.put(end, length);
            }
            Form::Dynamic(own) => {
                let mut room = bits.room(own.size, out);
                room.put(0b100, 3);
                own.header.write(&mut room);
                seal(write_tokens(tokens, &own.lengths, &mut room), &mut room);
            }
            Form::Carried(lengths, size) => {
                let mut room = bits.room(*size, out);
                seal(write_tokens(tokens, lengths, &mut room), &mut room);
            }
        }
    }
}

/// Ends the stream with an empty fixed block (E-30).
pub(super) fn write_end(bits: &mut Bits, out: &mut Vec<u8>) {
    bits.room(10, out).put(0b011, 10);
    bits.align(out);
}
