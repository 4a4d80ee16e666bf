// SPDX-License-Identifier: Apache-2.0
//! gzip: what is written, and the reader against damage, limits and another reader.

use std::io::{BufReader, Read, Write};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::DeflateEncoder;
use go_deflate::Error;
use go_deflate::gzip::{Reader, Writer};
use proptest::prelude::*;

/// A limit that no test means to reach.
const LIMIT: u64 = 100 << 20;

fn encode(input: &[u8], mtime: u32) -> Vec<u8> {
    let mut encoder = Writer::new(Vec::new(), mtime).expect("can be written");
    encoder.write_all(input).expect("can be written");
    encoder.finish().expect("can be written")
}

fn own(error: std::io::Error) -> Error {
    error.downcast().expect("is an error of the reader")
}

fn decode_at_most(limit: u64, input: &[u8], chunk: usize) -> Result<Vec<u8>, Error> {
    let mut decoder = Reader::new(BufReader::with_capacity(chunk, input), limit);
    let mut output = Vec::new();
    let result = decoder.read_to_end(&mut output);
    assert!(output.len() as u64 <= limit);
    // An end stays an end, a failure a failure.
    assert_eq!(decoder.read(&mut [0]).is_ok(), result.is_ok());
    result.map_err(own).map(|_| output)
}

fn decode(input: &[u8]) -> Result<Vec<u8>, Error> {
    let output = decode_at_most(LIMIT, input, 4096);
    let slowly = decode_at_most(LIMIT, input, 1);
    assert_eq!(output.as_ref().ok(), slowly.ok().as_ref());
    output
}

#[track_caller]
fn refused(input: &[u8]) {
    let error = decode(input).expect_err("is refused");
    assert!(matches!(error, Error::Malformed(_)), "{error}");
}

/// A member with these flags and header fields around `deflated`.
fn member(flags: u8, fields: &[u8], deflated: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut member = vec![0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 5, 6];
    member.extend(fields);
    member.extend(deflated);
    member.extend(crc32fast::hash(plain).to_le_bytes());
    member.extend((plain.len() as u32).to_le_bytes());
    member
}

/// The bytes `hi` as a stored block.
const HI: &[u8] = b"\x01\x02\x00\xfd\xffhi";

#[test]
fn every_byte_around_the_data_gz_1_to_5() {
    let bytes = encode(b"hi", 0x0403_0201);
    assert_eq!(bytes[..10], [0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 2, 0xff]);
    let data = go_deflate::compress(b"hi");
    assert_eq!(bytes[10..bytes.len() - 8], data);
    assert_eq!(bytes[bytes.len() - 8..bytes.len() - 4], crc32fast::hash(b"hi").to_le_bytes());
    assert_eq!(bytes[bytes.len() - 4..], [2, 0, 0, 0]);
}

#[test]
fn members_follow_each_other_and_nothing_else_does_gu_1_bug_68() {
    let one = encode(b"one ", 7);
    let two = member(0, b"", HI, b"hi");
    assert_eq!(decode(&one).expect("is good"), b"one ");
    let both = [&one[..], &two, &encode(b"", 0), &one].concat();
    assert_eq!(decode(&both).expect("is good"), b"one hione ");
    refused(b"");
    for byte in 0..=255 {
        refused(&[&one[..], &[byte]].concat());
    }
    refused(&[&one[..], &[0; 512]].concat());
    refused(&[&[0], &one[..]].concat());
}

#[test]
fn what_a_header_may_have_gu_2() {
    let extra = b"\x05\x00extra";
    let text = b"name\0";
    let long = [[b'n'; 511].as_slice(), b"\0"].concat();
    let crc = |flags, fields: &[u8]| {
        let header = [&[0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 5, 6], fields].concat();
        [fields, &crc32fast::hash(&header).to_le_bytes()[..2]].concat()
    };
    let all = [&extra[..], text, text].concat();
    for (flags, fields) in [
        (0, vec![]),
        (0b0000_0001, vec![]),
        (0b1110_0000, vec![]),
        (0b0000_0010, crc(2, b"")),
        (0b0000_0100, extra.to_vec()),
        (0b0000_0100, vec![0, 0]),
        (0b0000_1000, text.to_vec()),
        (0b0000_1000, long.clone()),
        (0b0001_0000, long.clone()),
        (0b0001_1100, all.clone()),
        (0b1111_1111, crc(0xff, &all)),
    ] {
        let bytes = member(flags, &fields, HI, b"hi");
        assert_eq!(decode(&bytes).expect("is good"), b"hi", "{flags:08b}");
        for cut in 0..bytes.len() {
            refused(&bytes[..cut]);
        }
    }
    let too_long = [[b'n'; 512].as_slice(), b"\0"].concat();
    refused(&member(0b0000_1000, &too_long, HI, b"hi"));
    refused(&member(0b0001_0000, &too_long, HI, b"hi"));
    let mut wrong = crc(2, b"");
    wrong[0] ^= 1;
    refused(&member(0b0000_0010, &wrong, HI, b"hi"));
    for (at, byte) in [(0, 0x1e), (1, 0x8c), (2, 7), (2, 0)] {
        let mut bytes = member(0, b"", HI, b"hi");
        bytes[at] = byte;
        refused(&bytes);
    }
}

