// SPDX-License-Identifier: Apache-2.0
//! Every single change of a file fails once (LS-15): the store stays as whole as it was.

mod looks;
mod order;
mod references;
mod notes;

use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use held_directory::Errno;

use super::fs::faults::{Looks, Plan, blind, under};
use super::graph::Walker;
use super::needed::needed;
use super::{CheckMode, GcOptions, Origin, Store};
use crate::{ErrorKind, Result};

/// Three blobs in an index, and some that are written piece by piece.
fn build(store: &Store, tag: &str) -> Result<()> {
    use std::io::Write as _;
    let ingest = store.ingest()?;
    let mut writer = ingest.blob_writer();
    for _ in 0..3 {
        writer
            .write_all(format!("{tag:>40000}").as_bytes())
            .map_err(|e| crate::Error::from_io("cannot write", store.root(), e))?;
    }
    let (layer, size) = writer.finish()?;
    let config = ingest.put_blob(b"{}")?;
    let manifest = format!(
        r#"{{"schemaVersion":2,"config":{{"digest":"{config}","size":2}},"layers":[{{"digest":"{layer}","size":{size}}}]}}"#
    );
    let digest = ingest.put_manifest(manifest.as_bytes())?;
    ingest.tag(&digest, tag, Origin::LocalBuild)?;
    ingest.commit().map(|_| ())
}

/// Lets each call of `work` fail that there is, alone and with all that follow, on a store with the
/// tags `old` and `other` and a piece of garbage. Afterwards what was reported as done must be
/// there, all that is listed must be complete, the work can be done, and `gc` leaves only what is
/// reached.
fn sweep(work: impl Fn(&Store) -> Result<()>, done: impl Fn(&Store) -> bool) {
    sweep_from(0, work, done);
}

/// Lets each call of some work fail, from that one on.
fn sweep_from(first: usize, work: impl Fn(&Store) -> Result<()>, done: impl Fn(&Store) -> bool) {
    for plan in [Plan::Only, Plan::From] {
        for at in first.. {
            let dir = TempDir::new().expect("a directory");
            let store = Store::open(dir.path().join("store")).expect("opens");
            build(&store, "old").expect("builds");
            build(&store, "other").expect("builds");
            store.put_blob(b"garbage").expect("puts");
            let (result, calls) = under(Some(plan(at)), || work(&store));
            if result.is_ok() {
                assert!(done(&store), "{:?}: reported as done", plan(at));
            }
            for store in [&store, &Store::open_existing(store.root()).expect("opens")] {
                whole(store);
            }
            if result.is_err() {
                // It may have been done all the same.
                let again = work(&store).map_err(|error| error.kind());
                assert!(matches!(again, Ok(()) | Err(ErrorKind::NotFound)), "{again:?}");
                assert!(done(&store), "{:?}: done again", plan(at));
            }
            whole(&store);
            clean(&store);
            if calls.len() <= at {
                break;
            }
        }
    }
}

/// Every tag, `other` among them, leads to complete and verified content.
fn whole(store: &Store) {
    assert!(has(store, "other"));
    let report = Store::check(store.root(), CheckMode::Report).expect("checks");
    assert!(report.is_sound(), "{:?}", report.findings);
}

/// Garbage collection leaves what is reached, and nothing else.
fn clean(store: &Store) {
    let report = store.gc(no_grace()).expect("collects");
    assert_eq!(report.problems, []);
    let (needed, faults) = needed(store, &mut Walker::default(), &store.index().expect("reads"));
    assert!(faults.is_empty());
    let (files, problems) = store.layout().blob_files();
    assert!(problems.is_empty());
    assert_eq!(files.len(), needed.len());
    assert_eq!(std::fs::read_dir(store.root().join("ingest")).expect("reads").count(), 0);
    assert!(store.layout().new_files().iter().all(|path| !path.path().exists()));
}

#[expect(clippy::disallowed_methods, reason = "tests have a clock")]
fn no_grace() -> GcOptions {
    let mut options = GcOptions::new(SystemTime::now());
    options.grace = Duration::ZERO;
    options.unlisted = Duration::ZERO;
    options
}

fn has(store: &Store, tag: &str) -> bool {
    store.list_tags().expect("lists").contains(&tag.to_owned())
}

