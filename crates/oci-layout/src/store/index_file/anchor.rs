// SPDX-License-Identifier: Apache-2.0
//! The digest of the reference index (LS-21), as an annotation of the index file.

use std::ops::Range;

use super::IndexFile;
use crate::digest::Digest;
use crate::json;

/// The annotation of the index file that names the reference index which belongs to the store.
const KEY: &str = "dev.stacklok.toolhive.references";

impl IndexFile {
    /// Returns the digest that the reference index must have; `None` if none is named.
    pub(in crate::store) fn references(&self) -> Option<Digest> {
        let frame = self.frame();
        let annotations = json::parse(&frame).ok()?.get("annotations")?;
        Digest::read(&annotations.get(KEY)?.as_string()?)
    }

    /// Names a reference index. `false` if there is no place for that: then none is used.
    pub(in crate::store) fn set_references(&mut self, digest: &Digest) -> bool {
        let Some((range, text)) = self.edit(digest) else { return false };
        // The list between head and tail has two bytes in the frame.
        let (head, list) = (self.head.len(), 2);
        let (part, range) = match range.start.checked_sub(head + list) {
            Some(start) => (&mut self.tail, start..range.end.saturating_sub(head + list)),
            None => (&mut self.head, range),
        };
        if range.start > range.end || range.end > part.len() {
            return false;
        }
        part.splice(range, text.into_bytes());
        true
    }

    /// Returns the range of the frame that is to be replaced, and its replacement.
    fn edit(&self, digest: &Digest) -> Option<(Range<usize>, String)> {
        let frame = self.frame();
        let document = json::parse(&frame).ok()?;
        let Some(annotations) = document.get("annotations") else {
            let end = document.span().end.checked_sub(1)?;
            return Some((end..end, format!(",\"annotations\":{{\"{KEY}\":\"{digest}\"}}")));
        };
        if annotations.kind() != json::Kind::Object {
            return None;
        }
        if let Some(value) = annotations.get(KEY) {
            return Some((value.span(), format!("\"{digest}\"")));
        }
        let start = annotations.span().start.checked_add(1)?;
        let comma = if annotations.members().next().is_some() { "," } else { "" };
        Some((start..start, format!("\"{KEY}\":\"{digest}\"{comma}")))
    }

    pub(super) fn frame(&self) -> Vec<u8> {
        [&*self.head, b"[]", &*self.tail].concat()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::digest;

    #[test]
    fn a_reference_index_is_named_and_all_else_stays_ls_21() {
        let (one, two) = (digest::sha256(b"one"), digest::sha256(b"two"));
        for text in [
            r#"{"manifests":[]}"#,
            r#"{"schemaVersion":2, "manifests": [] , "x":{} } "#,
            r#"{"annotations":{},"manifests":[]}"#,
            r#"{"annotations":{"a":"b"},"manifests":[{"digest":"x"}]}"#,
            r#"{"manifests":[],"annotations":{"a":"b"}}"#,
        ] {
            let path = Path::new("index.json");
            let read = |text: Vec<u8>| IndexFile::parse(text, path).map_err(|(_, error)| error);
            let mut index = read(text.into()).expect("is one");
            assert_eq!(index.references(), None);
            for digest in [&one, &two] {
                assert!(index.set_references(digest), "{text}");
                index = read(index.write()).expect("is one still");
                assert_eq!(index.references().as_ref(), Some(digest));
            }
            let written = String::from_utf8(index.write()).expect("text");
            let added = format!("\"{KEY}\":\"{two}\"");
            let whole = format!(",\"annotations\":{{{added}}}");
            let without = written.replace(&whole, "").replace(&format!("{added},"), "");
            assert_eq!(without.replace(&added, ""), text);
        }
        let mut odd =
            IndexFile::parse(br#"{"manifests":[],"annotations":7}"#.to_vec(), Path::new("i"))
                .expect("is one");
        assert!(!odd.set_references(&one));
    }
}
