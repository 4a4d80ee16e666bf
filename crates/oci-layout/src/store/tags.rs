// SPDX-License-Identifier: Apache-2.0
//! Tags: names for content (LS-2 to LS-4).

use std::collections::{BTreeMap, BTreeSet};

use toolhive_diagnostics::Remedy;

use super::Store;
use super::change::Change;
use super::graph::{self, Walker};
use super::index_file::{IndexFile, RawEntry};
use super::lack::Lack;
use super::unlisted;
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::media_type::OCTET_STREAM;
use crate::{Error, ErrorKind, Result, digest, json, limits};

/// The annotation of an entry that was built here (LS-3); its value is `true`.
pub const ANNOTATION_LOCAL_BUILD: &str = "dev.stacklok.toolhive.local-build";

/// The origin of tagged content (LS-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The artifact was built here: its entry says so.
    LocalBuild,
    /// The artifact came from elsewhere.
    Remote,
}

/// The result of setting a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tagged {
    /// The tag that names the content.
    pub tag: String,
    /// The digest that it names now.
    pub digest: Digest,
    /// The digest that it named before.
    pub previous: Option<Digest>,
    /// Whether what it named before was built here and is no longer marked so (LS-3): the caller
    /// informs the user.
    pub lost_local_build: bool,
}

/// One entry of the store's index.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Its tag; `None` only where another program listed it.
    pub tag: Option<String>,
    /// Its descriptor as it stands there, with all annotations.
    pub descriptor: Descriptor,
    /// Whether it was built here (LS-3).
    pub is_local_build: bool,
    /// Whether the store has its content, as far as is known: reading what cannot be read fails.
    pub is_present: bool,
}

/// An entry in short, for those who look at all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// Its tag; `None` only where another program listed it.
    pub tag: Option<String>,
    /// The digest of its content.
    pub digest: Digest,
    /// The size of its content in bytes, as the entry states it.
    pub size: u64,
    /// Whether it was built here (LS-3).
    pub is_local_build: bool,
}

/// Checks that a text can be a tag: not empty, at most [`limits::MAX_TAG_LENGTH`] bytes, without
/// control characters (LS-4, BUG-43), and not spelled like a digest (BUG-42). Full references can.
///
/// # Errors
/// [`ErrorKind::InvalidReference`].
pub fn check_tag(tag: &str) -> Result<()> {
    let problem = if tag.is_empty() {
        "a tag cannot be empty".to_owned()
    } else if tag.len() > limits::MAX_TAG_LENGTH {
        format!("a tag has at most {} bytes; this one has {}", limits::MAX_TAG_LENGTH, tag.len())
    } else if tag.chars().any(char::is_control) {
        format!("the tag {tag:?} holds a control character")
    } else if digest::parse(tag).is_ok() {
        format!("{tag} is a digest and cannot be a tag")
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::InvalidReference, problem))
}

impl Store {
    /// Resolves a tag or a digest. An entry whose media type says nothing gets the one that its
    /// content states (LS-2); for that alone, content is read.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidReference`] for an empty text; [`ErrorKind::NotFound`] for a tag or
    /// digest that the store does not have, and for a tag whose content is gone (LS-10);
    /// [`ErrorKind::InvalidStore`]; [`ErrorKind::Io`].
    pub fn resolve(&self, reference: &str) -> Result<Descriptor> {
        if reference.is_empty() {
            return Err(Error::new(ErrorKind::InvalidReference, "the reference is empty"));
        }
        // A tag that is spelled like a digest does not hijack it (BUG-42).
        if let Some(digest) = Digest::read(reference) {
            return self.describe(&digest);
        }
        let index = self.index()?;
        let entry = index.tagged(reference).ok_or_else(|| tag_missing(self, reference))?;
        self.present(reference, entry.descriptor()?)
    }

    /// Describes the content under a digest: what [`resolve`](Self::resolve) says of its text.
    ///
    /// # Errors
    /// Those of [`resolve`](Self::resolve).
    pub fn describe(&self, digest: &Digest) -> Result<Descriptor> {
        let descriptor = self.described(&*self.index()?, digest)?;
        self.present(&digest.to_string(), descriptor)
    }

    /// Returns the time at which a blob came into the store, as people read it (RFC 3339); `None` if it is not
    /// there, or its file system does not say.
    pub fn came(&self, digest: &Digest) -> Option<String> {
        self.layout().blob_meta(digest).ok()?.modified().and_then(unlisted::said)
    }

    /// Returns the digests of all blobs, whether anything lists them or not.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if they cannot be listed; [`ErrorKind::InvalidStore`] if something else is in
    /// their place.
    pub fn blobs(&self) -> Result<Vec<Digest>> {
        // What cannot hold blobs has none, which is no answer.
        self.layout().check()?;
        let (files, errors) = self.layout().blob_files();
        match errors.into_iter().next() {
            Some(error) => Err(error),
            None => Ok(files.into_iter().filter_map(|file| file.digest).collect()),
        }
    }

