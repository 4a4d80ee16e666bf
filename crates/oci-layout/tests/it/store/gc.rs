// SPDX-License-Identifier: Apache-2.0
//! Tests of collecting garbage.

use std::fs;
use std::time::Duration;

use oci_layout::ErrorKind;
use oci_layout::store::{GcMode, GcOptions, GcReport, Origin, Store, Untagged};

use super::fixture::{build, count, empty, go_store, leftovers, now, path, put, set_time};

/// Now, without grace.
fn options() -> GcOptions {
    let mut options = GcOptions::new(now());
    options.grace = Duration::ZERO;
    options.unlisted = Duration::ZERO;
    options
}

fn gc(store: &Store) -> GcReport {
    let report = store.gc(options()).expect("collects");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    report
}

#[test]
fn what_nothing_reaches_goes_ls_11() {
    let (_dir, store) = empty();
    build(&store, "one");
    let two = build(&store, "two");
    store.put_blob(b"alone").expect("puts");
    store.delete_tag("two").expect("deletes");
    let mut dry = options();
    dry.mode = GcMode::DryRun;
    let expected = store.gc(dry).expect("looks");
    assert_eq!((expected.blobs.len(), count(&store)), (7, 13));
    let report = gc(&store);
    assert_eq!(report, expected);
    assert_eq!(report.blobs.iter().map(|blob| blob.size).sum::<u64>(), report.size);
    assert!(report.blobs.iter().any(|blob| blob.digest == two.index));
    assert_eq!(count(&store), 6);
    assert_eq!(gc(&store), GcReport::default());
}

#[test]
fn what_is_young_stays_ls_11() {
    let (_dir, store) = empty();
    let digest = store.put_blob(b"alone").expect("puts");
    let collect = |age: u64| {
        let mut options = GcOptions::new(now() + Duration::from_secs(age));
        options.grace = Duration::from_secs(60);
        store.gc(options).expect("collects")
    };
    assert_eq!((collect(0).young, collect(50).blobs.len()), (1, 0));
    // Putting it again makes it young again, though nothing is written.
    set_time(&path(&store, &digest), now() - Duration::from_secs(3600));
    store.put_blob(b"alone").expect("puts again");
    assert_eq!(collect(0).young, 1);
    assert_eq!(collect(70).blobs.len(), 1);
    assert_eq!(count(&store), 0);
}

#[test]
fn an_ingest_in_progress_is_safe_ls_11() {
    let (_dir, store) = empty();
    let built = build(&store, "demo");
    let ingest = store.ingest().expect("starts");
    let again = put(&ingest, "demo", "the layer of demo");
    put(&ingest, "new", "another layer");
    store.delete_tag("demo").expect("deletes");
    let report = gc(&store);
    assert_eq!((report.blobs.len(), report.leftovers.len()), (6, 0));
    assert_eq!((count(&store), leftovers(&store)), (0, 1));
    ingest.tag(&again.index, "again", Origin::LocalBuild).expect("a tag");
    ingest.commit().expect("has everything");
    assert!(built.blobs.iter().all(|digest| store.get_blob(digest).is_ok()));
    assert_eq!(gc(&store).blobs.len(), 6, "the build that got no tag");
}

#[test]
fn what_dead_processes_left_goes_ls_11() {
    let (_dir, store) = empty();
    let ingest = store.root().join("ingest");
    fs::create_dir_all(ingest.join("4711-0")).expect("mkdir");
    fs::write(ingest.join("4711-0/0"), "half a blo").expect("writes");
    fs::write(ingest.join("0123abcd_456"), "the Go code's").expect("writes");
    fs::write(ingest.join("removed-00"), "a note").expect("writes");
    fs::write(store.root().join("index.json.new"), "half an ind").expect("writes");
    let mut later = options();
    later.grace = Duration::from_secs(60);
    assert_eq!(store.gc(later).expect("collects").leftovers.len(), 3);
    assert_eq!(leftovers(&store), 1, "the Go code's file may be in use");
    assert_eq!(gc(&store).leftovers.len(), 1);
    assert_eq!(leftovers(&store), 0);
    assert!(!store.root().join("index.json.new").exists());
}

#[test]
fn entries_without_a_tag_are_kept_or_dropped_ls_11() {
    let (_dir, root) = go_store("clean");
    let store = Store::open(&root).expect("opens");
    store.delete_tag("alpha").expect("deletes");
    assert_eq!(gc(&store).blobs.len(), 1, "the index; its manifests are listed");
    let mut drop = options();
    drop.untagged = Untagged::Drop;
    drop.mode = GcMode::DryRun;
    let expected = store.gc(drop).expect("looks");
    assert_eq!(store.entries().expect("lists").len(), 5);
    drop.mode = GcMode::Remove;
    let report = store.gc(drop).expect("collects");
    assert_eq!(report, expected);
    assert_eq!((report.untagged, report.blobs.len()), (4, 5));
    assert_eq!(store.list_tags().expect("lists"), ["beta"]);
    assert_eq!(count(&store), 6);
}

#[test]
fn nothing_is_garbage_when_the_index_file_is_lost_ls_12() {
    let (dir, store) = empty();
    build(&store, "demo");
    fs::remove_file(store.root().join("index.json")).expect("removes");
    let store = Store::open(dir.path().join("store")).expect("opens");
    let error = store.gc(options()).expect_err("would remove all");
    assert_eq!(error.kind(), ErrorKind::InvalidStore);
    assert_eq!(count(&store), 6);
}
