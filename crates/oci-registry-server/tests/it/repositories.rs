// SPDX-License-Identifier: Apache-2.0
//! Many repositories over one layout: what is shared, what is not, and who else may use the store.

use oci_artifact::digest;
use oci_artifact::store::{Origin, Store};

use crate::client::{image, start, start_in};

#[test]
fn a_blob_of_one_repository_cannot_be_read_through_another() {
    let registry = start();
    let digest = registry.push_blob("private/a", b"secret");
    registry.push_blob("b", b"other");
    for repository in ["b", "private", "private/a/b", "none"] {
        let target = format!("/v2/{repository}/blobs/{digest}");
        for method in ["GET", "HEAD"] {
            assert_eq!(registry.send(method, &target, &[], b"").status, 404, "{target}");
        }
        assert_eq!(registry.delete(&target).status, 404);
    }
    assert_eq!(registry.get(&format!("/v2/private/a/blobs/{digest}")).status, 200);
}

#[test]
fn manifests_belong_to_their_repository() {
    let registry = start();
    let (_, digest) = registry.push_image("a", "v1", b"layer");
    registry.push_blob("b", b"x");
    for reference in ["v1", &digest] {
        assert_eq!(registry.get(&format!("/v2/b/manifests/{reference}")).status, 404);
    }
    // A manifest is no blob of its repository.
    assert_eq!(registry.get(&format!("/v2/a/blobs/{digest}")).status, 404);
}

#[test]
fn content_is_kept_once() {
    let registry = start();
    let bytes = vec![1; 100_000];
    let digest = registry.push_blob("a", &bytes);
    registry.push_blob("b", &bytes);
    let files = walk(&registry.dir.path().join("blobs"));
    assert_eq!(files.len(), 1);
    assert!(files[0].ends_with(&digest[7..]));
}

#[test]
fn the_store_is_a_layout_that_others_read_and_collect_garbage_in() {
    let registry = start();
    let (manifest, digest) = registry.push_image("a/b", "v1", b"layer");
    let dir = registry.stop();
    let store = Store::open(dir.path()).expect("opens");
    let tags = store.list_tags().expect("lists");
    assert_eq!(tags, ["a/b:v1".to_owned(), format!("a/b@{digest}")]);
    let found = store.resolve("a/b:v1").expect("is there");
    assert_eq!(found.digest.to_string(), digest);
    assert_eq!(store.get_manifest(&found.digest).expect("is there"), manifest);
}

#[test]
fn content_survives_a_restart() {
    let registry = start();
    let (manifest, digest) = registry.push_image("a", "v1", b"layer");
    let loose = registry.push_blob("a", b"not yet used");
    let dir = registry.stop();
    let registry = start_in(dir, |b| b);
    for reference in ["v1", &digest] {
        assert_eq!(registry.get(&format!("/v2/a/manifests/{reference}")).body, manifest);
    }
    let layer = digest::sha256(b"layer");
    assert_eq!(registry.get(&format!("/v2/a/blobs/{layer}")).body, b"layer");
    assert_eq!(registry.get(&format!("/v2/a/blobs/{loose}")).body, b"not yet used");
    assert_eq!(registry.get(&format!("/v2/b/blobs/{loose}")).status, 404);
}

#[test]
fn what_another_program_tagged_is_served_while_it_is_tagged() {
    let registry = start();
    let store = Store::open(registry.dir.path()).expect("opens");
    let manifest = image(b"{}", b"layer", "");
    let ingest = store.ingest().expect("begins");
    ingest.put_blob(b"{}").expect("is kept");
    let layer = ingest.put_blob(b"layer").expect("is kept");
    let digest = ingest.put_manifest(&manifest).expect("is kept");
    ingest.tag(&digest, "ghcr.io/x/y:1.0", Origin::LocalBuild).expect("is a tag");
    ingest.tag(&digest, "plain", Origin::LocalBuild).expect("is a tag");
    ingest.commit().expect("is written");

    let name = "/v2/ghcr.io/x/y";
    assert_eq!(registry.get(&format!("{name}/tags/list")).json()["tags"][0], "1.0");
    assert_eq!(registry.get(&format!("{name}/manifests/1.0")).body, manifest);
    assert_eq!(registry.get(&format!("{name}/manifests/{digest}")).body, manifest);
    assert_eq!(registry.get(&format!("{name}/blobs/{layer}")).body, b"layer");
    assert_eq!(registry.get(&format!("/v2/plain/blobs/{layer}")).status, 404);
    assert_eq!(registry.delete(&format!("{name}/blobs/{layer}")).status, 405);

    store.delete_tag("ghcr.io/x/y:1.0").expect("was there");
    assert_eq!(registry.get(&format!("{name}/manifests/{digest}")).status, 404);
    assert_eq!(registry.get(&format!("{name}/blobs/{layer}")).status, 404);
}

#[test]
fn a_marker_whose_blob_is_gone_counts_for_nothing() {
    let registry = start();
    let digest = registry.push_blob("a", b"hello");
    std::fs::remove_file(registry.dir.path().join("blobs/sha256").join(&digest[7..]))
        .expect("was there");
    assert_eq!(registry.head(&format!("/v2/a/blobs/{digest}")).status, 404);
    let target = format!("/v2/b/blobs/uploads/?mount={digest}&from=a");
    assert_eq!(registry.send("POST", &target, &[], b"").status, 202);
    registry.push_blob("a", b"hello");
    assert_eq!(registry.get(&format!("/v2/a/blobs/{digest}")).body, b"hello");
}

fn walk(dir: &std::path::Path) -> Vec<String> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).expect("is there").flatten() {
        match entry.file_type().expect("has one").is_dir() {
            true => files.extend(walk(&entry.path())),
            false => files.push(entry.path().display().to_string()),
        }
    }
    files
}
