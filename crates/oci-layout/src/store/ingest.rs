// SPDX-License-Identifier: Apache-2.0
//! Bringing content in: written aside, hashed on the way, given its names in one step (LS-7).

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::blob_writer::{BlobWriter, Then};
use super::change::Present;
use super::lack::Lack;
use super::root::StorePath;
use super::session::Session;
use super::tags::{Origin, Tagged, check_tag};
use super::{Store, fs as ops};
use crate::digest::{Digest, Hasher};
use crate::{Error, ErrorKind, Result, json};

/// The largest number of files that wait, open, until they are brought to the disk together. Where
/// there are more, the whole file system is, which takes less time than each of them.
const MAX_OPEN: usize = 32;

/// Blobs and tags that enter the store together.
///
/// Blobs are written into a directory of this ingest's own. [`commit`](Self::commit) takes the
/// store's lock once, gives all blobs their names, and edits `index.json` once. An ingest that is
/// dropped instead leaves nothing. It may be used from several threads at once, and last as long as
/// a build or a pull takes: it blocks nobody, and what others remove meanwhile it does not lose
/// (LS-11).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use oci_layout::store::{Origin, Store};
/// # let root = tempfile::tempdir()?;
///
/// let store = Store::open(root.path())?;
/// let ingest = store.ingest()?;
/// let mut writer = ingest.blob_writer();
/// std::io::copy(&mut &b"any bytes"[..], &mut writer)?;
/// let (layer, size) = writer.finish()?;
/// let config = ingest.put_blob(b"{}")?;
/// let manifest = format!(
///     r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
///         "config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{config}","size":2}},
///         "layers":[{{"mediaType":"text/plain","digest":"{layer}","size":{size}}}]}}"#
/// );
/// let digest = ingest.put_manifest(manifest.as_bytes())?;
/// ingest.tag(&digest, "demo", Origin::LocalBuild)?;
/// assert!(store.get_blob(&layer).is_err(), "nothing is there yet");
///
/// ingest.commit()?;
/// assert_eq!(store.resolve("demo")?.digest, digest);
/// assert_eq!(store.get_blob(&layer)?, b"any bytes");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Ingest(Arc<Shared>);

/// The state that an ingest shares with its writers.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) store: Store,
    /// Dropped before the session: it has files open of its directory, which goes with it.
    state: Mutex<State>,
    pub(super) session: Session,
}

#[derive(Debug, Default)]
struct State {
    blobs: BTreeMap<Digest, Staged>,
    /// Whether it was committed: nothing can be added then.
    is_over: bool,
    /// Files of blobs that may not be on the disk yet.
    unsettled: Vec<(File, StorePath)>,
    /// Whether there are more of them.
    has_more: bool,
    tags: Vec<(Digest, String, Origin)>,
}

/// A blob that waits for its name, complete and verified.
#[derive(Clone, Debug)]
pub(super) struct Staged {
    pub(super) digest: Digest,
    pub(super) size: u64,
    /// Its file in the session; `None` for a blob of the store that was found to be broken.
    pub(super) file: Option<StorePath>,
    pub(super) present: Present,
}

/// The result of a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Committed {
    /// The tags, in the order in which they were asked for.
    pub tags: Vec<Tagged>,
}

impl Store {
    /// Starts to bring content in.
    ///
    /// # Errors
    /// [`ErrorKind::Io`], also for a store that is read-only.
    pub fn ingest(&self) -> Result<Ingest> {
        let (store, session) = (self.clone(), Session::begin(self)?);
        Ok(Ingest(Arc::new(Shared { store, session, state: Mutex::default() })))
    }

    /// Stores one blob. Nothing refers to it yet: if nothing does when the grace period of
    /// gc ends, it is removed. For more than one use [`ingest`](Self::ingest).
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] past [`MAX_BLOB_SIZE`](crate::limits::MAX_BLOB_SIZE) (BUG-47); [`ErrorKind::Locked`];
    /// [`ErrorKind::Io`].
    pub fn put_blob(&self, bytes: &[u8]) -> Result<Digest> {
        let ingest = self.ingest()?;
        let digest = ingest.put_blob(bytes)?;
        ingest.commit()?;
        Ok(digest)
    }

    /// Stores one manifest or index, byte for byte. It is not listed: what a tag reaches need not
    /// be (LS-2). See [`put_blob`](Self::put_blob).
    ///
    /// # Errors
    /// As of [`put_blob`](Self::put_blob); [`ErrorKind::InvalidDocument`] if it is not a JSON object.
    pub fn put_manifest(&self, bytes: &[u8]) -> Result<Digest> {
        let ingest = self.ingest()?;
        let digest = ingest.put_manifest(bytes)?;
        ingest.commit()?;
        Ok(digest)
    }

    /// Returns a writer of one blob, which is stored when it is finished. See
    /// [`put_blob`](Self::put_blob).
    ///
    /// # Errors
    /// [`ErrorKind::Io`].
    pub fn blob_writer(&self) -> Result<BlobWriter> {
        Ok(BlobWriter::new(self.ingest()?.0, Then::Commit))
    }
}

impl Ingest {
    /// Returns the store that the content is for.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Adds a blob.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] past [`MAX_BLOB_SIZE`](crate::limits::MAX_BLOB_SIZE) (BUG-47); [`ErrorKind::Io`].
    pub fn put_blob(&self, bytes: &[u8]) -> Result<Digest> {
        let mut writer = self.blob_writer();
        writer.add(bytes)?;
        Ok(writer.finish()?.0)
    }

