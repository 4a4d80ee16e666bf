// SPDX-License-Identifier: Apache-2.0
//! The header of a program of Linux: which machine it is for, and whether it needs a loader.

/// The segment that names the loader of a dynamic program.
const PT_INTERP: u32 = 3;

/// The parts of an ELF file that are read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Elf {
    pub(super) machine: u16,
    /// Whether the file names no loader, and so needs no library of the system.
    pub(super) is_static: bool,
}

/// A file with its order of bytes.
struct Bytes<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

impl Bytes<'_> {
    /// Returns the unsigned number of `size` bytes at `at`.
    fn number(&self, at: u64, size: usize) -> Option<u64> {
        let at = usize::try_from(at).ok()?;
        let bytes = self.bytes.get(at..at.checked_add(size)?)?;
        let joined = |number: u64, byte: &u8| (number << 8) | u64::from(*byte);
        Some(match self.big_endian {
            true => bytes.iter().fold(0, joined),
            false => bytes.iter().rev().fold(0, joined),
        })
    }
}

impl Elf {
    /// Reads the header; nothing if this is no ELF file.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let [0x7f, b'E', b'L', b'F', class @ 1..=2, order @ 1..=2, ..] = bytes else {
            return None;
        };
        let (wide, file) = (*class == 2, Bytes { bytes, big_endian: *order == 2 });
        let machine = u16::try_from(file.number(18, 2)?).ok()?;
        let (offset, size, count) = match wide {
            true => (file.number(0x20, 8)?, file.number(0x36, 2)?, file.number(0x38, 2)?),
            false => (file.number(0x1c, 4)?, file.number(0x2a, 2)?, file.number(0x2c, 2)?),
        };
        let mut is_static = true;
        for at in 0..count {
            let kind = file.number(offset.checked_add(at.checked_mul(size)?)?, 4)?;
            is_static &= kind != u64::from(PT_INTERP);
        }
        Some(Self { machine, is_static })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a header with one segment of that kind.
    fn header(class: u8, order: u8, machine: u16, kind: u32) -> Vec<u8> {
        let mut bytes = vec![0x7f, b'E', b'L', b'F', class, order];
        bytes.resize(0x80, 0);
        let mut put = |at: usize, number: u64, size: usize| {
            let whole = number.to_be_bytes();
            let mut number = whole[whole.len() - size..].to_vec();
            if order == 1 {
                number.reverse();
            }
            bytes[at..at + size].copy_from_slice(&number);
        };
        put(18, machine.into(), 2);
        match class {
            2 => [(0x20, 0x40, 8), (0x36, 0x38, 2), (0x38, 1, 2)],
            _ => [(0x1c, 0x40, 4), (0x2a, 0x20, 2), (0x2c, 1, 2)],
        }
        .into_iter()
        .for_each(|(at, number, size)| put(at, number, size));
        put(0x40, kind.into(), 4);
        bytes
    }

    #[test]
    fn machine_and_loader_are_read_of_every_class_and_order() {
        for class in [1, 2] {
            for order in [1, 2] {
                for (kind, is_static) in [(1, true), (PT_INTERP, false)] {
                    let found = Elf::parse(&header(class, order, 183, kind));
                    assert_eq!(found, Some(Elf { machine: 183, is_static }), "{class} {order}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_program_or_cut_off_is_none() {
        let whole = header(2, 1, 62, 1);
        for length in 0..0x44 {
            assert_eq!(Elf::parse(&whole[..length]), None, "{length} bytes");
        }
        assert_eq!(Elf::parse(b"#!/bin/sh\n"), None);
    }
}
