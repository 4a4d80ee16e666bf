// SPDX-License-Identifier: Apache-2.0
//! Every golden vector, by each way that leads into the encoder.

use std::io::{Read, Write};

use go_deflate::{Reader, Writer, compress};
use serde_json::Value;
use sha2::{Digest, Sha256};
use test_support::{segments, testdata};

/// Compresses each vector's input and says which vectors came out wrong.
fn each(compress: impl Fn(&[u8]) -> Vec<u8>) {
    let text = std::fs::read(testdata("vectors/deflate.json")).expect("can be read");
    let file: Value = serde_json::from_slice(&text).expect("is JSON");
    let vectors = file["vectors"].as_array().expect("is an array");
    let wrong: Vec<&str> = vectors
        .iter()
        .filter(|vector| {
            sha256(&compress(&segments::build(&vector["input"]))) != vector["deflate_sha256"]
        })
        .map(|vector| vector["name"].as_str().expect("is a string"))
        .collect();
    assert!(wrong.is_empty(), "{} of {} vectors: {wrong:?}", wrong.len(), vectors.len());
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn every_vector_in_one_piece() {
    each(compress);
}

#[test]
fn every_vector_in_odd_writes_d_8() {
    each(|input| {
        let mut sizes = [1, 7, 4_099, 262, 65_537, 8_191, 3].iter().cycle();
        let mut encoder = Writer::new(Vec::new());
        let mut rest = input;
        while let Some(size) = sizes.next().filter(|_| !rest.is_empty()) {
            let (part, after) = rest.split_at(rest.len().min(*size));
            encoder.write_all(part).expect("a Vec takes all");
            encoder.flush().expect("a Vec takes all");
            rest = after;
        }
        encoder.finish().expect("a Vec takes all")
    });
}

#[test]
fn every_vector_in_odd_reads_d_8() {
    each(|input| {
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
        output
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
