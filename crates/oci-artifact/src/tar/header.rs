// SPDX-License-Identifier: Apache-2.0
//! The header of a member: one block of fixed fields, written in one way (TAR-4 to TAR-12) and read
//! in four (EX-2 to EX-5).

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
const STAR_PREFIX: Range<usize> = 345..476;
const STAR_ATIME: Range<usize> = 476..488;
const STAR_CTIME: Range<usize> = 488..500;
const STAR_TRAILER: Range<usize> = 508..512;
const GNU_ATIME: Range<usize> = 345..357;
const GNU_CTIME: Range<usize> = 357..369;

/// The two types of member that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// A regular file, `0`.
    File,
    /// The PAX records of the next member, `x`.
    Records,
}

/// The fields that the writer puts into a header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    /// The name, of at most [`NAME_SIZE`] bytes; shorter ones are padded with NULs.
    pub(super) name: &'a [u8],
    /// The prefix of the name, of at most 155 bytes.
    pub(super) prefix: &'a [u8],
    /// The mode, at most [`MAX_MODE`].
    pub(super) mode: u32,
    /// The size of the content in bytes, at most [`MAX_OCTAL_12`].
    pub(super) size: u64,
    /// The time of the last change, at most [`MAX_OCTAL_12`].
    pub(super) mtime: u64,
    pub(super) kind: Written,
}

impl Fields<'_> {
    /// Returns the block of these fields (table under TAR-8).
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

/// The fields that the reader takes from a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The name, with its prefix if there is one.
    pub(super) name: Vec<u8>,
    pub(super) mode: i64,
    pub(super) size: i64,
    /// The byte of the type field.
    pub(super) kind: u8,
}

/// The families of headers, which differ in their magic (EX-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    V7,
    Ustar,
    Star,
    Gnu,
}

impl Header {
    /// Parses a block that is not all zeros; all numbers in it must be such (EX-2 to EX-5).
    ///
    /// # Errors
    /// What is wrong, as the end of a sentence about the header.
    pub(super) fn parse(block: &Block) -> Result<Self, &'static str> {
        let (unsigned, signed) = checksums(block);
        match octal_number(field(block, CHECKSUM)) {
            Some(sum) if sum == unsigned || sum == signed => {}
            _ => return Err("has a wrong checksum"),
        }
        let family = Family::of(block);
        let number_at = |at| number(field(block, at)).ok_or("has a field that is not a number");
        let (mode, size) = (number_at(MODE)?, number_at(SIZE)?);
        let others: &[Range<usize>] = match family {
            Family::V7 => &[UID, GID, MTIME],
            Family::Ustar | Family::Gnu => &[UID, GID, MTIME, DEV_MAJOR, DEV_MINOR],
            Family::Star => &[UID, GID, MTIME, DEV_MAJOR, DEV_MINOR, STAR_ATIME, STAR_CTIME],
        };
        for other in others {
            number_at(other.clone())?;
        }
        let name = until_nul(field(block, NAME));
        let name = match family.prefix(block) {
            b"" => name.to_vec(),
            prefix => [prefix, b"/", name].concat(),
        };
        let kind = block.get(TYPE.start).copied().unwrap_or_default();
        Ok(Self { name, mode, size, kind })
    }
}

impl Family {
    fn of(block: &Block) -> Self {
        match field(block, MAGIC) {
            b"ustar  \0" => Self::Gnu,
            [b'u', b's', b't', b'a', b'r', 0, ..] => match field(block, STAR_TRAILER) {
                b"tar\0" => Self::Star,
                _ => Self::Ustar,
            },
            _ => Self::V7,
        }
    }

