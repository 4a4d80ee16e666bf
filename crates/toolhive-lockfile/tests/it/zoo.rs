// SPDX-License-Identifier: Apache-2.0
//! Files that `yaml.v3` wrote with the reference's own structures, each with an awkward text at every place
//! that takes one (LK-7).

use serde_json::Value as Json;
use toolhive_lockfile::{Entry, LockFile, Scalar, Value, read, write};

/// A list of texts, each with the file that has it.
const ZOO: &str = include_str!("../../../../testdata/lockfile/zoo.json");

fn with(text: &str) -> LockFile {
    let value = || Value::Scalar(Scalar::text(text));
    let later = Value::List(vec![value(), Value::Map(vec![(Scalar::text("k"), value())])]);
    let digest = "sha256:cf2fdae72efb2d6a992e457413bac8b14588afbed816db094e5876019c1fc4d6";
    let entry = Entry {
        name: "ab".to_owned(),
        version: text.to_owned(),
        source: text.to_owned(),
        digest: digest.to_owned(),
        other: vec![(Scalar::text("later"), later)],
        ..Entry::default()
    };
    LockFile {
        skills: vec![entry],
        other: vec![(Scalar::text("zz"), value())],
        ..LockFile::default()
    }
}

#[test]
fn every_file_of_yaml_v3_is_read_and_written_back_byte_for_byte() {
    let zoo: Vec<Json> = serde_json::from_str(ZOO).expect("is JSON");
    assert!(zoo.len() > 200, "{}", zoo.len());
    for one in zoo {
        let text = one["text"].as_str().expect("a text");
        let file = one["file"].as_str().expect("a file");
        assert_eq!(write(&with(text)).expect("is valid"), file, "{text:?}");
        let lock = read(file.as_bytes()).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(lock, with(text), "{text:?}");
    }
}
