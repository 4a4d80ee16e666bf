// SPDX-License-Identifier: Apache-2.0
//! The support itself, against the golden vectors.

use serde_json::Value;
use sha2::{Digest, Sha256};
use test_support::{deflate_oracle, segments, testdata};

fn vectors() -> Vec<Value> {
    let text = std::fs::read(testdata("vectors/deflate.json")).expect("can be read");
    let mut file: Value = serde_json::from_slice(&text).expect("is JSON");
    match file["vectors"].take() {
        Value::Array(vectors) => vectors,
        other => panic!("vectors are an array, not {other}"),
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn every_vector_is_built_as_its_digest_says() {
    for vector in vectors() {
        let input = segments::build(&vector["input"]);
        assert_eq!(input.len() as u64, vector["input_len"], "{}", vector["name"]);
        assert_eq!(sha256(&input), vector["input_sha256"], "{}", vector["name"]);
    }
}

#[test]
fn the_oracle_compresses_every_vector_as_its_digest_says() {
    for vector in vectors() {
        let output = deflate_oracle::compress(&segments::build(&vector["input"]));
        assert_eq!(output.len() as u64, vector["deflate_len"], "{}", vector["name"]);
        assert_eq!(sha256(&output), vector["deflate_sha256"], "{}", vector["name"]);
    }
}
