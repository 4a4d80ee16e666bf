// SPDX-License-Identifier: Apache-2.0
//! Directories that are packaged by several threads and stored by one edit of the index.

use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};

use oci_artifact::observer::check;
use oci_artifact::packager::{self, PackageOptions, PackageResult};
use oci_artifact::store::{Ingest, Store};
use oci_artifact::{ErrorKind, Result};

use crate::kind::Kind;
use crate::signals::Stop;

/// The settings that are the same for all directories.
pub(super) struct Work<'a> {
    pub(super) store: &'a Store,
    pub(super) options: &'a PackageOptions,
    pub(super) threads: usize,
    pub(super) stop: &'a Stop,
}

type Packaged<K> = Result<PackageResult<<K as oci_artifact::kind::ArtifactKind>::Config>>;

/// Directories that were packaged but are not in the store yet.
pub(super) struct Batch<'a, K: Kind> {
    paths: &'a [PathBuf],
    results: Vec<Packaged<K>>,
    ingest: Result<Ingest>,
}

impl<'a, K: Kind> Batch<'a, K> {
    /// Packages a batch of directories.
    pub(super) fn stage(work: &Work<'_>, paths: &'a [PathBuf]) -> Self {
        let ingest = match work.store.ingest() {
            Ok(ingest) => ingest,
            Err(error) => return Self { paths, results: Vec::new(), ingest: Err(error) },
        };
        let next = AtomicUsize::new(0);
        let run = || {
            let mut results = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(path) = paths.get(at) else { return results };
                results.push((at, packager::stage::<K>(&ingest, path, work.options, work.stop)));
            }
        };
        let mut results = thread::scope(|scope| {
            let others = (1..work.threads.min(paths.len()))
                .map_while(|_| thread::Builder::new().spawn_scoped(scope, run).ok());
            let others: Vec<_> = others.collect();
            let own = run();
            others.into_iter().map(joined).chain([own]).flatten().collect::<Vec<_>>()
        });
        results.sort_unstable_by_key(|(at, _)| *at);
        let results = results.into_iter().map(|(_, result)| result).collect();
        Self { paths, results, ingest: Ok(ingest) }
    }

    /// Stores them, with their tags in their order; what became of each. If they cannot be stored
    /// together, each is by itself, so that it has a result of its own.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`]: a caller that waited in vain for one need not do so for all others;
    /// [`ErrorKind::Cancelled`], and then none of them is stored.
    pub(super) fn commit(
        self,
        work: &Work<'_>,
    ) -> Result<impl Iterator<Item = (&'a PathBuf, Packaged<K>)>> {
        let Self { paths, mut results, ingest } = self;
        check(work.stop)?;
        let store = |ingest: Ingest| {
            results.iter().flatten().try_for_each(|result| result.tag(&ingest))?;
            ingest.commit()
        };
        match ingest.and_then(store) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Locked => return Err(error),
            Err(_) => {
                let package =
                    |path| packager::package::<K>(work.store, path, work.options, work.stop);
                results = paths.iter().map(|path| package(path)).collect();
            }
        }
        Ok(paths.iter().zip(results))
    }
}

/// The result of a thread.
pub(super) fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}
