// SPDX-License-Identifier: Apache-2.0
//! A faster way through an index file that looks as this crate and the Go code write it: a large
//! store is opened in a third of the time (LS-13). It takes a part of JSON: no white space between
//! tokens of entries, no escapes, no members but the usual ones. Whatever else there is, it gives
//! up, and the file is read the long way; what it does take means the same there.

use super::{ANNOTATION_REF_NAME, IndexFile, Place, part};
use crate::json;

/// Reads a file; its text is still to be put in. `None` if it is not as usual.
pub(super) fn parse(text: &[u8]) -> Option<IndexFile> {
    // Anything else is for the reader that knows what to do with it.
    std::str::from_utf8(text).ok()?;
    let start = head_end(text)?;
    let mut cursor = Cursor { text, at: start };
    // An entry with a tag has some 250 bytes.
    let mut entries = Vec::with_capacity(text.len() / 256);
    cursor.skip(b"[")?;
    if cursor.skip(b"]").is_none() {
        loop {
            entries.push(entry(&mut cursor)?);
            match cursor.next()? {
                b',' => (),
                b']' => break,
                _ => return None,
            }
        }
    }
    let (head, tail) = (part(text, 0..start), part(text, cursor.at..text.len()));
    // What stands around the list must be a document, in which this is the only list of that name.
    let frame = [head, b"[]", tail].concat();
    let document = json::parse(&frame).ok()?;
    let mut lists = document.members().filter(|member| member.is("manifests"));
    let is_that_one = lists.next()?.value.span().start == start && lists.next().is_none();
    let (head, tail) = (head.to_vec(), tail.to_vec());
    is_that_one.then_some(IndexFile { text: Vec::new(), head, tail, entries })
}

/// Returns the offset at which the list starts: behind the first key of that name.
fn head_end(text: &[u8]) -> Option<usize> {
    const KEY: &[u8] = b"\"manifests\":";
    let near = part(text, 0..text.len().min(1024));
    let key = near.windows(KEY.len()).position(|window| window == KEY)?;
    Some(key + KEY.len())
}

struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    /// Goes past that text, which must stand here.
    fn skip<const N: usize>(&mut self, expected: &[u8; N]) -> Option<()> {
        let here: &[u8; N] = self.text.get(self.at..)?.first_chunk()?;
        (here == expected).then(|| self.at += N)
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.text.get(self.at).copied()?;
        self.at += 1;
        Some(byte)
    }

    /// Returns a string without escapes; the place of its text.
    fn string(&mut self) -> Option<std::ops::Range<usize>> {
        self.skip(b"\"")?;
        let start = self.at;
        let end = json::plain(self.text, start);
        self.at = end;
        self.skip(b"\"")?;
        Some(start..end)
    }

    /// Returns a number without sign, fraction and leading zero.
    fn number(&mut self) -> Option<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.text.get(self.at) {
            self.at += 1;
        }
        match part(self.text, start..self.at) {
            [] | [b'0', _, ..] => None,
            _ => Some(()),
        }
    }
}

/// `{"mediaType":"…","digest":"…","size":0,"annotations":{"…":"…"}}`; annotations may be missing.
fn entry(cursor: &mut Cursor<'_>) -> Option<Place> {
    let start = cursor.at;
    cursor.skip(b"{\"mediaType\":")?;
    cursor.string()?;
    cursor.skip(b",\"digest\":")?;
    let digest = cursor.string()?;
    cursor.skip(b",\"size\":")?;
    cursor.number()?;
    let mut tag = 0..0;
    if cursor.skip(b",\"annotations\":{").is_some() {
        loop {
            let key = cursor.string()?;
            cursor.skip(b":")?;
            let value = cursor.string()?;
            if part(cursor.text, key) == ANNOTATION_REF_NAME.as_bytes() {
                tag = value;
            }
            match cursor.next()? {
                b',' => (),
                b'}' => break,
                _ => return None,
            }
        }
    }
    cursor.skip(b"}")?;
    Some(Place { raw: start..cursor.at, tag, digest })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    /// Returns the long way: a space at the end of an entry is not usual.
    fn long_way(text: &[u8]) -> Option<IndexFile> {
        let list = head_end(text)?;
        let spaced = [part(text, 0..list), b" ", part(text, list..text.len())].concat();
        assert!(parse(&spaced).is_none(), "is not usual");
        IndexFile::parse(spaced, Path::new("index.json")).ok()
    }

    proptest! {
        /// Compares the quick way with the long way: all that the quick one accepts, the long one
        /// reads alike.
        #[test]
        fn the_quick_way_reads_what_the_long_way_reads_ls_13(
            entries in prop::collection::vec(piece(), 0..6),
            head in prop::sample::select(vec![
                "{", "{\"schemaVersion\":2,", " {\"a\":\"}\",", "[", "{\"x\":{\"manifests\":[]},",
            ]),
            tail in prop::sample::select(vec!["}", ",\"z\":1}", "}x", "", ",\"Manifests\":[]}"]),
        ) {
            let text = format!("{head}\"manifests\":[{}]{tail}", entries.join(",")).into_bytes();
            if let Some(quick) = parse(&text) {
                let quick = IndexFile { text: text.clone(), ..quick }.sorted();
                let long = long_way(&text).expect("is taken");
                prop_assert_eq!(quick.entries.len(), long.entries.len());
                for (a, b) in quick.entries().zip(long.entries()) {
                    prop_assert_eq!(a.raw, b.raw);
                    prop_assert_eq!((a.tag, a.digest), (b.tag, b.digest));
                }
                prop_assert_eq!(quick.write(), IndexFile { head: quick.head.clone(), ..long }.write());
            }
        }
    }

    /// Something like an entry.
    fn piece() -> impl Strategy<Value = String> {
        let text = prop::sample::select(vec![
            "",
            "demo",
            "é",
            "\\u0061",
            "\"",
            "\u{1}",
            "org.opencontainers.image.ref.name",
            "{}",
        ]);
        let size = prop::sample::select(vec!["0", "12", "012", "-1", "1.0", "\"1\"", ""]);
        (text.clone(), text.clone(), size, text.clone(), text, 0..12_usize).prop_map(
            |(a, b, size, key, value, form)| match form {
                0 => "{}".to_owned(),
                1 => "null".to_owned(),
                2 => format!(r#"{{"mediaType":"{a}","digest":"{b}","size":{size}}}"#),
                3 => format!(r#"{{"digest":"{b}","mediaType":"{a}","size":1}}"#),
                4 => format!(r#"{{"mediaType":"{a}","digest":"{b}","size":1,"annotations":{{}}}}"#),
                5 => format!(r#"{{"mediaType":"{a}","digest":"{b}","size":1,"x":{{}}}}"#),
                _ => format!(
                    r#"{{"mediaType":"{a}","digest":"d","size":1,"annotations":{{"{key}":"{value}","org.opencontainers.image.ref.name":"{b}"}}}}"#
                ),
            },
        )
    }
}
