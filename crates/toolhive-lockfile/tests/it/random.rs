// SPDX-License-Identifier: Apache-2.0
//! Random lock files: written, read, equal; and written again, the same bytes.

use proptest::prelude::*;
use toolhive_lockfile::{Entry, LockFile, Provenance, Scalar, Value, graph, read, write};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[-+.:#'\" \n\t0-9a-fxyneo~<&*]{0,12}",
        "[0-9_.:eE+-]{1,10}",
        Just("true".to_owned()),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = text().prop_map(|text| Value::Scalar(Scalar::text(text)));
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            others(inner).prop_map(Value::Map),
        ]
    })
}

fn others(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Vec<(Scalar, Value)>> {
    let key = text().prop_filter("a key", |key| {
        key.len() <= 128 && !key.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
    });
    prop::collection::btree_map(key, value, 0..4)
        .prop_map(|map| map.into_iter().map(|(key, value)| (Scalar::text(key), value)).collect())
}

fn entry() -> impl Strategy<Value = Entry> {
    let provenance =
        ("[!-~]{1,20}", "[!-~]{1,20}", "[!-~ü]{0,8}").prop_map(|(signer, issuer, uri)| {
            Provenance {
                signer_identity: signer,
                cert_issuer: issuer,
                repository_uri: uri,
                ..Provenance::default()
            }
        });
    let digest =
        prop_oneof!["sha256:[0-9a-f]{64}", "[0-9a-f]{40}", "[0-9]{20}e[0-9]{19}", "[0-9]{64}"];
    let source = text().prop_filter("a source", |text| !text.is_empty());
    let name = "[a-z0-9]{1,8}-[a-z0-9]{1,8}|[0-9]{2}|true|no";
    (
        name,
        text(),
        source,
        digest,
        prop::option::of(provenance),
        any::<[bool; 2]>(),
        others(value()),
    )
        .prop_map(
            |(name, version, source, digest, provenance, [unsigned, explicit], other)| Entry {
                name,
                version,
                source,
                digest,
                unsigned: unsigned && provenance.is_none(),
                provenance,
                explicit,
                other,
                ..Entry::default()
            },
        )
}

fn list() -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec(entry(), 0..6).prop_map(|mut list| {
        list.sort_by(|a, b| a.name.cmp(&b.name));
        list.dedup_by(|a, b| a.name == b.name);
        // Each needs all before it, which is no circle.
        for at in 1..list.len() {
            let before: Vec<String> = list[..at].iter().map(|entry| entry.name.clone()).collect();
            list[at].required_by = before;
        }
        list
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_and_written_alike(skills in list(), plugins in list(), later in value()) {
        let other = vec![(Scalar::text("later"), later)];
        let lock = LockFile { skills, plugins, other };
        let text = write(&lock).expect("is valid");
        let again = read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"));
        prop_assert_eq!(write(&again).expect("is valid"), text);
        // Keys come back sorted; everything else as it was.
        prop_assert_eq!(again.skills.len(), lock.skills.len());
        for (a, b) in lock.skills.iter().zip(&again.skills) {
            let (mut a, mut b) = (a.clone(), b.clone());
            a.other.sort_by(|x, y| x.0.text.cmp(&y.0.text));
            b.other.sort_by(|x, y| x.0.text.cmp(&y.0.text));
            prop_assert_eq!(a.other.len(), b.other.len());
            a.other.clear();
            b.other.clear();
            prop_assert_eq!(a, b);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[-\\[\\]{}:?&*!|>'\"%@#,. \n\ta-z0-9]{0,80}") {
        for input in [&bytes[..], text.as_bytes()] {
            if let Ok(lock) = read(input) {
                let written = write(&lock).expect("what was read can be written");
                prop_assert_eq!(write(&read(written.as_bytes()).expect("is valid")).expect("is valid"), written);
            }
        }
    }
}

#[test]
fn what_only_a_removed_entry_needed_goes_with_it() {
    let entry = |name: &str, by: &[&str], explicit| Entry {
        name: name.to_owned(),
        required_by: by.iter().map(|name| (*name).to_owned()).collect(),
        explicit,
        ..Entry::default()
    };
    let mut list = vec![
        entry("aa", &[], true),
        entry("bb", &["aa"], false),
        entry("cc", &["bb"], false),
        entry("dd", &["bb", "ee"], false),
        entry("ee", &[], true),
        entry("ff", &["aa"], true),
    ];
    let removed = graph::remove(&mut list, &["aa".to_owned()].into());
    let names = |list: &[Entry]| list.iter().map(|e| e.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&removed), ["aa", "bb", "cc"]);
    assert_eq!(names(&list), ["dd", "ee", "ff"]);
    assert!(graph::check(&list).is_empty());
}
