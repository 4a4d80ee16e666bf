// SPDX-License-Identifier: Apache-2.0
//! Every golden vector, by each way that leads into the encoder.

use std::io::{Read, Write};

use oci_artifact::deflate::{Encoder, Reader, compress};
use serde_json::Value;
use sha2::{Digest, Sha256};
use test_support::{segments, testdata};

/// Calls `check` with each vector's name, input and digest of the output.
fn each(mut check: impl FnMut(&str, &[u8], &str)) {
    let text = std::fs::read(testdata("vectors/deflate.json")).expect("can be read");
    let file: Value = serde_json::from_slice(&text).expect("is JSON");
    for vector in file["vectors"].as_array().expect("is an array") {
        let text = |field: &str| vector[field].as_str().expect("is a string");
        check(text("name"), &segments::build(&vector["input"]), text("deflate_sha256"));
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn every_vector_in_one_piece() {
    each(|name, input, digest| assert_eq!(sha256(&compress(input)), digest, "{name}"));
}

#[test]
fn d_8_every_vector_in_odd_writes() {
    each(|name, input, digest| {
        let mut sizes = [1, 7, 4_099, 262, 65_537, 8_191, 3].iter().cycle();
        let mut encoder = Encoder::new(Vec::new());
        let mut rest = input;
        while let Some(size) = sizes.next().filter(|_| !rest.is_empty()) {
            let (part, after) = rest.split_at(rest.len().min(*size));
            encoder.write_all(part).expect("a Vec takes all");
            encoder.flush().expect("a Vec takes all");
            rest = after;
        }
        let output = encoder.finish().expect("a Vec takes all");
        assert_eq!(sha256(&output), digest, "{name}");
    });
}

#[test]
fn d_8_every_vector_in_odd_reads() {
    each(|name, input, digest| {
        let mut sizes = [5, 1, 70_000, 333].iter().cycle();
        let mut reader = Reader::new(OddReads(input, 0));
        let mut output = Vec::new();
        let mut buffer = vec![0; 70_000];
        loop {
            let size = sizes.next().copied().unwrap_or(1);
            let n = reader.read(&mut buffer[..size]).expect("a slice can be read");
            if n == 0 {
                break;
            }
            output.extend_from_slice(&buffer[..n]);
        }
        assert_eq!(sha256(&output), digest, "{name}");
    });
}

/// Yields a slice in reads of changing sizes.
struct OddReads<'a>(&'a [u8], usize);

impl Read for OddReads<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.1 = (self.1 * 31 + 17) % 9_001;
        let size = buffer.len().min(self.1 + 1);
        self.0.read(&mut buffer[..size])
    }
}