#[test]
fn a_truncated_stream_is_one_wherever_it_ends_gu_2() {
    let one = encode(&[b"some text, ".repeat(30), vec![7; 300]].concat(), 0);
    let both = [one.clone(), one.clone()].concat();
    for cut in 0..both.len() {
        assert_eq!(decode(&both[..cut]).is_ok(), cut == one.len(), "{cut}");
    }
}

#[test]
fn checksum_and_length_are_those_of_the_data_gu_2() {
    let good = member(0, b"", HI, b"hi");
    for at in good.len() - 8..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        refused(&bytes);
        refused(&[&bytes[..], &good].concat());
    }
}

#[test]
fn matches_cannot_reach_before_their_member_gu_2() {
    // A fixed block: length 3, distance 1, end.
    let reaching = [0b0000_0011, 0b0000_0010, 0];
    refused(&member(0, b"", &reaching, &[0; 3]));
    let first = member(0, b"", HI, b"hi");
    refused(&[first, member(0, b"", &reaching, b"iii")].concat());
}

#[test]
fn a_limit_is_the_most_that_passes_gu_3() {
    let input = vec![b'x'; 300_000];
    let bytes = encode(&input, 0);
    let twice = [&bytes[..], &bytes].concat();
    for (stream, size) in [(&bytes, 300_000), (&twice, 600_000)] {
        assert!(decode_at_most(size, stream, 512).is_ok());
        for limit in [0, 1, size / 2 - 1, size - 1] {
            let error = decode_at_most(limit, stream, 512).expect_err("is too much");
            assert_eq!(error, Error::TooLarge(limit));
        }
    }
    assert!(decode_at_most(0, &encode(b"", 0), 512).is_ok());
    // BUG-67: a limit cannot overflow.
    assert_eq!(decode_at_most(u64::MAX, &bytes, 512).expect("is good"), input);
}

#[test]
fn a_bomb_is_stopped_at_the_limit_gu_3() {
    let mut bomb = Writer::new(Vec::new(), 0).expect("can be written");
    let zeros = vec![0; 1 << 20];
    for _ in 0..101 {
        bomb.write_all(&zeros).expect("can be written");
    }
    let bomb = bomb.finish().expect("can be written");
    let mut decoder = Reader::new(&bomb[..], LIMIT);
    let mut size = 0;
    let mut buffer = vec![0; 1 << 16];
    let error = loop {
        match decoder.read(&mut buffer) {
            Ok(0) => panic!("the end of the bomb was reached"),
            Ok(read) => size += read as u64,
            Err(error) => break own(error),
        }
    };
    assert_eq!(error, Error::TooLarge(LIMIT));
    assert!(size <= LIMIT);
}

/// Bytes with repetitions at many distances.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        ("[a-d]{1,5}", 1usize..2_000).prop_map(|(text, n)| text.repeat(n).into_bytes()),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn flate2_member(plain: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(plain).expect("can be written");
    member(0, b"", &encoder.finish().expect("can be written"), plain)
}

proptest! {
    #[test]
    fn members_of_any_level_come_back_gu_1(
        members in prop::collection::vec((bytes(), 0u32..=10), 1..5),
        chunk in 1usize..5_000,
    ) {
        let plain: Vec<u8> = members.iter().flat_map(|(plain, _)| plain.clone()).collect();
        let stream: Vec<u8> = members
            .iter()
            .flat_map(|(plain, level)| match level {
                10 => encode(plain, 1),
                level => flate2_member(plain, *level),
            })
            .collect();
        prop_assert_eq!(decode_at_most(LIMIT, &stream, chunk).expect("is good"), plain);
    }

    #[test]
    fn flate2_reads_what_is_written_gz_5(plain in bytes(), mtime: u32) {
        let mut output = Vec::new();
        MultiGzDecoder::new(&encode(&plain, mtime)[..]).read_to_end(&mut output).expect("is good");
        prop_assert_eq!(output, plain);
    }

    #[test]
    fn damage_is_found_or_harmless_gu_2(
        plain in bytes(),
        level in 0u32..=9,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let mut stream = flate2_member(&plain, level);
        for (at, byte) in edits {
            *at.get_mut(&mut stream[..]) = byte;
        }
        if let Ok(output) = decode(&stream) {
            // flate2 refuses the reserved flags that the reference ignores.
            stream[3] &= 0x1f;
            let mut theirs = Vec::new();
            MultiGzDecoder::new(&stream[..]).read_to_end(&mut theirs).expect("is good there, too");
            prop_assert_eq!(&output, &theirs);
            prop_assert_eq!(output, plain);
        }
    }
}
