// SPDX-License-Identifier: Apache-2.0
//! Removing a build: its name, then what nothing else needs (LS-9).

use std::collections::BTreeSet;

use toolhive_diagnostics::Remedy;

use super::change::Change;
use super::graph::{Leaves, Walker};
use super::index_file::IndexFile;
use super::lack::Lack;
use super::layout::read_bounded;
use super::needed::{all_needed, nothing_removed};
use super::own::NOTE_PREFIX;
use super::references::{Needed, References};
use super::root::StorePath;
use super::tags::tag_missing;
use super::{Store, fs as ops};
use crate::digest::Digest;
use crate::{Diagnostic, Error, ErrorKind, Result, digest, limits};

/// The result of a removal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Removed {
    /// The tag that was removed.
    pub tag: String,
    /// The digest that it named.
    pub digest: Digest,
    /// The blobs that were removed.
    pub blobs: Vec<Digest>,
    /// Their sizes together, in bytes.
    pub size: u64,
    /// The reason for which some blobs are still there, though nothing needs them: removing the build again, or
    /// [`gc`](Store::gc), finishes it.
    pub left: Option<Diagnostic>,
}

/// The content that is removed with a build.
struct Doomed {
    root: Digest,
    /// The blobs with their sizes; those that refer to others come last, so that nothing is complete of a build that
    /// is removed only in part.
    blobs: Vec<(Digest, u64)>,
}

impl Store {
    /// Removes a tag and then every blob that only it could reach, at any depth (BUG-41). Entries
    /// without a tag for parts of the build, as the Go code makes them, go with it; if the same
    /// content has another tag, only the name goes.
    ///
    /// The tag goes first, in one edit of `index.json`. If anything stops the rest, doing it again
    /// finishes it, or says that there is no such tag if [`gc`](Self::gc) was faster.
    ///
    /// # Errors
    /// Nothing has changed then: [`ErrorKind::NotFound`] for a tag that the store does not have;
    /// [`ErrorKind::Locked`]; [`ErrorKind::Io`] and what else there is if what another build needs
    /// cannot be read or is broken (LS-16).
    pub fn delete_build(&self, tag: &str) -> Result<Removed> {
        // What takes long, reading what all other builds need, happens before the lock is taken.
        let (mut walker, mut references) = (Walker::default(), References::default());
        // Looked at before it is read: what is read is of that version, or of none that is found again.
        let version = self.index_version()?;
        let mut plan = None;
        if let Some(index) = self.take_index()?
            && let Ok(root) = self.find(&index, tag)
        {
            references.follow(self, &index);
            plan = Some(doom(self, &mut walker, &mut references, index, tag, root)?);
        }
        let mut change = self.change()?;
        let is_same = version.is_some() && self.index_version()? == version;
        let plan = match plan {
            // A digest determines all that is reached from it: the same list needs the same.
            Some(plan) if is_same && plan.needed.is_whole => Ok(plan),
            _ => {
                let index = change.index()?;
                match self.find(&index, tag) {
                    Ok(root) => {
                        references.follow(self, &index);
                        Ok(doom(self, &mut walker, &mut references, index, tag, root)?)
                    }
                    Err(missing) => Err((missing, index)),
                }
            }
        };
        let mut is_in_place = false;
        let doomed = match plan {
            Ok(Plan { mut index, doomed, needed }) => {
                // Without the note, on a full disk, what a crash leaves is for gc. Something else in
                // its place is an attack, or a mistake (LS-31).
                self.note(tag, &doomed, &mut change).or_else(|error| match error.kind() {
                    ErrorKind::InvalidStore => Err(error),
                    _ => Ok(()),
                })?;
                references.renew(&mut change, &mut index, needed);
                let saved = change.save(index).or_else(|error| match error.is_of_full_disk() {
                    true => {
                        is_in_place = true;
                        change.untag_in_place(tag).map_err(|_| error)
                    }
                    false => Err(error),
                });
                saved.inspect_err(|_| self.forget(tag))?;
                doomed
            }
            Err((missing, index)) => self.noted(tag, &mut walker, &index)?.ok_or(missing)?,
        };
        let removed = sweep(&mut change, tag, doomed);
        if removed.left.is_none() {
            self.forget(tag);
        }
        // There is room now for what could not be written then. What stays is an entry without a tag
        // and without content, which `check` notes.
        if is_in_place {
            let _ = drop_entries(&mut change, &removed);
        }
        Ok(removed)
    }

    fn find(&self, index: &IndexFile, tag: &str) -> Result<Digest> {
        let entry = index.tagged(tag).ok_or_else(|| tag_missing(self, tag))?;
        digest::parse(entry.digest).map_err(|_| {
            let message = format!("the entry of {tag:?} has no digest");
            Error::new(ErrorKind::InvalidStore, message)
                .with_help(Remedy::RepairStore.help("{} drops it, and with it the tag"))
        })
    }

