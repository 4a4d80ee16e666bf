// SPDX-License-Identifier: Apache-2.0
//! The graph of content: what refers to what, and what can be reached from where.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Store;
use super::lack::Lack;
use crate::digest::Digest;
pub(super) use crate::document::begins_a_document;
use crate::document::{self, Part, Reference};
use crate::{Error, ErrorKind, Result, digest, json, media_type};

/// One blob's way to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) digest: Digest,
    /// The size that it is said to have.
    pub(super) size: Option<u64>,
    pub(super) role: Role,
}

/// The role of a blob in the document that refers to it.
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

/// Returns the media type that a document states, or else the one that its form suggests. `None` if
/// it is neither a manifest nor an index nor anything else with a media type (LS-2).
pub(super) fn media_type(document: &[u8]) -> Option<String> {
    let document = json::parse(document).ok()?;
    let stated = document.get_folded("mediaType").and_then(json::Value::as_string);
    if let Some(stated) = stated.filter(|text| !text.is_empty()) {
        return Some(stated);
    }
    let is = |key, kind| document.get_folded(key).is_some_and(|value| value.kind() == kind);
    if is("manifests", json::Kind::Array) {
        Some(media_type::IMAGE_INDEX.to_owned())
    } else if is("config", json::Kind::Object) && is("layers", json::Kind::Array) {
        Some(media_type::IMAGE_MANIFEST.to_owned())
    } else {
        None
    }
}

/// Everything that any reader of a document may follow (MAN-6).
///
/// # Errors
/// Those of [`document::references`].
pub(super) fn links(text: &[u8]) -> Result<Vec<Link>> {
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
    Ok(document::references(text)?.into_iter().map(link).collect())
}

/// The reason why content is not complete.
#[derive(Debug)]
pub(super) struct Fault {
    /// The blob that is missing or wrong.
    pub(super) digest: Digest,
    /// The blob that refers to it; `None` for the content itself.
    pub(super) parent: Option<Digest>,
    pub(super) lack: Lack,
    /// Whether all that it refers to was followed all the same.
    pub(super) is_followed: bool,
}

impl Fault {
    /// Whether the content may refer to what nobody knows of.
    pub(super) fn hides_links(&self) -> bool {
        !self.is_followed && !matches!(self.lack, Lack::Absent(_))
    }
}

/// Whether the blobs that refer to nothing are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaves {
    /// Layers and configs are assumed to be there, as described.
    Trusted,
    /// Layers and configs must be there, with the described size.
    Present,
}

/// Goes through graphs. What a manifest refers to never changes, so it is read once.
#[derive(Debug, Default)]
pub(super) struct Walker {
    links: BTreeMap<Digest, Rc<[Link]>>,
    absent: usize,
}

impl Walker {
    /// Returns the digests of everything that can be reached from these, which are included, and
    /// what is wrong on the way. Broken documents are followed as far as they can be read.
    pub(super) fn reach(
        &mut self,
        store: &Store,
        roots: impl IntoIterator<Item = Digest>,
        leaves: Leaves,
    ) -> (BTreeSet<Digest>, Vec<Fault>) {
        let (mut reached, mut faults) = (BTreeSet::new(), Vec::new());
        let root = |digest| (None, Link { digest, size: None, role: Role::Manifest });
        let mut open: Vec<(Option<Digest>, Link)> = roots.into_iter().map(root).collect();
        while let Some((parent, link)) = open.pop() {
            if !reached.insert(link.digest) {
                continue;
            }
            let result = match link.role {
                Role::Foreign => Ok(None),
                Role::Leaf if leaves == Leaves::Trusted => Ok(None),
                Role::Leaf => present(store, &link).map(|()| None),
                Role::Manifest | Role::Subject => match self.links(store, &link, &mut faults) {
                    Err(Lack::Absent(_)) if link.role == Role::Subject => {
                        self.absent = self.absent.saturating_add(1);
                        Ok(None)
                    }
                    other => other.map(Some),
                },
            };
            match result {
                Ok(children) => {
                    let parent = Some(link.digest);
                    let children = children.iter().flat_map(|children| children.iter());
                    open.extend(children.map(|child| (parent, *child)));
                }
                Err(lack) => {
                    faults.push(Fault { digest: link.digest, parent, lack, is_followed: false });
                }
            }
        }
        (reached, faults)
    }

    /// Checks that everything which content needs is in the store.
    pub(super) fn complete(&mut self, store: &Store, root: &Digest) -> Result<()> {
        let (_, faults) = self.reach(store, [*root], Leaves::Present);
        match faults.into_iter().next() {
            None => Ok(()),
            Some(Fault { parent: None, lack, .. }) => Err(lack.into()),
            Some(Fault { digest, lack, .. }) => {
                let (what, help) = match &lack {
                    Lack::Absent(_) => ("missing", "build or pull it again"),
                    Lack::Wrong(_) => ("broken", "build or pull it again"),
                    Lack::Unreadable(_) => ("not readable", "make it readable, and try again"),
                };
                let message = format!("{root} is not complete: {digest} is {what}");
                let error = Error::from(lack);
                Err(Error::new(error.kind(), message).with_help(help).caused_by(error))
            }
        }
    }

    /// Returns the number of missing subjects that may still come.
    pub(super) fn absent(&self) -> usize {
        self.absent
    }

    /// Whether that content was found to refer to other.
    pub(super) fn has_links(&self, digest: &Digest) -> bool {
        self.links.get(digest).is_some_and(|links| !links.is_empty())
    }

    fn links(
        &mut self,
        store: &Store,
        link: &Link,
        faults: &mut Vec<Fault>,
    ) -> Result<Rc<[Link]>, Lack> {
        if let Some(links) = self.links.get(&link.digest) {
            return Ok(links.clone());
        }
        let bytes = match store.read_blob(&link.digest) {
            // What is too large for a document may still be no document.
            Err(Lack::Unreadable(error)) if error.kind() == ErrorKind::TooLarge => {
                let start = store.blob_start(&link.digest)?;
                let is_blank = start.trim_ascii_start().is_empty();
                return match is_blank || begins_a_document(&start) {
                    true => Err(Lack::Unreadable(error)),
                    false => Ok(Rc::default()),
                };
            }
            other => other?,
        };
        // Who refers to it may be wrong about it; what it refers to is followed all the same.
        let path = store.layout().blob(&link.digest);
        let verified = digest::verify(&bytes, &link.digest);
        let is_intact = verified.is_ok();
        let judged = verified.and_then(|()| check_size(store, link, bytes.len() as u64));
        let is_as_stated = judged.is_ok();
        if let Err(error) = judged {
            let (digest, lack) = (link.digest, Lack::Wrong(error.at_path(&path)));
            faults.push(Fault { digest, parent: None, lack, is_followed: is_intact });
        }
        let links: Rc<[Link]> = match links(&bytes) {
            Ok(links) => links.into(),
            // Broken content is broken JSON as a rule; it was said already.
            Err(_) if !is_intact => Rc::default(),
            Err(error) => return Err(Lack::Unreadable(error.at_path(path))),
        };
        if is_as_stated {
            self.links.insert(link.digest, links.clone());
        }
        Ok(links)
    }
}

fn present(store: &Store, link: &Link) -> Result<(), Lack> {
    let found = store.layout().blob_size(&link.digest)?;
    check_size(store, link, found).map_err(Lack::Wrong)
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
