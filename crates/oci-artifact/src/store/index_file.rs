// SPDX-License-Identifier: Apache-2.0
//! The layout's own `index.json` (LS-1, LS-2): read leniently, edited entry by entry, written back
//! with everything else in it as it was.

use std::borrow::Cow;
use std::fs::{self, File};
use std::ops::Range;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use oci_spec::image::{Descriptor, Digest};

use super::fs as ops;
use crate::{Diagnostic, Error, ErrorKind, Result, digest, json};

/// The annotation that names an entry.
pub const ANNOTATION_REF_NAME: &str = "org.opencontainers.image.ref.name";

/// A fresh file up to the list of its entries (ST-3).
const HEAD: &[u8] =
    br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":"#;

/// How many closing braces, from the end, [`IndexFile::salvage`] takes for the last entry's: an
/// entry's annotations and platform end with one too.
const SALVAGE_TRIES: usize = 16;

/// The content of an index file.
#[derive(Clone, Debug)]
pub(super) struct IndexFile {
    /// What was read; entries lie in it.
    text: Vec<u8>,
    /// What stands before the list of entries, and behind it.
    head: Cow<'static, [u8]>,
    tail: Cow<'static, [u8]>,
    entries: Vec<RawEntry>,
}

/// One entry. It may be anything: what is not understood is kept.
#[derive(Clone, Debug)]
pub(super) struct RawEntry {
    raw: Raw,
    /// Its name, if it has one that is not empty (ST-7).
    pub(super) tag: Option<Box<str>>,
    /// Its digest's text; empty if it has none.
    pub(super) digest: Box<str>,
}

#[derive(Clone, Debug)]
enum Raw {
    /// As it was read, there.
    Old(Range<usize>),
    /// As it will be written.
    New(Vec<u8>),
}

impl IndexFile {
    /// A file that lists nothing.
    pub(super) fn empty() -> Self {
        let (head, tail) = (Cow::Borrowed(HEAD), Cow::Borrowed(&b"}"[..]));
        Self { text: Vec::new(), head, tail, entries: Vec::new() }
    }

