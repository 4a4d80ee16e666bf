// SPDX-License-Identifier: Apache-2.0
//! Tags and what they name.

use std::fs;

use oci_layout::store::{ANNOTATION_LOCAL_BUILD, Origin, Store, check_tag};
use oci_layout::{ErrorKind, digest};

use super::fixture::{INDEX, MANIFEST, build, descriptor, document, empty, index_text, path, put};

#[test]
fn what_can_be_a_tag_ls_4_bug_43() {
    let long = "x".repeat(512);
    for tag in ["demo", "ghcr.io/org/demo:v1", "a b", "../x", "é", "sha256:abc", "-", &long] {
        check_tag(tag).expect(tag);
    }
    let digest = format!("sha256:{}", "0".repeat(64));
    let too_long = "x".repeat(513);
    for tag in ["", "a\nb", "\0", "a\u{7f}", "a\u{85}", &digest, &too_long] {
        assert_eq!(check_tag(tag).expect_err(tag).kind(), ErrorKind::InvalidReference);
    }
    check_tag(&format!("ghcr.io/org/demo@{digest}")).expect("is a reference");
}

#[test]
fn a_digest_is_not_hijacked_bug_42() {
    let (_dir, store) = empty();
    let (one, two) = (build(&store, "one"), build(&store, "two"));
    let error = store.tag(&one.index, two.index.as_ref()).expect_err("is a digest");
    assert_eq!(error.kind(), ErrorKind::InvalidReference);
    // Another program did it.
    let text = index_text(&store).replace("\"one\"", &format!("\"{}\"", two.index));
    fs::write(store.root().join("index.json"), text).expect("writes");
    assert_eq!(store.resolve(two.index.as_ref()).expect("resolves").digest(), &two.index);
    assert_eq!(store.list_tags().expect("lists").len(), 2);
    store.delete_tag(two.index.as_ref()).expect("can be taken back");
    assert_eq!(store.list_tags().expect("lists"), ["two"]);
}

#[test]
fn tags_and_digests_resolve_st_15() {
    let (_dir, store) = empty();
    let built = build(&store, "demo");
    let by_tag = store.resolve("demo").expect("resolves");
    assert_eq!(by_tag.media_type().as_ref(), INDEX);
    assert_eq!(Some(by_tag.size()), store.blob_size(&built.index).expect("looks"));
    assert!(by_tag.annotations().as_ref().expect("has some").contains_key(ANNOTATION_LOCAL_BUILD));
    let by_digest = store.resolve(built.index.as_ref()).expect("resolves");
    assert_eq!(by_digest.digest(), by_tag.digest());
    assert!(by_digest.annotations().is_none());
    // What is not listed resolves by its digest; its content says what it is.
    let child = store.resolve(built.manifests[0].as_ref()).expect("resolves");
    assert_eq!(child.media_type().as_ref(), MANIFEST);
    let layer = store.resolve(built.layer.as_ref()).expect("resolves");
    assert_eq!(layer.media_type().as_ref(), "application/octet-stream");

    let error = store.resolve("").expect_err("is empty");
    assert_eq!(error.kind(), ErrorKind::InvalidReference);
    for missing in ["none", &format!("sha256:{}", "0".repeat(64))] {
        assert_eq!(store.resolve(missing).expect_err(missing).kind(), ErrorKind::NotFound);
    }
}

#[test]
fn a_dangling_entry_is_not_listed_and_stops_nothing_ls_10() {
    let (_dir, store) = empty();
    let (one, _two) = (build(&store, "one"), build(&store, "two"));
    fs::remove_file(path(&store, &one.index)).expect("removes");
    assert_eq!(store.list_tags().expect("lists"), ["two"]);
    let error = store.resolve("one").expect_err("dangles");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("is gone"), "{error}");
    build(&store, "three");
    assert_eq!(store.list_tags().expect("lists"), ["three", "two"]);
    assert_eq!(store.entries().expect("lists").iter().filter(|e| !e.is_present).count(), 1);
    build(&store, "one");
    assert_eq!(store.list_tags().expect("lists"), ["one", "three", "two"]);
}

