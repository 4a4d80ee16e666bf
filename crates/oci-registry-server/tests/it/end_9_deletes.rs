// SPDX-License-Identifier: Apache-2.0
//! Tests of the specification's "Content Management".

use crate::client::start;

#[test]
fn a_deleted_tag_is_gone_and_the_manifest_is_not_end_9() {
    let registry = start();
    let (manifest, digest) = registry.push_image("a", "v1", b"layer");
    registry.put_manifest("a", "v2", &manifest);
    assert_eq!(registry.delete("/v2/a/manifests/v1").status, 202);
    assert_eq!(registry.get("/v2/a/manifests/v1").status, 404);
    for reference in ["v2", &digest] {
        assert_eq!(registry.get(&format!("/v2/a/manifests/{reference}")).status, 200);
    }
    assert_eq!(registry.get("/v2/a/tags/list").json()["tags"], serde_json::json!(["v2"]));
    assert_eq!(registry.delete("/v2/a/manifests/v1").code(), "MANIFEST_UNKNOWN");
}

#[test]
fn a_deleted_manifest_is_gone_with_all_its_tags_end_9() {
    let registry = start();
    let (manifest, digest) = registry.push_image("a", "v1", b"layer");
    registry.put_manifest("a", "v2", &manifest);
    registry.push_image("a", "other", b"other");
    registry.push_image("b", "v1", b"layer");
    let target = format!("/v2/a/manifests/{digest}");
    assert_eq!(registry.delete(&target).status, 202);
    for reference in ["v1", "v2", &digest] {
        assert_eq!(
            registry.get(&format!("/v2/a/manifests/{reference}")).status,
            404,
            "{reference}"
        );
    }
    assert_eq!(registry.get("/v2/a/manifests/other").status, 200);
    assert_eq!(registry.get("/v2/b/manifests/v1").status, 200);
    assert_eq!(registry.delete(&target).status, 404);
}

#[test]
fn in_a_repository_that_is_not_there_is_404_end_9() {
    let registry = start();
    let digest = format!("sha256:{}", "0".repeat(64));
    assert_eq!(registry.delete(&format!("/v2/none/manifests/{digest}")).status, 404);
    assert_eq!(registry.delete("/v2/none/manifests/v1").status, 404);
    assert_eq!(registry.delete(&format!("/v2/none/blobs/{digest}")).status, 404);
}

#[test]
fn a_deleted_blob_is_gone_here_only_end_10() {
    let registry = start();
    let digest = registry.push_blob("a", b"hello");
    registry.push_blob("b", b"hello");
    let target = format!("/v2/a/blobs/{digest}");
    assert_eq!(registry.delete(&target).status, 202);
    assert_eq!(registry.get(&target).status, 404);
    assert_eq!(registry.head(&target).status, 404);
    assert_eq!(registry.delete(&target).code(), "BLOB_UNKNOWN");
    assert_eq!(registry.get(&format!("/v2/b/blobs/{digest}")).body, b"hello");
    // And it can come again.
    registry.push_blob("a", b"hello");
    assert_eq!(registry.get(&target).body, b"hello");
}

#[test]
fn a_read_only_registry_deletes_nothing_end_9_and_10() {
    let registry = start();
    let (_, digest) = registry.push_image("a", "v1", b"layer");
    let dir = registry.stop();
    let registry = crate::client::start_in(dir, |b| b.mode(oci_registry_server::Mode::ReadOnly));
    for (method, target) in [
        ("DELETE", "/v2/a/manifests/v1".to_owned()),
        ("DELETE", format!("/v2/a/manifests/{digest}")),
        ("DELETE", format!("/v2/a/blobs/{digest}")),
        ("PUT", "/v2/a/manifests/v2".to_owned()),
        ("POST", "/v2/a/blobs/uploads/".to_owned()),
    ] {
        let answer = registry.send(method, &target, &[], b"");
        assert_eq!((answer.status, answer.code()), (405, "UNSUPPORTED".into()), "{target}");
    }
    assert_eq!(registry.get("/v2/a/manifests/v1").status, 200);
}
