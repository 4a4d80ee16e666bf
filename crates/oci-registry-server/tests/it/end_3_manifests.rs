// SPDX-License-Identifier: Apache-2.0
//! "Pulling manifests", "Pushing Manifests".

use oci_artifact::digest;

use crate::client::{INDEX, MANIFEST, descriptor, image, index, start, start_with};

#[test]
fn a_manifest_comes_back_as_the_bytes_that_came_end_7_and_3() {
    let registry = start();
    registry.push_blob("a", b"{}");
    registry.push_blob("a", b"layer");
    // Unusual, but a manifest: spaces, an order of its own, members that nobody knows.
    let text = String::from_utf8(image(b"{}", b"layer", ",\"x\" : { }")).expect("is text");
    let manifest = format!("\n {text} \n").into_bytes();
    let digest = digest::sha256(&manifest).to_string();
    let put = registry.put_manifest("a", "v1", &manifest);
    assert_eq!(put.status, 201);
    assert_eq!(put.header("docker-content-digest"), Some(digest.as_str()));
    assert_eq!(put.header("location"), Some(format!("/v2/a/manifests/{digest}").as_str()));
    for reference in ["v1", &digest] {
        let answer = registry.get(&format!("/v2/a/manifests/{reference}"));
        assert_eq!((answer.status, &answer.body), (200, &manifest));
        assert_eq!(answer.header("content-type"), Some(MANIFEST));
        assert_eq!(answer.header("docker-content-digest"), Some(digest.as_str()));
        let head = registry.head(&format!("/v2/a/manifests/{reference}"));
        let length = manifest.len().to_string();
        assert_eq!((head.status, head.header("content-length")), (200, Some(length.as_str())));
        assert_eq!(head.header("content-type"), Some(MANIFEST));
        assert_eq!(head.header("docker-content-digest"), Some(digest.as_str()));
    }
}

#[test]
fn a_manifest_that_is_not_there_is_404_end_3() {
    let registry = start();
    registry.push_image("a", "v1", b"layer");
    let digest = digest::sha256(b"no manifest");
    for target in [
        "/v2/a/manifests/v2".to_owned(),
        format!("/v2/a/manifests/{digest}"),
        "/v2/b/manifests/v1".into(),
    ] {
        assert_eq!(registry.get(&target).code(), "MANIFEST_UNKNOWN", "{target}");
        assert_eq!(registry.head(&target).status, 404);
    }
    assert_eq!(registry.get("/v2/a/manifests/sha256:baddigeststring").status, 400);
}

#[test]
fn a_digest_that_is_another_is_refused_end_7() {
    let registry = start();
    registry.push_image("a", "v1", b"layer");
    let mut manifest = image(b"{}", b"layer", "");
    let digest = digest::sha256(&manifest).to_string();
    manifest.extend(b"  ");
    let answer = registry.put_manifest("a", &digest, &manifest);
    assert_eq!((answer.status, answer.code()), (400, "DIGEST_INVALID".into()));
    let answer = registry.put_manifest("a", "sha256:baddigeststring", &manifest);
    assert_eq!((answer.status, answer.code()), (400, "DIGEST_INVALID".into()));
}

#[test]
fn what_a_manifest_names_must_be_in_the_repository_end_7() {
    let registry = start();
    registry.push_blob("a", b"{}");
    let manifest = image(b"{}", b"layer", "");
    let answer = registry.put_manifest("a", "v1", &manifest);
    assert_eq!((answer.status, answer.code()), (404, "MANIFEST_BLOB_UNKNOWN".into()));
    // That another repository has it does not help.
    registry.push_blob("b", b"layer");
    assert_eq!(registry.put_manifest("a", "v1", &manifest).code(), "MANIFEST_BLOB_UNKNOWN");
    registry.push_blob("a", b"layer");
    let of_children = index(&[&manifest], "");
    assert_eq!(registry.put_manifest("a", "i", &of_children).code(), "MANIFEST_BLOB_UNKNOWN");
    assert_eq!(registry.put_manifest("a", "v1", &manifest).status, 201);
    assert_eq!(registry.put_manifest("a", "i", &of_children).status, 201);
    assert_eq!(registry.get("/v2/a/manifests/i").header("content-type"), Some(INDEX));
}