#[test]
fn a_local_build_says_so_and_losing_that_is_told_ls_3() {
    let (_dir, store) = empty();
    build(&store, "demo");
    let [entry] = &store.entries().expect("lists")[..] else { panic!("one entry") };
    assert!(entry.is_local_build && entry.is_present);

    // A pull of the same content changes nothing.
    let pull = |layer: &str| {
        let ingest = store.ingest().expect("starts");
        let built = put(&ingest, "demo", layer);
        ingest.tag(&built.index, "demo", Origin::Remote).expect("a tag");
        let [tagged] = &ingest.commit().expect("commits").tags[..] else { panic!("one tag") };
        tagged.clone()
    };
    assert!(!pull("the layer of demo").lost_local_build);
    assert!(store.entries().expect("lists")[0].is_local_build);
    let other = pull("another layer");
    assert!(other.lost_local_build && other.previous.is_some());
    assert!(!store.entries().expect("lists")[0].is_local_build);
    let back = build(&store, "demo");
    assert!(store.entries().expect("lists")[0].is_local_build);
    // Another name for a local build names a local build.
    store.tag(&back.index, "copy").expect("tags");
    assert!(store.entries().expect("lists").iter().all(|entry| entry.is_local_build));
}

#[test]
fn a_tag_moves_st_18() {
    let (_dir, store) = empty();
    let (one, two) = (build(&store, "one"), build(&store, "two"));
    let tagged = store.tag(&two.index, "one").expect("tags");
    assert_eq!(tagged.previous, Some(one.index));
    assert_eq!(tagged.digest, two.index);
    assert_eq!(store.resolve("one").expect("resolves").digest(), &two.index);
    assert_eq!(store.list_tags().expect("lists"), ["one", "two"]);
}

#[test]
fn entries_stand_in_order_bug_38() {
    let (_dir, store) = empty();
    for tag in ["b", "a/2", "c", "a 1", "B"] {
        build(&store, tag);
    }
    let entries = store.entries().expect("lists");
    let tags: Vec<_> = entries.iter().filter_map(|entry| entry.tag.as_deref()).collect();
    assert_eq!(tags, ["B", "a 1", "a/2", "b", "c"]);
}

#[test]
fn delete_tag_st_20() {
    let (_dir, store) = empty();
    let built = build(&store, "demo");
    for (tag, kind) in [
        ("", ErrorKind::InvalidReference),
        (built.index.as_ref(), ErrorKind::InvalidReference),
        ("none", ErrorKind::NotFound),
    ] {
        assert_eq!(store.delete_tag(tag).expect_err(tag).kind(), kind);
    }
    store.delete_tag("demo").expect("deletes");
    assert!(store.list_tags().expect("lists").is_empty());
    assert!(store.entries().expect("lists").is_empty(), "nothing dangles");
    store.resolve(built.index.as_ref()).expect("its blobs are there");
}

#[test]
fn the_last_of_two_entries_has_the_tag_st_7() {
    let (_dir, store) = empty();
    let (one, two) = (build(&store, "one"), build(&store, "two"));
    let text = index_text(&store).replace("\"one\"", "\"both\"").replace("\"two\"", "\"both\"");
    fs::write(store.root().join("index.json"), text).expect("writes");
    assert_eq!(store.list_tags().expect("lists"), ["both"]);
    assert_eq!(store.resolve("both").expect("resolves").digest(), &two.index);
    store.tag(&one.index, "both").expect("tags");
    assert_eq!(store.entries().expect("lists").len(), 1);
}

