// SPDX-License-Identifier: Apache-2.0
//! F-4, F-93 to F-98, F-102, F-103, F-124: manifests, deletion, warnings, copies.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use oci_artifact::media_type::{DOCKER_MANIFEST, IMAGE_INDEX, IMAGE_MANIFEST};
use oci_artifact::reference::Target;
use oci_registry_faults::Endpoint;
use oci_registry_faults::{Fault, Reply, When};
use oci_registry_http::ErrorKind;
use oci_registry_http::transfer::{Expectation, PullOptions, PushOptions, copy, pull, push};

use crate::support::{ARTIFACT_TYPE, Artifact, Lab, blob, descriptor, reference};

pub(crate) async fn pushed(lab: &Lab) -> Artifact {
    let artifact = Artifact::new(1000);
    let digest = artifact.keep_in(&lab.store("store"));
    let to = [lab.reference("x:v1")];
    push(&lab.client, &lab.store("store"), &digest, &to, &PushOptions::default())
        .await
        .expect("fine");
    lab.server.clear_requests();
    artifact
}

async fn get(lab: &Lab) -> oci_registry_http::Result<oci_registry_http::manifests::Manifest> {
    lab.repository("x").get_manifest(&Target::Tag("v1")).await
}

fn gets() -> When {
    When::get(Endpoint::Manifest)
}

#[tokio::test]
async fn a_digest_goes_before_a_tag_f_4() {
    let lab = Lab::open().await;
    let artifact = pushed(&lab).await;
    let other = Bytes::from(artifact.manifests[0].clone());
    lab.repository("x").put_manifest(&Target::Tag("v1"), other).await.expect("fine");
    let reference = lab.reference(&format!("x:v1@{}", artifact.digest()));
    let pulled = pull(&lab.client, &reference, &lab.store("second"), &PullOptions::default()).await;
    assert_eq!(pulled.expect("fine").digest, artifact.digest());
    assert_eq!(lab.store("second").list_tags().expect("fine"), [reference.as_str()]);
}

