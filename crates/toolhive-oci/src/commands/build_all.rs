// SPDX-License-Identifier: Apache-2.0
//! `KIND build --all ROOT`: packages every directory below ROOT that has a manifest.

mod batch;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;

use oci_artifact::Threads;
use oci_artifact::observer::check;
use oci_artifact::packager::PackageResult;
use oci_artifact::store::Store;
use oci_artifact::{Diagnostic, Error, ErrorKind, Result};
use serde::Serialize;

use super::build::{self, Report, absolute, options, threads};
use crate::args::Build;
use crate::context::Context;
use crate::kind::Kind;
use crate::output::{Failure, Outcome, harmless};
use crate::signals::Stop;
use batch::{Batch, Work};

/// The number of directories that are stored, and then reported, together.
const BATCH: usize = 512;

/// The result for one directory as JSON.
#[derive(Serialize)]
struct Line<'a, T> {
    path: &'a Path,
    #[serde(flatten)]
    outcome: T,
}

pub(super) fn run<K: Kind>(args: &Build, context: &Context) -> Result<Outcome> {
    let root = absolute(&args.path)?;
    let (mut options, warning) = options(args, context)?;
    context.output.warnings(warning.as_slice(), None);
    let (store, _scratch) = build::store::<K>(args, context)?;
    let stop = context.stop();
    let directories = find::<K>(&root, stop)?;
    if directories.is_empty() {
        let message = format!("there is no {} below this directory", K::NAME);
        return Err(Error::new(ErrorKind::ManifestMissing, message)
            .at_path(&root)
            .with_help(format!("a {} is a directory with {}", K::NAME, K::MANIFEST_PATH)));
    }

    let threads = threads(args);
    let each = threads.get().div_ceil(directories.len());
    options.threads = NonZeroUsize::new(each).map_or(Threads::ONE, Threads::new);
    let work = Work { store: &store, options: &options, threads: threads.get(), stop };
    let mut listing =
        Listing { context, store: &store, tags: BTreeSet::new(), failed: 0, all: Vec::new() };
    let mut batches = directories.chunks(BATCH);
    let mut staged = batches.next().map(|paths| Batch::<K>::stage(&work, paths));
    while let Some(batch) = staged.take() {
        // While one is brought to the disk the next is packaged.
        thread::scope(|scope| -> Result<()> {
            let next = batches.next().map(|paths| scope.spawn(|| Batch::stage(&work, paths)));
            let committed = batch.commit(&work);
            // What is being packaged meanwhile ends first, and leaves nothing if this fails.
            staged = next.map(batch::joined);
            for (path, result) in committed? {
                if let Err(error) = &result
                    && error.kind() == ErrorKind::Cancelled
                {
                    return check(stop);
                }
                listing.tell::<K>(path, result)?;
            }
            Ok(())
        })?;
    }
    let (packaged, all) = (directories.len() - listing.failed, directories.len());
    if context.output.is_json() && !context.output.is_in_lines() {
        context.output.json(&listing.all);
    }
    let verb = if args.dry_run { "Would package" } else { "Packaged" };
    context.output.note(&format!("{verb} {packaged} of {all} {}", K::PLURAL));
    Ok(if listing.failed == 0 { Outcome::Done } else { Outcome::DoneInPart })
}

/// The results of the directories, in their order.
struct Listing<'a> {
    context: &'a Context,
    store: &'a Store,
    tags: BTreeSet<String>,
    failed: usize,
    /// The results so far, where they are one document.
    all: Vec<serde_json::Value>,
}

impl Listing<'_> {
    fn tell<K: Kind>(
        &mut self,
        path: &Path,
        result: Result<PackageResult<K::Config>>,
    ) -> Result<()> {
        let output = &self.context.output;
        match result {
            Ok(mut result) => {
                result.warnings.extend(build::odd_name(&result));
                for tag in &result.tags {
                    if !self.tags.insert(tag.clone()) {
                        let message = format!(
                            "{tag:?} was also the tag of an earlier directory; now it names this \
                             one"
                        );
                        result.warnings.push(Diagnostic::new(message).with_rule("tag-moved"));
                    }
                }
                match output.is_json() {
                    true => {
                        let outcome = Report::new::<K>(&result, self.store)?;
                        self.json(&Line { path, outcome });
                    }
                    false => {
                        output.warnings(&result.warnings, Some(path));
                        output.print(&harmless(&result.reference()));
                    }
                }
            }
            Err(error) => {
                self.failed += 1;
                match output.is_json() {
                    true => self.json(&Line { path, outcome: Failure::from(&error) }),
                    false => output.failure_text(&error, Some(path)),
                }
            }
        }
        Ok(())
    }

    /// Prints the result for a directory, or keeps it for the one document.
    fn json(&mut self, line: &impl Serialize) {
        match self.context.output.is_in_lines() {
            true => self.context.output.json(line),
            false => self.all.push(serde_json::to_value(line).unwrap_or_default()),
        }
    }
}

/// The directories at or below `root` that have a manifest, in byte order of their paths. Links are
/// not followed, and version control's own directory is passed over.
fn find<K: Kind>(root: &Path, stop: &Stop) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut todo = vec![root.to_owned()];
    while let Some(directory) = todo.pop() {
        check(stop)?;
        let entries = std::fs::read_dir(&directory).map_err(|error| {
            let error = Error::io("the directory cannot be read", &directory, error);
            error.with_kind(ErrorKind::InvalidDir)
        })?;
        if std::fs::symlink_metadata(directory.join(K::MANIFEST_PATH)).is_ok() {
            found.push(directory.clone());
        }
        for entry in entries.flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) && entry.file_name() != ".git" {
                todo.push(entry.path());
            }
        }
    }
    found.sort_unstable_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
    Ok(found)
}