    /// Returns the text before the name, without the slash between them (EX-5).
    fn prefix(self, block: &Block) -> &[u8] {
        let is_time = |at| {
            let time = field(block, at);
            time.first() == Some(&0) || number(time).is_some()
        };
        match self {
            Self::V7 => b"",
            Self::Ustar => until_nul(field(block, PREFIX)),
            Self::Star => until_nul(field(block, STAR_PREFIX)),
            // Some writers put a prefix there although GNU has times in this place.
            Self::Gnu if is_time(GNU_ATIME) && is_time(GNU_CTIME) => b"",
            Self::Gnu => Some(until_nul(field(block, PREFIX)))
                .filter(|prefix| prefix.is_ascii())
                .unwrap_or_default(),
        }
    }
}

fn field(block: &Block, at: Range<usize>) -> &[u8] {
    block.get(at).unwrap_or_default()
}

/// Returns the bytes before the first NUL.
pub(super) fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|b| *b == 0).next().unwrap_or_default()
}

/// Returns a number in either of its two forms, within 64 bits (EX-4).
fn number(field: &[u8]) -> Option<i64> {
    match field.first() {
        Some(0x80..) => base_256(field),
        _ => octal_number(field),
    }
}

/// Octal digits between NULs and spaces; 0 without any.
fn octal_number(field: &[u8]) -> Option<i64> {
    let is_blank = |b: &u8| matches!(b, 0 | b' ');
    let start = field.iter().position(|b| !is_blank(b)).unwrap_or(field.len());
    let end = field.iter().rposition(|b| !is_blank(b)).map_or(start, |at| at + 1);
    until_nul(field.get(start..end)?).iter().try_fold(0i64, |number, digit| match digit {
        b'0'..=b'7' => number.checked_mul(8)?.checked_add(i64::from(digit - b'0')),
        _ => None,
    })
}

/// Two's complement, big-endian, behind a 1 as the first bit.
fn base_256(field: &[u8]) -> Option<i64> {
    let (first, rest) = field.split_first()?;
    // The second bit is the sign; moved up by one, it is the sign of the first byte.
    let first = i64::from((first << 1).cast_signed() >> 1);
    rest.iter().try_fold(first, |number, byte| Some(number.checked_mul(256)? | i64::from(*byte)))
}

