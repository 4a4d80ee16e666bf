// SPDX-License-Identifier: Apache-2.0
//! The rules MAN-5 and MAN-6, and what a document is (R-54, F-94).

use std::collections::BTreeSet;

use super::*;
use crate::error::ErrorKind;
use crate::media_type::DOCKER_MANIFEST;

const HEX: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

fn descriptor() -> String {
    format!(r#"{{"mediaType":"m","digest":"sha256:{HEX}","size":2}}"#)
}

fn manifest() -> String {
    let d = descriptor();
    format!(r#"{{"schemaVersion":2,"mediaType":"{IMAGE_MANIFEST}","config":{d},"layers":[{d}]}}"#)
}

/// Returns a document in which every key that is known stands once.
fn full(document: &str) -> String {
    let descriptor = descriptor();
    let platform = r#"{"architecture":"a","os":"o","os.version":"1","os.features":["f"],"variant":"v","features":[]}"#;
    let full = descriptor.replace(
        '}',
        &format!(r#","urls":[],"annotations":{{"x":"1"}},"data":"","platform":{platform},"artifactType":"t"}}"#),
    );
    match document {
        "manifest" => format!(
            r#"{{"schemaVersion":2,"mediaType":"{IMAGE_MANIFEST}","artifactType":"t","config":{full},"layers":[{descriptor},{full}],"subject":{full},"annotations":{{"x":"1"}}}}"#
        ),
        "index" => format!(
            r#"{{"schemaVersion":2,"mediaType":"{IMAGE_INDEX}","artifactType":"t","manifests":[{descriptor},{full}],"subject":{full},"annotations":{{"x":"1"}}}}"#
        ),
        "artifact manifest" => format!(
            r#"{{"mediaType":"{}","artifactType":"t","blobs":[{descriptor},{full}],"subject":{full},"annotations":{{"x":"1"}}}}"#,
            media_type::ARTIFACT_MANIFEST
        ),
        _ => r#"{"created":"1970-01-01T00:00:00Z","author":"a","architecture":"a","os":"o","os.version":"1",
            "os.features":["f"],"variant":"v","config":{"User":"u","ExposedPorts":{"1":{}},"Env":[],"Entrypoint":[],
            "Cmd":[],"Volumes":{"x":{}},"WorkingDir":"","Labels":{"x":"1"},"StopSignal":"","ArgsEscaped":true},
            "container_config":{"Labels":{"x":"1"}},"rootfs":{"type":"layers","diff_ids":["d"]},
            "history":[{"created":"1970-01-01T00:00:00Z"},{"created":"1970-01-01T00:00:00Z","author":"a",
            "created_by":"b","comment":"c","empty_layer":true}]}"#
            .into(),
    }
}

/// Reads it as what it is.
fn read(document: &str, text: &str) -> Result<()> {
    match document {
        "config" => Config::parse(text.as_bytes()).map(drop),
        _ => Document::parse(text.as_bytes(), None).map(drop),
    }
}

/// Spellings of a key that readers in Go take for it; the key itself is none of them.
fn spellings(key: &str) -> Vec<String> {
    let flip = |c: char| match c.is_ascii_lowercase() {
        true => c.to_ascii_uppercase(),
        false => c.to_ascii_lowercase(),
    };
    let first = key.chars().next().map(flip).unwrap_or_default();
    let all = BTreeSet::from([
        key.to_uppercase(),
        key.to_lowercase(),
        key.chars().map(flip).collect(),
        key.replacen(['s', 'S'], "ſ", 1),
        key.replacen(['k', 'K'], "\u{212a}", 1),
        // An escape is the letter that it stands for.
        format!("\\u{:04x}{}", u32::from(first), &key[1..]),
    ]);
    all.into_iter().filter(|other| other != key).collect()
}

/// Returns the offset of each object, its keys, and whether they are those of a map.
fn keys(text: &str) -> Vec<(usize, String, bool)> {
    let mut found = Vec::new();
    let mut open = vec![(crate::json::parse(text.as_bytes()).expect("is JSON"), false)];
    while let Some((value, is_map)) = open.pop() {
        open.extend(value.elements().map(|element| (element, false)));
        for member in value.members() {
            let is_free =
                ["annotations", "Labels", "ExposedPorts", "Volumes"].contains(&&*member.key);
            found.push((member.key_span.start, member.key.to_string(), is_map));
            open.push((member.value, is_free));
        }
    }
    found
}

const DOCUMENTS: [&str; 4] = ["manifest", "index", "artifact manifest", "config"];

fn refused(document: &str, text: &str, rule: &str, key: &str) {
    let error = read(document, text).expect_err(text);
    assert_eq!(error.kind(), ErrorKind::InvalidDocument);
    let diagnostic = &error.diagnostics()[0];
    assert_eq!(diagnostic.rule, Some(rule), "{document}, {key}: {error}");
    assert!(diagnostic.position.is_some() && is_ambiguous(&error), "{error}");
}

#[test]
fn every_key_in_another_case_is_refused_everywhere_man_5() {
    let mut tried = 0;
    for document in DOCUMENTS {
        let text = full(document);
        read(document, &text).unwrap_or_else(|error: Error| panic!("{document}: {error}"));
        for (at, key, is_map) in keys(&text) {
            for other in spellings(&key) {
                let alone = format!("{}\"{other}\"{}", &text[..at], &text[at + key.len() + 2..]);
                let before = format!("{}\"{other}\":null,{}", &text[..at], &text[at..]);
                if is_map {
                    read(document, &alone).unwrap_or_else(|error| panic!("{alone}: {error}"));
                    continue;
                }
                refused(document, &alone, "key-case", &key);
                refused(document, &before, "key-case", &key);
                tried += 1;
            }
        }
    }
    assert!(tried > 400, "{tried}");
}

#[test]
fn every_key_twice_is_refused_everywhere_bug_56_man_5() {
    for document in DOCUMENTS {
        let text = full(document);
        for (at, key, _) in keys(&text) {
            let twice = format!("{}\"{key}\":null,{}", &text[..at], &text[at..]);
            refused(document, &twice, "duplicate-key", &key);
        }
    }
}

#[test]
fn keys_that_nobody_knows_are_refused_where_they_are_one_man_5() {
    for document in DOCUMENTS {
        let text = full(document);
        let with = |more: &str| format!("{{{more},{}", &text[1..]);
        for fine in [r#""x":{"a":1,"b":{"A":2}}"#, r#""x":[[{"a":1},{"A":1}]]"#, r#""Layer":[]"#] {
            read(document, &with(fine)).unwrap_or_else(|error| panic!("{fine}: {error}"));
        }
        for twice in [
            r#""x":1,"X":2"#,
            r#""x":1,"\u0078":2"#,
            r#""ſ":1,"S":2"#,
            r#""x":{"a":1,"a":2}"#,
            r#""x":[[[{"a":1,"A":2}]]]"#,
        ] {
            refused(document, &with(twice), "duplicate-key", twice);
        }
    }
    let map = full("config").replace(r#""Labels":{"x":"1"}"#, r#""Labels":{"x":"1","X":"2"}"#);
    read("config", &map).expect("labels may differ in case");
    let map = full("config").replace(r#""Labels":{"x":"1"}"#, r#""Labels":{"x":"1","x":"1"}"#);
    refused("config", &map, "duplicate-key", "x");
}

#[test]
fn an_error_names_the_key_and_its_place_man_5() {
    let text = manifest().replace(r#""layers":[{"#, r#""layers":[{"Digest":"","#);
    let error = Document::parse(text.as_bytes(), None).expect_err("is ambiguous");
    assert_eq!(error.to_string(), r#"the key "Digest" at /layers/0 is another case of "digest""#);
    let text = manifest().replace(r#""layers":"#, r#""layers":[],"layers":"#);
    let error = Document::parse(text.as_bytes(), None).expect_err("is ambiguous");
    assert_eq!(error.to_string(), r#"the key "layers" is repeated at the top level"#);
}

#[test]
fn what_any_reader_may_follow_is_referred_to_man_6() {
    let digest = |n: u8| format!("sha256:{}", format!("{n:02x}").repeat(32));
    let one = |n: u8| format!(r#"{{"mediaType":"m{n}","digest":"{}","size":{n}}}"#, digest(n));
    for (text, expected) in [
        (format!(r#"{{"layers":[{}],"Layers":[{}]}}"#, one(1), one(2)), vec![1, 2]),
        (format!(r#"{{"layerſ":[{}],"manifeſts":[{}]}}"#, one(1), one(2)), vec![1, 2]),
        (format!(r#"{{"ſubject":{},"blobſ":[{}]}}"#, one(1), one(2)), vec![1, 2]),
        (format!(r#"{{"config":{},"CONFIG":[{}]}}"#, one(1), one(2)), vec![1, 2]),
        (
            format!(
                r#"{{"config":{{"digest":"{}","Digest":"{}","digeſt":"{}"}}}}"#,
                digest(1),
                digest(2),
                digest(3)
            ),
            vec![1, 2, 3],
        ),
        (r#"{"config":{"digest":"x"},"layers":7,"manifests":[null,[]]}"#.to_owned(), vec![]),
        ("[".to_owned(), vec![]),
        (String::new(), vec![]),
    ] {
        let found: Vec<String> = references(text.as_bytes())
            .expect("is read")
            .iter()
            .map(|one| one.digest.to_string())
            .collect();
        let expected: Vec<String> = expected.into_iter().map(digest).collect();
        assert_eq!(found, expected, "{text}");
    }
    let text = format!(
        r#"{{"layers":[{{"digest":"{}","size":1,"Size":2,"mediaType":"a","mediatype":"b"}}]}}"#,
        digest(1)
    );
    let found = references(text.as_bytes()).expect("is read");
    assert_eq!((found[0].size, found[0].media_types.len()), (None, 2), "two claims are none");
    let error = references(b"{\"layers\":").expect_err("may be a document for somebody else");
    assert_eq!(error.kind(), ErrorKind::InvalidDocument);
}

#[test]
fn the_type_is_what_the_document_says_r_54() {
    for stated in [None, Some("text/plain"), Some("application/json"), Some(IMAGE_MANIFEST)] {
        let document = Document::parse(manifest().as_bytes(), stated).expect("fine");
        assert_eq!(document.media_type, IMAGE_MANIFEST);
        assert_eq!(document.children().count(), 2);
    }
    let silent = manifest().replace(&format!(r#""mediaType":"{IMAGE_MANIFEST}","#), "");
    for (stated, found) in [(Some(DOCKER_MANIFEST), DOCKER_MANIFEST), (None, IMAGE_MANIFEST)] {
        let document = Document::parse(silent.as_bytes(), stated).expect("fine");
        assert_eq!(document.media_type, found);
    }
}

#[test]
fn what_is_ambiguous_or_malformed_is_refused_f_94() {
    let d = descriptor();
    let listing = |from: &str, to: &str| format!(r#"{{"manifests":[{}]}}"#, d.replace(from, to));
    for (text, stated) in [
        (manifest(), Some(IMAGE_INDEX)),
        (manifest(), Some(DOCKER_MANIFEST)),
        (manifest().replace(IMAGE_MANIFEST, IMAGE_INDEX), None),
        (manifest().replace("\"layers\"", "\"parts\""), None),
        (manifest().replace("\"config\"", "\"parts\""), None),
        (manifest().replace("\"schemaVersion\":2", "\"schemaVersion\":1"), None),
        (format!(r#"{{"manifests":[],"layers":[{d}]}}"#), None),
        (format!(r#"{{"manifests":[{d}],"config":{d}}}"#), None),
        (format!(r#"{{"mediaType":"{IMAGE_INDEX}"}}"#), None),
        (format!("{} x", manifest()), None),
        (format!("{}{}", manifest(), manifest()), None),
        ("{}".into(), None),
        ("[]".into(), None),
        ("null".into(), None),
        ("".into(), None),
        (format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)), None),
        (listing("sha256:44", "sha256:4"), None),
        (listing(":2", ":-2"), None),
        (listing(":2", ":99999999999999999999"), None),
        (listing(":2", ":2.5"), None),
        (listing("\"m\"", "\"\""), None),
        (listing(":2", ":2,\"annotations\":{\"a\":1}"), None),
        (listing(":2", ":2,\"platform\":[]"), None),
        (r#"{"manifests":[null]}"#.into(), None),
        (r#"{"manifests":{}}"#.into(), None),
        (r#"{"manifests":[],"artifactType":7}"#.into(), None),
    ] {
        let error =
            Document::parse(text.as_bytes(), stated).expect_err(&text[..text.len().min(200)]);
        assert_eq!(error.kind(), ErrorKind::InvalidDocument);
    }
    let mut bytes = manifest().replace("schemaVersion", "x").into_bytes();
    bytes[2] = 0xff;
    Document::parse(&bytes, None).expect_err("is not UTF-8");
    let deep = format!(r#"{{"manifests":[],"x":{}1{}}}"#, "[".repeat(9_000), "]".repeat(9_000));
    Document::parse(deep.as_bytes(), None).expect("depth alone is no fault (PJ-3)");
    let deep = format!(r#"{{"manifests":{}1{}}}"#, "[".repeat(9_000), "]".repeat(9_000));
    Document::parse(deep.as_bytes(), None).expect_err("is no list of descriptors");
}

#[test]
fn descriptors_keep_what_is_said_of_them_r_52() {
    let extra = descriptor().replace(
        '}',
        r#","urls":["http://x"],"artifactType":"a","platform":{"os":"linux","architecture":"arm64"}}"#,
    );
    let text = format!(r#"{{"manifests":[{extra}],"subject":{}}}"#, descriptor());
    let document = Document::parse(text.as_bytes(), None).expect("fine");
    let link = document.manifests.first().expect("one");
    assert!(link.has_urls && link.artifact_type.as_deref() == Some("a"));
    assert_eq!(
        link.platform.as_ref().map(|it| format!("{}/{}", it.os(), it.architecture())).as_deref(),
        Some("linux/arm64")
    );
    assert_eq!(link.raw, extra.as_bytes());
    assert!(document.subject.is_some() && document.children().count() == 1);
}