#[test]
fn layers_that_may_not_be_distributed_need_not_be_there_end_7() {
    let registry = start();
    registry.push_blob("a", b"{}");
    let text = String::from_utf8(image(b"{}", b"elsewhere", "")).expect("is text");
    let kinds = ["nondistributable.v1.tar+gzip", "nondistributable.v1.tar"];
    for kind in kinds {
        let manifest = text.replace("layer.v1.tar", &format!("layer.{kind}"));
        assert_eq!(registry.put_manifest("a", "v1", manifest.as_bytes()).status, 201, "{kind}");
    }
}

#[test]
fn manifests_without_layers_indexes_without_manifests_and_nested_ones_are_taken_end_7() {
    let registry = start();
    registry.push_blob("a", b"{}");
    let config = descriptor("application/vnd.oci.empty.v1+json", b"{}");
    let manifest = format!(
        "{{\"schemaVersion\":2,\"mediaType\":\"{MANIFEST}\",\"artifactType\":\"a/b\",\
         \"config\":{config},\"layers\":[]}}"
    );
    assert_eq!(registry.put_manifest("a", "none", manifest.as_bytes()).status, 201);
    let empty = index(&[], "");
    assert_eq!(registry.put_manifest("a", "empty", &empty).status, 201);
    let nested = String::from_utf8(index(&[&empty], "")).expect("is text").replace(MANIFEST, INDEX);
    assert_eq!(registry.put_manifest("a", "nested", nested.as_bytes()).status, 201);
    // Without a mediaType it is what it looks like.
    let bare = format!("{{\"schemaVersion\":2,\"config\":{config},\"layers\":[]}}");
    assert_eq!(registry.put_manifest("a", "bare", bare.as_bytes()).status, 201);
    assert_eq!(registry.get("/v2/a/manifests/bare").header("content-type"), Some(MANIFEST));
}

#[test]
fn what_is_no_manifest_is_refused_end_7() {
    let registry = start();
    registry.push_blob("a", b"{}");
    registry.push_blob("a", b"layer");
    let text = String::from_utf8(image(b"{}", b"layer", "")).expect("is text");
    for bad in [
        String::new(),
        "{".into(),
        "[]".into(),
        "{}".into(),
        format!("{text}{text}"),
        text.replacen("\"layers\"", "\"manifests\":[],\"layers\"", 1),
        text.replacen("\"layers\"", "\"layers\":[],\"layers\"", 1),
        text.replacen("\"size\":2", "\"size\":-2", 1),
        text.replacen("\"size\":2", "\"size\":3", 1),
        text.replacen("sha256:", "sha256:x", 1),
        text.replace(MANIFEST, "application/vnd.unknown+json"),
        "[".repeat(100_000),
    ] {
        let answer = registry.send("PUT", "/v2/a/manifests/x", &[], bad.as_bytes());
        assert_eq!((answer.status, answer.code()), (400, "MANIFEST_INVALID".into()), "{bad:.80}");
    }
    let answer =
        registry.send("PUT", "/v2/a/manifests/x", &[("content-type", INDEX)], text.as_bytes());
    assert_eq!(answer.code(), "MANIFEST_INVALID");
    let with_parameters = format!("{MANIFEST}; charset=utf-8");
    let headers = [("content-type", with_parameters.as_str())];
    assert_eq!(registry.send("PUT", "/v2/a/manifests/x", &headers, text.as_bytes()).status, 201);
    assert_eq!(registry.get("/v2/a/manifests/x").header("content-type"), Some(MANIFEST));
}

#[test]
fn manifests_of_4_mib_are_taken_and_larger_ones_are_413_end_7() {
    let registry = start();
    registry.push_blob("a", b"{}");
    registry.push_blob("a", b"layer");
    let filled = |size: usize| {
        let bare = image(b"{}", b"layer", ",\"x\":\"\"").len();
        image(b"{}", b"layer", &format!(",\"x\":\"{}\"", "x".repeat(size - bare)))
    };
    let largest = filled(4 << 20);
    assert_eq!(registry.put_manifest("a", "large", &largest).status, 201);
    assert_eq!(registry.get("/v2/a/manifests/large").body.len(), 4 << 20);
    let answer = registry.put_manifest("a", "larger", &filled((4 << 20) + 1));
    assert_eq!((answer.status, answer.code()), (413, "SIZE_INVALID".into()));
    let small = start_with(|builder| {
        let mut limits = oci_registry_server::Limits::default();
        limits.manifest = 100;
        builder.limits(limits)
    });
    assert_eq!(small.put_manifest("a", "x", &index(&[], &" ".repeat(100))).status, 413);
}

