// SPDX-License-Identifier: Apache-2.0
//! The reference index (LS-21): a removal does not read other builds, and no state of that file makes
//! it remove what they need.

use std::fs;

use tempfile::TempDir;

use super::super::fs::faults::blind;
use super::looks::shares;
use super::{build, whole};
use crate::digest;
use crate::store::{Origin, Store};

/// Returns a store with that many builds that share all but their manifests, and a reference index.
fn store(builds: usize) -> (TempDir, Store) {
    let dir = TempDir::new().expect("a directory");
    let store = Store::open(dir.path().join("store")).expect("opens");
    build(&store, "other").expect("builds");
    for number in 0..builds {
        shares(&store, &format!("{number:02}"), "other");
    }
    store.delete_build("00").expect("removes");
    assert!(store.root().join("index.json.references").exists());
    (dir, store)
}

#[test]
fn a_removal_looks_at_as_little_in_a_large_store_as_in_a_small_one_ls_13_ls_21() {
    let looks = |builds| {
        let (_dir, store) = store(builds);
        let store = Store::open(store.root()).expect("opens");
        let (removed, looks) = blind(None, || store.delete_build("01"));
        assert_eq!(removed.expect("removes").blobs.len(), 1);
        looks.len()
    };
    assert_eq!(looks(10), looks(40));
}

#[test]
fn no_state_of_the_reference_index_makes_a_removal_take_what_is_needed_ls_21() {
    let file = |store: &Store| store.root().join("index.json.references");
    let harms: [&dyn Fn(&Store); 8] = [
        &|_| {},
        &|store| fs::remove_file(file(store)).expect("removes"),
        &|store| fs::write(file(store), "").expect("writes"),
        &|store| {
            let text = fs::read(file(store)).expect("reads");
            fs::write(file(store), &text[..text.len() / 2]).expect("writes");
        },
        // One that says that builds need nothing, as somebody may forge it.
        &|store| {
            let mut forged = b"references 3\n".to_vec();
            for root in store.listed_digests().expect("lists") {
                forged.extend_from_slice(root.as_bytes());
                forged.extend_from_slice(&[0; 4]);
            }
            fs::write(file(store), forged).expect("writes");
        },
        // One of the version before, which the index file names.
        &|store| {
            let text = fs::read_to_string(store.root().join("index.json")).expect("reads");
            let old = fs::read(file(store)).expect("reads");
            let old = [b"references 2\n", &old[13..]].concat();
            let named = digest::sha256(&fs::read(file(store)).expect("reads")).to_string();
            let text = text.replace(&named, &digest::sha256(&old).to_string());
            fs::write(file(store), old).expect("writes");
            fs::write(store.root().join("index.json"), text).expect("writes");
        },
        // That of another store, whole.
        &|store| {
            let (_dir, other) = self::store(12);
            fs::copy(file(&other), file(store)).expect("copies");
        },
        // An old one, and builds that came since.
        &|store| {
            for number in 40..60 {
                shares(store, &format!("{number:02}"), "other");
            }
        },
    ];
    for (number, harm) in harms.iter().enumerate() {
        let (_dir, store) = store(10);
        harm(&store);
        // The layer and the config that all share are in each.
        for tag in ["01", "02", "03"] {
            let store = Store::open(store.root()).expect("opens");
            assert_eq!(store.delete_build(tag).expect("removes").blobs.len(), 1, "{number}");
            whole(&store);
        }
        let index = fs::read_to_string(store.root().join("index.json")).expect("reads");
        let text = fs::read(file(&store)).expect("is there again");
        assert!(
            index.contains(&digest::sha256(&text).to_string()),
            "{number}: it is the one named"
        );
    }
}

#[test]
fn what_only_the_last_of_many_needs_goes_with_it_ls_21() {
    let (_dir, store) = store(10);
    let tags = store.list_tags().expect("lists");
    for tag in &tags {
        store.delete_build(tag).expect("removes");
    }
    let (files, _) = store.layout().blob_files();
    assert_eq!(files.len(), 0);
}

#[test]
fn what_comes_back_while_a_removal_waits_is_asked_again_ls_21() {
    let dir = TempDir::new().expect("a directory");
    let store = Store::open(dir.path().join("store")).expect("opens");
    build(&store, "other").expect("builds");
    shares(&store, "part", "other");
    let part = store.resolve("part").expect("resolves").digest;
    let text = store.get_blob(&part).expect("reads");
    let index = format!(
        r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{part}","size":{}}}]}}"#,
        text.len()
    );
    let ingest = store.ingest().expect("starts");
    let digest = ingest.put_manifest(index.as_bytes()).expect("puts");
    ingest.tag(&digest, "index", Origin::LocalBuild).expect("tags");
    ingest.commit().expect("commits");
    assert_eq!(store.delete_build("part").expect("removes").blobs, [], "the index needs it");
    let place = store.layout().blob(&part).path();
    fs::remove_file(&place).expect("removes");

    // The list is the same afterwards, but not what it needs.
    let change = store.change().expect("locks");
    let removed = std::thread::scope(|scope| {
        let removal = scope.spawn(|| Store::open(store.root())?.delete_build("other"));
        std::thread::sleep(std::time::Duration::from_millis(300));
        fs::write(&place, &text).expect("writes");
        drop(change);
        removal.join().expect("ends")
    });
    let removed = removed.expect("removes");
    assert_eq!(removed.blobs, [removed.digest], "the index needs the layer and the config");
}
