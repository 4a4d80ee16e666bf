// SPDX-License-Identifier: Apache-2.0
//! "Pushing blobs": monolithic, in chunks, cancelled, mounted.

use oci_artifact::digest;

use crate::client::{Fixture, start};

fn assert_blob(registry: &Fixture, location: &str, bytes: &[u8]) {
    let answer = registry.get(location);
    assert_eq!((answer.status, answer.body.as_slice()), (200, bytes));
}

#[test]
fn end_4a_an_upload_begins_with_202_and_a_location_with_a_uuid() {
    let registry = start();
    let answer = registry.send("POST", "/v2/a/b/blobs/uploads/", &[], b"");
    assert_eq!(answer.status, 202);
    let location = answer.header("location").expect("a location");
    let id = location.strip_prefix("/v2/a/b/blobs/uploads/").expect("in this repository");
    let parts: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!(parts, [8, 4, 4, 4, 12]);
    assert_eq!(answer.header("docker-upload-uuid"), Some(id));
    assert_ne!(registry.begin("a/b"), location);
}

#[test]
fn end_4b_a_single_post_brings_a_blob() {
    let registry = start();
    for bytes in [&b"hello"[..], b""] {
        let digest = digest::sha256(bytes);
        let target = format!("/v2/a/blobs/uploads/?digest={digest}");
        let answer = registry.send("POST", &target, &[], bytes);
        assert_eq!(answer.status, 201);
        assert_eq!(answer.header("docker-content-digest"), Some(&*digest.to_string()));
        assert_blob(&registry, answer.header("location").expect("a location"), bytes);
    }
    let target = format!("/v2/a/blobs/uploads/?digest={}", digest::sha256(b"other"));
    let answer = registry.send("POST", &target, &[], b"hello");
    assert_eq!((answer.status, answer.code()), (400, "DIGEST_INVALID".into()));
    assert_eq!(registry.server().uploads(), 0);
}

#[test]
fn end_4c_the_algorithm_can_be_announced() {
    let registry = start();
    let post = |algorithm: &str| {
        let target = format!("/v2/a/blobs/uploads/?digest-algorithm={algorithm}");
        registry.send("POST", &target, &[], b"").status
    };
    assert_eq!((post("sha512"), post("sha256"), post("md5")), (202, 202, 400));
}

#[test]
fn post_then_put_brings_a_blob_end_6() {
    let registry = start();
    let bytes = vec![3; 1_000_000];
    let digest = digest::sha256(&bytes);
    let location = registry.begin("a");
    let answer = registry.send("PUT", &format!("{location}?digest={digest}"), &[], &bytes);
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("docker-content-digest"), Some(&*digest.to_string()));
    assert_blob(&registry, answer.header("location").expect("a location"), &bytes);
}

#[test]
fn a_wrong_digest_is_400_and_nothing_is_stored_end_6() {
    let registry = start();
    let digest = digest::sha256(b"other");
    let location = registry.begin("a");
    let answer = registry.send("PUT", &format!("{location}?digest={digest}"), &[], b"hello");
    assert_eq!((answer.status, answer.code()), (400, "DIGEST_INVALID".into()));
    for bytes in [&b"other"[..], b"hello"] {
        assert_eq!(registry.head(&format!("/v2/a/blobs/{}", digest::sha256(bytes))).status, 404);
    }
    // What came is gone with the session.
    assert_eq!(registry.get(&location).status, 404);
    let location = registry.begin("a");
    for query in
        ["", "?digest=", "?digest=sha256:abc", "?digest=md5:d41d8cd98f00b204e9800998ecf8427e"]
    {
        let answer = registry.send("PUT", &format!("{location}{query}"), &[], b"");
        assert_eq!((answer.status, answer.code()), (400, "DIGEST_INVALID".into()), "{query}");
    }
}

#[test]
fn chunks_in_order_bring_a_blob_end_5() {
    let registry = start();
    let bytes: Vec<u8> = (0..3000_u32).map(|i| (i % 251) as u8).collect();
    let digest = digest::sha256(&bytes);
    for is_last_with_put in [false, true] {
        let mut location = registry.begin("a");
        for (at, chunk) in bytes.chunks(1000).enumerate() {
            let range = format!("{}-{}", at * 1000, at * 1000 + 999);
            let headers = [("content-range", range.as_str())];
            if is_last_with_put && at == 2 {
                let target = format!("{location}?digest={digest}");
                let answer = registry.send("PUT", &target, &headers, chunk);
                assert_eq!(answer.status, 201);
                break;
            }
            let answer = registry.send("PATCH", &location, &headers, chunk);
            assert_eq!(answer.status, 202);
            let expected = format!("0-{}", at * 1000 + 999);
            assert_eq!(answer.header("range"), Some(expected.as_str()));
            location = answer.header("location").expect("a location").to_owned();
            let status = registry.get(&location);
            assert_eq!((status.status, status.header("range")), (204, Some(expected.as_str())));
        }
        if !is_last_with_put {
            let target = format!("{location}?digest={digest}");
            assert_eq!(registry.send("PUT", &target, &[], b"").status, 201);
        }
        assert_blob(&registry, &format!("/v2/a/blobs/{digest}"), &bytes);
        assert_eq!(registry.delete(&format!("/v2/a/blobs/{digest}")).status, 202);
    }
}

