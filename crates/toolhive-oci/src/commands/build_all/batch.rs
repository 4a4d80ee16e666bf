// SPDX-License-Identifier: Apache-2.0
//! Directories that are packaged by several threads and stored by one edit of the index.

use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};

use oci_artifact::Result;
use oci_artifact::packager::{self, PackageOptions, PackageResult};
use oci_artifact::store::{Ingest, Store};

use crate::kind::Kind;

/// What is the same for all directories.
pub(super) struct Work<'a> {
    pub(super) store: &'a Store,
    pub(super) options: &'a PackageOptions,
    pub(super) threads: usize,
}

type Packaged<K> = Result<PackageResult<<K as oci_artifact::kind::ArtifactKind>::Config>>;

/// Directories that were packaged but are not in the store yet.
pub(super) struct Batch<'a, K: Kind> {
    paths: &'a [PathBuf],
    results: Vec<Packaged<K>>,
    ingest: Option<Ingest>,
}

impl<'a, K: Kind> Batch<'a, K> {
    /// Packages them.
    pub(super) fn stage(work: &Work<'_>, paths: &'a [PathBuf]) -> Self {
        let Ok(ingest) = work.store.ingest() else {
            return Self { paths, results: Vec::new(), ingest: None };
        };
        let next = AtomicUsize::new(0);
        let run = || {
            let mut results = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(path) = paths.get(at) else { return results };
                results.push((at, packager::stage::<K>(&ingest, path, work.options, &())));
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
        Self { paths, results, ingest: Some(ingest) }
    }

    /// Stores them, with their tags in their order; what became of each. If they cannot be stored
    /// together, each is by itself, so that it has a result of its own.
    pub(super) fn commit(
        self,
        work: &Work<'_>,
    ) -> impl Iterator<Item = (&'a PathBuf, Packaged<K>)> {
        let Self { paths, mut results, ingest } = self;
        let is_stored = ingest.is_some_and(|ingest| {
            let mut staged = results.iter().flatten();
            staged.try_for_each(|result| result.tag(&ingest)).and_then(|()| ingest.commit()).is_ok()
        });
        if !is_stored {
            let package = |path| packager::package::<K>(work.store, path, work.options, &());
            results = paths.iter().map(|path| package(path)).collect();
        }
        paths.iter().zip(results)
    }
}

/// What a thread returned.
pub(super) fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}
