// SPDX-License-Identifier: Apache-2.0
//! Every golden vector, by each way that leads into the encoder.

use std::io::{Read, Write};

use go_deflate::{Encoder, Reader, Threads, Writer, compress_with};
use serde_json::Value;
use sha2::{Digest, Sha256};
use test_support::{segments, testdata};

use super::compress;

fn vectors(file: &str) -> Vec<Value> {
    let text = std::fs::read(testdata(format!("vectors/{file}.json"))).expect("can be read");
    let mut file: Value = serde_json::from_slice(&text).expect("is JSON");
    match file["vectors"].take() {
        Value::Array(vectors) => vectors,
        _ => panic!("vectors are an array"),
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// Compresses each vector's input and says which vectors came out wrong.
fn each(compress: impl Fn(&[u8]) -> Vec<u8>) {
    let all = [vectors("deflate-go127"), vectors("deflate-go127-extra")].concat();
    assert_eq!(all.len(), 311);
    let wrong: Vec<&str> = all
        .iter()
        .filter(|vector| {
            sha256(&compress(&segments::build(&vector["input"]))) != vector["deflate_sha256"]
        })
        .map(|vector| vector["name"].as_str().expect("is a string"))
        .collect();
    assert!(wrong.is_empty(), "{} of {} vectors: {wrong:?}", wrong.len(), all.len());
}

#[test]
fn every_vector_in_one_piece() {
    each(compress);
}

#[test]
fn every_vector_in_odd_writes_e_3() {
    each(|input| {
        let mut sizes = [1, 7, 4_099, 262, 65_537, 8_191, 3].iter().cycle();
        let mut encoder = Writer::with_encoder(Vec::new(), Encoder::Go127, Threads::ONE);
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
    let vectors = vectors("deflate-go127-machines");
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
