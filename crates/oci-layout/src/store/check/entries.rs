// SPDX-License-Identifier: Apache-2.0
//! Every entry of the index is compared with what it lists.

use std::collections::{BTreeMap, BTreeSet};

use super::{Check, FindingKind, main};
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::store::graph::{self, Leaves};
use crate::store::index_file::{IndexFile, RawEntry};
use crate::store::lack::Lack;
use crate::store::needed::is_of_unknown_algorithm;
use crate::{Diagnostic, Error, ErrorKind, Result};

/// The fault of an entry, and its repair.
struct Wrong {
    kind: FindingKind,
    problem: Diagnostic,
    /// The descriptor that it should have, without its tag if that is another's; `None` if it goes.
    right: Option<Descriptor>,
}

impl Check<'_> {
    /// Checks all entries; whether any was dropped or rewritten.
    pub(super) fn entries(&mut self, index: &mut IndexFile) -> bool {
        let mut owners = BTreeMap::new();
        for (at, entry) in index.entries().enumerate() {
            owners.insert(entry.tag, (at, entry.digest));
        }
        let (mut dropped, mut rewritten) = (BTreeSet::new(), Vec::new());
        for (at, entry) in index.entries().enumerate() {
            let owner = owners.get(&entry.tag).filter(|owner| entry.tag.is_some() && owner.0 != at);
            let owner = owner.map(|owner| owner.1);
            let (tag, digest) = (entry.tag, Digest::read(entry.digest));
            let Wrong { kind, problem, right } = match self.entry(entry, owner) {
                Ok(None) => continue,
                Ok(Some(wrong)) => wrong,
                Err(error) => {
                    self.unreadable(&error, tag, digest);
                    continue;
                }
            };
            let repair = match (&right, entry.tag) {
                (Some(_), _) if owner.is_some() => "listed it without a tag".to_owned(),
                (Some(_), _) => "corrected the entry".to_owned(),
                (None, Some(tag)) if owner.is_none() => format!("dropped the tag {tag}"),
                (None, _) => "dropped the entry".to_owned(),
            };
            if owner.is_some() || right.is_none() {
                dropped.insert(at);
            }
            if let Some(right) = right {
                let tag = entry.tag.filter(|_| owner.is_none()).map(str::to_owned);
                rewritten.push((entry.raw.to_vec(), tag, right));
            }
            self.find_with(kind, problem, &repair, tag, digest);
        }
        let mut at = 0..;
        index.retain(|_| at.next().is_some_and(|at| !dropped.contains(&at)));
        for (model, tag, right) in &rewritten {
            index.list(Some(model), right, tag.as_deref(), None);
        }
        !dropped.is_empty() || !rewritten.is_empty()
    }

    /// Finds the fault of an entry; `owner` has its tag, if another entry does.
    ///
    /// # Errors
    /// The entry cannot be judged, and stays as it is.
    fn entry(&mut self, entry: RawEntry<'_>, owner: Option<&str>) -> Result<Option<Wrong>> {
        let path = self.store.layout().index_file();
        let verdict = |kind, message: String, right| {
            let problem = Diagnostic::new(message).at_path(&path);
            Ok(Some(Wrong { kind, problem, right }))
        };
        if is_of_unknown_algorithm(entry.digest) {
            let message = format!("the digest {} has an unknown algorithm", entry.digest);
            return Err(Error::new(ErrorKind::InvalidStore, message).at_path(&path));
        }
        let descriptor = match entry.descriptor() {
            Ok(descriptor) => descriptor,
            Err(error) => return verdict(FindingKind::InvalidEntry, main(&error).message, None),
        };
        let digest = descriptor.digest;
        let name = entry.tag.map_or_else(|| digest.to_string(), |tag| format!("{tag:?}"));
        let found = match self.found(&digest) {
            Ok(found) => found,
            Err(Lack::Unreadable(error)) => return Err(error),
            Err(Lack::Absent(_) | Lack::Wrong(_)) => {
                let message = format!("{name} is listed, but its content is gone: {digest}");
                let kind = match entry.tag {
                    Some(_) => FindingKind::Dangling,
                    None => FindingKind::DanglingPart,
                };
                return verdict(kind, message, None);
            }
        };
        if let Some(missing) = self.incomplete(&digest)? {
            let message = format!("{name} is not complete: {missing} is missing or broken");
            return verdict(FindingKind::Incomplete, message, None);
        }
        let (size, media_type) = found;
        let mut right = descriptor.clone();
        right.size = size;
        if let Some(media_type) = media_type {
            right.media_type = media_type;
        }
        if let Some(owner) = owner {
            let message = format!("a later entry also has the tag {name}");
            // Both contents are kept, if they are two.
            let right = Some(right).filter(|_| owner != entry.digest);
            return verdict(FindingKind::Shadowed, message, right);
        }
        if right == descriptor {
            return Ok(None);
        }
        let say = |descriptor: &Descriptor| {
            format!("{} bytes of {}", descriptor.size, descriptor.media_type)
        };
        let message = format!("{name} is listed as {}, but has {}", say(&descriptor), say(&right));
        verdict(FindingKind::WrongDescriptor, message, Some(right))
    }

    /// Returns the size of content, and what it says that it is.
    fn found(&self, digest: &Digest) -> Result<(u64, Option<String>), Lack> {
        let size = self.store.layout().blob_size(digest)?;
        match self.store.verified_blob(digest) {
            Ok(bytes) => Ok((size, graph::media_type(&bytes))),
            // Too large to be a manifest, whatever it is; that it is intact was seen before.
            Err(Lack::Unreadable(error)) if error.kind() == ErrorKind::TooLarge => Ok((size, None)),
            Err(lack) => Err(lack),
        }
    }

    /// Finds the content that `root` needs and the store does not have.
    ///
    /// # Errors
    /// That of the first thing that cannot be read, if nothing is known to be missing.
    pub(super) fn incomplete(&mut self, root: &Digest) -> Result<Option<Digest>> {
        let (parts, faults) = self.walker.reach(self.store, [*root], Leaves::Present);
        let mut unreadable = None;
        for fault in faults {
            match fault.lack {
                Lack::Absent(_) | Lack::Wrong(_) => return Ok(Some(fault.digest)),
                Lack::Unreadable(error) => drop(unreadable.get_or_insert(error)),
            }
        }
        let broken = parts.into_iter().find(|part| self.corrupt.contains_key(part));
        match (broken, unreadable) {
            (None, Some(error)) => Err(error),
            (broken, _) => Ok(broken),
        }
    }
}
