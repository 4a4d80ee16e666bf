// SPDX-License-Identifier: Apache-2.0
//! Taking a tag away where there is no room for another index file (LS-20).

use super::read::{Reading, read};
use super::{ANNOTATION_REF_NAME, IndexFile, part};
use crate::store::fs as ops;
use crate::store::root::{self, StorePath};
use crate::{Error, ErrorKind, Result};

/// The byte that replaces the last one of the annotation's key: that makes it another annotation,
/// and the entry has no tag.
const OTHER: u8 = b'~';

/// Takes a tag away from the entries of the file at `path` that claim it, by one byte of each: a concurrent reader
/// sees the file before or after that. The caller holds the lock.
///
/// # Errors
/// [`ErrorKind::InvalidStore`] if it cannot be done so; [`ErrorKind::Io`].
pub(in crate::store) fn untag(path: &StorePath, tag: &str) -> Result<()> {
    let Reading::Whole(whole) = read(path)? else { return Err(impossible(path)) };
    let places = whole.index.tag_keys(tag).filter(|places| !places.is_empty());
    let places = places.ok_or_else(|| impossible(path))?;
    // A file that has another name elsewhere is somebody else's, too (LS-34).
    if whole.stamp.names > 1 {
        return Err(impossible(path));
    }
    let file = ops::open_for_change(path)?;
    // It may be another one by now.
    let now = ops::done("cannot examine the file", path, ops::stat_open(&file, path))?;
    if now != whole.stamp {
        return Err(impossible(path));
    }
    for place in places {
        let written = ops::overwrite(&file, path, |file| root::write_at(file, &[OTHER], place));
        written?;
    }
    ops::sync(&file, path)
}

fn impossible(path: &StorePath) -> Error {
    Error::new(ErrorKind::InvalidStore, "the index file cannot be changed in place").at_path(path)
}

impl IndexFile {
    /// Returns the offsets, in the file as it was read, at which the keys end that make entries
    /// claim this tag; the entry that has it last. `None` if a key is not spelled out.
    fn tag_keys(&self, tag: &str) -> Option<Vec<u64>> {
        let key = format!("\"{ANNOTATION_REF_NAME}\"");
        let mut places = Vec::new();
        for place in self.entries.get(self.claims(tag))? {
            let raw = part(&self.text, place.raw.clone());
            let before = places.len();
            let found = raw.windows(key.len()).enumerate().filter(|(_, it)| *it == key.as_bytes());
            for (at, _) in found {
                // The last byte before the quotation mark.
                let end =
                    place.raw.start.checked_add(at)?.checked_add(key.len())?.checked_sub(2)?;
                places.push(u64::try_from(end).ok()?);
            }
            if places.len() == before {
                return None;
            }
        }
        Some(places)
    }
}
