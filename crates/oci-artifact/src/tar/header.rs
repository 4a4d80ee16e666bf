// SPDX-License-Identifier: Apache-2.0
//! The header of a member: one block of fixed fields.

use std::ops::Range;

use super::BLOCK;

/// One block, as it stands in the archive.
pub(super) type Block = [u8; BLOCK];

/// The longest path in the name field.
pub(super) const NAME_SIZE: usize = 100;
/// The largest number in a field of 12 bytes, 8 GiB - 1.
pub(super) const MAX_OCTAL_12: u64 = 0o777_7777_7777;
/// The largest mode, in a field of 8 bytes (TAR-3).
pub(super) const MAX_MODE: u32 = 0o777_7777;

const NAME: Range<usize> = 0..100;
const MODE: Range<usize> = 100..108;
const UID: Range<usize> = 108..116;
const GID: Range<usize> = 116..124;
const SIZE: Range<usize> = 124..136;
const MTIME: Range<usize> = 136..148;
const CHECKSUM: Range<usize> = 148..156;
const TYPE: Range<usize> = 156..157;
const MAGIC: Range<usize> = 257..265;
const DEV_MAJOR: Range<usize> = 329..337;
const DEV_MINOR: Range<usize> = 337..345;
const PREFIX: Range<usize> = 345..500;

/// The two types of member that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// A regular file, `0`.
    File,
    /// The PAX records of the next member, `x`.
    Records,
}

/// What the writer puts into a header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    /// At most [`NAME_SIZE`] bytes; shorter ones are padded with NULs.
    pub(super) name: &'a [u8],
    /// At most 155 bytes.
    pub(super) prefix: &'a [u8],
    /// At most [`MAX_MODE`].
    pub(super) mode: u32,
    /// At most [`MAX_OCTAL_12`].
    pub(super) size: u64,
    /// At most [`MAX_OCTAL_12`].
    pub(super) mtime: u64,
    pub(super) kind: Written,
}

impl Fields<'_> {
    /// The block of these fields (table under TAR-8).
    pub(super) fn encode(&self) -> Block {
        let mut block = [0; BLOCK];
        put(&mut block, NAME, self.name);
        put(&mut block, MODE, &octal(MODE, self.mode.into()));
        put(&mut block, UID, &octal(UID, 0));
        put(&mut block, GID, &octal(GID, 0));
        put(&mut block, SIZE, &octal(SIZE, self.size));
        put(&mut block, MTIME, &octal(MTIME, self.mtime));
        put(&mut block, MAGIC, b"ustar\x0000");
        put(&mut block, PREFIX, self.prefix);
        match self.kind {
            Written::File => {
                put(&mut block, TYPE, b"0");
                put(&mut block, DEV_MAJOR, &octal(DEV_MAJOR, 0));
                put(&mut block, DEV_MINOR, &octal(DEV_MINOR, 0));
            }
            Written::Records => put(&mut block, TYPE, b"x"),
        }
        let (sum, _) = checksums(&block);
        put(&mut block, CHECKSUM, format!("{sum:06o}\0 ").as_bytes());
        block
    }
}

/// `bytes` at the start of a field.
fn put(block: &mut Block, field: Range<usize>, bytes: &[u8]) {
    for (to, from) in block.iter_mut().skip(field.start).take(field.len()).zip(bytes) {
        *to = *from;
    }
}

/// `value` in base 8 with leading zeros and a NUL at the end (TAR-4).
fn octal(field: Range<usize>, value: u64) -> Vec<u8> {
    format!("{value:0digits$o}\0", digits = field.len() - 1).into_bytes()
}

/// The sums of all bytes, unsigned and signed, with the checksum's own field as spaces.
pub(super) fn checksums(block: &Block) -> (i64, i64) {
    let mut sums = (0, 0);
    for (at, byte) in block.iter().enumerate() {
        let byte = if CHECKSUM.contains(&at) { b' ' } else { *byte };
        sums.0 += i64::from(byte);
        sums.1 += i64::from(byte.cast_signed());
    }
    sums
}
