// SPDX-License-Identifier: Apache-2.0
//! The encoder of Go 1.27.

use serde_json::Value;
use sha2::{Digest, Sha256};
use test_support::{segments, testdata};

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn every_vector() {
    for file in ["deflate-go127", "deflate-go127-extra"] {
        let text = std::fs::read(testdata(format!("vectors/{file}.json"))).expect("can be read");
        let json: Value = serde_json::from_slice(&text).expect("is JSON");
        let vectors = json["vectors"].as_array().expect("is an array");
        let wrong: Vec<&str> = vectors
            .iter()
            .filter(|vector| {
                let input = segments::build(&vector["input"]);
                sha256(&oci_artifact::deflate::compress_go127(&input)) != vector["deflate_sha256"]
            })
            .map(|vector| vector["name"].as_str().expect("is a string"))
            .collect();
        eprintln!("{} of {} vectors: {wrong:?}", wrong.len(), vectors.len());
    }
}
