// SPDX-License-Identifier: Apache-2.0
//! Content that has to stay, for everything that removes: content that cannot be read may need everything
//! (LS-16).

use std::collections::BTreeSet;

use toolhive_diagnostics::Remedy;

use super::Store;
use super::graph::{Fault, Leaves, Walker};
use super::index_file::IndexFile;
use super::lack::Lack;
use crate::digest::Digest;
use crate::{Error, ErrorKind, Result};

/// Everything that the entries of the index reach, and what is wrong on the way.
pub(super) fn needed(
    store: &Store,
    walker: &mut Walker,
    index: &IndexFile,
) -> (BTreeSet<Digest>, Vec<Fault>) {
    let roots = index.entries().filter_map(|entry| Digest::read(entry.digest));
    walker.reach(store, roots.collect::<Vec<_>>(), Leaves::Trusted)
}

/// Everything that the entries of the index reach, if all of it is known. What is missing needs
/// nothing.
///
/// # Errors
/// That of the first manifest that cannot be read, or is broken; [`ErrorKind::InvalidStore`] for an
/// entry whose digest has an algorithm that is not known here.
pub(super) fn all_needed(
    store: &Store,
    walker: &mut Walker,
    index: &IndexFile,
) -> Result<BTreeSet<Digest>> {
    if let Some(entry) = index.entries().find(|entry| is_of_unknown_algorithm(entry.digest)) {
        return Err(unknown_algorithm(store, entry.digest));
    }
    let (reached, faults) = needed(store, walker, index);
    refusal(store, faults).map_or(Ok(reached), Err)
}

/// Returns the error that forbids any removal; `None` if all that is needed is known.
pub(super) fn refusal(store: &Store, faults: Vec<Fault>) -> Option<Error> {
    match faults.into_iter().find(Fault::hides_links)? {
        Fault { lack: Lack::Wrong(error), digest, .. } => {
            let help = Remedy::RepairStore.help(
                "nothing was removed, since it is not known what this needs: build or pull it \
                 again; {} drops it and its tags",
            );
            let message = format!("{digest} is listed, or needed by something that is, but broken");
            let path = store.layout().blob(&digest);
            let said = Error::new(error.kind(), message).at_path(path).with_help(help);
            Some(said.caused_by(error))
        }
        fault => Some(nothing_removed(fault.lack.into())),
    }
}

pub(super) fn unknown_algorithm(store: &Store, digest: &str) -> Error {
    let message = format!("the digest {digest} has an algorithm that is not supported here");
    let error = Error::new(ErrorKind::InvalidStore, message);
    nothing_removed(error.at_path(store.layout().index_file()))
}

/// Whether a text is a digest of an algorithm that is not known here.
pub(super) fn is_of_unknown_algorithm(text: &str) -> bool {
    Digest::read(text).is_none() && oci_spec::image::Digest::try_from(text).is_ok()
}

/// Returns the error of something that could not be read, for who would have removed something.
pub(super) fn nothing_removed(error: Error) -> Error {
    let more = error.diagnostics().first().and_then(|reason| reason.help.clone());
    let help = "nothing was removed, since content that cannot be read may need everything: make \
                it readable, and try again";
    error.with_help(more.map_or_else(|| help.into(), |more| more.after(help)))
}
