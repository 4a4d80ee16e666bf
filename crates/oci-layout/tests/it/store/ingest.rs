// SPDX-License-Identifier: Apache-2.0
//! Content that enters the store together.

use std::fs;
use std::io::Write as _;
use std::thread;

use oci_layout::ErrorKind;
use oci_layout::store::{Origin, Store};

use super::fixture::{build, count, empty, index_text, leftovers, path, put};

#[test]
fn nothing_is_visible_before_the_commit_ls_7() {
    let (_dir, store) = empty();
    let ingest = store.ingest().expect("starts");
    let built = put(&ingest, "demo", "layer");
    ingest.tag(&built.index, "demo", Origin::LocalBuild).expect("a tag");
    assert_eq!((count(&store), leftovers(&store)), (0, 1));
    assert!(store.list_tags().expect("lists").is_empty());
    let committed = ingest.commit().expect("commits");
    assert_eq!(committed.tags.len(), 1);
    assert_eq!((count(&store), leftovers(&store)), (6, 0));
    assert_eq!(store.resolve("demo").expect("resolves").digest, built.index);
}

#[test]
fn an_ingest_that_is_dropped_leaves_nothing_bug_57() {
    let (_dir, store) = empty();
    let before = index_text(&store);
    let ingest = store.ingest().expect("starts");
    put(&ingest, "demo", "layer");
    let mut writer = ingest.blob_writer();
    writer.write_all(&[1; 100_000]).expect("writes");
    drop(ingest);
    drop(writer);
    assert_eq!((count(&store), leftovers(&store), index_text(&store)), (0, 0, before));
}

#[test]
fn a_build_has_one_entry_and_many_builds_take_one_edit_ls_2_ls_13() {
    let (_dir, store) = empty();
    let ingest = store.ingest().expect("starts");
    thread::scope(|scope| {
        for worker in 0..4 {
            let ingest = &ingest;
            scope.spawn(move || {
                for number in 0..5 {
                    let tag = format!("build-{worker}-{number}");
                    let built = put(ingest, &tag, &tag);
                    ingest.tag(&built.index, &tag, Origin::LocalBuild).expect("a tag");
                }
            });
        }
    });
    assert_eq!(index_text(&store).matches("digest").count(), 0);
    ingest.commit().expect("commits");
    assert_eq!(index_text(&store).matches("digest").count(), 20);
    assert_eq!(store.list_tags().expect("lists").len(), 20);
    assert_eq!(count(&store), 120);
}

#[test]
fn building_the_same_again_rewrites_nothing_ls_13() {
    let (_dir, store) = empty();
    build(&store, "demo");
    let inode = || {
        use held_directory::{AtFlags, CWD, statat};
        let path = store.root().join("index.json");
        statat(CWD, &path, AtFlags::empty()).expect("is there").st_ino
    };
    let before = inode();
    build(&store, "demo");
    assert_eq!(inode(), before);
    assert_eq!((count(&store), leftovers(&store)), (6, 0));
}

#[test]
fn what_is_not_complete_is_not_tagged_ls_10() {
    let (_dir, store) = empty();
    let built = build(&store, "demo");
    fs::remove_file(path(&store, &built.layer)).expect("removes");
    let error = store.tag(&built.index, "other").expect_err("is not complete");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains(&built.layer.to_string()), "{error}");
    assert_eq!(store.list_tags().expect("lists"), ["demo"]);

    fs::write(path(&store, &built.layer), "short").expect("writes");
    let error = store.tag(&built.index, "other").expect_err("is broken");
    assert_eq!(error.kind(), ErrorKind::DigestMismatch);
    // Building it again heals it.
    build(&store, "demo");
    store.tag(&built.index, "other").expect("is complete");
}

#[test]
fn what_an_ingest_counts_on_cannot_be_taken_away_ls_11() {
    let (_dir, store) = empty();
    let built = build(&store, "demo");
    let ingest = store.ingest().expect("starts");
    for digest in &built.blobs {
        let size = store.blob_size(digest).expect("looks").expect("is there");
        assert!(ingest.adopt(digest, size).expect("adopts"));
    }
    let second = store.ingest().expect("starts");
    let again = put(&second, "demo", "the layer of demo");
    assert_eq!(again.index, built.index);
    // Another process removes the build, with everything that it had.
    for digest in &built.blobs {
        fs::remove_file(path(&store, digest)).expect("removes");
    }
    for (ingest, tag) in [(ingest, "adopted"), (second, "built again")] {
        ingest.tag(&built.index, tag, Origin::Remote).expect("a tag");
        ingest.commit().expect("has everything");
        assert_eq!(count(&store), 6);
    }
    assert_eq!(store.list_tags().expect("lists"), ["adopted", "built again", "demo"]);
}

#[test]
fn threads_and_handles_lose_no_update_ls_6() {
    let (dir, _store) = empty();
    let root = dir.path().join("store");
    thread::scope(|scope| {
        for worker in 0..8 {
            let root = &root;
            scope.spawn(move || {
                let store = Store::open(root).expect("opens");
                for number in 0..10 {
                    build(&store, &format!("w{worker}n{number}"));
                }
            });
        }
    });
    let store = Store::open(&root).expect("opens");
    assert_eq!(store.list_tags().expect("lists").len(), 80);
    assert_eq!((count(&store), leftovers(&store)), (480, 0));
}

#[test]
fn a_blob_that_comes_too_late_is_an_error() {
    let (_dir, store) = empty();
    let ingest = store.ingest().expect("starts");
    let mut writer = ingest.blob_writer();
    writer.write_all(b"late").expect("writes");
    ingest.put_blob(b"early").expect("puts");
    ingest.commit().expect("commits");
    assert_eq!(writer.finish().expect_err("is late").kind(), ErrorKind::InvalidOption);
    assert_eq!((count(&store), leftovers(&store)), (1, 0));
}
