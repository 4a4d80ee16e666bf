// SPDX-License-Identifier: Apache-2.0
//! Changes of files and of words, as JSON and as lines; `verify` and `diff` tell them alike.

use oci_artifact::Digest;
use std::borrow::Cow;

use agent_plugin::Difference;
use oci_artifact::comparison::{Aspect, Change, FileChange};
use oci_artifact::directory::FoundKind;
use oci_artifact::listing::FileState;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::output::{Table, harmless, size};

/// The most files, and the most words, that are reported of two artifacts; how many more there are is said.
pub(super) const MOST_FILES: usize = 1_000;
pub(super) const MOST_FIELDS: usize = 200;
/// The most bytes of a word's name or value that a document has.
const LONGEST: usize = 4 << 10;
/// The most bytes of the report on what would run, and of one text of it.
const MOST_OF_SURFACE: usize = 4 << 20;
const LONGEST_OF_SURFACE: usize = 256 << 10;

/// The numbers of changes that are not shown, as there are too many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub(super) struct Cut {
    /// The number of files that changed.
    pub(super) files: usize,
    /// The number of labels, annotations and other members of documents that changed.
    pub(super) fields: usize,
    /// The number of changes of what would run, those that matter least.
    pub(super) surface: usize,
}

impl Cut {
    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// The number beyond the most that are shown.
pub(super) fn beyond(most: usize, all: usize) -> usize {
    all.saturating_sub(most)
}

/// A text of a document, its start if it is long.
pub(super) fn bounded(text: &str) -> Cow<'_, str> {
    shortened(text, LONGEST)
}

fn shortened(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest {
        return Cow::Borrowed(text);
    }
    let end = (0..=longest).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let start = text.get(..end).unwrap_or_default();
    Cow::Owned(format!("{start}… ({} more bytes)", text.len() - start.len()))
}

/// Shortens the report on what would run; the number of changes that are left out.
pub(crate) fn bound_surface(surface: &mut Difference) -> usize {
    let mut told = 0_usize;
    let mut kept = 0;
    for change in &mut surface.changes {
        let texts = [Some(&mut change.id), Some(&mut change.what)];
        let sides = [change.before.as_mut(), change.after.as_mut()];
        for text in texts.into_iter().chain(sides).flatten() {
            if let Cow::Owned(short) = shortened(text, LONGEST_OF_SURFACE) {
                *text = short;
            }
            told = told.saturating_add(text.len());
        }
        if told > MOST_OF_SURFACE {
            break;
        }
        kept += 1;
    }
    let cut = surface.changes.len() - kept;
    surface.changes.truncate(kept);
    cut
}

/// The names of the two sides of a change.
#[derive(Clone, Copy)]
pub(super) struct Sides(pub(super) &'static str, pub(super) &'static str);

/// A file's change as JSON.
pub(super) struct FileJson<'a>(pub(super) Sides, pub(super) &'a FileChange);

#[derive(serde::Serialize)]
struct State<'a> {
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a Digest>,
}

impl<'a> State<'a> {
    fn of(state: &'a FileState) -> Self {
        let is_file = state.kind == FoundKind::File;
        Self {
            kind: state.kind.as_str(),
            mode: is_file.then(|| format!("{:04o}", state.mode)),
            size: is_file.then_some(state.size),
            digest: state.digest.as_ref(),
        }
    }
}

impl FileJson<'_> {
    /// Writes its members, which may stand behind others.
    pub(super) fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let Self(sides, file) = self;
        let FileChange { change, before, after, .. } = file;
        map.serialize_entry("path", &file.path())?;
        map.serialize_entry("change", change.as_str())?;
        if let (Change::Moved, Some(before)) = (change, before) {
            map.serialize_entry("from", &before.shown())?;
        }
        let aspects: Vec<&str> = file.aspects().into_iter().map(Aspect::as_str).collect();
        if !aspects.is_empty() {
            map.serialize_entry("aspects", &aspects)?;
        }
        for (name, state) in [(sides.0, before), (sides.1, after)] {
            if let Some(state) = state {
                map.serialize_entry(name, &State::of(state))?;
            }
        }
        Ok(())
    }
}

impl Serialize for FileJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.write(&mut map)?;
        map.end()
    }
}

/// A row for a file: what happened, where, and how.
pub(super) fn file_row(table: &mut Table, change: &FileChange) {
    let [what, path, how] = file_cells(change);
    table.row([format!("  {what}"), path, how]);
}

/// The cells of a row: what happened, where, and how.
pub(super) fn file_cells(change: &FileChange) -> [String; 3] {
    let path = match (change.change, &change.before) {
        (Change::Moved, Some(before)) => format!("{} -> {}", before.shown(), change.path()),
        _ => change.path(),
    };
    [change.change.as_str().to_owned(), path, how(change)]
}

fn how(change: &FileChange) -> String {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) if before.kind != after.kind => {
            format!("{} -> {}", before.kind.as_str(), after.kind.as_str())
        }
        (Some(before), Some(after)) => {
            let mut how = Vec::new();
            for aspect in change.aspects() {
                match aspect {
                    Aspect::Content if before.size == after.size => {
                        how.push(format!("content ({})", size(after.size)));
                    }
                    Aspect::Content => {
                        // Where the units hide it, the bytes show the difference.
                        let (mut old, mut new) = (size(before.size), size(after.size));
                        if old == new {
                            (old, new) = (before.size.to_string(), format!("{} B", after.size));
                        }
                        how.push(format!("content ({old} -> {new})"));
                    }
                    Aspect::Mode => {
                        how.push(format!("mode {:04o} -> {:04o}", before.mode, after.mode));
                    }
                    Aspect::Kind => {}
                }
            }
            how.join(", ")
        }
        (Some(one), None) | (None, Some(one)) if one.kind == FoundKind::File => {
            format!("{:04o}, {}", one.mode, size(one.size))
        }
        (Some(one), None) | (None, Some(one)) => one.kind.as_str().to_owned(),
        (None, None) => String::new(),
    }
}

/// A text of the two sides on one line: whole if it is short, its beginning otherwise.
pub(super) fn texts(before: Option<&str>, after: Option<&str>) -> String {
    let shown = |text: Option<&str>| text.map_or_else(|| "nothing".to_owned(), short);
    let (one, other) = (shown(before), shown(after));
    let (Some(old), Some(new)) = (before, after) else { return format!("{one} -> {other}") };
    if one != other {
        return format!("{one} -> {other}");
    }
    // Both begin alike: from where they differ.
    let same = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).count();
    let from = |text: &str| {
        let rest: String = text.chars().skip(same.saturating_sub(20)).collect();
        format!("\"…{}\"", start(&rest, LONGEST_SHOWN))
    };
    format!("{} -> {}", from(old), from(new))
}

/// The name of a label or annotation on one line: its beginning if it is long.
pub(super) fn word(name: &str) -> String {
    const LONGEST: usize = 100;
    start(name, LONGEST)
}

/// The number of characters of a value.
const LONGEST_SHOWN: usize = 60;

fn short(text: &str) -> String {
    format!("\"{}\"", start(text, LONGEST_SHOWN))
}

/// Returns the first characters of a text, harmless, and at most that many.
fn start(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", harmless(text.get(..end).unwrap_or_default())),
        None => harmless(text),
    }
}
