// SPDX-License-Identifier: Apache-2.0
//! Every entry of the index is compared with what it lists.

use std::collections::{BTreeMap, BTreeSet};

use oci_spec::image::{Descriptor, Digest};

use super::{Check, FindingKind, main};
use crate::store::graph::{self, Leaves};
use crate::store::index_file::{IndexFile, RawEntry};
use crate::{Diagnostic, ErrorKind, Result};

/// What is wrong with an entry, and what is done about it.
struct Verdict {
    kind: FindingKind,
    problem: Diagnostic,
    /// What it should say; `None` if it goes.
    right: Option<Descriptor>,
}

impl Check<'_> {
    /// Checks all entries; whether any was dropped or rewritten.
    pub(super) fn entries(&mut self, index: &mut IndexFile) -> Result<bool> {
        let mut owners = BTreeMap::new();
        for (at, entry) in index.entries().enumerate() {
            owners.insert(entry.tag, at);
        }
        let (mut dropped, mut rewritten) = (BTreeSet::new(), Vec::new());
        for (at, entry) in index.entries().enumerate() {
            let is_shadowed = entry.tag.is_some() && owners.get(&entry.tag) != Some(&at);
            let Some(verdict) = self.entry(entry, is_shadowed)? else { continue };
            let repair = match (&verdict.right, entry.tag) {
                (Some(_), _) => "corrected the entry".to_owned(),
                (None, Some(tag)) if !is_shadowed => format!("dropped the tag {tag}"),
                (None, _) => "dropped the entry".to_owned(),
            };
            match verdict.right {
                Some(right) => {
                    rewritten.push((entry.raw.to_vec(), entry.tag.map(str::to_owned), right))
                }
                None => drop(dropped.insert(at)),
            }
            let (tag, digest) = (entry.tag, entry.digest.parse().ok());
            self.find_with(verdict.kind, verdict.problem, &repair, tag, digest);
        }
        let mut at = 0..;
        index.retain(|_| at.next().is_some_and(|at| !dropped.contains(&at)));
        for (model, tag, right) in &rewritten {
            index.list(Some(model), right, tag.as_deref(), None);
        }
        Ok(!dropped.is_empty() || !rewritten.is_empty())
    }

    fn entry(&mut self, entry: RawEntry<'_>, is_shadowed: bool) -> Result<Option<Verdict>> {
        let path = self.store.layout().index_file();
        let verdict = |kind, message: String, right| {
            let problem = Diagnostic::new(message).at_path(&path);
            Ok(Some(Verdict { kind, problem, right }))
        };
        let descriptor = match entry.descriptor() {
            Ok(descriptor) => descriptor,
            Err(error) => return verdict(FindingKind::InvalidEntry, main(&error).message, None),
        };
        let digest = descriptor.digest();
        let name = entry.tag.map_or_else(|| digest.to_string(), |tag| format!("{tag:?}"));
        if is_shadowed {
            let message = format!("a later entry has the tag {name} too");
            return verdict(FindingKind::Shadowed, message, None);
        }
        let Some(size) = self.store.blob_size(digest).filter(|_| !self.is_corrupt(digest)) else {
            let message = format!("{name} is listed, but its content is gone: {digest}");
            return verdict(FindingKind::Dangling, message, None);
        };
        if let Some(missing) = self.incomplete(digest) {
            let message = format!("{name} is not complete: {missing} is missing or broken");
            return verdict(FindingKind::Incomplete, message, None);
        }
        let found = match self.store.get_blob(digest) {
            Ok(bytes) => graph::media_type(&bytes),
            // Too large to be a manifest, whatever it is.
            Err(error) if error.kind() == ErrorKind::TooLarge => None,
            Err(error) => return Err(error),
        };
        let mut right = descriptor.clone();
        right.set_size(size);
        if let Some(found) = found {
            right.set_media_type(found);
        }
        if right == descriptor {
            return Ok(None);
        }
        let say = |descriptor: &Descriptor| {
            format!("{} bytes of {}", descriptor.size(), descriptor.media_type())
        };
        let message = format!("{name} is listed as {}, but has {}", say(&descriptor), say(&right));
        verdict(FindingKind::WrongDescriptor, message, Some(right))
    }

    /// What that content needs and does not have.
    pub(super) fn incomplete(&mut self, root: &Digest) -> Option<String> {
        let (parts, faults) = self.walker.reach(self.store, [root.clone()], Leaves::Present);
        let missing = faults.into_iter().next().map(|fault| fault.digest.to_string());
        missing.or_else(|| parts.intersection(&self.corrupt).next().map(|part| part.to_string()))
    }

    pub(super) fn is_corrupt(&self, digest: &Digest) -> bool {
        self.corrupt.contains(digest.as_ref())
    }
}
