// SPDX-License-Identifier: Apache-2.0
//! Every single change of a file fails once (LS-15): the store stays as whole as it was.

use tempfile::TempDir;

use super::fs::faults::{Plan, under};
use super::graph::Walker;
use super::{Origin, Store};
use crate::Result;

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
/// tags `old` and `other`. Afterwards what was reported as done must be there, and all that is
/// listed must be complete.
fn sweep(work: impl Fn(&Store) -> Result<()>, done: impl Fn(&Store) -> bool) {
    for plan in [Plan::Only, Plan::From] {
        for at in 0.. {
            let dir = TempDir::new().expect("a directory");
            let store = Store::open(dir.path().join("store")).expect("opens");
            build(&store, "old").expect("builds");
            build(&store, "other").expect("builds");
            let (result, calls) = under(Some(plan(at)), || work(&store));
            let is_over = calls <= at;
            if result.is_ok() {
                assert!(done(&store), "{:?}: reported as done", plan(at));
            }
            for store in [&store, &Store::open_existing(store.root()).expect("opens")] {
                let tags = store.list_tags().expect("lists");
                assert!(tags.contains(&"other".to_owned()), "{:?}: {tags:?}", plan(at));
                for tag in tags {
                    let found = store.resolve(&tag).expect("resolves");
                    Walker::default().complete(store, found.digest()).expect("is complete");
                }
            }
            // It can be done afterwards.
            if result.is_err() {
                let _ = work(&store);
                assert!(done(&store), "{:?}: done again", plan(at));
            }
            if is_over {
                break;
            }
        }
    }
}

fn has(store: &Store, tag: &str) -> bool {
    store.list_tags().expect("lists").contains(&tag.to_owned())
}

#[test]
fn ls_15_any_call_of_a_build_fails() {
    sweep(|store| build(store, "new"), |store| has(store, "new"));
}

#[test]
fn ls_15_any_call_of_tagging_fails() {
    let work = |store: &Store| {
        let digest = store.resolve("other")?.digest().clone();
        store.tag(&digest, "new").map(|_| ())
    };
    sweep(work, |store| has(store, "new"));
}

#[test]
fn ls_15_any_call_of_untagging_fails() {
    sweep(|store| store.delete_tag("old"), |store| !has(store, "old"));
}

#[test]
fn ls_15_any_call_of_making_a_store_fails() {
    for plan in [Plan::Only, Plan::From] {
        for at in 0.. {
            let dir = TempDir::new().expect("a directory");
            let root = dir.path().join("a/store");
            let (result, calls) = under(Some(plan(at)), || Store::open(&root));
            assert_eq!(result.is_err(), calls > at, "{:?}", plan(at));
            let store = Store::open(&root).expect("opens");
            assert!(store.warnings().is_empty());
            build(&store, "demo").expect("builds");
            if calls <= at {
                break;
            }
        }
    }
}