/// Returns the sums of all bytes, unsigned and signed, with the checksum's own field as spaces.
pub(super) fn checksums(block: &Block) -> (i64, i64) {
    let mut sums = (0, 0);
    for (at, byte) in block.iter().enumerate() {
        let byte = if CHECKSUM.contains(&at) { b' ' } else { *byte };
        sums.0 += i64::from(byte);
        sums.1 += i64::from(byte.cast_signed());
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a header with these fields, its checksum right.
    fn block(fields: &[(Range<usize>, &[u8])]) -> Block {
        let plain =
            Fields { name: b"n", prefix: b"p", mode: 0, size: 0, mtime: 0, kind: Written::File };
        let mut block = plain.encode();
        for (at, bytes) in fields {
            put(&mut block, at.clone(), bytes);
        }
        let (sum, _) = checksums(&block);
        put(&mut block, CHECKSUM, format!("{sum:06o}\0 ").as_bytes());
        block
    }

    #[test]
    fn the_sum_of_unsigned_or_of_signed_bytes_ex_2() {
        let mut block = block(&[(NAME, "é".as_bytes())]);
        let (unsigned, signed) = checksums(&block);
        assert_ne!(unsigned, signed);
        for (sum, good) in [(unsigned, true), (signed, true), (unsigned + 1, false)] {
            put(&mut block, CHECKSUM, format!("{sum:06o}\0 ").as_bytes());
            assert_eq!(Header::parse(&block).is_ok(), good);
        }
        put(&mut block, CHECKSUM, &[0x80, 0, 0, 0, 0, 0, 0, 0]);
        assert!(Header::parse(&block).is_err(), "a checksum is never base-256");
    }

    #[test]
    fn prefixes_of_the_four_families_ex_3_and_5() {
        let name = |fields: &[(Range<usize>, &[u8])]| {
            String::from_utf8(Header::parse(&block(fields)).expect("is a header").name)
        };
        let star = (STAR_TRAILER, b"tar\0".as_slice());
        let gnu = (MAGIC, b"ustar  \0".as_slice());
        let long = [b'q'; 155];
        for (fields, expected) in [
            (vec![], "p/n".to_owned()),
            (vec![(MAGIC, b"ustar\0xx".as_slice())], "p/n".into()),
            (vec![(MAGIC, b"ustar  x")], "n".into()),
            (vec![(MAGIC, b"USTAR\x0000")], "n".into()),
            (vec![star.clone()], "p/n".into()),
            (
                vec![(PREFIX, &long), star.clone(), (STAR_ATIME, &[0; 12]), (STAR_CTIME, &[0; 12])],
                format!("{}/n", "q".repeat(131)),
            ),
            (vec![(PREFIX, &long)], format!("{}/n", "q".repeat(155))),
            // GNU: `p` is no time, so it is a prefix; times are none; what is not ASCII is dropped.
            (vec![gnu.clone()], "p/n".into()),
            (vec![gnu.clone(), (PREFIX, b"0")], "n".into()),
            (vec![gnu.clone(), (PREFIX, b"\0"), (GNU_CTIME, b"x")], "n".into()),
            (vec![gnu.clone(), (PREFIX, b"0\0"), (GNU_CTIME, b"x")], "0/n".into()),
            (vec![gnu, (PREFIX, "é".as_bytes())], "n".into()),
        ] {
            assert_eq!(name(&fields).expect("is text"), expected);
        }
    }

    #[test]
    fn numbers_ex_4() {
        for (field, value) in [
            (b"0000644\0".as_slice(), Some(0o644)),
            (b"    644 ", Some(0o644)),
            (b"\0\x20644\0\0\0", Some(0o644)),
            (b"644\0junk", Some(0o644)),
            (b"\0\0\0\0\0\0\0\0", Some(0)),
            (b"        ", Some(0)),
            (b"", Some(0)),
            (b"77777777", Some(0o7777_7777)),
            (b"64 4\0", None),
            (b"648\0", None),
            (b"-1\0", None),
            (b"0x10\0", None),
            (b"\x80\0\0\0\0\0\0\x07", Some(7)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff", Some(-1)),
            (b"\xc0\0\0\0\0\0\0\0", Some(-0x4000_0000_0000_0000)),
            (b"\xbf\xff\xff\xff\xff\xff\xff\xff", Some(0x3fff_ffff_ffff_ffff)),
            (b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", Some(i64::MAX)),
            (b"\xff\xff\xff\xff\x80\0\0\0\0\0\0\0", Some(i64::MIN)),
            (b"\x80\0\0\0\x80\0\0\0\0\0\0\0", None),
            (b"\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff", None),
            (b"\x80\0\0\x01\0\0\0\0\0\0\0\0", None),
        ] {
            assert_eq!(number(field), value, "{}", field.escape_ascii());
        }
    }

    #[test]
    fn every_number_is_checked_ex_4() {
        for (at, families) in [
            (MODE, "vusg"),
            (UID, "vusg"),
            (GID, "vusg"),
            (SIZE, "vusg"),
            (MTIME, "vusg"),
            (DEV_MAJOR, "usg"),
            (DEV_MINOR, "usg"),
            (STAR_ATIME, "s"),
            (STAR_CTIME, "s"),
        ] {
            for (family, magic, trailer) in [
                ('v', b"\0\0\0\0\0\0\0\0", b"\0\0\0\0"),
                ('u', b"ustar\x0000", b"\0\0\0\0"),
                ('s', b"ustar\x0000", b"tar\0"),
                ('g', b"ustar  \0", b"\0\0\0\0"),
            ] {
                let mut fields: Vec<(_, &[u8])> = vec![(MAGIC, magic), (STAR_TRAILER, trailer)];
                assert!(Header::parse(&block(&fields)).is_ok());
                fields.push((at.clone(), b"9"));
                let refused = Header::parse(&block(&fields)).is_err();
                assert_eq!(refused, families.contains(family), "{at:?} of {family}");
            }
        }
    }
}
