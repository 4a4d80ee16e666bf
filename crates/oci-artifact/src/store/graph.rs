// SPDX-License-Identifier: Apache-2.0
//! What content refers to, and what can be reached from where.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use oci_spec::image::{Digest, MediaType};

use super::Store;
use crate::document::{self, Part, Reference};
use crate::{Error, ErrorKind, Result, digest, json, media_type};

/// One blob's way to another.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) digest: Digest,
    /// The size that it is said to have.
    pub(super) size: Option<u64>,
    pub(super) role: Role,
}

/// What a blob is for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A manifest or an index, which refers to more.
    Manifest,
    /// The manifest that another is about. It may be elsewhere.
    Subject,
    /// A config or a layer.
    Leaf,
    /// A layer that may not be distributed. It may be elsewhere.
    Foreign,
}

/// What a document says that it is; or, if it does not say, what it looks like. `None` if it is
/// neither a manifest nor an index nor anything else with a media type (LS-2).
pub(super) fn media_type(document: &[u8]) -> Option<MediaType> {
    let document = json::parse(document).ok()?;
    let stated = document.get_folded("mediaType").and_then(json::Value::as_string);
    if let Some(stated) = stated.filter(|text| !text.is_empty()) {
        return Some(stated.as_str().into());
    }
    let is = |key, kind| document.get_folded(key).is_some_and(|value| value.kind() == kind);
    if is("manifests", json::Kind::Array) {
        Some(MediaType::ImageIndex)
    } else if is("config", json::Kind::Object) && is("layers", json::Kind::Array) {
        Some(MediaType::ImageManifest)
    } else {
        None
    }
}

/// Whether content of that type is a manifest or an index.
pub(super) fn is_manifest(media_type: &MediaType) -> bool {
    media_type::is_manifest(media_type.as_ref())
}

/// Everything that any reader of a document may follow (MAN-6).
pub(super) fn links(document: &[u8]) -> Vec<Link> {
    let link = |Reference { part, digest, size, media_types, .. }: Reference| {
        let is = |what: fn(&str) -> bool| {
            media_types.iter().map(String::as_str).filter(|t| what(t)).count()
        };
        let role = match part {
            Part::Manifest => Role::Manifest,
            Part::Subject => Role::Subject,
            // Some readers follow a manifest wherever they find it.
            _ if is(media_type::is_manifest) > 0 => Role::Manifest,
            _ if !media_types.is_empty() && is(media_type::is_foreign) == media_types.len() => {
                Role::Foreign
            }
            _ => Role::Leaf,
        };
        Link { digest, size, role }
    };
    document::references(document).into_iter().map(link).collect()
}

/// Why content is not complete.
#[derive(Debug)]
pub(super) struct Fault {
    /// The blob that is missing or wrong.
    pub(super) digest: Digest,
    /// The blob that refers to it; `None` for the content itself.
    pub(super) parent: Option<Digest>,
    pub(super) error: Error,
}

/// Whether the blobs that refer to nothing are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaves {
    /// They are taken as they are said to be.
    Trusted,
    /// They must be there and have their size.
    Present,
}

/// Goes through graphs. What a manifest refers to never changes, so it is read once.
#[derive(Debug, Default)]
pub(super) struct Walker {
    links: BTreeMap<Box<str>, Rc<[Link]>>,
}

impl Walker {
    /// The digests of everything that can be reached from these, which are included, and what is
    /// wrong on the way. Broken documents are followed as far as they can be read.
    pub(super) fn reach(
        &mut self,
        store: &Store,
        roots: impl IntoIterator<Item = Digest>,
        leaves: Leaves,
    ) -> (BTreeSet<Box<str>>, Vec<Fault>) {
        let (mut reached, mut faults) = (BTreeSet::new(), Vec::new());
        let root = |digest| (None, Link { digest, size: None, role: Role::Manifest });
        let mut open: Vec<(Option<Digest>, Link)> = roots.into_iter().map(root).collect();
        while let Some((parent, link)) = open.pop() {
            if !reached.insert(Box::from(link.digest.as_ref())) {
                continue;
            }
            let result = match link.role {
                Role::Foreign => Ok(None),
                Role::Leaf if leaves == Leaves::Trusted => Ok(None),
                Role::Leaf => present(store, &link).map(|()| None),
                Role::Subject if store.blob_size(&link.digest).is_none() => Ok(None),
                Role::Manifest | Role::Subject => self.links(store, &link, &mut faults).map(Some),
            };
            match result {
                Ok(children) => {
                    let parent = Some(link.digest);
                    let children = children.iter().flat_map(|children| children.iter());
                    open.extend(children.map(|child| (parent.clone(), child.clone())));
                }
                Err(error) => faults.push(Fault { digest: link.digest, parent, error }),
            }
        }
        (reached, faults)
    }

    /// Checks that everything which content needs is in the store.
    pub(super) fn complete(&mut self, store: &Store, root: &Digest) -> Result<()> {
        let (_, faults) = self.reach(store, [root.clone()], Leaves::Present);
        match faults.into_iter().next() {
            None => Ok(()),
            Some(Fault { parent: None, error, .. }) => Err(error),
            Some(Fault { digest, error, .. }) => {
                let message = format!("{root} is not complete: {digest} is missing or broken");
                Err(Error::new(error.kind(), message)
                    .with_help("build or pull it again")
                    .caused_by(error))
            }
        }
    }

    fn links(&mut self, store: &Store, link: &Link, faults: &mut Vec<Fault>) -> Result<Rc<[Link]>> {
        if let Some(links) = self.links.get(link.digest.as_ref()) {
            return Ok(links.clone());
        }
        let bytes = store.read_blob(&link.digest)?;
        check_size(store, link, bytes.len() as u64)?;
        if let Err(error) = digest::verify(&bytes, &link.digest) {
            faults.push(Fault { digest: link.digest.clone(), parent: None, error });
        }
        let links: Rc<[Link]> = links(&bytes).into();
        self.links.insert(link.digest.as_ref().into(), links.clone());
        Ok(links)
    }
}

fn present(store: &Store, link: &Link) -> Result<()> {
    let found = store.blob_size(&link.digest).ok_or_else(|| store.blob_missing(&link.digest))?;
    check_size(store, link, found)
}

fn check_size(store: &Store, link: &Link, found: u64) -> Result<()> {
    match link.size {
        Some(size) if found != size => {
            let message = format!("the blob has {found} bytes, not {size}");
            Err(Error::new(ErrorKind::DigestMismatch, message)
                .at_path(store.layout().blob(&link.digest)))
        }
        _ => Ok(()),
    }
}