#[test]
fn a_chunk_out_of_order_is_416_and_the_session_goes_on_end_5() {
    let registry = start();
    let location = registry.begin("a");
    let patch = |method: &str, range: &str, bytes: &[u8]| {
        let digest = digest::sha256(b"abcdef");
        let target = format!("{location}?digest={digest}");
        registry.send(method, &target, &[("content-range", range)], bytes)
    };
    assert_eq!(patch("PATCH", "3-5", b"def").status, 416);
    assert_eq!(patch("PATCH", "0-2", b"abc").status, 202);
    for (method, range) in [("PATCH", "0-2"), ("PATCH", "4-6"), ("PUT", "0-2"), ("PUT", "2-4")] {
        let answer = patch(method, range, b"abc");
        assert_eq!((answer.status, answer.header("range")), (416, Some("0-2")), "{method} {range}");
        assert_eq!(answer.header("location"), Some(location.as_str()));
    }
    assert_eq!(registry.get(&location).header("range"), Some("0-2"));
    assert_eq!(patch("PUT", "3-5", b"def").status, 201);
}

#[test]
fn ranges_that_are_none_or_lie_are_refused_end_5() {
    let registry = start();
    let location = registry.begin("a");
    let patch =
        |range: &str| registry.send("PATCH", &location, &[("content-range", range)], b"abc").status;
    for range in ["bytes 0-2/3", "0-", "x-y", "2-0", "0-1", "0-3"] {
        assert_eq!(patch(range), 400, "{range}");
    }
    assert_eq!(patch("0-2"), 202);
}

#[test]
fn a_stream_of_unknown_length_is_taken_end_5() {
    let registry = start();
    let location = registry.begin("a");
    let mut connection = registry.connect();
    connection.write_head("PATCH", &location, &[], None).expect("writes");
    for _ in 0..100 {
        connection.write_chunk(&[9; 10_000]).expect("writes");
    }
    connection.write(b"0\r\n\r\n").expect("writes");
    let answer = connection.read_answer("PATCH").expect("answers");
    assert_eq!((answer.status, answer.header("range")), (202, Some("0-999999")));
    let bytes = vec![9; 1_000_000];
    let digest = digest::sha256(&bytes);
    assert_eq!(registry.send("PUT", &format!("{location}?digest={digest}"), &[], b"").status, 201);
    assert_blob(&registry, &format!("/v2/a/blobs/{digest}"), &bytes);
}

#[test]
fn the_status_of_an_empty_upload_is_204_end_13() {
    let registry = start();
    let location = registry.begin("a");
    let answer = registry.get(&location);
    assert_eq!((answer.status, answer.header("range")), (204, Some("0-0")));
    assert_eq!(answer.header("location"), Some(location.as_str()));
}

#[test]
fn a_cancelled_upload_is_gone_end_14() {
    let registry = start();
    let location = registry.begin("a");
    assert_eq!(registry.send("PATCH", &location, &[], b"abc").status, 202);
    assert_eq!(registry.delete(&location).status, 204);
    for method in ["GET", "PATCH", "PUT", "DELETE"] {
        let target = format!("{location}?digest={}", digest::sha256(b"abc"));
        let answer = registry.send(method, &target, &[], b"");
        assert_eq!((answer.status, answer.code()), (404, "BLOB_UPLOAD_UNKNOWN".into()), "{method}");
    }
    let ingest = registry.dir.path().join("ingest");
    assert_eq!(std::fs::read_dir(ingest).map_or(0, Iterator::count), 0);
}

#[test]
fn a_mount_takes_a_blob_from_another_repository_end_11() {
    let registry = start();
    let digest = registry.push_blob("from", b"hello");
    let target = format!("/v2/to/blobs/uploads/?mount={digest}&from=from");
    let answer = registry.send("POST", &target, &[], b"");
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("docker-content-digest"), Some(digest.as_str()));
    assert_blob(&registry, answer.header("location").expect("a location"), b"hello");
    // From anywhere, if nobody says from where.
    let target = format!("/v2/third/blobs/uploads/?mount={digest}");
    assert_eq!(registry.send("POST", &target, &[], b"").status, 201);
    // Each has it for itself.
    assert_eq!(registry.delete(&format!("/v2/from/blobs/{digest}")).status, 202);
    assert_blob(&registry, &format!("/v2/to/blobs/{digest}"), b"hello");
}

#[test]
fn a_mount_that_cannot_be_begins_an_upload_end_11() {
    let registry = start();
    let digest = digest::sha256(b"hello");
    registry.push_blob("other", b"hello");
    for query in ["from=none", "from=..%2f..", "from=A", "from="] {
        let target = format!("/v2/to/blobs/uploads/?mount={digest}&{query}");
        let answer = registry.send("POST", &target, &[], b"");
        assert_eq!(answer.status, 202, "{query}");
        let location = answer.header("location").expect("a location");
        let answer = registry.send("PUT", &format!("{location}?digest={digest}"), &[], b"hello");
        assert_eq!(answer.status, 201);
        assert_eq!(registry.delete(&format!("/v2/to/blobs/{digest}")).status, 202);
    }
    let target = "/v2/to/blobs/uploads/?mount=sha256:abc&from=other";
    assert_eq!(registry.send("POST", target, &[], b"").status, 400);
}