    /// Returns the descriptor, if its content is there, with the media type that the content states.
    fn present(&self, reference: &str, descriptor: Descriptor) -> Result<Descriptor> {
        if let Err(lack) = self.layout().blob_size(&descriptor.digest) {
            let Lack::Absent(_) = lack else { return Err(lack.into()) };
            let digest = &descriptor.digest;
            let message = format!("{reference} is listed, but its content {digest} is gone");
            return Err(Error::new(ErrorKind::NotFound, message)
                .at_path(self.layout().blob(digest))
                .with_help(Remedy::RepairStore.help("build or pull it again; {} drops the tag")));
        }
        self.with_true_media_type(descriptor)
    }

    /// Returns a blob's descriptor (ST-15): as it is listed, without annotations, or as its file
    /// is.
    fn described(&self, index: &IndexFile, digest: &Digest) -> Result<Descriptor> {
        if let Some(entry) = index.listing(digest).last() {
            let listed = entry.descriptor()?;
            return Ok(Descriptor::new(listed.media_type, listed.size, *digest));
        }
        let size = self.layout().blob_size(digest)?;
        Ok(Descriptor::new(OCTET_STREAM, size, *digest))
    }

    fn with_true_media_type(&self, mut descriptor: Descriptor) -> Result<Descriptor> {
        let stated = &descriptor.media_type;
        if (stated.is_empty() || stated == OCTET_STREAM)
            && descriptor.size <= limits::MAX_BLOB_SIZE
            && let Some(found) = graph::media_type(&self.get_blob(&descriptor.digest)?)
        {
            descriptor.media_type = found;
        }
        Ok(descriptor)
    }

    /// Gives content of the store another tag; it keeps what its other entries say of it. The tag
    /// moves if it is taken.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidReference`] if it cannot be a tag ([`check_tag`]); [`ErrorKind::NotFound`]
    /// or [`ErrorKind::DigestMismatch`] if the content is not in the store or not complete;
    /// [`ErrorKind::Locked`]; [`ErrorKind::Io`].
    pub fn tag(&self, digest: &Digest, tag: &str) -> Result<Tagged> {
        check_tag(tag)?;
        let tagged = self.change()?.tag([(*digest, tag.to_owned(), None)])?;
        let missing = || Error::new(ErrorKind::NotFound, "nothing was tagged");
        tagged.into_iter().next().ok_or_else(missing)
    }

    /// Returns all tags whose content is in the store, in byte order (ST-19, LS-10).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidStore`]; [`ErrorKind::Io`].
    pub fn list_tags(&self) -> Result<Vec<String>> {
        let index = self.index()?;
        let tagged: Vec<_> = index.entries().take_while(|entry| entry.tag.is_some()).collect();
        let is_present = |entry: &RawEntry<'_>| {
            Digest::read(entry.digest).is_some_and(|digest| self.may_have(&digest))
        };
        // Of several claims the last counts.
        let claims = tagged.chunk_by(|a, b| a.tag == b.tag).filter_map(|claims| claims.last());
        let tags = claims.filter(|entry| is_present(entry)).filter_map(|entry| entry.tag);
        Ok(tags.map(str::to_owned).collect())
    }

    /// Returns all entries that are descriptors, in the order of the file: by tag if this crate
    /// wrote it last (BUG-38). Where two claim one tag, the last one has it (ST-7). No blob is
    /// read.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidStore`]; [`ErrorKind::Io`].
    pub fn entries(&self) -> Result<Vec<Entry>> {
        let index = self.index()?;
        // Content with many tags is looked at once.
        let mut present: BTreeMap<Digest, bool> = BTreeMap::new();
        let entry = |raw: RawEntry<'_>| {
            let descriptor = raw.descriptor().ok()?;
            let digest = descriptor.digest;
            let is_present = *present.entry(digest).or_insert_with(|| self.may_have(&digest));
            let tag = raw.tag.map(str::to_owned);
            let is_local_build = is_local_build(&descriptor);
            Some(Entry { tag, is_local_build, is_present, descriptor })
        };
        Ok(index.entries().filter_map(entry).collect())
    }

    /// Returns a summary of each entry, without a look at its content.
    ///
    /// # Errors
    /// As of [`entries`](Self::entries).
    pub fn listed(&self) -> Result<Vec<Listed>> {
        Ok(self.index()?.entries().filter_map(|raw| raw.listed()).collect())
    }

    /// Whether content is there, or at least not known to be missing.
    pub fn may_have(&self, digest: &Digest) -> bool {
        matches!(self.layout().blob_size(digest), Ok(_) | Err(Lack::Unreadable(_)))
    }

    /// Takes a name away. Content that has no other becomes garbage, for gc to remove.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidReference`] for an empty tag or a digest; [`ErrorKind::NotFound`] for a
    /// tag that the store does not have (ST-20); [`ErrorKind::Locked`]; [`ErrorKind::Io`].
    pub fn delete_tag(&self, tag: &str) -> Result<()> {
        let mut change = self.change()?;
        let mut index = change.index()?;
        let claims = index.claiming(tag).filter_map(|entry| Digest::read(entry.digest));
        let released = claims.collect();
        if index.untag(tag) {
            return change.save_without(index, released);
        }
        if tag.is_empty() {
            check_tag(tag)?;
        }
        if digest::parse(tag).is_ok() {
            let message = format!("{tag} is a digest, not a tag");
            return Err(Error::new(ErrorKind::InvalidReference, message));
        }
        Err(tag_missing(self, tag))
    }
}