#[test]
fn any_call_of_a_build_fails_ls_15() {
    sweep(|store| build(store, "new"), |store| has(store, "new"));
}

#[test]
fn any_call_of_many_builds_fails_ls_15() {
    // So many that not each file is brought to the disk by itself.
    let work = |store: &Store| {
        let ingest = store.ingest()?;
        let digests = (0..70).map(|n| ingest.put_manifest(format!(r#"{{"n":{n}}}"#).as_bytes()));
        let digests = digests.collect::<Result<Vec<_>>>()?;
        ingest.tag(digests.last().expect("are many"), "new", Origin::LocalBuild)?;
        ingest.commit().map(|_| ())
    };
    let dir = TempDir::new().expect("a directory");
    let store = Store::open(dir.path().join("store")).expect("opens");
    let (_, calls) = under(None, || work(&store));
    // What writes the blobs is like what writes one; what comes last is not.
    sweep_from(calls.len() - 90, work, |store| has(store, "new"));
}

#[test]
fn any_call_of_tagging_fails_ls_15() {
    let work = |store: &Store| {
        let digest = store.resolve("other")?.digest;
        store.tag(&digest, "new").map(|_| ())
    };
    sweep(work, |store| has(store, "new"));
}

#[test]
fn any_call_of_untagging_fails_ls_15() {
    sweep(|store| store.delete_tag("old"), |store| !has(store, "old"));
}

#[test]
fn any_call_of_a_removal_fails_ls_15() {
    sweep(|store| store.delete_build("old").map(|_| ()), |store| !has(store, "old"));
}

#[test]
fn any_call_of_a_collection_fails_ls_15() {
    let work = |store: &Store| {
        if has(store, "old") {
            store.delete_tag("old")?;
        }
        store.gc(no_grace()).map(|_| ())
    };
    sweep(work, |store| !has(store, "old"));
}

#[test]
fn any_call_of_a_repair_fails_ls_15() {
    let work = |store: &Store| {
        Store::check(store.root(), CheckMode::Repair).map(|report| assert!(report.is_sound()))
    };
    let harm = |store: &Store| -> Result<()> {
        let index = store.layout().index_file().path();
        let text = std::fs::read(&index).expect("reads");
        std::fs::write(&index, text.get(..text.len() - 3).expect("is long")).expect("writes");
        work(store)
    };
    for plan in [Plan::Only, Plan::From] {
        for at in 0.. {
            let dir = TempDir::new().expect("a directory");
            let store = Store::open(dir.path().join("store")).expect("opens");
            build(&store, "old").expect("builds");
            build(&store, "other").expect("builds");
            let (_, calls) = under(Some(plan(at)), || harm(&store));
            work(&store).expect("mends");
            assert!(has(&store, "old"), "{:?}", plan(at));
            clean(&store);
            if calls.len() <= at {
                break;
            }
        }
    }
}

#[test]
fn any_call_of_making_a_store_fails_ls_15() {
    for plan in [Plan::Only, Plan::From] {
        for at in 0.. {
            let dir = TempDir::new().expect("a directory");
            let root = dir.path().join("a/store");
            let (result, calls) = under(Some(plan(at)), || Store::open(&root));
            assert_eq!(result.is_err(), calls.len() > at, "{:?}", plan(at));
            let is_there = |name: &str| root.join(name).exists();
            assert!(is_there("index.json") || !is_there("oci-layout"), "{:?}", plan(at));
            let store = Store::open(&root).expect("opens");
            assert!(store.warnings().is_empty());
            build(&store, "demo").expect("builds");
            if calls.len() <= at {
                break;
            }
        }
    }
}

#[test]
fn any_look_of_opening_fails_ls_15() {
    let dir = TempDir::new().expect("a directory");
    let root = dir.path().join("store");
    build(&Store::open(&root).expect("opens"), "demo").expect("builds");
    for at in 0.. {
        let plan = Some((Looks::Only(at), Errno::IO));
        let (result, looks) = blind(plan, || Store::open(&root).map(|_| ()));
        assert_eq!(
            result.map_err(|error| error.kind()).err(),
            (looks.len() > at).then_some(ErrorKind::Io)
        );
        if looks.len() <= at {
            break;
        }
    }
}
