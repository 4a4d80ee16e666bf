// SPDX-License-Identifier: Apache-2.0
//! Stores that the Go code wrote.

use oci_layout::ErrorKind;
use oci_layout::store::Store;

use super::fixture::{INDEX, build, go_store, index_text};

const ALPHA: &str = "sha256:fd0a1d986efbadc0c124c2e6f4aeb2843359e3570fc441a9d7d3ee190521036e";
const BETA: &str = "sha256:a40aa64f9a9f6ff021dab853383956b15ebe21a344c849059fd16a964a30f910";

#[test]
fn a_go_store_opens_lists_and_resolves_ls_1() {
    let (_dir, root) = go_store("clean");
    let store = Store::open_existing(&root).expect("opens");
    assert_eq!(store.list_tags().expect("lists"), ["alpha", "beta"]);
    assert_eq!(store.entries().expect("lists").len(), 6);
    for (tag, digest) in [("alpha", ALPHA), ("beta", BETA)] {
        let descriptor = store.resolve(tag).expect("resolves");
        assert_eq!(descriptor.digest().as_ref(), digest);
        assert_eq!(descriptor.media_type().as_ref(), INDEX);
        assert!(store.is_index(descriptor.digest()).expect("reads"));
        for manifest in store.get_index(descriptor.digest()).expect("reads").manifests() {
            store.get_manifest(manifest.digest()).expect("reads");
        }
    }
}

#[test]
fn an_entry_of_no_media_type_is_what_its_content_says_ls_2() {
    let (_dir, root) = go_store("octet-stream");
    let store = Store::open_existing(&root).expect("opens");
    assert_eq!(store.list_tags().expect("lists"), ["alpha", "beta"]);
    assert_eq!(store.resolve("alpha").expect("resolves").media_type().as_ref(), INDEX);
    assert_eq!(store.resolve(ALPHA).expect("resolves").media_type().as_ref(), INDEX);
    // Tagging it again heals its entry.
    let alpha = store.resolve("alpha").expect("resolves");
    store.tag(alpha.digest(), "alpha").expect("tags");
    assert_eq!(index_text(&store).matches("octet-stream").count(), 1);
}

#[test]
fn a_go_store_with_dangling_entries_works_ls_10() {
    let (_dir, root) = go_store("dangling");
    let store = Store::open(&root).expect("opens");
    assert_eq!(store.list_tags().expect("lists"), ["beta"]);
    assert_eq!(store.resolve(ALPHA).expect_err("is gone").kind(), ErrorKind::NotFound);
    build(&store, "gamma");
    assert_eq!(store.list_tags().expect("lists"), ["beta", "gamma"]);
}

#[test]
fn every_go_store_can_be_built_into_ls_1() {
    for name in ["clean", "octet-stream", "dangling"] {
        let (_dir, root) = go_store(name);
        let store = Store::open(&root).expect("opens");
        let before = store.entries().expect("lists");
        let built = build(&store, "gamma");
        let after = store.entries().expect("lists");
        assert_eq!(after.len(), before.len() + 1);
        assert!(before.iter().all(|entry| after.contains(entry)));
        assert_eq!(store.resolve("gamma").expect("resolves").digest(), &built.index);
        assert_eq!(store.resolve("beta").expect("resolves").digest().as_ref(), BETA);
    }
}
