// SPDX-License-Identifier: Apache-2.0
//! Every golden vector, by each way that leads into the encoder.

use std::io::Read;

use go_deflate::{Encoder, Reader, compress_with};
use test_support::segments;

use super::compress;
use crate::both::{self, in_odd_writes, sha256, vectors};

fn each(compress: impl Fn(&[u8]) -> Vec<u8>) {
    let all = vectors(&["deflate-go127", "deflate-go127-extra"]);
    assert_eq!(all.len(), 311);
    both::each(&all, compress);
}

#[test]
fn every_vector_in_one_piece() {
    each(compress);
}

#[test]
fn every_vector_in_odd_writes_e_3() {
    each(|input| in_odd_writes(Encoder::Go127, input));
}

#[test]
fn every_vector_read_from_a_reader_e_3() {
    each(|input| {
        let mut reader = Reader::with_encoder(input, Encoder::Go127);
        let mut output = Vec::new();
        reader.read_to_end(&mut output).expect("a slice can be read");
        output
    });
}

#[test]
fn each_machine_has_its_own_stream_where_the_estimate_decides_e_29() {
    let vectors = vectors(&["deflate-go127-machines"]);
    assert_eq!(vectors.len(), 2);
    let arithmetics =
        [(Encoder::Go127, "plain"), (Encoder::Go127Fused, "fused"), (Encoder::Go127V3, "v3")];
    for vector in vectors {
        let input = segments::build(&vector["input"]);
        for (encoder, field) in arithmetics {
            let stream = compress_with(encoder, &input);
            let expected = &vector[format!("{field}_sha256")];
            assert_eq!(&sha256(&stream), expected, "{field} of {}", vector["name"]);
        }
        assert_ne!(vector["plain_sha256"], vector["fused_sha256"]);
    }
}
