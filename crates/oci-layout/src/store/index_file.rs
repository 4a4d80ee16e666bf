// SPDX-License-Identifier: Apache-2.0
//! The layout's own `index.json` (LS-1, LS-2): read leniently, edited entry by entry, written back
//! with everything else in it as it was.

mod anchor;
mod entry;
mod in_place;
mod quick;
mod read;
mod replace;

use std::ops::Range;
use std::path::Path;

pub(super) use entry::RawEntry;
pub(super) use in_place::untag as untag_in_place;
pub(super) use read::{Reading, Whole, read};
pub(super) use replace::{replace, write};

use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::media_type::ANNOTATION_REF_NAME;
use crate::{Diagnostic, Error, ErrorKind, Result, json};

/// A fresh file up to the list of its entries (ST-3).
const HEAD: &[u8] =
    br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":"#;

/// The number of closing braces, from the end, that [`IndexFile::salvage`] tries as the last
/// entry's: an entry's annotations and platform end with one too.
const SALVAGE_TRIES: usize = 16;

/// The content of an index file.
#[derive(Clone, Debug)]
pub(super) struct IndexFile {
    /// The file as it was read or written, and behind it what edits and decoding have added.
    text: Vec<u8>,
    /// The text before the list of entries, and behind it.
    head: Vec<u8>,
    tail: Vec<u8>,
    /// The places of the entries: those with a tag by tag, then the others by digest (BUG-38);
    /// before that, in the order of the file.
    entries: Vec<Place>,
}

/// The offsets of the parts of an entry in the text.
#[derive(Clone, Debug)]
struct Place {
    raw: Range<usize>,
    /// Empty if the entry has none.
    tag: Range<usize>,
    /// Empty if the entry has none.
    digest: Range<usize>,
}

impl IndexFile {
    /// Returns a file that lists nothing.
    pub(super) fn empty() -> Self {
        Self { text: Vec::new(), head: HEAD.to_vec(), tail: b"}".to_vec(), entries: Vec::new() }
    }

    /// Reads what stands in the file at `path` (ST-6).
    ///
    /// # Errors
    /// The text again, and [`ErrorKind::InvalidStore`] if it is not JSON, or its list of entries is not
    /// a list.
    pub(super) fn parse(text: Vec<u8>, path: &Path) -> Result<Self, (Vec<u8>, Error)> {
        if let Some(index) = quick::parse(&text) {
            return Ok(Self { text, ..index }.sorted());
        }
        match Self::parse_any(&text, path) {
            Ok((index, decoded)) => {
                let text = [text, decoded].concat();
                Ok(Self { text, ..index }.sorted())
            }
            Err(error) => Err((text, error)),
        }
    }

    /// Returns the long way: the file without its text, and what was decoded of it.
    fn parse_any(text: &[u8], path: &Path) -> Result<(Self, Vec<u8>)> {
        let invalid = |diagnostic: Diagnostic| {
            let diagnostic = diagnostic.at_path(path);
            Error::from_diagnostics(ErrorKind::InvalidStore, vec![diagnostic])
        };
        let document = json::parse(text).map_err(&invalid)?;
        if document.is_null() {
            return Ok((Self::empty(), Vec::new()));
        }
        if document.kind() != json::Kind::Object {
            return Err(invalid(document.diagnostic("expected an object")));
        }
        let mut lists = document.members().filter(|member| member.is("manifests"));
        let list = lists.next().map(|member| member.value);
        if let Some(second) = lists.next() {
            return Err(invalid(second.diagnostic("a second list of manifests")));
        }
        let (head, tail) = match list.map(|list| (list, list.kind())) {
            Some((list, json::Kind::Array | json::Kind::Null)) => {
                let Range { start, end } = list.span();
                (part(text, 0..start).to_vec(), part(text, end..text.len()).to_vec())
            }
            Some((list, _)) => return Err(invalid(list.diagnostic("expected a list"))),
            None => {
                let end = document.span().end.saturating_sub(1);
                let comma = if document.members().next().is_some() { "," } else { "" };
                let head = [part(text, 0..end), comma.as_bytes(), b"\"manifests\":"].concat();
                (head, part(text, end..text.len()).to_vec())
            }
        };
        let (mut entries, mut decoded) = (Vec::new(), Vec::new());
        for value in list.into_iter().flat_map(json::Value::elements) {
            entries.push(entry::place(value, text.len(), &mut decoded));
        }
        Ok((Self { text: Vec::new(), head, tail, entries }, decoded))
    }

    fn sorted(mut self) -> Self {
        let Self { text, entries, .. } = &mut self;
        entries.sort_by(|a, b| a.order(text).cmp(&b.order(text)));
        self
    }

    /// Reads as much as possible of a malformed file: everything up to a tear near its end.
    pub(super) fn salvage(text: &[u8], path: &Path) -> Self {
        let ends = text.iter().enumerate().rev().filter(|(_, byte)| **byte == b'}');
        let parsed = ends
            .take(SALVAGE_TRIES)
            .find_map(|(end, _)| Self::parse([text.get(..=end)?, b"]}"].concat(), path).ok());
        // The head may name other things that were lost: only the entries are of use.
        let Some(parsed) = parsed else { return Self::empty() };
        Self { text: parsed.text, entries: parsed.entries, ..Self::empty() }
    }

