// SPDX-License-Identifier: Apache-2.0
//! F-82 to F-92: blobs that come in pieces, too short, too long, wrong.

use std::time::Duration;

use oci_registry_faults::Endpoint;
use oci_registry_faults::{Cut, Fault, Reply, When};
use oci_registry_http::ErrorKind;
use oci_registry_http::transfer::{PullOptions, PushOptions, pull, push};
use oci_registry_http::transport::connection::Timeouts;

use crate::support::{Artifact, Lab, blob, fetch, noise};

const MIB: usize = 1 << 20;

fn gets() -> When {
    When::get(Endpoint::Blob)
}

#[tokio::test]
async fn a_broken_download_is_resumed_f_82() {
    for cut in [0, 1, 50_000, 99_999] {
        let lab = Lab::open().await;
        let bytes = noise(100_000, 1);
        let blob = lab.has_blob(&bytes).await;
        lab.server.script(gets().nth(1), Fault::pass().cut(cut, Cut::Reset));
        assert_eq!(fetch(&lab.repository("x"), &blob).await.expect("fine"), bytes, "{cut}");
        let log = lab.server.requests();
        assert_eq!(log.len(), 2, "{cut}");
        if log[0].sent() > 0 && cut > 1 {
            assert!(
                log[1].seen.header("range").is_some_and(|range| range.starts_with("bytes=")),
                "{cut}"
            );
        }
    }
}

#[tokio::test]
async fn progress_is_rewarded_and_no_progress_is_not_f_83() {
    let lab = Lab::open().await;
    let bytes = noise(16 * MIB, 1);
    let blob = lab.has_blob(&bytes).await;
    let rule = lab.server.script(gets(), Fault::pass().cut(3 * MIB as u64 / 2, Cut::Reset));
    assert_eq!(fetch(&lab.repository("x"), &blob).await.expect("fine"), bytes);
    assert!(rule.fired() >= 10, "{}", rule.fired());
    rule.stop();
    lab.server.script(gets(), Fault::pass().cut(100, Cut::Reset));
    let error = fetch(&lab.repository("x"), &blob).await.expect_err("no progress");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Network, 6));
}

#[tokio::test]
async fn answers_to_ranges_f_84() {
    let bytes = noise(100_000, 1);
    for fault in [
        Fault::respond({
            let bytes = bytes.clone();
            move |_| Reply::new(200).body(bytes.clone())
        }),
        Fault::pass().set("content-range", "bytes 0-99999/100000"),
        Fault::pass().remove("content-range"),
        Fault::pass().add("content-range", "bytes 50000-99999/100000"),
        Fault::pass().set("content-range", "bytes 50000-99999/100001"),
        Fault::reply(Reply::new(416).header("content-range", "bytes */100000")),
    ] {
        let lab = Lab::open().await;
        let blob = lab.has_blob(&bytes).await;
        lab.server.script(gets().nth(1), Fault::pass().cut(50_000, Cut::Reset));
        lab.server.script(gets().with_header("range").first(1), fault);
        assert_eq!(fetch(&lab.repository("x"), &blob).await.expect("fine"), bytes);
        assert!(lab.server.requests().len() <= 3);
    }
}

#[tokio::test]
async fn too_long_too_short_and_lies_f_86() {
    let bytes = noise(10_000, 1);
    let body = |size: usize| Fault::reply(Reply::new(200).body(noise(size, 1)));
    for (fault, kind) in [
        (body(10_001), ErrorKind::SizeMismatch),
        (body(9_999), ErrorKind::SizeMismatch),
        (body(0), ErrorKind::SizeMismatch),
        (body(10_000).set("content-encoding", "gzip"), ErrorKind::Protocol),
        (
            body(10_000).set("docker-content-digest", blob(b"").digest.to_string()),
            ErrorKind::DigestMismatch,
        ),
        (Fault::pass().flip(5_000), ErrorKind::DigestMismatch),
        (Fault::status(404), ErrorKind::NotFound),
    ] {
        let lab = Lab::open().await;
        let blob = lab.has_blob(&bytes).await;
        lab.server.script(gets(), fault);
        assert_eq!(fetch(&lab.repository("x"), &blob).await.expect_err("wrong").kind(), kind);
    }
}

