// SPDX-License-Identifier: Apache-2.0
//! What listed content says of itself, noted so that a list of builds need not read each of them again
//! (LS-36).
//!
//! It is for display alone. Who can write to the store can write what they like there, as they can
//! write to `index.json`; so nothing that decides may look at it: not what is needed, kept, removed,
//! sent, extracted or equal.

use std::collections::{BTreeMap, BTreeSet};

use oci_spec::image::Digest;

use super::Store;
use super::layout::read_bounded;
use super::lines::Lines;
use crate::digest;

/// From how many new ones on they are written.
const WORTH: usize = if cfg!(test) { 6 } else { 200 };
/// The largest file that is read or written, in bytes.
const MAX_SIZE: usize = 128 << 20;
/// The longest line, in bytes. What says more of itself is read each time.
const MAX_LINE: usize = 4096;
/// What the first line starts with; the digest of all others follows.
const HEAD: &str = "summaries 1 ";

/// What was noted of listed content, a line each, without a line end.
#[derive(Debug, Default)]
pub struct Summaries {
    lines: Lines,
    new: BTreeMap<Box<str>, String>,
}

impl Store {
    /// What was noted before. A file that is missing, damaged, torn or of another version says nothing,
    /// and neither does one that cannot be read: everything is read then.
    pub fn summaries(&self) -> Summaries {
        let file = self.layout().summaries_file();
        let text = read_bounded(&file, MAX_SIZE as u64).ok().flatten();
        let lines = text.and_then(checked).map(Lines::of).unwrap_or_default();
        Summaries { lines, new: BTreeMap::new() }
    }

    /// Keeps what is new of the summaries, for what is listed. That it can be written is not needed: a
    /// store may be read-only. Nobody's lock is needed either, since a file in which two have
    /// written is not the one that its first line names.
    pub fn keep_summaries<'a>(
        &self,
        summaries: Summaries,
        listed: impl IntoIterator<Item = &'a Digest>,
    ) {
        if summaries.new.len() < WORTH {
            return;
        }
        let listed: BTreeSet<&str> = listed.into_iter().map(Digest::as_ref).collect();
        let lines = summaries.lines.with(&summaries.new, &listed);
        let text = lines.text();
        if text.len() < MAX_SIZE - 200 {
            let head = format!("{HEAD}{}\n", digest::sha256(text.as_bytes()));
            // The next one who looks reads more.
            let _ = Lines::write(&self.layout().summaries_file(), &[&head, text]);
        }
    }
}

impl Summaries {
    /// The line for content with that digest.
    pub fn get(&self, digest: &Digest) -> Option<&str> {
        let new = self.new.get(digest.as_ref()).map(String::as_str);
        new.or_else(|| self.lines.get(digest.as_ref()))
    }

    /// Notes a line for content with that digest. It must follow from that content alone. One that
    /// holds a line end, or is too long, is not noted.
    pub fn add(&mut self, digest: &Digest, line: String) {
        if line.len() <= MAX_LINE && !line.contains('\n') {
            self.new.insert(digest.as_ref().into(), line);
        }
    }
}

/// The text behind the first line, if that has its digest.
fn checked(mut text: Vec<u8>) -> Option<Vec<u8>> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    let head = std::str::from_utf8(text.get(..end)?).ok()?;
    let stated = digest::parse(head.strip_prefix(HEAD)?).ok()?;
    let start = end.checked_add(1)?;
    digest::verify(text.get(start..)?, &stated).ok()?;
    text.drain(..start);
    Some(text)
}