    /// Reads what stands in the file at `path` (ST-6).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidStore`] if it is not JSON, or its list of entries is not a list.
    pub(super) fn parse(text: Vec<u8>, path: &Path) -> Result<Self> {
        let invalid = |diagnostic: Diagnostic| {
            let help = "`store check --repair` lists again what is in the store";
            let diagnostic = diagnostic.at_path(path).with_help(help);
            Error::from_diagnostics(ErrorKind::InvalidStore, vec![diagnostic])
        };
        let document = json::parse(&text).map_err(&invalid)?;
        if document.is_null() {
            return Ok(Self::empty());
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
                (text.get(..start).unwrap_or_default().to_vec(), text.get(end..))
            }
            Some((list, _)) => return Err(invalid(list.diagnostic("expected a list"))),
            None => {
                // The closing brace.
                let size = document.raw().trim_ascii_end().len();
                let end = document.span().start.saturating_add(size).saturating_sub(1);
                let mut head = text.get(..end).unwrap_or_default().to_vec();
                let comma = if document.members().next().is_some() { "," } else { "" };
                head.extend_from_slice(comma.as_bytes());
                head.extend_from_slice(b"\"manifests\":");
                (head, text.get(end..))
            }
        };
        let (head, tail) = (Cow::Owned(head), Cow::Owned(tail.unwrap_or_default().to_vec()));
        let entries =
            list.into_iter().flat_map(json::Value::elements).map(RawEntry::read).collect();
        Ok(Self { text, head, tail, entries })
    }

    /// What can be read of a malformed file: everything up to a tear near its end.
    pub(super) fn salvage(text: &[u8], path: &Path) -> Self {
        let ends = text.iter().enumerate().rev().filter(|(_, byte)| **byte == b'}');
        let parsed = ends.take(SALVAGE_TRIES).find_map(|(end, _)| {
            let mut text = text.get(..=end)?.to_vec();
            text.extend_from_slice(b"]}");
            Self::parse(text, path).ok()
        });
        // The head may name other things that were lost: only the entries are of use.
        let Some(parsed) = parsed else { return Self::empty() };
        Self { text: parsed.text, entries: parsed.entries, ..Self::empty() }
    }

    /// The file's new content: entries with a tag by tag, then the others by digest (BUG-38).
    pub(super) fn write(&mut self) -> Vec<u8> {
        self.entries.sort_by(|a, b| a.order().cmp(&b.order()));
        let raw = self.entries.iter().map(|entry| entry.raw(&self.text));
        let size = raw.clone().map(|raw| raw.len() + 1).sum::<usize>();
        let mut out = Vec::with_capacity(self.head.len() + size + self.tail.len() + 2);
        out.extend_from_slice(&self.head);
        out.push(b'[');
        for (at, raw) in raw.enumerate() {
            if at > 0 {
                out.push(b',');
            }
            out.extend_from_slice(raw);
        }
        out.push(b']');
        out.extend_from_slice(&self.tail);
        out
    }

    /// All entries, in the order of the file.
    pub(super) fn entries(&self) -> impl Iterator<Item = &RawEntry> {
        self.entries.iter()
    }

    /// The entry that has this tag: the last one that claims it (ST-7).
    pub(super) fn tagged(&self, tag: &str) -> Option<&RawEntry> {
        self.entries.iter().rev().find(|entry| entry.tag.as_deref() == Some(tag))
    }

    /// The entries with that digest.
    pub(super) fn listing<'a>(&'a self, digest: &'a Digest) -> impl Iterator<Item = &'a RawEntry> {
        self.entries.iter().filter(move |entry| *entry.digest == *digest.as_ref())
    }

    /// Keeps only those entries; whether any had to go.
    pub(super) fn retain(&mut self, keep: impl FnMut(&RawEntry) -> bool) -> bool {
        let before = self.entries.len();
        self.entries.retain(keep);
        self.entries.len() != before
    }

    /// Lists that content, under that tag if there is one. What `model`, another entry of the same content, says
    /// besides its name holds for the new one too; `mark` is one more annotation. Entries that
    /// claimed the tag go, and those of the content that have no tag.
    pub(super) fn list(
        &mut self,
        model: Option<&RawEntry>,
        content: &Descriptor,
        tag: Option<&str>,
        mark: Option<(&str, &str)>,
    ) {
        let model = model.and_then(|model| json::parse(model.raw(&self.text)).ok());
        let members = || model.into_iter().flat_map(json::Value::members);
        let (own, kept): (Vec<_>, Vec<_>) = members().partition(|member| {
            ["mediaType", "digest", "size", "annotations"].contains(&&*member.key)
        });
        let annotations = own.iter().filter(|member| member.key == "annotations");
        let name = tag.map(|tag| (ANNOTATION_REF_NAME, tag));
        let named = [mark, name].into_iter().flatten();
        let mut json = json::Writer::new();
        json.object(|json| {
            json.key("mediaType").string(content.media_type().as_ref());
            json.key("digest").string(content.digest().as_ref());
            json.key("size").integer(content.size());
            for member in kept {
                json.key(&*member.key).raw(member.value.raw());
            }
            let mut annotations = annotations.flat_map(|list| list.value.members()).peekable();
            if annotations.peek().is_none() && named.clone().next().is_none() {
                return;
            }
            json.key("annotations").object(|json| {
                for member in annotations {
                    if named.clone().all(|(key, _)| member.key != key) {
                        json.key(&*member.key).raw(member.value.raw());
                    }
                }
                named.clone().for_each(|(key, value)| json.key(key).string(value));
            });
        });
        let digest: &str = content.digest().as_ref();
        self.retain(|entry| match entry.tag.as_deref() {
            None => *entry.digest != *digest,
            name => name != tag,
        });
        let raw = Raw::New(json.into_bytes());
        self.entries.push(RawEntry { raw, tag: tag.map(Box::from), digest: digest.into() });
    }

    /// What an entry says.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidStore`] if it is not a descriptor.
    pub(super) fn descriptor(&self, entry: &RawEntry) -> Result<Descriptor> {
        let raw = entry.raw(&self.text);
        let invalid = || {
            let text = String::from_utf8_lossy(raw).chars().take(200).collect::<String>();
            let message = format!("an entry of index.json is not a descriptor: {text}");
            Error::new(ErrorKind::InvalidStore, message)
                .with_help("`store check --repair` removes it")
        };
        let value = json::parse(raw).map_err(|_| invalid())?;
        let text = |key| value.get(key).and_then(json::Value::as_string);
        let digest = digest::parse(&entry.digest).map_err(|_| invalid())?;
        let size = value.get("size").and_then(json::Value::as_integer);
        let size = size.and_then(|size| u64::try_from(size).ok()).ok_or_else(invalid)?;
        let media_type = text("mediaType").unwrap_or_default();
        let mut descriptor = Descriptor::new(media_type.as_str().into(), size, digest);
        let annotations = value.get("annotations").into_iter().flat_map(json::Value::members);
        let annotations = annotations
            .filter_map(|member| Some((member.key.into_owned(), member.value.as_string()?)));
        descriptor.set_annotations(value.get("annotations").map(|_| annotations.collect()));
        descriptor.set_artifact_type(text("artifactType").map(|text| text.as_str().into()));
        let platform = value.get("platform").map(json::Value::raw);
        descriptor.set_platform(platform.and_then(|raw| serde_json::from_slice(raw).ok()));
        Ok(descriptor)
    }
}