#[test]
fn a_tag_moves_and_what_it_named_stays_end_7() {
    let registry = start();
    let (_, first) = registry.push_image("a", "v1", b"one");
    let (_, second) = registry.push_image("a", "v1", b"two");
    let named = registry.head("/v2/a/manifests/v1");
    assert_eq!(named.header("docker-content-digest"), Some(second.as_str()));
    assert_eq!(registry.head(&format!("/v2/a/manifests/{first}")).status, 200);
}

#[test]
fn end_7b_tags_of_the_query_are_created_and_listed() {
    let registry = start();
    let (manifest, digest) = registry.push_image("a", "v1", b"layer");
    let target = format!("/v2/a/manifests/{digest}?tag=v1.2&tag=latest");
    let answer = registry.send("PUT", &target, &[("content-type", MANIFEST)], &manifest);
    assert_eq!((answer.status, answer.header("oci-tag")), (201, Some("v1.2, latest")));
    let tags = registry.get("/v2/a/tags/list").json();
    assert_eq!(tags["tags"], serde_json::json!(["latest", "v1", "v1.2"]));
    let bad = format!("/v2/a/manifests/{digest}?tag=-");
    assert_eq!(registry.send("PUT", &bad, &[], &manifest).code(), "TAG_INVALID");
}

#[test]
fn sha512_names_manifests_and_blobs_end_7() {
    let registry = start();
    let sha512 = |bytes: &[u8]| {
        let seed = digest::parse(&format!("sha512:{}", "0".repeat(128))).expect("is one");
        let mut hasher = digest::Hasher::of(&seed).expect("is known");
        hasher.update(bytes);
        hasher.finish().to_string()
    };
    let bytes = vec![5; 200_000];
    for bytes in [&b"{}"[..], b"", &bytes] {
        let target = format!("{}?digest={}", registry.begin("a"), sha512(bytes));
        assert_eq!(registry.send("PUT", &target, &[], bytes).status, 201);
        let answer = registry.get(&format!("/v2/a/blobs/{}", sha512(bytes)));
        assert_eq!((answer.status, answer.body.as_slice()), (200, bytes));
    }
    let manifest = index(&[], "");
    let digest = sha512(&manifest);
    let target = format!("/v2/a/manifests/{digest}?tag=long");
    let answer = registry.send("PUT", &target, &[("content-type", INDEX)], &manifest);
    assert_eq!(
        (answer.status, answer.header("docker-content-digest")),
        (201, Some(digest.as_str()))
    );
    assert_eq!(registry.get("/v2/a/manifests/long").body, manifest);
    assert_eq!(registry.put_manifest("a", &sha512(b"other"), &manifest).code(), "DIGEST_INVALID");
}

#[test]
fn conditional_pushes_meet_what_is_there() {
    let registry = start();
    let (manifest, digest) = registry.push_image("a", "v1", b"layer");
    let put = |name: &str, value: &str| {
        let headers = [("content-type", MANIFEST), (name, value)];
        registry.send("PUT", "/v2/a/manifests/v1", &headers, &manifest).status
    };
    assert_eq!(put("if-none-match", "*"), 412);
    assert_eq!(put("if-match", &format!("\"{digest}\"")), 201);
    assert_eq!(put("if-match", "\"sha256:other\""), 412);
    let target = "/v2/a/manifests/new";
    let headers = [("content-type", MANIFEST), ("if-none-match", "*")];
    assert_eq!(registry.send("PUT", target, &headers, &manifest).status, 201);
    let headers = [("if-none-match", format!("\"{digest}\""))].map(|(n, v)| (n, v));
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(registry.send("GET", target, &headers, b"").status, 304);
}