impl Change<'_> {
    /// Tags content, which must be complete, and saves the index if that changes it.
    pub(super) fn tag(
        &mut self,
        tags: impl IntoIterator<Item = (Digest, String, Option<Origin>)>,
    ) -> Result<Vec<Tagged>> {
        let store = self.store();
        let mut walker = Walker::default();
        let (mut done, mut index) = (Vec::<Tagged>::new(), None);
        let mut is_changed = false;
        for (digest, tag, origin) in tags {
            walker.complete(store, &digest)?;
            let index = match &mut index {
                Some(index) => index,
                none => none.insert(self.index()?),
            };
            let (tagged, changed) = tag_one(store, index, digest, tag, origin)?;
            if changed {
                self.take_back(&tagged.digest)?;
            }
            is_changed |= changed;
            done.push(tagged);
        }
        if let Some(index) = index.filter(|_| is_changed) {
            // What lost its tag before it was ever listed was not let go of.
            let own: BTreeSet<_> = done.iter().map(|tagged| tagged.digest).collect();
            let previous = done.iter().filter_map(|tagged| tagged.previous);
            let released = previous.filter(|digest| !own.contains(digest));
            self.save_without(index, released.collect())?;
        }
        Ok(done)
    }

    /// Replaces the index file by one that lists less, and notes what it lists no more (LS-18).
    fn save_without(&mut self, index: IndexFile, mut released: Vec<Digest>) -> Result<()> {
        if !released.is_empty() {
            for entry in index.entries() {
                let listed = Digest::read(entry.digest);
                released.retain(|digest| listed != Some(*digest));
            }
        }
        self.save(index)?;
        for digest in &released {
            self.note_release(digest);
        }
        Ok(())
    }
}

fn tag_one(
    store: &Store,
    index: &mut IndexFile,
    digest: Digest,
    tag: String,
    origin: Option<Origin>,
) -> Result<(Tagged, bool)> {
    let stored = store.described(&IndexFile::empty(), &digest)?;
    let stored = store.with_true_media_type(stored)?;
    let old = index.tagged(&tag).and_then(|entry| entry.descriptor().ok());
    let was_local_build = old.as_ref().is_some_and(is_local_build);
    let previous = old.as_ref().map(|old| old.digest);
    let mut tagged = Tagged { tag, digest, previous, lost_local_build: false };

    let says_the_same = |old: &Descriptor| {
        (&old.digest, &old.media_type, old.size)
            == (&stored.digest, &stored.media_type, stored.size)
    };
    let is_marked = origin != Some(Origin::LocalBuild) || was_local_build;
    if is_marked && old.is_some_and(|old| says_the_same(&old)) {
        return Ok((tagged, false));
    }
    // What another entry says of the same content holds under this name too.
    let model = origin.is_none().then(|| index.listing(&digest).last()).flatten();
    let model = model.map(|entry| entry.raw.to_vec());
    let mark = (origin == Some(Origin::LocalBuild)).then_some((ANNOTATION_LOCAL_BUILD, "true"));
    index.list(model.as_deref(), &stored, Some(&tagged.tag), mark);
    let now = index.tagged(&tagged.tag).and_then(|entry| entry.descriptor().ok());
    tagged.lost_local_build = was_local_build && !now.as_ref().is_some_and(is_local_build);
    Ok((tagged, true))
}

impl RawEntry<'_> {
    /// Returns the entry in short; nothing if it is no descriptor.
    fn listed(&self) -> Option<Listed> {
        let digest = Digest::read(self.digest)?;
        // The index file was checked when it was read.
        let value = json::Value::checked(self.raw);
        let (mut size, mut is_local_build) = (None, false);
        for member in value.members() {
            match &*member.key {
                "size" => size = u64::try_from(member.value.as_integer()?).ok(),
                "annotations" => {
                    let mark = member.value.get(ANNOTATION_LOCAL_BUILD);
                    is_local_build =
                        mark.and_then(json::Value::as_str).is_some_and(|mark| mark == "true");
                }
                _ => (),
            }
        }
        let tag = self.tag.map(str::to_owned);
        Some(Listed { tag, digest, size: size?, is_local_build })
    }
}

fn is_local_build(descriptor: &Descriptor) -> bool {
    descriptor.annotations.get(ANNOTATION_LOCAL_BUILD).is_some_and(|value| value == "true")
}

pub(super) fn tag_missing(store: &Store, tag: &str) -> Error {
    // What begins like a digest and is none was not meant as a tag.
    if tag.starts_with("sha256:") {
        return Error::new(ErrorKind::NotFound, format!("{tag:?} is neither a digest nor a tag"))
            .at_path(store.root())
            .with_help("a digest is sha256: and 64 hexadecimal digits, all of them");
    }
    Error::new(ErrorKind::NotFound, format!("the store has no tag {tag:?}"))
        .at_path(store.root())
        .with_help(Remedy::ListBuilds.help("{} lists what it has"))
}
