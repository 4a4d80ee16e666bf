// SPDX-License-Identifier: Apache-2.0
//! The determinism check: every case again and again, each time in another process, under all that
//! must not change a digest, compared with the golden record.

mod condition;
mod specification;
mod target;
mod further;
mod wine;
mod table;

use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Result;
use crate::fixture::{self, Case};
use crate::golden::{self, Record};
use crate::memory;
use crate::packaging::{Build, Launch};
use condition::{Binary, Condition, Repeat};
use table::Table;
use target::Target;

/// The number of conditions that are tried at a time: each waits for disks and processes most of
/// its time.
const AT_A_TIME: usize = 2;

/// Verifies under the conditions that have `words` in their name; `dev` is built in the profile for
/// development.
pub(crate) fn run(words: &str, dev: Build) -> Result<()> {
    let cases = fixture::all()?;
    let golden = golden::recorded()?;
    check_inputs(&cases, &golden)?;

    let (conditions, mut skipped) = condition::all();
    let conditions: Vec<_> =
        conditions.into_iter().filter(|condition| condition.name.contains(words)).collect();
    let (targets, left): (Vec<&Target>, Vec<&Target>) = target::CANDIDATES
        .iter()
        .filter(|target| target.name.contains(words))
        .partition(|target| target.is_due(words));
    skipped.extend(left.iter().map(|target| (target.name, target::NOT_NAMED.to_owned())));
    let has_own = !conditions.is_empty() || specification::NAME.contains(words);
    let own = has_own.then(|| {
        eprintln!("building toolhive-oci for profiles dev and release …");
        Ok::<_, Box<dyn std::error::Error>>((dev.binary()?, Build::Packaging.binary()?))
    });
    let own = own.transpose()?;

    let mut table = Table::new(cases.len());
    let built = thread::scope(|scope| {
        // They have a directory of their own, so they are built meanwhile.
        let building = scope.spawn(|| targets.iter().map(|t| (*t, built(**t))).collect::<Vec<_>>());
        let try_one = |condition: &Condition| {
            let binary = own.as_ref().map(|(dev, release)| match condition.binary {
                Binary::Dev => dev,
                Binary::Release => release,
            });
            let binary = binary.map_or(Path::new(""), PathBuf::as_path);
            Outcome::of(condition, binary, &cases, &golden)
        };
        for (condition, outcome) in conditions.iter().zip(side_by_side(&conditions, &try_one)) {
            table.row(condition.name, cases.len(), &outcome);
        }
        building.join().map_err(|_| "building for other targets panicked")
    })?;
    for (target, built) in built {
        match built? {
            Ok((binary, launch)) => {
                let condition = Condition { launch, ..Condition::new(target.name) };
                let (held, left): (Vec<Case>, Vec<Case>) =
                    cases.iter().cloned().partition(|case| target.holds(case));
                for case in left {
                    println!("{}: {:?} has names that it cannot hold", target.name, case.name);
                }
                let outcome = Outcome::of(&condition, &binary, &held, &golden);
                table.row(target.name, held.len(), &outcome);
                for (name, further) in target.further(&binary, &condition.launch) {
                    let (came, outcome) = further.outcome();
                    table.line(&name, &came, &outcome);
                }
            }
            Err(reason) => skipped.push((target.name, reason)),
        }
    }
    if specification::NAME.contains(words)
        && let Some((_, release)) = &own
    {
        match specification::compare(release)? {
            Ok(outcome) => {
                let same = if outcome.failures.is_empty() { "all" } else { "not all" };
                table.line(specification::NAME, same, &outcome);
            }
            Err(reason) => skipped.push((specification::NAME, reason)),
        }
    }
    skipped.retain(|(name, _)| name.contains(words));
    table.finish(&skipped)
}

/// Builds what [`run`] builds beside the profile for development, so that it finds that done. What cannot be
/// built here is left out, as it is there.
pub(crate) fn build() -> Result<()> {
    Build::Packaging.binary()?;
    for target in target::CANDIDATES.iter().filter(|target| target.is_due("")) {
        if let Err(reason) = built(*target)? {
            eprintln!("skipped: {reason}");
        }
    }
    Ok(())
}

/// The result of building for a target: a binary and its launch, or the reason why there is none.
type Built = Result<Result<(PathBuf, Launch), String>, String>;

fn built(target: Target) -> Built {
    eprintln!("building toolhive-oci for {} …", target.triple);
    target.build().map_err(|error| error.to_string())
}

/// Returns the outcomes of conditions, in their order, some of them tried at a time.
fn side_by_side(
    conditions: &[Condition],
    try_one: &(impl Fn(&Condition) -> Outcome + Sync),
) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        while let Some((at, condition)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            conditions.get(at).map(|condition| (at, condition))
        } {
            done.push((at, try_one(condition)));
        }
        done
    };
    let mut all: Vec<(usize, Outcome)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_A_TIME).map(|_| scope.spawn(worker)).collect();
        let ended = workers.into_iter().map(|worker| worker.join());
        ended.flat_map(|done| done.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, outcome)| outcome).collect()
}

/// The record must be of these fixtures, or it would be no record.
fn check_inputs(cases: &[Case], golden: &Record) -> Result<()> {
    let stale = cases
        .iter()
        .find(|case| golden.get(&case.name).is_none_or(|recorded| recorded.input != case.input()));
    match stale {
        Some(case) => Err(format!("{}: run `cargo xtask golden --check` first", case.name).into()),
        None => Ok(()),
    }
}

/// The result of one condition.
struct Outcome {
    /// One line for each case that failed or differs.
    failures: Vec<String>,
    time: Duration,
}

impl Outcome {
    /// Packages every case under a condition.
    fn of(condition: &Condition, binary: &Path, cases: &[Case], golden: &Record) -> Self {
        let start = Instant::now();
        let failure = |case: &Case| match check(condition, binary, case, golden) {
            Ok(differences) if differences.is_empty() => None,
            Ok(differences) => Some(format!("{}: {}", case.name, differences.join(", "))),
            Err(error) => Some(format!("{}: {error}", case.name)),
        };
        let failures = cases.iter().filter_map(failure).collect();
        Self { failures, time: start.elapsed() }
    }
}

/// Packages one case under a condition, and says what differs from its record.
fn check(
    condition: &Condition,
    binary: &Path,
    case: &Case,
    golden: &Record,
) -> Result<Vec<String>> {
    let Some(recorded) = golden.get(&case.name) else {
        return Err("is not recorded".into());
    };
    let place = directory(condition.parent.as_deref())?;
    let root = place.path().join(condition.directory);
    case.tree.write(&root, &condition.placement_of(case))?;
    let store = place.path().join("store");

    let package =
        || condition.launch.package(binary, case, &root, &store).map_err(|e| e.to_string());
    let all = match condition.repeat {
        Repeat::Once => vec![package()],
        Repeat::Again => vec![package(), package()],
        Repeat::AtOnce => thread::scope(|scope| {
            let running: Vec<_> = (0..3).map(|_| scope.spawn(package)).collect();
            let joined = running.into_iter().map(|thread| thread.join());
            joined.map(|done| done.unwrap_or_else(|_| Err("panicked".into()))).collect()
        }),
    };
    let mut differences = Vec::new();
    for digests in all {
        differences.extend(digests?.differences(&recorded.digests));
    }
    Ok(differences)
}

/// Returns a directory that ends with the check; its path is whole.
fn directory(parent: Option<&Path>) -> Result<TempDir> {
    let parent = parent.or(memory::place()).map_or_else(std::env::temp_dir, PathBuf::from);
    Ok(tempfile::tempdir_in(parent.canonicalize()?)?)
}