#[tokio::test]
async fn nothing_of_a_wrong_blob_gets_into_the_store_f_87() {
    let lab = Lab::open().await;
    let store = lab.store("store");
    let digest = Artifact::new(100_000).keep_in(&store);
    let reference = lab.reference("x:v1");
    push(&lab.client, &store, &digest, std::slice::from_ref(&reference), &PushOptions::default())
        .await
        .expect("fine");
    let second = lab.store("second");
    let rule =
        lab.server.script(gets().matching(|seen| !seen.path.is_empty()), Fault::pass().flip(10));
    let error =
        pull(&lab.client, &reference, &second, &PullOptions::default()).await.expect_err("wrong");
    assert_eq!(error.kind(), ErrorKind::DigestMismatch);
    assert!(second.list_tags().expect("fine").is_empty());
    let files = walk(second.root());
    assert!(files.iter().all(|file| !file.contains("blobs/sha256/")), "{files:?}");
    rule.stop();
    pull(&lab.client, &reference, &second, &PullOptions::default()).await.expect("fine");
}

fn walk(root: &std::path::Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() { open.push(path) } else { files.push(path.display().to_string()) }
        }
    }
    files
}

#[tokio::test]
async fn what_stalls_is_given_up_and_resumed_f_89() {
    let mut timeouts = Timeouts::default();
    (timeouts.idle, timeouts.head) = (Duration::from_millis(300), Duration::from_millis(500));
    let lab = Lab::with(|server| server, |client| client.timeouts(timeouts)).await;
    let bytes = noise(100_000, 1);
    let blob = lab.has_blob(&bytes).await;
    lab.server.script(gets().nth(1), Fault::hang());
    lab.server.script(gets().nth(2), Fault::pass().cut(50_000, Cut::Stall));
    assert_eq!(fetch(&lab.repository("x"), &blob).await.expect("fine"), bytes);
    assert_eq!(lab.server.requests().len(), 3);
}

#[tokio::test]
async fn too_large_is_known_before_it_is_fetched_f_92() {
    let lab = Lab::open().await;
    let store = lab.store("store");
    let digest = Artifact::new(10_000).keep_in(&store);
    let reference = lab.reference("x:v1");
    push(&lab.client, &store, &digest, std::slice::from_ref(&reference), &PushOptions::default())
        .await
        .expect("fine");
    lab.server.clear_requests();
    let mut options = PullOptions::default();
    options.limits.blob_size = 9_999;
    let error =
        pull(&lab.client, &reference, &lab.store("second"), &options).await.expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(lab.count(&gets()), 0);
    options.limits.blob_size = 10_000;
    pull(&lab.client, &reference, &lab.store("second"), &options).await.expect("equal passes");
}

#[tokio::test]
async fn a_blob_that_changed_meanwhile_is_taken_from_the_start_f_85() {
    let lab = Lab::open().await;
    let bytes = noise(100_000, 1);
    let blob = lab.has_blob(&bytes).await;
    lab.server.script(gets().nth(1), Fault::pass().set("etag", "\"one\"").cut(60_000, Cut::Reset));
    // The condition does not hold any more, so all of it comes.
    let all = Reply::new(200).header("etag", "\"two\"").body(bytes.clone());
    lab.server.script(gets().nth(2), Fault::reply(all));
    assert_eq!(fetch(&lab.repository("x"), &blob).await.expect("fine"), bytes);
    let again = &lab.server.requests()[1].seen;
    assert_eq!(again.header("if-range"), Some("\"one\""));
    assert!(again.header("range").is_some());
}

#[tokio::test]
async fn what_is_encoded_or_called_something_else_is_refused_f_88_f_91() {
    for (fault, kind) in [
        (Fault::pass().set("content-encoding", "gzip"), ErrorKind::Protocol),
        (
            Fault::pass().set("docker-content-digest", blob(b"other").digest.to_string()),
            ErrorKind::DigestMismatch,
        ),
    ] {
        let lab = Lab::open().await;
        let blob = lab.has_blob(&noise(1000, 1)).await;
        lab.server.script(gets(), fault);
        let error = fetch(&lab.repository("x"), &blob).await.expect_err("refused");
        assert_eq!((error.kind(), lab.server.requests().len()), (kind, 1), "{error}");
    }
}

#[tokio::test]
async fn what_trickles_is_waited_for_f_90() {
    let mut timeouts = Timeouts::default();
    timeouts.idle = Duration::from_millis(500);
    let lab = Lab::with(|s| s, |c| c.timeouts(timeouts)).await;
    let bytes = noise(2_000, 1);
    let blob = lab.has_blob(&bytes).await;
    let trickle = Fault::pass().throttle(50, Duration::from_millis(25));
    lab.server.script(gets(), trickle);
    assert_eq!(fetch(&lab.repository("x"), &blob).await.expect("it comes"), bytes);
    assert_eq!(lab.server.requests().len(), 1, "a second of it is longer than the idle time");
}
