// SPDX-License-Identifier: Apache-2.0
//! The gzip reader: the result of flate2 wherever both accept, and never more than its limit.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder};
use oci_artifact::gzip::Reader;

const LIMIT: u64 = 1 << 20;

fn ours(stream: &[u8]) -> Option<Vec<u8>> {
    let mut output = Vec::new();
    let result = Reader::new(stream, LIMIT).read_to_end(&mut output);
    assert!(output.len() as u64 <= LIMIT);
    result.ok().map(|_| output)
}

/// Runs the target on an input.
pub fn run(data: &[u8]) {
    // Reserved flags are refused there and ignored here (GU-2), so flate2 may accept less.
    if let Some(ours) = ours(data) {
        let mut theirs = Vec::new();
        if MultiGzDecoder::new(data).read_to_end(&mut theirs).is_ok() {
            assert!(ours == theirs);
        }
    }
    // The same as the compressed data of a member whose trailer is right.
    let mut plain = Vec::new();
    let mut inflate = DeflateDecoder::new(data);
    if inflate.by_ref().take(LIMIT).read_to_end(&mut plain).is_ok() {
        let used = &data[..inflate.total_in() as usize];
        let mut stream = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0];
        stream.extend(used);
        stream.extend(crc32fast::hash(&plain).to_le_bytes());
        stream.extend((plain.len() as u32).to_le_bytes());
        if let Some(ours) = ours(&stream) {
            assert!(ours == plain);
        }
    }
}
