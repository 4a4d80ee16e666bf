// SPDX-License-Identifier: Apache-2.0
//! Complete content that nothing lists and nothing refers to (LS-18): it may still be needed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use super::Store;
use super::graph::{self, Leaves, Role, Walker};
use super::index_file::IndexFile;
use super::lack::Lack;
use super::layout::BlobFile;
use super::release::Notes;
use super::tags::check_tag;
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::media_type::{self, ANNOTATION_REF_NAME};
use crate::{Epoch, Error, Result, json};

/// A complete manifest or index that nothing lists and nothing refers to.
#[derive(Clone, Debug)]
pub(super) struct Root {
    pub(super) digest: Digest,
    pub(super) size: u64,
    pub(super) media_type: String,
    /// The name that its own annotations give it, if that can be a tag.
    pub(super) name: Option<String>,
    /// The time at which it came.
    pub(super) time: Option<SystemTime>,
}

/// Finds such content. Documents never change, so each is read once.
#[derive(Debug, Default)]
pub(super) struct Finder {
    documents: BTreeMap<Digest, Option<Document>>,
}

/// The parts of a manifest or an index that are needed.
#[derive(Debug)]
struct Document {
    size: u64,
    media_type: String,
    name: Option<String>,
    /// The content that it refers to, but for its subject.
    parts: Vec<Digest>,
}

/// The result of a search for content that nothing lists.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The newest first.
    pub(super) roots: Vec<Root>,
    /// The errors for documents that cannot be read, and may be such content.
    pub(super) unreadable: Vec<Error>,
}

impl Finder {
    /// Looks through those of the files that are not among `reached`.
    pub(super) fn find(
        &mut self,
        store: &Store,
        walker: &mut Walker,
        files: &[BlobFile],
        reached: &BTreeSet<Digest>,
    ) -> Found {
        let mut found = Found::default();
        let (mut complete, mut parts) = (Vec::new(), BTreeSet::<Digest>::new());
        let digests = files.iter().filter_map(|file| file.digest.as_ref());
        for digest in digests.filter(|digest| !reached.contains(digest)) {
            match self.document(store, digest) {
                Ok(None) | Err(Lack::Absent(_) | Lack::Wrong(_)) => {}
                Ok(Some(document)) => {
                    let (_, faults) = walker.reach(store, [*digest], Leaves::Present);
                    if faults.is_empty() {
                        parts.extend(&document.parts);
                        complete.push(*digest);
                    }
                    let unreadable = faults.into_iter().filter_map(|fault| fault.lack.unreadable());
                    found.unreadable.extend(unreadable);
                }
                Err(Lack::Unreadable(error)) => found.unreadable.push(error),
            }
        }
        for digest in complete {
            let Some(Some(document)) = self.documents.get(&digest) else { continue };
            if parts.contains(&digest) {
                continue;
            }
            let time = match store.layout().blob_meta(&digest) {
                Ok(meta) => meta.modified(),
                Err(Lack::Unreadable(error)) => {
                    found.unreadable.push(error);
                    continue;
                }
                Err(Lack::Absent(_) | Lack::Wrong(_)) => continue,
            };
            let Document { size, media_type, name, .. } = document;
            let (media_type, name) = (media_type.clone(), name.clone());
            found.roots.push(Root { digest, size: *size, media_type, name, time });
        }
        found.roots.sort_by(|a, b| (b.time, a.digest).cmp(&(a.time, b.digest)));
        found
    }

    /// Whether content that was looked through is a manifest or an index.
    pub(super) fn is_document(&self, digest: &Digest) -> bool {
        matches!(self.documents.get(digest), Some(Some(_)))
    }

    fn document(&mut self, store: &Store, digest: &Digest) -> Result<Option<&Document>, Lack> {
        if !self.documents.contains_key(digest) {
            let document = match graph::begins_a_document(&store.blob_start(digest)?) {
                true => Document::read(&store.verified_blob(digest)?),
                false => None,
            };
            self.documents.insert(*digest, document);
        }
        Ok(self.documents.get(digest).and_then(Option::as_ref))
    }
}

impl Document {
    fn read(text: &[u8]) -> Option<Self> {
        let media_type = graph::media_type(text).filter(|text| media_type::is_manifest(text))?;
        let links = graph::links(text).ok()?;
        let parts = links.iter().filter(|link| link.role != Role::Subject);
        let parts = parts.map(|link| link.digest).collect();
        Some(Self { size: text.len() as u64, media_type, name: name(text), parts })
    }
}

/// Returns a time as people read it.
pub(super) fn said(time: SystemTime) -> Option<String> {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    Epoch::from_seconds(i64::try_from(seconds).ok()?).rfc3339_seconds().ok()
}

/// Returns the name that a document's annotations give it: that of a reference, or else the value of the only key
/// whose last part is `name`.
fn name(text: &[u8]) -> Option<String> {
    let document = json::parse(text).ok()?;
    let annotations = document.get("annotations")?;
    let mut names = BTreeSet::new();
    for member in annotations.members() {
        let Some(value) = member.value.as_string() else { continue };
        if &*member.key == ANNOTATION_REF_NAME {
            names = BTreeSet::from([value]);
            break;
        }
        if member.key.ends_with(".name") {
            names.insert(value);
        }
    }
    let name = names.pop_first().filter(|_| names.is_empty())?;
    check_tag(&name).is_ok().then_some(name)
}

impl IndexFile {
    /// Lists that content again, under its own name if that is free, or else without one. The tag.
    pub(super) fn list_again(&mut self, root: &Root) -> Option<String> {
        let content = Descriptor::new(root.media_type.clone(), root.size, root.digest);
        let name = root.name.clone().filter(|name| self.tagged(name).is_none());
        self.list(None, &content, name.as_deref(), None);
        name
    }

    /// Lists everything that is complete in a store that has no index file.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if not all of it can be read.
    pub(super) fn of_what_is_there(store: &Store) -> Result<Self> {
        let mut index = Self::empty();
        let (files, problems) = store.layout().blob_files();
        let found = Finder::default().find(store, &mut Walker::default(), &files, &BTreeSet::new());
        if let Some(error) = problems.into_iter().chain(found.unreadable).next() {
            return Err(error);
        }
        let released = Notes::read(store)?.released;
        for root in &found.roots {
            if !released.contains(&root.digest) {
                index.list_again(root);
            }
        }
        Ok(index)
    }
}