#[tokio::test]
async fn manifests_have_a_largest_size_f_93() {
    let lab = Lab::open().await;
    let big = |size: usize| {
        let start =
            format!(r#"{{"schemaVersion":2,"mediaType":"{IMAGE_INDEX}","manifests":[],"x":""#);
        format!("{start}{}\"}}", "y".repeat(size - start.len() - 2))
    };
    let four = 4 << 20;
    lab.server.script(gets().target("v1"), Fault::reply(Reply::new(200).body(big(four))));
    assert_eq!(get(&lab).await.expect("fine").bytes.len(), four);
    lab.server.script(gets().target("v1"), Fault::reply(Reply::new(200).body(big(four + 1))));
    assert_eq!(get(&lab).await.expect_err("too large").kind(), ErrorKind::TooLarge);
    let put =
        lab.repository("x").put_manifest(&Target::Tag("v1"), Bytes::from(big(four + 1))).await;
    assert_eq!(put.expect_err("too large").kind(), ErrorKind::TooLarge);
}

#[tokio::test]
async fn types_in_headers_f_94() {
    for value in [
        "text/plain",
        "application/json; charset=utf-8",
        "application/octet-stream",
        "APPLICATION/VND.OCI.IMAGE.INDEX.V1+JSON; x=y",
    ] {
        let lab = Lab::open().await;
        pushed(&lab).await;
        lab.server.script(gets(), Fault::pass().set("content-type", value));
        assert_eq!(get(&lab).await.expect(value).document.media_type, IMAGE_INDEX);
    }
    for value in [IMAGE_MANIFEST, DOCKER_MANIFEST] {
        let lab = Lab::open().await;
        pushed(&lab).await;
        lab.server.script(gets(), Fault::pass().set("content-type", value));
        assert_eq!(get(&lab).await.expect_err(value).kind(), ErrorKind::InvalidManifest);
    }
}

#[tokio::test]
async fn digests_in_headers_f_95() {
    let lab = Lab::open().await;
    let artifact = pushed(&lab).await;
    let wrong = blob(b"").digest;
    let rule =
        lab.server.script(gets(), Fault::pass().set("docker-content-digest", wrong.to_string()));
    assert_eq!(get(&lab).await.expect_err("wrong").kind(), ErrorKind::DigestMismatch);
    rule.stop();
    let rule =
        lab.server.script(gets(), Fault::pass().set("docker-content-digest", "sha256:short"));
    assert_eq!(get(&lab).await.expect("ignored").digest, artifact.digest());
    rule.stop();
    let other = Fault::reply(Reply::new(200).body(artifact.manifests[0].clone()));
    let rule = lab.server.script(gets(), other);
    let asked = lab.repository("x").get_manifest(&Target::Digest(&artifact.digest())).await;
    assert_eq!(asked.expect_err("something else").kind(), ErrorKind::DigestMismatch);
    rule.stop();
    let heads = || When::head(Endpoint::Manifest);
    for fault in [
        Fault::pass().remove("docker-content-digest"),
        Fault::pass().remove("content-type"),
        Fault::status(405),
    ] {
        lab.server.clear_requests();
        let rule = lab.server.script(heads(), fault);
        let resolved =
            lab.repository("x").resolve(&Target::Tag("v1")).await.expect("fine").expect("there");
        assert_eq!(
            (resolved.digest, resolved.size),
            (artifact.digest(), artifact.index.len() as u64)
        );
        assert_eq!(lab.count(&gets()), 1, "R-55");
        rule.stop();
    }
    assert_eq!(lab.repository("x").resolve(&Target::Tag("v2")).await.expect("fine"), None);
}

#[tokio::test]
async fn answers_to_a_manifest_f_96() {
    let put = |lab: &Lab, artifact: &Artifact| {
        let (repository, bytes) = (lab.repository("x"), Bytes::from(artifact.index.clone()));
        async move { repository.put_manifest(&Target::Tag("v1"), bytes).await }
    };
    let puts = || When::put(Endpoint::Manifest).target("manifests/v1");
    for fault in [
        Fault::pass().remove("location"),
        Fault::pass().with_status(202),
        Fault::pass().with_status(200),
    ] {
        let lab = Lab::open().await;
        let artifact = pushed(&lab).await;
        lab.server.script(puts(), fault);
        put(&lab, &artifact).await.expect("fine");
    }
    let lab = Lab::open().await;
    let artifact = pushed(&lab).await;
    let rule = lab
        .server
        .script(puts(), Fault::pass().set("docker-content-digest", blob(b"").digest.to_string()));
    assert_eq!(put(&lab, &artifact).await.expect_err("wrong").kind(), ErrorKind::DigestMismatch);
    rule.stop();
    let unknown = Reply::error(400, "MANIFEST_BLOB_UNKNOWN", "not yet");
    lab.server.script(puts().first(2), Fault::reply(unknown).after_body());
    put(&lab, &artifact).await.expect("later");
    for (status, code) in [
        (400, "TAG_INVALID"),
        (409, "CONFLICT"),
        (412, "X"),
        (400, "ImageTagAlreadyExistsException"),
    ] {
        let rule = lab
            .server
            .script(puts(), Fault::reply(Reply::error(status, code, "immutable")).after_body());
        put(&lab, &artifact).await.expect("it is the same");
        let other = Bytes::from(artifact.manifests[0].clone());
        let error =
            lab.repository("x").put_manifest(&Target::Tag("v1"), other).await.expect_err("another");
        assert_eq!(error.kind(), ErrorKind::TagImmutable);
        assert!(error.message().contains(&artifact.digest().to_string()), "{error}");
        rule.stop();
    }
}

#[tokio::test]
async fn bytes_stay_as_they_are_f_97() {
    let lab = Lab::open().await;
    let odd = format!(
        " {{\"manifests\" :[ ],\n\"mediaType\":\"{IMAGE_INDEX}\",\"x\":1.50, \"schemaVersion\":2}}\n"
    );
    lab.repository("x")
        .put_manifest(&Target::Tag("v1"), Bytes::from(odd.clone()))
        .await
        .expect("fine");
    assert_eq!(get(&lab).await.expect("fine").bytes, odd.as_bytes());
    let to = lab.reference("y:v2");
    copy(&lab.client, &lab.reference("x:v1"), &to, &PushOptions::default()).await.expect("fine");
    assert_eq!(
        lab.repository("y").get_manifest(&Target::Tag("v2")).await.expect("fine").bytes,
        odd.as_bytes()
    );
}

#[tokio::test]
async fn what_no_reader_takes_is_neither_copied_nor_pushed_dev_7() {
    let lab = Lab::open().await;
    let artifact = pushed(&lab).await;
    let layer = descriptor("application/vnd.oci.image.layer.v1.tar+gzip", &artifact.layer);
    let four = 4 << 20;
    for (size, is_taken) in [(four, true), (four + 1, false)] {
        let config = vec![b' '; size];
        lab.has_blob(&config).await;
        let config = descriptor("application/vnd.oci.image.config.v1+json", &config);
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"{IMAGE_MANIFEST}","artifactType":"{ARTIFACT_TYPE}","config":{config},"layers":[{layer}]}}"#
        );
        let digest = oci_artifact::digest::sha256(manifest.as_bytes());
        let repository = lab.repository("x");
        let put = repository.put_manifest(&Target::Tag("v2"), manifest.into()).await;
        put.expect("the registry takes it");
        lab.server.clear_requests();
        let (from, to) = (lab.reference("x:v2"), lab.reference("y:v2"));
        let copied = copy(&lab.client, &from, &to, &PushOptions::default()).await;
        // Past the limits of readers, it may come into a store; it leads no further.
        let mut options = PullOptions::default();
        options.limits.config_size = 5 << 20;
        let store = lab.store(&format!("of {size}"));
        let requests = lab.server.requests().len();
        pull(&lab.client, &from, &store, &options).await.expect("its limits are others");
        let again = push(&lab.client, &store, &digest, &[to], &PushOptions::default()).await;
        if is_taken {
            copied.expect("4 MiB");
            again.expect("4 MiB");
            continue;
        }
        assert_eq!(requests, 1, "only its manifest is asked for");
        for error in [copied.expect_err("copied"), again.expect_err("pushed")] {
            assert_eq!(error.kind(), ErrorKind::TooLarge);
            assert!(error.message().contains("4194305 bytes, more than 4194304"), "{error}");
        }
    }
}