impl RawEntry {
    fn read(value: json::Value<'_>) -> Self {
        let (mut tag, mut digest) = (None, None);
        for member in value.members() {
            match &*member.key {
                "digest" => digest = member.value.as_str(),
                "annotations" => tag = member.value.get(ANNOTATION_REF_NAME),
                _ => (),
            }
        }
        let tag = tag.and_then(json::Value::as_str).filter(|tag| !tag.is_empty());
        Self {
            raw: Raw::Old(value.span()),
            tag: tag.map(|tag| Box::from(&*tag)),
            digest: digest.map(|digest| Box::from(&*digest)).unwrap_or_default(),
        }
    }

    fn raw<'a>(&'a self, text: &'a [u8]) -> &'a [u8] {
        match &self.raw {
            Raw::Old(span) => text.get(span.clone()).unwrap_or_default(),
            Raw::New(bytes) => bytes,
        }
    }

    fn order(&self) -> (bool, Option<&str>, &str) {
        let digest = if self.tag.is_none() { &*self.digest } else { "" };
        (self.tag.is_none(), self.tag.as_deref(), digest)
    }
}

/// Replaces the index file at `path` by way of `new` (LS-5); the caller holds the lock. The file
/// that is now there.
pub(super) fn replace(path: &Path, new: &Path, text: &[u8]) -> Result<File> {
    let result = write_new(path, new, text)
        .and_then(|file| ops::rename(new, path).map(|()| file))
        .inspect_err(|_| {
            // What could not take its place is of no use; failing to remove it harms nobody.
            let _ = ops::remove_file(new);
        })?;
    if let Some(root) = path.parent() {
        ops::sync_dir(root)?;
    }
    Ok(result)
}

fn write_new(path: &Path, new: &Path, text: &[u8]) -> Result<File> {
    let file = ops::create(new)?;
    ops::write_all(&file, new, text)?;
    // Who may read and write the file stays as it was.
    if let Ok(old) = fs::metadata(path)
        && let Ok(made) = file.metadata()
        && old.permissions() != made.permissions()
    {
        ops::set_mode(&file, new, old.permissions().mode() & 0o777)?;
    }
    ops::sync(&file, new)?;
    Ok(file)
}