    /// Returns the path of the note of what to remove once the tag has gone.
    fn note_file(&self, tag: &str) -> StorePath {
        let name = format!("{NOTE_PREFIX}{}", digest::sha256(tag.as_bytes()).hex());
        self.layout().ingest_dir().join(name)
    }

    fn note(&self, tag: &str, doomed: &Doomed, change: &mut Change<'_>) -> Result<()> {
        let path = self.note_file(tag);
        let blobs = doomed.blobs.iter().map(|(digest, _)| digest);
        let digests = std::iter::once(&doomed.root).chain(blobs);
        let text: String = digests.map(|digest| format!("{digest}\n")).collect();
        change.create_dir(&self.layout().ingest_dir())?;
        let file = ops::create(&path)?;
        ops::write_all(&file, &path, text.as_bytes())?;
        change.settle_later((file, path));
        Ok(())
    }

    /// Returns the content that was noted for removal, less what is needed by now.
    fn noted(&self, tag: &str, walker: &mut Walker, index: &IndexFile) -> Result<Option<Doomed>> {
        let Some(text) = read_bounded(&self.note_file(tag), limits::MAX_INDEX_FILE_SIZE)? else {
            return Ok(None);
        };
        let text = String::from_utf8(text).unwrap_or_default();
        let mut digests = text.lines().map_while(Digest::read);
        let Some(root) = digests.next() else { return Ok(None) };
        let kept = all_needed(self, walker, index)?;
        let blobs = digests.filter(|digest| !kept.contains(digest));
        Ok(Some(Doomed { root, blobs: self.sized(walker, blobs)? }))
    }

    /// Returns those of the blobs that exist, with their sizes.
    fn sized(
        &self,
        walker: &Walker,
        blobs: impl Iterator<Item = Digest>,
    ) -> Result<Vec<(Digest, u64)>> {
        let mut sized = Vec::new();
        for digest in blobs {
            match self.layout().blob_size(&digest) {
                Ok(size) => sized.push((digest, size)),
                Err(Lack::Absent(_) | Lack::Wrong(_)) => (),
                Err(Lack::Unreadable(error)) => return Err(nothing_removed(error)),
            }
        }
        sized.sort_by_key(|(digest, _)| walker.has_links(digest));
        Ok(sized)
    }

    fn forget(&self, tag: &str) {
        // A note that stays is removed by gc; it can do no harm, since it is checked.
        let _ = ops::remove_file(&self.note_file(tag));
    }
}

/// A removal before anything is changed.
struct Plan {
    /// The index without the build.
    index: IndexFile,
    /// Everything that nothing in it needs.
    doomed: Doomed,
    needed: Needed,
}

/// Takes a build out of the index.
fn doom(
    store: &Store,
    walker: &mut Walker,
    references: &mut References,
    mut index: IndexFile,
    tag: &str,
    root: Digest,
) -> Result<Plan> {
    let (parts, faults) = walker.reach(store, [root], Leaves::Trusted);
    // Of a build that is broken, what can be followed goes; what cannot be read may be all right.
    if let Some(error) = faults.into_iter().find_map(|fault| fault.lack.unreadable()) {
        return Err(nothing_removed(error));
    }
    index.untag(tag);
    if index.listing(&root).all(|entry| entry.tag.is_none()) {
        index.drop_untagged(|entry| has(&parts, entry.digest));
    }
    let needed = references.needed(store, &index, &parts)?;
    let blobs = parts.difference(&needed.kept).copied();
    let blobs = store.sized(walker, blobs)?;
    Ok(Plan { index, doomed: Doomed { root, blobs }, needed })
}

/// Whether a text spells one of these digests.
fn has(digests: &BTreeSet<Digest>, text: &str) -> bool {
    Digest::read(text).is_some_and(|digest| digests.contains(&digest))
}

/// Drops the entries without a tag of what was removed, if there are any left.
fn drop_entries(change: &mut Change<'_>, removed: &Removed) -> Result<()> {
    let mut index = change.index()?;
    let gone = removed.blobs.iter().copied().collect();
    index.drop_untagged(|entry| has(&gone, entry.digest));
    change.save(index)
}

fn sweep(change: &mut Change<'_>, tag: &str, doomed: Doomed) -> Removed {
    let Doomed { root, blobs } = doomed;
    let mut removed =
        Removed { tag: tag.to_owned(), digest: root, blobs: Vec::new(), size: 0, left: None };
    for (digest, size) in blobs {
        match change.remove(&digest) {
            Ok(true) => {
                change.forget_notes(&digest);
                removed.size = removed.size.saturating_add(size);
                removed.blobs.push(digest);
            }
            Ok(false) => (),
            Err(error) => {
                let main = error.diagnostics().first().cloned();
                removed.left = main
                    .map(|main| main.with_help(Remedy::CollectGarbage.help("{} removes the rest")));
            }
        }
    }
    removed
}