#[test]
fn what_is_not_known_survives_in_its_order_ls_1() {
    let (dir, store) = empty();
    let built = build(&store, "demo");
    let entry = format!(
        r#"{{ "zeta":1, "digest" : "{}","mediaType":"{MANIFEST}","size":{},"annotations":{{"z":"\u003c","a":"2"}},"alpha":[ {{}} ]}}"#,
        built.manifests[0],
        store.blob_size(&built.manifests[0]).expect("looks").expect("is there"),
    );
    let text = format!(
        r#"{{"zoo":"\u003c&","schemaVersion":2, "manifests":[7, {{"x":0}},{entry}], "annotations":{{"k":"v"}},"apple":null}}"#
    );
    fs::write(dir.path().join("store/index.json"), &text).expect("writes");
    let store = Store::open(dir.path().join("store")).expect("opens");
    build(&store, "other");
    let after = index_text(&store);
    assert!(after.starts_with(r#"{"zoo":"\u003c&","schemaVersion":2, "manifests":[{"#), "{after}");
    assert!(after.ends_with(r#"], "annotations":{"k":"v"},"apple":null}"#), "{after}");
    for kept in [",7", r#",{"x":0}"#, &entry] {
        assert!(after.contains(kept), "{kept} in {after}");
    }
    // A new name for that content keeps what its entry says.
    store.tag(&built.manifests[0], "named").expect("tags");
    let after = index_text(&store);
    assert!(
        after.contains(r#""zeta":1,"alpha":[ {} ],"annotations":{"z":"\u003c","a":"2","org."#),
        "{after}"
    );
    assert!(!after.contains(&entry), "it is listed once");
}

#[test]
fn a_layer_that_may_not_be_distributed_may_be_elsewhere_ls_10() {
    let (_dir, store) = empty();
    let config = store.put_blob(b"{}").expect("stores");
    let absent = digest::sha256(b"elsewhere");
    let manifest = |layer_type: &str| {
        let manifest = document(|json| {
            json.key("schemaVersion").integer(2);
            json.key("config");
            descriptor(json, "application/vnd.oci.empty.v1+json", &(config.clone(), 2));
            json.key("layers").array(|json| descriptor(json, layer_type, &(absent.clone(), 9)));
        });
        store.put_manifest(&manifest).expect("stores")
    };
    let ordinary = manifest("application/vnd.oci.image.layer.v1.tar+gzip");
    assert_eq!(store.tag(&ordinary, "a").expect_err("is incomplete").kind(), ErrorKind::NotFound);
    for foreign in [
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    ] {
        store.tag(&manifest(foreign), "b").expect("is complete");
    }
}

#[test]
fn a_manifest_that_came_as_a_blob_is_tagged_as_what_it_is_bug_39() {
    let (_dir, store) = empty();
    let built = build(&store, "demo");
    let manifest = store.get_blob(&built.manifests[0]).expect("reads");
    store.put_blob(&manifest).expect("is there already");
    store.tag(&built.manifests[0], "part").expect("tags");
    assert_eq!(store.resolve("part").expect("resolves").media_type().as_ref(), MANIFEST);
    let entries = store.entries().expect("lists");
    assert_eq!(entries[1].descriptor.media_type().as_ref(), MANIFEST);
}

#[test]
fn a_corrupt_manifest_stops_nothing_else_bug_44() {
    let (dir, store) = empty();
    let built = build(&store, "demo");
    let file = path(&store, &built.index);
    fs::remove_file(&file).expect("removes");
    fs::write(&file, "x").expect("writes");
    let store = Store::open(dir.path().join("store")).expect("opens");
    assert_eq!(store.list_tags().expect("lists"), ["demo"]);
    build(&store, "other");
    let digest = store.resolve("demo").expect("resolves").digest().clone();
    assert_eq!(store.get_index(&digest).expect_err("is corrupt").kind(), ErrorKind::DigestMismatch);
    build(&store, "demo");
    store.get_index(&digest).expect("is healed: it had another size");
}

#[test]
fn an_entry_may_have_a_platform_bug_48() {
    let (dir, store) = empty();
    build(&store, "demo");
    let platform = r#","platform":{"architecture":"arm64","os":"linux"},"annotations""#;
    let text = index_text(&store).replace(r#","annotations""#, platform);
    fs::write(store.root().join("index.json"), text).expect("writes");
    let store = Store::open(dir.path().join("store")).expect("opens");
    let descriptor = store.resolve("demo").expect("resolves");
    let platform = descriptor.platform().as_ref().expect("has one");
    assert_eq!(platform.architecture().to_string(), "arm64");
}
