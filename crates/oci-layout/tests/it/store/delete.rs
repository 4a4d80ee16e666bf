// SPDX-License-Identifier: Apache-2.0
//! Tests of removing builds.

use std::fs;

use oci_layout::store::{Origin, Store};
use oci_layout::{ErrorKind, digest};

use super::fixture::{
    INDEX, build, build_with_layer, count, descriptor, document, empty, go_store, index_text,
    leftovers, path, put,
};

#[test]
fn a_build_goes_with_all_that_only_it_needs_ls_9() {
    let (_dir, store) = empty();
    let kept = build(&store, "kept");
    let built = build(&store, "demo");
    let removed = store.delete_build("demo").expect("removes");
    assert_eq!(removed.digest, built.index);
    assert_eq!(removed.blobs.len(), 6);
    assert!(removed.left.is_none() && removed.size > 0);
    assert_eq!((count(&store), leftovers(&store)), (6, 0));
    assert_eq!(store.list_tags().expect("lists"), ["kept"]);
    assert!(kept.blobs.iter().all(|digest| store.get_blob(digest).is_ok()));
    for tag in ["demo", "none", ""] {
        assert_eq!(store.delete_build(tag).expect_err("is gone").kind(), ErrorKind::NotFound);
    }
}

#[test]
fn what_another_build_needs_stays_ls_9_bug_41() {
    let (_dir, store) = empty();
    let one = build_with_layer(&store, "one", "shared");
    let two = build_with_layer(&store, "two", "shared");
    assert_eq!(one.layer, two.layer);
    assert_eq!(count(&store), 11);
    assert_eq!(store.delete_build("one").expect("removes").blobs.len(), 5);
    assert!(two.blobs.iter().all(|digest| store.get_blob(digest).is_ok()));
    assert_eq!(store.delete_build("two").expect("removes").blobs.len(), 6);
    assert_eq!(count(&store), 0);
}

#[test]
fn another_tag_of_the_same_content_keeps_it_st_22() {
    let (_dir, store) = empty();
    let built = build(&store, "one");
    store.tag(&built.index, "two").expect("tags");
    store.tag(&built.manifests[0], "part").expect("tags");
    assert!(store.delete_build("one").expect("removes").blobs.is_empty());
    assert_eq!(count(&store), 6);
    // One of its manifests has a tag, with its config and the layer.
    assert_eq!(store.delete_build("two").expect("removes").blobs.len(), 3);
    assert_eq!(store.list_tags().expect("lists"), ["part"]);
    assert!(store.get_blob(&built.layer).is_ok());
    store.delete_build("part").expect("removes");
    assert_eq!(count(&store), 0);
}

#[test]
fn nested_indexes_and_subjects_are_followed_ls_9() {
    let (_dir, store) = empty();
    let ingest = store.ingest().expect("starts");
    let inner = put(&ingest, "inner", "layer");
    let size = |bytes: &[u8]| (digest::sha256(bytes), bytes.len());
    let nested = |list: &[&str], subject: Option<&str>| {
        document(|json| {
            json.key("schemaVersion").integer(2);
            json.key("manifests").array(|json| {
                for text in list {
                    descriptor(json, INDEX, &(text.parse().expect("is one"), 0));
                }
            });
            if let Some(subject) = subject {
                json.key("subject");
                descriptor(json, INDEX, &(subject.parse().expect("is one"), 0));
            }
        })
    };
    let outer = nested(&[], Some(&*inner.index.to_string()));
    let digest = ingest.put_manifest(&outer).expect("puts");
    assert_eq!(digest, size(&outer).0);
    ingest.tag(&digest, "outer", Origin::LocalBuild).expect("a tag");
    ingest.commit().expect_err("states a wrong size");
    assert_eq!(store.list_tags().expect("lists"), [""; 0]);

    // Sizes that are not stated are not checked.
    let outer = String::from_utf8(outer).expect("text").replace(r#","size":0"#, "");
    let ingest = store.ingest().expect("starts");
    put(&ingest, "inner", "layer");
    let digest = ingest.put_manifest(outer.as_bytes()).expect("puts");
    ingest.tag(&digest, "outer", Origin::LocalBuild).expect("a tag");
    ingest.commit().expect("commits");
    assert_eq!(store.delete_build("outer").expect("removes").blobs.len(), 7);
}

#[test]
fn a_removal_that_was_cut_short_is_finished_by_the_next_ls_9() {
    let (_dir, store) = empty();
    let built = build(&store, "demo");
    let kept = build_with_layer(&store, "kept", "the layer of demo");
    // A process that dies after its edit of the index leaves a note of what it wanted to remove.
    let lines: String = std::iter::once(&built.index)
        .chain(&built.blobs)
        .map(|digest| format!("{digest}\n"))
        .collect();
    let name = format!("removed-{}", digest::sha256(b"demo").hex());
    store.delete_tag("demo").expect("removes");
    fs::write(store.root().join("ingest").join(name), lines).expect("writes");
    let removed = store.delete_build("demo").expect("finishes");
    assert_eq!((removed.digest, removed.blobs.len()), (built.index, 5));
    assert_eq!((count(&store), leftovers(&store)), (6, 0));
    assert!(kept.blobs.iter().all(|digest| store.get_blob(digest).is_ok()));
    assert_eq!(store.delete_build("demo").expect_err("is done").kind(), ErrorKind::NotFound);
}

#[test]
fn a_build_of_the_go_code_goes_whole_bug_40() {
    let (_dir, root) = go_store("clean");
    let store = Store::open(&root).expect("opens");
    assert_eq!(store.delete_build("alpha").expect("removes").blobs.len(), 6);
    assert_eq!(store.entries().expect("lists").len(), 3);
    assert_eq!(store.list_tags().expect("lists"), ["beta"]);
    store.delete_build("beta").expect("removes");
    assert_eq!(count(&store), 0);
    assert!(index_text(&store).ends_with(r#""manifests":[]}"#));
}

#[test]
fn a_dangling_tag_can_be_removed_ls_10() {
    let (_dir, store) = empty();
    let built = build(&store, "demo");
    fs::remove_file(path(&store, &built.index)).expect("removes");
    assert!(store.delete_build("demo").expect("removes").blobs.is_empty());
    assert!(store.entries().expect("lists").is_empty());
}

#[test]
fn a_removal_takes_nothing_from_an_ingest_ls_11() {
    let (_dir, store) = empty();
    let built = build(&store, "demo");
    let ingest = store.ingest().expect("starts");
    let again = put(&ingest, "demo", "the layer of demo");
    store.delete_build("demo").expect("removes");
    assert_eq!(count(&store), 0);
    ingest.tag(&again.index, "again", Origin::LocalBuild).expect("a tag");
    ingest.commit().expect("has everything");
    assert!(built.blobs.iter().all(|digest| store.get_blob(digest).is_ok()));
}
