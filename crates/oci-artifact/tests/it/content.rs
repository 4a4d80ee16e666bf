// SPDX-License-Identifier: Apache-2.0
//! Tests of the content that a pull accepts (format.md, 10.4).

use std::str::FromStr as _;

use oci_artifact::content::{self, Limits};
use oci_artifact::{Descriptor, Digest, Error, ErrorKind, digest, limits, media_type};
use oci_spec::image::MediaType;

const HEX: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn descriptor(media_type: &str, digest: &str, size: u64) -> Descriptor {
    let digest = Digest::from_str(digest).expect("is one");
    Descriptor::new(MediaType::from(media_type), size, digest)
}

fn json(media_type: &str, size: u64) -> String {
    format!(r#"{{"mediaType":"{media_type}","digest":"sha256:{HEX}","size":{size}}}"#)
}

fn index(manifests: &[String], more: &str) -> Vec<u8> {
    let (own, list) = (media_type::IMAGE_INDEX, manifests.join(","));
    format!(r#"{{"schemaVersion":2,"mediaType":"{own}","manifests":[{list}]{more}}}"#).into_bytes()
}

fn manifest(layers: &[String], more: &str) -> Vec<u8> {
    let (own, list) = (media_type::IMAGE_MANIFEST, layers.join(","));
    let config = json(media_type::IMAGE_CONFIG, 2);
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{own}","artifactType":"x/y","config":{config},"layers":[{list}]{more}}}"#
    )
    .into_bytes()
}

fn layers(count: usize) -> Vec<String> {
    vec![json(media_type::IMAGE_LAYER_GZIP, 1); count]
}

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

#[test]
fn pull_v1_v3_sizes_are_limited_by_type_and_equal_passes() {
    let limits = Limits::default();
    let check = |media_type, size| {
        let descriptor = descriptor(media_type, &format!("sha256:{HEX}"), size);
        kind(content::check_descriptor(&descriptor, &limits))
    };
    for small in [
        media_type::IMAGE_MANIFEST,
        media_type::IMAGE_INDEX,
        media_type::DOCKER_MANIFEST,
        media_type::DOCKER_MANIFEST_LIST,
    ] {
        assert_eq!(check(small, limits::MAX_MANIFEST_SIZE), None);
        assert_eq!(check(small, limits::MAX_MANIFEST_SIZE + 1), Some(ErrorKind::TooLarge));
    }
    assert_eq!(check(media_type::IMAGE_LAYER_GZIP, limits::MAX_BLOB_SIZE), None);
    let too_large = check(media_type::IMAGE_LAYER_GZIP, limits::MAX_BLOB_SIZE + 1);
    assert_eq!(too_large, Some(ErrorKind::TooLarge));
}

#[test]
fn pull_v4_v5_v7_bytes_have_the_size_and_the_digest() {
    let of =
        |bytes: &[u8], size| Descriptor::new(MediaType::ImageConfig, size, digest::sha256(bytes));
    assert_eq!(kind(content::check_bytes(&of(b"{}", 2), b"{}")), None);
    for (descriptor, bytes) in [
        (of(b"{}", 2), &b"{ "[..]),
        (of(b"{}", 2), b"{} "),
        (of(b"{}", 3), b"{}"),
        (of(b"", 2), b"{}"),
    ] {
        let found = kind(content::check_bytes(&descriptor, bytes));
        assert_eq!(found, Some(ErrorKind::DigestMismatch));
    }
}

#[test]
fn other_algorithms_are_refused_before_anything_is_fetched_bug_51() {
    let long = descriptor(media_type::IMAGE_CONFIG, &format!("sha512:{HEX}{HEX}"), 2);
    let found = kind(content::check_descriptor(&long, &Limits::default()));
    assert_eq!(found, Some(ErrorKind::InvalidDocument));
}

#[test]
fn pull_v6_counts() {
    let limits = Limits::default();
    let children = |count| vec![json(media_type::IMAGE_MANIFEST, 1); count];
    assert_eq!(kind(content::read_index(&index(&children(32), ""), &limits)), None);
    let found = kind(content::read_index(&index(&children(33), ""), &limits));
    assert_eq!(found, Some(ErrorKind::TooLarge));
    assert_eq!(kind(content::read_manifest(&manifest(&layers(64), ""), &limits)), None);
    let found = kind(content::read_manifest(&manifest(&layers(65), ""), &limits));
    assert_eq!(found, Some(ErrorKind::TooLarge));
}

#[test]
fn only_image_manifests_are_followed_bug_50_bug_52() {
    for other in [
        media_type::IMAGE_INDEX,
        media_type::DOCKER_MANIFEST,
        media_type::DOCKER_MANIFEST_LIST,
        "application/vnd.oci.image.manifest.v1+json; charset=utf-8",
        "Application/vnd.oci.image.manifest.v1+json",
    ] {
        let found = content::read_index(&index(&[json(other, 1)], ""), &Limits::default());
        assert_eq!(kind(found), Some(ErrorKind::InvalidDocument), "{other}");
    }
}

#[test]
fn subjects_are_refused_bug_52() {
    let subject = format!(r#","subject":{}"#, json(media_type::IMAGE_MANIFEST, 1));
    let limits = Limits::default();
    let found = kind(content::read_index(&index(&[], &subject), &limits));
    assert_eq!(found, Some(ErrorKind::InvalidDocument));
    let found = kind(content::read_manifest(&manifest(&layers(1), &subject), &limits));
    assert_eq!(found, Some(ErrorKind::InvalidDocument));
}

#[test]
fn an_artifact_has_its_type_and_one_gzip_layer_bug_53_bug_54() {
    let check = |bytes: Vec<u8>, artifact_type| {
        let manifest = content::read_manifest(&bytes, &Limits::default()).expect("is one");
        kind(content::check_artifact(&manifest, artifact_type).map(drop))
    };
    assert_eq!(check(manifest(&layers(1), ""), "x/y"), None);
    let refused = Some(ErrorKind::InvalidDocument);
    assert_eq!(check(manifest(&layers(1), ""), "x/z"), refused);
    assert_eq!(check(manifest(&layers(0), ""), "x/y"), refused);
    assert_eq!(check(manifest(&layers(2), ""), "x/y"), refused);
    let foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    assert_eq!(check(manifest(&[json(foreign, 1)], ""), "x/y"), refused);
}

#[test]
fn a_key_twice_is_refused_bug_56() {
    let twice = index(&[], r#","manifests":[]"#);
    let error = content::read_index(&twice, &Limits::default()).expect_err("is refused");
    assert_eq!(error.kind(), ErrorKind::InvalidDocument);
    assert!(error.to_string().contains("\"manifests\""), "{error}");
    let deep = manifest(&layers(1), r#","annotations":{"a":"1","a":"2"}"#);
    let error = content::read_manifest(&deep, &Limits::default());
    assert_eq!(kind(error), Some(ErrorKind::InvalidDocument));
}

#[test]
fn a_document_of_another_type_is_refused() {
    let limits = Limits::default();
    let refused = Some(ErrorKind::InvalidDocument);
    assert_eq!(kind(content::read_index(&manifest(&layers(1), ""), &limits)), refused);
    assert_eq!(kind(content::read_manifest(&index(&[], ""), &limits)), refused);
    for bytes in [&b""[..], b"null", b"[]", b"{}", b"\xff", b"{\"schemaVersion\":2"] {
        assert_eq!(kind(content::read_index(bytes, &limits)), refused);
        assert_eq!(kind(content::read_manifest(bytes, &limits)), refused);
    }
    let huge = vec![b' '; limits::MAX_MANIFEST_SIZE as usize + 1];
    assert_eq!(kind(content::read_index(&huge, &limits)), Some(ErrorKind::TooLarge));
}
