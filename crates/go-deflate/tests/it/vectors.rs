// SPDX-License-Identifier: Apache-2.0
//! Every golden vector, by each way that leads into the encoder.

use std::io::Read;

use go_deflate::{Encoder, Reader, compress};

use crate::both::{self, in_odd_writes, vectors};

fn each(compress: impl Fn(&[u8]) -> Vec<u8>) {
    both::each(&vectors(&["deflate"]), compress);
}

#[test]
fn every_vector_in_one_piece() {
    each(compress);
}

#[test]
fn every_vector_in_odd_writes_d_8() {
    each(|input| in_odd_writes(Encoder::Go126, input));
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
