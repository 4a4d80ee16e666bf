// SPDX-License-Identifier: Apache-2.0
//! The gzip reader: what it accepts, flate2 accepts with the same result; never past its limit.
#![no_main]

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder};
use libfuzzer_sys::fuzz_target;
use oci_artifact::gzip::Decoder;

const LIMIT: u64 = 1 << 20;

fn check(stream: &[u8]) {
    let mut ours = Vec::new();
    let result = Decoder::new(stream, LIMIT).read_to_end(&mut ours);
    assert!(ours.len() as u64 <= LIMIT);
    if result.is_ok() {
        let mut theirs = Vec::new();
        MultiGzDecoder::new(stream).read_to_end(&mut theirs).expect("is accepted here, too");
        assert!(ours == theirs);
    }
}

fuzz_target!(|data: &[u8]| {
    check(data);
    // The same as the compressed data of a member whose trailer is right.
    let mut plain = Vec::new();
    let mut inflate = DeflateDecoder::new(data);
    if inflate.by_ref().take(LIMIT).read_to_end(&mut plain).is_ok() {
        let used = &data[..inflate.total_in() as usize];
        let mut stream = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0];
        stream.extend(used);
        stream.extend(crc32fast::hash(&plain).to_le_bytes());
        stream.extend((plain.len() as u32).to_le_bytes());
        check(&stream);
    }
});
