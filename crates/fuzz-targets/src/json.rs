// SPDX-License-Identifier: Apache-2.0
//! The JSON reader: never panics, agrees with serde_json about what JSON is and what it holds.

use oci_artifact::json::{self, Kind, Value, Writer};

/// Runs the target on an input.
pub fn run(document: &[u8]) {
    match json::parse(document) {
        Ok(value) => {
            assert_eq!(value.raw(), document.trim_ascii(), "the whole document is one value");
            walk(value);
            let trimmed = json::parse_trimmed(document).expect("white space is tolerated");
            assert_eq!(trimmed.span(), value.span());
            compare(document, Some(value));
        }
        Err(diagnostic) => {
            assert!(diagnostic.position.is_some() && diagnostic.help.is_some());
            let excerpt = diagnostic.excerpt.expect("points into the text");
            assert!(excerpt.text.get(excerpt.span).is_some());
            compare(document, None);
            let _ = json::parse_trimmed(document).map(walk);
        }
    }
}

/// Reads everything there is, and writes every string again.
fn walk(value: Value<'_>) {
    let (mut open, mut is_all, mut has_twins) = (vec![value], true, false);
    while let Some(value) = open.pop() {
        let again = json::parse(value.raw()).expect("a part is JSON, too");
        assert_eq!(again.kind(), value.kind());
        assert!(value.as_integer().is_none() || value.kind() == Kind::Number);
        if let Some(text) = value.as_string() {
            let mut writer = Writer::new();
            writer.string(&text);
            let written = writer.into_bytes();
            let read = json::parse(&written).expect("the writer writes JSON").as_string();
            assert_eq!(read, Some(text));
        }
        let mut keys: Vec<_> = value.members().map(|member| member.key).collect();
        let all = keys.len();
        keys.sort();
        keys.dedup();
        has_twins |= keys.len() < all;
        // Going down into every level reads each byte once a level: not too often.
        if open.len() < 1_000 {
            open.extend(value.elements());
            open.extend(value.members().map(|member| member.value));
        } else {
            is_all = false;
        }
    }
    let exact = json::duplicate_key(value);
    assert!(exact.is_some() || !has_twins, "a key that stands twice is found (BUG-56)");
    assert!(exact.is_none() || has_twins || !is_all, "a key that stands once is not");
    assert!(exact.is_none() || json::duplicate_key_ignoring_case(value).is_some());
}

fn compare(document: &[u8], ours: Option<Value<'_>>) {
    let Ok(text) = std::str::from_utf8(document) else { return };
    match (ours, serde_json::from_str::<serde_json::Value>(text)) {
        (Some(ours), Ok(theirs)) => assert!(agree(ours, &theirs)),
        (None, Ok(_)) => panic!("serde_json takes it"),
        (Some(_), Err(error)) => {
            // By design: it refuses big numbers, lone surrogates, and more than 128 levels.
            let reason = error.to_string();
            let known = ["out of range", "surrogate", "hex escape", "recursion"];
            assert!(known.iter().any(|known| reason.contains(known)), "{reason}");
        }
        (None, Err(_)) => (),
    }
}

/// Whether both hold the same; of equal keys, the last one counts.
fn agree(ours: Value<'_>, theirs: &serde_json::Value) -> bool {
    use serde_json::Value as Theirs;
    match (ours.kind(), theirs) {
        (Kind::Null, Theirs::Null) => true,
        (Kind::Bool, Theirs::Bool(theirs)) => ours.as_bool() == Some(*theirs),
        // serde_json reads -0 as a floating-point number.
        (Kind::Number, Theirs::Number(theirs)) => {
            ours.as_integer() == theirs.as_i64() || ours.raw() == b"-0"
        }
        (Kind::String, Theirs::String(theirs)) => ours.as_str().as_deref() == Some(theirs),
        (Kind::Array, Theirs::Array(theirs)) => {
            ours.elements().count() == theirs.len()
                && ours.elements().zip(theirs).all(|(ours, theirs)| agree(ours, theirs))
        }
        (Kind::Object, Theirs::Object(theirs)) => {
            ours.members().all(|member| theirs.contains_key(&*member.key))
                && theirs
                    .iter()
                    .all(|(key, theirs)| ours.get(key).is_some_and(|v| agree(v, theirs)))
        }
        _ => false,
    }
}
