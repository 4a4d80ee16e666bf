// SPDX-License-Identifier: Apache-2.0
//! "Pulling blobs", "Checking if content exists in the registry".

use oci_artifact::digest;

use crate::client::start;

#[test]
fn a_blob_is_the_bytes_that_came_with_its_digest_end_2() {
    let registry = start();
    let bytes: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let digest = registry.push_blob("a/b", &bytes);
    let answer = registry.get(&format!("/v2/a/b/blobs/{digest}"));
    assert_eq!((answer.status, answer.body == bytes), (200, true));
    assert_eq!(answer.header("docker-content-digest"), Some(digest.as_str()));
    assert_eq!(answer.header("content-length"), Some("1200000"));
    assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
    assert_eq!(answer.header("etag"), Some(format!("\"{digest}\"").as_str()));
}

#[test]
fn head_has_length_and_digest_and_no_body_end_2() {
    let registry = start();
    let digest = registry.push_blob("a", b"hello");
    let mut connection = registry.connect();
    let answer =
        connection.send("HEAD", &format!("/v2/a/blobs/{digest}"), &[], b"").expect("answers");
    assert_eq!((answer.status, answer.header("content-length")), (200, Some("5")));
    assert_eq!(answer.header("docker-content-digest"), Some(digest.as_str()));
    // A body would be taken for the next response.
    assert_eq!(connection.send("GET", "/v2/", &[], b"").expect("answers").status, 200);
}

#[test]
fn a_blob_that_is_not_there_is_404_end_2() {
    let registry = start();
    let digest = digest::sha256(b"nobody pushed this");
    for target in [format!("/v2/a/blobs/{digest}"), format!("/v2/none/blobs/{digest}")] {
        let answer = registry.get(&target);
        assert_eq!((answer.status, answer.code()), (404, "BLOB_UNKNOWN".into()));
        let answer = registry.head(&target);
        assert_eq!((answer.status, answer.body.len()), (404, 0));
    }
}

#[test]
fn the_empty_blob_is_one_end_2() {
    let registry = start();
    let digest = registry.push_blob("a", b"");
    let answer = registry.get(&format!("/v2/a/blobs/{digest}"));
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.header("content-length"), Some("0"));
}

#[test]
fn ranges_give_that_part_end_2() {
    let registry = start();
    let bytes: Vec<u8> = (0..2048_u32).map(|i| (i % 251) as u8).collect();
    let target = format!("/v2/a/blobs/{}", registry.push_blob("a", &bytes));
    for (range, part) in [
        ("bytes=500-1499", 500..1500),
        ("bytes=500-", 500..2048),
        ("bytes=-500", 1548..2048),
        ("bytes=2000-5000", 2000..2048),
        ("bytes=0-0", 0..1),
    ] {
        let answer = registry.send("GET", &target, &[("range", range)], b"");
        assert_eq!((answer.status, answer.body.as_slice()), (206, &bytes[part.clone()]), "{range}");
        let expected = format!("bytes {}-{}/2048", part.start, part.end - 1);
        assert_eq!(answer.header("content-range"), Some(expected.as_str()));
        assert_eq!(answer.header("content-length"), Some(part.len().to_string().as_str()));
    }
    for range in ["bytes=2048-", "bytes=5000-10000", "bytes=500-0"] {
        let answer = registry.send("GET", &target, &[("range", range)], b"");
        assert_eq!((answer.status, answer.header("content-range")), (416, Some("bytes */2048")));
    }
    for range in ["bytes=0-1,5-6", "lines=1-2"] {
        let answer = registry.send("GET", &target, &[("range", range)], b"");
        assert_eq!((answer.status, answer.body.len()), (200, 2048), "{range}");
    }
}

#[test]
fn if_range_and_if_none_match_compare_the_digest_end_2() {
    let registry = start();
    let digest = registry.push_blob("a", b"hello");
    let target = format!("/v2/a/blobs/{digest}");
    let (same, other) = (format!("\"{digest}\""), "\"sha256:other\"");
    let status = |headers: &[(&str, &str)]| registry.send("GET", &target, headers, b"").status;
    assert_eq!(status(&[("range", "bytes=1-"), ("if-range", &same)]), 206);
    assert_eq!(status(&[("range", "bytes=1-"), ("if-range", other)]), 200);
    assert_eq!(status(&[("if-none-match", &same)]), 304);
    assert_eq!(status(&[("if-none-match", other)]), 200);
}

#[test]
fn a_blob_that_rotted_breaks_off_and_is_never_whole_end_2() {
    let registry = start();
    let bytes = vec![7; 500_000];
    let digest = registry.push_blob("a", &bytes);
    let path = registry.dir.path().join("blobs/sha256").join(&digest[7..]);
    std::fs::remove_file(&path).expect("is there");
    std::fs::write(&path, vec![8; 500_000]).expect("writes");
    let mut connection = registry.connect();
    let error = connection.send("GET", &format!("/v2/a/blobs/{digest}"), &[], b"");
    assert!(error.is_err(), "{:?}", error.map(|answer| answer.body.len()));
}
