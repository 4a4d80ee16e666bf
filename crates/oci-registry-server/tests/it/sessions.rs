// SPDX-License-Identifier: Apache-2.0
//! Tests of upload sessions: the failures that they survive, and those that end them.

use std::time::Duration;

use oci_artifact::digest;
use oci_registry_server::{Clock, Limits};

use crate::client::{start, start_with};

#[test]
fn an_upload_whose_connection_broke_goes_on_where_it_was() {
    let registry = start();
    let bytes: Vec<u8> = (0..200_000_u32).map(|i| (i % 251) as u8).collect();
    let digest = digest::sha256(&bytes);
    for method in ["PATCH", "PUT"] {
        let location = registry.begin("a");
        let mut connection = registry.connect();
        let target = format!("{location}?digest={digest}");
        connection.write_head(method, &target, &[], Some(bytes.len() as u64)).expect("writes");
        connection.write(&bytes[..120_000]).expect("writes");
        drop(connection);
        // The server may still be busy with what came.
        let mut end = 0;
        for _ in 0..100 {
            let answer = registry.get(&location);
            assert_eq!(answer.status, 204, "{answer:?}");
            end =
                answer.header("range").and_then(|range| range[2..].parse().ok()).expect("a range");
            if end == 119_999 {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(end, 119_999);
        let range = "120000-199999";
        let answer = registry.send("PUT", &target, &[("content-range", range)], &bytes[120_000..]);
        assert_eq!(answer.status, 201, "{answer:?}");
        assert!(registry.get(&format!("/v2/a/blobs/{digest}")).body == bytes);
        registry.delete(&format!("/v2/a/blobs/{digest}"));
    }
}

#[test]
fn an_upload_belongs_to_its_repository() {
    let registry = start();
    let location = registry.begin("a").replace("/v2/a/", "/v2/b/");
    assert_eq!(registry.get(&location).status, 404);
    assert_eq!(registry.get("/v2/a/blobs/uploads/..").status, 404);
}

#[test]
fn an_upload_that_nobody_asks_for_expires() {
    let clock = Clock::manual(Duration::from_secs(1_000_000));
    let registry = start_with(|b| b.clock(clock.clone()));
    let (old, young) = (registry.begin("a"), registry.begin("a"));
    clock.advance(Duration::from_secs(3_000));
    assert_eq!(registry.get(&young).status, 204);
    clock.advance(Duration::from_secs(3_000));
    assert_eq!(registry.get(&old).code(), "BLOB_UPLOAD_UNKNOWN");
    assert_eq!(registry.get(&young).status, 204);
    assert_eq!(registry.server().uploads(), 1);
}

#[test]
fn uploads_are_counted_and_bounded() {
    let registry = start_with(|builder| {
        let mut limits = Limits::default();
        limits.uploads = 2;
        builder.limits(limits)
    });
    let first = registry.begin("a");
    registry.begin("a");
    let answer = registry.send("POST", "/v2/a/blobs/uploads/", &[], b"");
    assert_eq!((answer.status, answer.code()), (429, "TOOMANYREQUESTS".into()));
    assert!(answer.header("retry-after").is_some());
    assert_eq!(registry.delete(&first).status, 204);
    registry.begin("a");
}

#[test]
fn a_restart_forgets_uploads_and_their_files() {
    let registry = start();
    let location = registry.begin("a");
    assert_eq!(registry.send("PATCH", &location, &[], &[1; 100_000]).status, 202);
    let dir = registry.stop();
    assert_eq!(std::fs::read_dir(dir.path().join("ingest")).map_or(0, Iterator::count), 0);
    let registry = crate::client::start_in(dir, |b| b);
    assert_eq!(registry.get(&location).code(), "BLOB_UPLOAD_UNKNOWN");
}