/// An index of that many entries, all the same, with something more.
fn index(entry: &str, count: usize, more: &str) -> Vec<u8> {
    let entries = vec![entry; count].join(",");
    let head = format!(
        r#""schemaVersion":2,"mediaType":"{IMAGE_INDEX}","artifactType":"{ARTIFACT_TYPE}""#
    );
    format!(r#"{{{head},"manifests":[{entries}]{more}}}"#).into_bytes()
}

#[tokio::test]
async fn what_is_not_pulled_f_98() {
    let artifact = Artifact::new(1000);
    let entry = descriptor(IMAGE_MANIFEST, &artifact.manifests[0]);
    let manifest = String::from_utf8(artifact.manifests[0].clone()).expect("text");
    let layer = descriptor("application/vnd.oci.image.layer.v1.tar+gzip", &artifact.layer);
    let many = |count: usize| manifest.replace(&layer, &vec![layer.as_str(); count].join(","));
    let sha512 = entry.replace("sha256:", &format!("sha512:{}", "a".repeat(64)));
    let cases: Vec<(&str, Vec<u8>, ErrorKind)> = vec![
        ("33 manifests", index(&entry, 33, ""), ErrorKind::TooLarge),
        ("65 layers", many(65).into_bytes(), ErrorKind::TooLarge),
        ("a subject", index(&entry, 1, &format!(",\"subject\":{entry}")), ErrorKind::Refused),
        ("an index in it", index(&descriptor(IMAGE_INDEX, b"{}"), 1, ""), ErrorKind::Refused),
        ("sha512", index(&sha512, 1, ""), ErrorKind::UnsupportedDigest),
        (
            "a wrong size",
            index(&entry.replace("\"size\":", "\"size\":1"), 1, ""),
            ErrorKind::SizeMismatch,
        ),
        (
            "a huge size",
            index(&entry.replace("\"size\":", "\"size\":9000000"), 1, ""),
            ErrorKind::TooLarge,
        ),
        (
            "a negative size",
            index(&entry.replace("\"size\":", "\"size\":-"), 1, ""),
            ErrorKind::InvalidManifest,
        ),
        ("a key twice", index(&entry, 1, ",\"manifests\":[]"), ErrorKind::InvalidManifest),
        ("another type", manifest.replace(ARTIFACT_TYPE, "other").into_bytes(), ErrorKind::Refused),
        ("two layers", many(2).into_bytes(), ErrorKind::Refused),
        (
            "a foreign layer",
            manifest.replace(".layer.v1", ".layer.nondistributable.v1").into_bytes(),
            ErrorKind::Refused,
        ),
        (
            "addresses",
            manifest.replace(&layer, &layer.replace('}', ",\"urls\":[\"http://x\"]}")).into_bytes(),
            ErrorKind::Refused,
        ),
    ];
    for (what, bytes, kind) in cases {
        let lab = Lab::open().await;
        pushed(&lab).await;
        lab.server
            .script(gets().target("manifests/bad"), Fault::reply(Reply::new(200).body(bytes)));
        let store = lab.store("second");
        let mut options = PullOptions::default();
        options.expectation = Some(Expectation {
            artifact_type: ARTIFACT_TYPE.into(),
            layer_media_type: oci_artifact::media_type::IMAGE_LAYER_GZIP.into(),
        });
        let error =
            pull(&lab.client, &lab.reference("x:bad"), &store, &options).await.expect_err(what);
        assert_eq!(error.kind(), kind, "{what}: {error}");
        assert_eq!(lab.count(&When::get(Endpoint::Blob)), 0, "{what}: BUG-49");
        assert!(store.list_tags().expect("fine").is_empty(), "{what}");
    }
}

#[tokio::test]
async fn one_platform_of_several_f_98() {
    let lab = Lab::open().await;
    let artifact = pushed(&lab).await;
    let mut options = PullOptions::default();
    options.platform = Some(oci_artifact::platform::parse("linux/arm64/v8").expect("one"));
    let pulled = pull(&lab.client, &lab.reference("x:v1"), &lab.store("second"), &options)
        .await
        .expect("fine");
    assert_eq!(pulled.digest, oci_artifact::digest::sha256(&artifact.manifests[1]));
    options.platform = Some(oci_artifact::platform::parse("plan9/amd64").expect("one"));
    let error = pull(&lab.client, &lab.reference("x:v1"), &lab.store("third"), &options).await;
    assert_eq!(error.expect_err("none").kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn another_digest_is_not_pushed_to_bug_58() {
    let lab = Lab::open().await;
    let digest = Artifact::new(1000).keep_in(&lab.store("store"));
    let to = [lab.reference(&format!("x@{}", blob(b"").digest))];
    let error = push(&lab.client, &lab.store("store"), &digest, &to, &PushOptions::default()).await;
    assert_eq!(error.expect_err("another").kind(), ErrorKind::InvalidOption);
    assert!(lab.server.requests().is_empty());
    let to = [
        lab.reference(&format!("x@{digest}")),
        lab.reference("x:v1"),
        lab.reference("x:v2"),
        lab.reference("y:v1"),
    ];
    push(&lab.client, &lab.store("store"), &digest, &to, &PushOptions::default())
        .await
        .expect("fine");
    assert_eq!(lab.repository("x").tags().await.expect("fine"), ["v1", "v2"]);
    assert_eq!(lab.repository("y").tags().await.expect("fine"), ["v1"]);
}

#[tokio::test]
async fn deletion_f_102() {
    let lab = Lab::open().await;
    let artifact = pushed(&lab).await;
    for (status, kind) in
        [(404, ErrorKind::NotFound), (405, ErrorKind::Unsupported), (403, ErrorKind::Forbidden)]
    {
        lab.server.clear_requests();
        let rule = lab.server.script(When::delete(Endpoint::Manifest), Fault::status(status));
        assert_eq!(lab.repository("x").delete_tag("v1").await.expect_err("refused").kind(), kind);
        assert_eq!(
            lab.log(),
            [format!("DELETE /v2/x/manifests/v1 {status}")],
            "and never the digest"
        );
        rule.stop();
    }
    for status in [200, 204] {
        let rule =
            lab.server.script(When::delete(Endpoint::Manifest), Fault::reply(Reply::new(status)));
        lab.repository("x").delete_manifest(&artifact.digest()).await.expect("fine");
        rule.stop();
    }
    lab.repository("x").delete_tag("v1").await.expect("fine");
    assert_eq!(lab.repository("x").resolve(&Target::Tag("v1")).await.expect("fine"), None);
}

#[tokio::test]
async fn warnings_are_told_once_f_103() {
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let ear = Arc::clone(&heard);
    let lab = Lab::with(
        |server| server,
        |client| client.on_warning(Arc::new(move |text| ear.lock().unwrap().push(text.to_owned()))),
    )
    .await;
    let warn =
        Fault::pass().add("warning", "299 - \"old \\\"x\\\"\"").add("warning", "199 - \"other\"");
    lab.server.script(When::any(), warn);
    for _ in 0..3 {
        let _ = lab.repository("x").tags().await;
    }
    assert_eq!(*heard.lock().unwrap(), ["127.0.0.1: old \"x\""]);
}

#[tokio::test]
async fn copies_between_repositories_and_registries_f_124() {
    let lab = Lab::open().await;
    let artifact = pushed(&lab).await;
    let options = PushOptions::default();
    let (digest, copied) =
        copy(&lab.client, &lab.reference("x:v1"), &lab.reference("y:v1"), &options)
            .await
            .expect("fine");
    assert_eq!((digest, copied.blobs_mounted, copied.blobs_uploaded), (artifact.digest(), 3, 0));
    let other = Lab::open().await;
    let to = reference(&other.server, "z:v1");
    let (_, copied) = copy(&lab.client, &lab.reference("x:v1"), &to, &options).await.expect("fine");
    assert_eq!((copied.blobs_mounted, copied.blobs_uploaded), (0, 3));
    let pulled =
        pull(&lab.client, &to, &lab.store("second"), &PullOptions::default()).await.expect("fine");
    assert_eq!(pulled.digest, artifact.digest());
    // Mounts refused, a gate of one place: what streams through one registry does not wait for itself.
    lab.server.script(When::post(Endpoint::Uploads).target("mount="), Fault::status(403));
    let narrow = lab.fresh_client(|client| client.max_in_flight(1));
    let (from, to) = (lab.reference("x:v1"), lab.reference("w:v1"));
    let copying = copy(&narrow, &from, &to, &options);
    let copied = tokio::time::timeout(std::time::Duration::from_secs(20), copying)
        .await
        .expect("no deadlock");
    assert_eq!(copied.expect("fine").1.blobs_uploaded, 3);
}