    /// Adds a manifest or index, byte for byte.
    ///
    /// # Errors
    /// As of [`put_blob`](Self::put_blob); [`ErrorKind::InvalidDocument`] if it is not a JSON object.
    pub fn put_manifest(&self, bytes: &[u8]) -> Result<Digest> {
        let invalid = |error| Error::from_diagnostics(ErrorKind::InvalidDocument, vec![error]);
        let document = json::parse(bytes).map_err(invalid)?;
        if document.kind() != json::Kind::Object {
            return Err(invalid(document.diagnostic("a manifest must be a JSON object")));
        }
        self.put_blob(bytes)
    }

    /// Returns a writer of another blob. It may go to another thread.
    pub fn blob_writer(&self) -> BlobWriter {
        BlobWriter::new(self.0.clone(), Then::Stage)
    }

    /// Takes over a blob that the store has already: from now on this ingest has it, whatever
    /// becomes of it in the store. `false` if the store does not have it, or has something else in
    /// its place (BUG-55): then it must be written, and replaces what is there (LS-7).
    ///
    /// # Errors
    /// [`ErrorKind::Io`].
    pub fn adopt(&self, digest: &Digest, size: u64) -> Result<bool> {
        let Shared { store, session, .. } = &*self.0;
        let has = || match store.layout().blob_size(digest) {
            Err(Lack::Unreadable(error)) => Err(error),
            found => Ok(found.is_ok_and(|found| found == size)),
        };
        if !has()? {
            return Ok(false);
        }
        let file = session.new_file();
        if let Err(error) = ops::link(&store.layout().blob(digest), &file) {
            // It may have been removed meanwhile.
            return if has()? { Err(error) } else { Ok(false) };
        }
        let mut hasher = Hasher::of(digest.algorithm());
        let read = copy(&file, &mut hasher)?;
        let intact = read == size && hasher.verify(digest).is_ok();
        let (file, present) = match intact {
            true => (Some(file), Present::Kept),
            false => (None, Present::Replaced),
        };
        self.0.stage(Staged { digest: *digest, size, file, present }, None)?;
        Ok(intact)
    }

    /// Tags content that is part of this ingest or in the store already. The tag moves if it is
    /// taken. Nothing is visible before [`commit`](Self::commit).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidReference`] if it cannot be a tag ([`check_tag`]).
    pub fn tag(&self, digest: &Digest, tag: &str, origin: Origin) -> Result<()> {
        check_tag(tag)?;
        self.0.state().tags.push((*digest, tag.to_owned(), origin));
        Ok(())
    }

    /// Stores all blobs, then all tags: first everything is on the disk under its digest, then
    /// `index.json` is replaced once, if any tag changes.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::DigestMismatch`] if something that is tagged is not
    /// complete; [`ErrorKind::Locked`]; [`ErrorKind::Io`]. No tag has changed then.
    pub fn commit(self) -> Result<Committed> {
        self.0.commit()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the store has this blob, or what is there is known to be broken.
    pub(super) fn present(&self, digest: &Digest) -> Present {
        let state = self.state();
        state.blobs.get(digest).map_or(Present::Kept, |staged| staged.present)
    }

    /// Adds a blob; `open` is its file if that may not be on the disk yet.
    pub(super) fn stage(&self, staged: Staged, open: Option<File>) -> Result<()> {
        let mut state = self.state();
        if state.is_over {
            let message = "the ingest was committed before this blob was complete";
            return Err(Error::new(ErrorKind::InvalidOption, message));
        }
        if let (Some(open), Some(path)) = (open, staged.file.clone()) {
            state.unsettled.push((open, path));
        }
        state.blobs.insert(staged.digest, staged);
        if state.unsettled.len() < MAX_OPEN {
            return Ok(());
        }
        let files = std::mem::take(&mut state.unsettled);
        state.has_more = ops::HAS_SYNC_ALL;
        drop(state);
        if ops::HAS_SYNC_ALL { Ok(()) } else { ops::sync_many(&files, []) }
    }

    pub(super) fn commit(&self) -> Result<Committed> {
        let State { blobs, unsettled, has_more, tags, .. } =
            std::mem::replace(&mut *self.state(), State { is_over: true, ..State::default() });
        if blobs.is_empty() && tags.is_empty() {
            return Ok(Committed::default());
        }
        match has_more {
            true => self.session.sync_all()?,
            false => ops::sync_many(&unsettled, [])?,
        }
        drop(unsettled);
        let mut change = self.store.change()?;
        for Staged { digest, size, file, present } in blobs.into_values() {
            if let Some(file) = file {
                change.publish(&file, &digest, size, present)?;
            }
        }
        let tags = change
            .tag(tags.into_iter().map(|(digest, tag, origin)| (digest, tag, Some(origin))))?;
        change.settle(None)?;
        Ok(Committed { tags })
    }
}

/// Hashes all that a file holds; how much that is.
pub(super) fn copy(path: &StorePath, hasher: &mut Hasher) -> Result<u64> {
    let opened = ops::done("cannot read the blob", path, ops::open(path))?;
    let not_a_file = || Error::new(ErrorKind::InvalidStore, "not a file").at_path(path);
    let (file, _) = opened.ok_or_else(not_a_file)?;
    let mut buffer = vec![0; 64 * 1024];
    let mut size = 0_u64;
    loop {
        match ops::done("cannot read the blob", path, ops::read(&file, path, &mut buffer))? {
            0 => return Ok(size),
            length => {
                hasher.update(buffer.get(..length).unwrap_or_default());
                size = size.saturating_add(length as u64);
            }
        }
    }
}