    /// Returns the file's new content, in the pieces of which it consists.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let Self { text, head, tail, entries } = self;
        let entries = entries.iter().enumerate().flat_map(|(at, place)| {
            let comma: &[u8] = if at > 0 { b"," } else { b"" };
            [comma, part(text, place.raw.clone())]
        });
        [head, &b"["[..]].into_iter().chain(entries).chain([&b"]"[..], tail])
    }

    /// Returns the file's new content.
    pub(super) fn write(&self) -> Vec<u8> {
        self.pieces().collect::<Vec<_>>().concat()
    }

    /// Drops the text that nothing refers to any more, if that is much; `size` is that of the new content.
    pub(super) fn slim(self, size: usize, path: &Path) -> Result<Self> {
        let is_slim = self.text.len() <= size.saturating_mul(2).saturating_add(SLACK);
        if is_slim { Ok(self) } else { Self::parse(self.write(), path).map_err(|(_, error)| error) }
    }

    /// Returns all entries, those with a tag first and by tag.
    pub(super) fn entries(&self) -> impl Iterator<Item = RawEntry<'_>> {
        self.entries.iter().map(|place| place.entry(&self.text))
    }

    /// Returns the digests of all entries, once each and ascending.
    pub(super) fn digests(&self) -> Vec<Digest> {
        let digests = self.entries().filter_map(|entry| Digest::read(entry.digest));
        let mut digests: Vec<_> = digests.collect();
        digests.sort_unstable();
        digests.dedup();
        digests
    }

    /// Returns the entry that has this tag: the last one that claims it (ST-7).
    pub(super) fn tagged(&self, tag: &str) -> Option<RawEntry<'_>> {
        let claim = self.claims(tag).last()?;
        Some(self.entries.get(claim)?.entry(&self.text))
    }

    /// Returns all entries that claim this tag.
    pub(super) fn claiming(&self, tag: &str) -> impl Iterator<Item = RawEntry<'_>> {
        let claims = self.entries.get(self.claims(tag)).unwrap_or_default();
        claims.iter().map(|place| place.entry(&self.text))
    }

    /// Whether this is what it should be: an image index says which version of its format it has.
    pub(super) fn has_schema_version(&self) -> bool {
        json::parse(&self.frame()).is_ok_and(|frame| frame.get("schemaVersion").is_some())
    }

    /// Returns the places of the entries that claim this tag.
    fn claims(&self, tag: &str) -> Range<usize> {
        let own = |place: &Place| place.entry(&self.text).tag;
        let from = self.entries.partition_point(|place| own(place).is_some_and(|own| own < tag));
        let to = self.entries.partition_point(|place| own(place).is_some_and(|own| own <= tag));
        from..to
    }

    /// Returns the entries with that digest.
    pub(super) fn listing<'a>(&'a self, digest: &'a Digest) -> impl Iterator<Item = RawEntry<'a>> {
        let digest = digest.to_string();
        let is_of_it =
            move |place: &&Place| part(&self.text, place.digest.clone()) == digest.as_bytes();
        self.entries.iter().filter(is_of_it).map(|place| place.entry(&self.text))
    }

    /// Drops entries without a tag; whether there were any.
    pub(super) fn drop_untagged(
        &mut self,
        mut is_dropped: impl FnMut(RawEntry<'_>) -> bool,
    ) -> bool {
        let before = self.entries.len();
        let untagged = self.entries.split_off(self.first_untagged());
        let Self { text, entries, .. } = self;
        entries.extend(untagged.into_iter().filter(|place| !is_dropped(place.entry(text))));
        entries.len() != before
    }

    /// Returns the place of the first entry without a tag: they stand behind all others.
    fn first_untagged(&self) -> usize {
        self.entries.partition_point(|place| !place.tag.is_empty())
    }

    /// Keeps only those entries; whether any had to go.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(RawEntry<'_>) -> bool) {
        let Self { text, entries, .. } = self;
        entries.retain(|place| keep(place.entry(text)));
    }

    /// Takes a tag away from all entries that claim it, which go; whether there was any.
    pub(super) fn untag(&mut self, tag: &str) -> bool {
        let claims = self.claims(tag);
        self.entries.drain(claims).next().is_some()
    }

    /// Lists that content, under that tag if there is one. What `model`, another entry of the same
    /// content, says besides its name holds for the new one too; `mark` is one more annotation.
    /// Entries that claimed the tag go, and those of the content that have no tag.
    pub(super) fn list(
        &mut self,
        model: Option<&[u8]>,
        content: &Descriptor,
        tag: Option<&str>,
        mark: Option<(&str, &str)>,
    ) {
        let name = tag.map(|tag| (ANNOTATION_REF_NAME, tag));
        let json = entry::write(model, content, [mark, name]);
        let digest = content.digest.to_string();
        self.drop_untagged(|entry| entry.digest == digest);
        if let Some(tag) = tag {
            self.untag(tag);
        }
        let place = Place {
            raw: push(&mut self.text, &json),
            tag: push(&mut self.text, tag.unwrap_or_default().as_bytes()),
            digest: push(&mut self.text, digest.as_bytes()),
        };
        let order = place.order(&self.text);
        let at = self.entries.partition_point(|other| other.order(&self.text) < order);
        self.entries.insert(at, place);
    }
}

/// The number of bytes without use that a text may hold besides as many as it needs.
const SLACK: usize = 64 * 1024;

fn part(text: &[u8], range: Range<usize>) -> &[u8] {
    text.get(range).unwrap_or_default()
}

fn push(text: &mut Vec<u8>, more: &[u8]) -> Range<usize> {
    let start = text.len();
    text.extend_from_slice(more);
    start..text.len()
}
