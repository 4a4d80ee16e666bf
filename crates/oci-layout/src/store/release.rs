// SPDX-License-Identifier: Apache-2.0
//! Content that this store itself let go of, and since when it is known that nothing lists something else
//! (LS-18). Both are empty files beside the ingests: without one, content is kept longer.

use std::collections::BTreeSet;
use std::time::SystemTime;

use super::change::Change;
use super::layout::read_bounded;
use super::own::{NOTE_PREFIX, Owners};
use super::root::{Meta, StorePath};
use super::{Store, fs as ops};
use crate::digest::Digest;
use crate::{Result, limits};

/// The prefix of the names of files that record: a tag of this content was moved or removed here.
const RELEASED: &str = "released-";
/// The prefix of the names of files whose times record since when nothing is known to list content.
const UNLISTED: &str = "unlisted-";

/// The content of those files.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// The content of which a tag was moved or removed.
    pub(super) released: BTreeSet<Digest>,
    /// The files of one digest each, with it, and what they are.
    files: Vec<(StorePath, Digest, Meta)>,
    /// Digests of theirs that are listed again.
    outdated: BTreeSet<Digest>,
}

impl Notes {
    /// Reads all of them, and what cut removals were about.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if the directory cannot be read. A note that cannot be
    /// read says nothing, and so removes nothing.
    pub(super) fn read(store: &Store) -> Result<Self> {
        let mut notes = Self::default();
        for path in ops::entries(&store.layout().ingest_dir())? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if !name.starts_with(NOTE_PREFIX) && !is_note(name) {
                continue;
            }
            // What is no file says nothing, whatever it is called; gc names it (LS-33).
            let meta = ops::done("cannot examine the file", &path, ops::stat(&path))?;
            let Some(meta) = meta.filter(Meta::is_file) else { continue };
            if name.starts_with(NOTE_PREFIX) {
                let text = read_bounded(&path, limits::MAX_INDEX_FILE_SIZE).ok().flatten();
                let text = String::from_utf8(text.unwrap_or_default()).unwrap_or_default();
                notes.released.extend(text.lines().filter_map(Digest::read));
            } else if let Some(digest) = digest_of(name, RELEASED) {
                notes.released.insert(digest);
                notes.files.push((path, digest, meta));
            } else if let Some(digest) = digest_of(name, UNLISTED) {
                notes.files.push((path, digest, meta));
            }
        }
        Ok(notes)
    }

    /// Says what the entries reach: what was noted about that is outdated.
    pub(super) fn outdate(&mut self, reached: &BTreeSet<Digest>) {
        let noted = self.files.iter().map(|(_, digest, _)| *digest);
        self.outdated = noted.filter(|digest| reached.contains(digest)).collect();
    }

    /// Removes the notes about content that is listed again, or gone. What stays harms nobody.
    pub(super) fn tidy(&self, store: &Store, owners: &Owners) {
        for (path, digest, _) in self.files.iter().filter(|(_, _, meta)| owners.have(meta)) {
            let is_gone = matches!(store.blob_size(digest), Ok(None));
            if is_gone || self.outdated.contains(digest) {
                let _ = ops::remove_file(path);
            }
        }
    }
}

/// Whether a file of that name among the ingests is such a note.
pub(super) fn is_note(name: &str) -> bool {
    [RELEASED, UNLISTED].iter().any(|prefix| digest_of(name, prefix).is_some())
}

fn digest_of(name: &str, prefix: &str) -> Option<Digest> {
    let (algorithm, hex) = name.strip_prefix(prefix)?.split_once('-')?;
    Digest::of_parts(algorithm, hex)
}

fn file(store: &Store, prefix: &str, digest: &Digest) -> StorePath {
    let name = format!("{prefix}{}-{}", digest.algorithm().as_str(), digest.hex());
    store.layout().ingest_dir().join(name)
}

impl Change<'_> {
    /// Notes that content lost a tag here, after it has. If that cannot be noted, it is kept longer.
    pub(super) fn note_release(&mut self, digest: &Digest) {
        let note = file(self.store(), RELEASED, digest);
        let dir = self.store().layout().ingest_dir();
        let made = self.create_dir(&dir).and_then(|()| ops::create(&note));
        drop(made);
    }

    /// Takes such a note back, before the content is listed again.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io): it must not be listed then, since it would be removed
    /// at once if another program dropped it from the list.
    pub(super) fn take_back(&mut self, digest: &Digest) -> Result<()> {
        ops::remove_file(&file(self.store(), RELEASED, digest)).map(|_| ())
    }

    /// Removes all notes about content that was removed.
    pub(super) fn forget_notes(&mut self, digest: &Digest) {
        for prefix in [RELEASED, UNLISTED] {
            let _ = ops::remove_file(&file(self.store(), prefix, digest));
        }
    }

    /// Notes that it is known from now on that nothing lists this content.
    pub(super) fn note_unlisted(&mut self, digest: &Digest) {
        let note = file(self.store(), UNLISTED, digest);
        let dir = self.store().layout().ingest_dir();
        let made = self.create_dir(&dir).and_then(|()| ops::create_new(&note, 0o666));
        drop(made);
    }
}

/// Since when it is known that nothing lists this content; `None` if that was not noted yet.
///
/// # Errors
/// [`ErrorKind::Io`](crate::ErrorKind::Io).
pub(super) fn unlisted_since(store: &Store, digest: &Digest) -> Result<Option<SystemTime>> {
    let note = file(store, UNLISTED, digest);
    let meta = ops::done("cannot examine the file", &note, ops::stat(&note))?;
    Ok(meta.and_then(|meta| meta.modified()))
}
