// SPDX-License-Identifier: Apache-2.0
//! F-57 to F-81: blobs that are sent whole, in chunks, twice, in vain.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use oci_registry_faults::{Cut, Fault, Reply, When};
use oci_registry_faults::{Endpoint, Server};
use oci_registry_http::blobs::{Blob, ByteStream, Chunking, Placed, Reads, Source, UploadOptions};
use oci_registry_http::{ErrorKind, Result};

use crate::support::{Lab, blob, fetch, noise};

async fn send_in(lab: &Lab, bytes: &[u8], chunking: Chunking) -> Result<Placed> {
    let source = Arc::new(Bytes::copy_from_slice(bytes));
    let mut options = UploadOptions::default();
    options.chunking = chunking;
    lab.repository("x").put_blob(&blob(bytes), source, &options).await
}

async fn send(lab: &Lab, bytes: &[u8]) -> Result<Placed> {
    send_in(lab, bytes, Chunking::Whole).await
}

async fn check(lab: &Lab, bytes: &[u8]) {
    assert_eq!(fetch(&lab.repository("x"), &blob(bytes)).await.expect("is there"), bytes);
}

fn puts() -> When {
    When::put(Endpoint::Upload)
}

fn posts() -> When {
    When::post(Endpoint::Uploads)
}

#[tokio::test]
async fn sizes_around_the_chunk_f_57() {
    for size in [0, 1, 9_999, 10_000, 10_001, 20_000] {
        let lab = Lab::open().await;
        let bytes = noise(size, 1);
        assert_eq!(send(&lab, &bytes).await.expect("fine"), Placed::Uploaded);
        assert_eq!(
            lab.log(),
            [
                "HEAD /v2/x/blobs/DIGEST 404",
                "POST /v2/x/blobs/uploads/ 202",
                "PUT /v2/x/blobs/uploads/ 201",
            ]
        );
        check(&lab, &bytes).await;
        let bytes = noise(size, 2);
        lab.server.clear_requests();
        send_in(&lab, &bytes, Chunking::Chunks(10_000)).await.expect("fine");
        assert_eq!(lab.count(&When::patch()), size.div_ceil(10_000), "{size}");
        check(&lab, &bytes).await;
    }
}

#[tokio::test]
async fn whether_it_is_there_f_58() {
    let lab = Lab::open().await;
    let bytes = noise(100, 1);
    lab.has_blob(&bytes).await;
    assert_eq!(send(&lab, &bytes).await.expect("fine"), Placed::Existed);
    assert_eq!(lab.count(&posts()), 0);
    for status in [403, 405, 501] {
        lab.server.clear_requests();
        let rule = lab.server.script(When::head(Endpoint::Blob), Fault::status(status));
        assert_eq!(send(&lab, &bytes).await.expect("fine"), Placed::Uploaded, "{status}");
        rule.stop();
    }
}

#[tokio::test]
async fn where_uploads_go_f_59() {
    let state = "_state=a%2Bb%3D%3D&x=%7e%20";
    let lab = Lab::open().await;
    let moved = format!("/elsewhere?{state}");
    lab.server.script(posts(), Fault::reply(Reply::new(202).header("location", moved)));
    lab.server.script(
        When::method("PUT").target("/elsewhere"),
        Fault::reply(Reply::new(201)).after_body(),
    );
    let bytes = noise(100, 1);
    send(&lab, &bytes).await.expect("fine");
    let put = lab.server.requests_like(&When::method("PUT")).pop().expect("one");
    assert_eq!(put.seen.query, Some(format!("{state}&digest={}", blob(&bytes).digest)));

    for location in
        ["http://169.254.169.254/x", "file:///x", "", "http://u:p@127.0.0.1/", "http://10.0.0.1:1/"]
    {
        let lab = Lab::open().await;
        lab.server.script(posts(), Fault::reply(Reply::new(202).header("location", location)));
        send(&lab, &bytes).await.expect_err(location);
        assert_eq!(lab.count(&When::method("PUT")), 0, "{location}");
    }
    let lab = Lab::open().await;
    lab.server.script(posts(), Fault::reply(Reply::new(202)));
    assert_eq!(send(&lab, &bytes).await.expect_err("missing").kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn another_host_gets_no_credentials_f_59() {
    let lab = Lab::with_tokens().await;
    let foreign = Server::builder()
        .script(When::any(), Fault::reply(Reply::new(201)).after_body())
        .start()
        .await
        .expect("it starts");
    let location = format!("{}/take?x=y", foreign.url());
    lab.server.script(
        posts().with_header("authorization"),
        Fault::reply(Reply::new(202).header("location", location)),
    );
    send(&lab, &noise(100, 1)).await.expect("fine");
    let seen = foreign.requests();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].seen.header("authorization").is_none());
}

#[tokio::test]
async fn connections_that_break_while_it_is_sent_f_60() {
    let size = 3 << 20;
    let bytes = noise(size, 1);
    for fault in [
        Fault::pass().reset_at(0),
        Fault::pass().reset_at(size as u64 / 2),
        Fault::reset().after_bytes(size as u64 - 1),
    ] {
        let lab = Lab::open().await;
        lab.server.script(puts().nth(1), fault);
        send(&lab, &bytes).await.expect("fine");
        check(&lab, &bytes).await;
    }
    // The commit was carried out and its answer was lost: nothing is sent twice.
    let lab = Lab::open().await;
    lab.server.script(puts().nth(1), Fault::pass().lose(Cut::Reset));
    send(&lab, &bytes).await.expect("fine");
    assert_eq!((lab.count(&posts()), lab.count(&puts())), (1, 1), "{:?}", lab.log());
}

#[tokio::test]
async fn a_registry_that_fails_for_a_while_and_for_ever_f_61() {
    let bytes = noise(1000, 1);
    for status in [500, 502, 503, 504] {
        let lab = Lab::open().await;
        lab.server.script(puts().first(2), Fault::status(status).after_body());
        send(&lab, &bytes).await.expect("fine");
        check(&lab, &bytes).await;
        assert_eq!(lab.count(&posts()), 3, "{status}");
        lab.server.script(puts(), Fault::status(status).after_body());
        let error = send(&lab, &noise(1000, 2)).await.expect_err("for ever");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unavailable, 6), "{error}");
    }
}

#[tokio::test]
async fn a_commit_that_was_made_after_all_f_62() {
    let lab = Lab::open().await;
    let unknown = Reply::error(404, "BLOB_UPLOAD_UNKNOWN", "gone");
    lab.server.script(puts().nth(1), Fault::pass().with_status(404).body(unknown_body()));
    let _ = unknown;
    send(&lab, &noise(1000, 1)).await.expect("fine");
    assert_eq!(lab.count(&puts()), 1);
}

fn unknown_body() -> &'static str {
    r#"{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"gone"}]}"#
}

#[tokio::test]
async fn digests_in_answers_f_63_f_64() {
    let bytes = noise(1000, 1);
    let lab = Lab::open().await;
    lab.server.script(puts(), Fault::reply(Reply::error(400, "DIGEST_INVALID", "no")).after_body());
    assert_eq!(send(&lab, &bytes).await.expect_err("refused").kind(), ErrorKind::DigestMismatch);
    assert_eq!(lab.count(&puts()), 1);
    for (value, fine) in
        [(Some("sha256:short"), true), (Some("abcd"), true), (None, true), (Some("wrong"), false)]
    {
        let lab = Lab::open().await;
        let fault = match value {
            None => Fault::pass().remove("docker-content-digest"),
            Some("wrong") => Fault::pass().set("docker-content-digest", blob(b"").digest.as_ref()),
            Some(value) => Fault::pass().set("docker-content-digest", value),
        };
        lab.server.script(puts(), fault);
        assert_eq!(send(&lab, &bytes).await.is_ok(), fine, "{value:?}");
    }
}

#[tokio::test]
async fn other_ways_to_say_yes_f_65() {
    let bytes = noise(1000, 1);
    for status in [204, 202] {
        let lab = Lab::open().await;
        lab.server.script(puts(), Fault::pass().with_status(status));
        send(&lab, &bytes).await.expect("fine");
        assert_eq!(lab.count(&puts()), 1, "{status}");
    }
    let lab = Lab::open().await;
    lab.server.script(puts(), Fault::reply(Reply::new(202)).after_body());
    send(&lab, &bytes).await.expect_err("it never appears");
}

#[tokio::test]
async fn too_large_at_once_goes_in_chunks_f_66() {
    let html =
        "<html><head><title>413 Request Entity Too Large</title></head><body>x</body></html>";
    let bytes = noise(2 << 20, 1);
    let lab = Lab::open().await;
    let large = Reply::new(413).header("content-type", "text/html").body(html);
    let is_large = |seen: &oci_registry_faults::Seen| {
        seen.header("content-length")
            .is_some_and(|length| length.parse::<u64>().unwrap_or(0) > 1 << 20)
    };
    lab.server.script(When::any().matching(is_large), Fault::reply(large.clone()).after_body());
    send(&lab, &bytes).await.expect("fine");
    check(&lab, &bytes).await;
    let lab = Lab::open().await;
    let has_body = |seen: &oci_registry_faults::Seen| {
        matches!(seen.method.as_str(), "PUT" | "PATCH")
            && seen.header("content-length") != Some("0")
    };
    lab.server.script(When::any().matching(has_body), Fault::reply(large).after_body());
    let error = send(&lab, &bytes).await.expect_err("nothing gets through");
    assert_eq!(error.kind(), ErrorKind::PayloadTooLarge);
    assert!(!error.to_string().contains('<') && error.to_string().contains("413"), "{error}");
}

#[tokio::test]
async fn answers_to_chunks_f_69_f_71_f_73() {
    let bytes = noise(50_000, 1);
    for fault in [
        Fault::pass().with_status(201),
        Fault::pass().with_status(204),
        Fault::pass().remove("range"),
        Fault::pass().remove("location"),
        Fault::pass().map("range", |range| format!("bytes={range}")),
        Fault::pass().set("range", "garbage"),
    ] {
        let lab = Lab::open().await;
        lab.server.script(When::patch(), fault);
        send_in(&lab, &bytes, Chunking::Chunks(20_000)).await.expect("fine");
        check(&lab, &bytes).await;
    }
}

#[tokio::test]
async fn registries_that_lose_chunks_f_70_f_75() {
    let bytes = noise(50_000, 1);
    // It says that it has no more than after the first chunk: the whole goes at once.
    let lab = Lab::open().await;
    lab.server.script(
        When::patch().after(1),
        Fault::reply(Reply::new(202).header("range", "0-19999")).after_body(),
    );
    send_in(&lab, &bytes, Chunking::Chunks(20_000)).await.expect("fine");
    check(&lab, &bytes).await;
    // It says that it has more than was sent.
    let lab = Lab::open().await;
    lab.server.script(When::patch(), Fault::pass().set("range", "0-49999"));
    let error = send_in(&lab, &bytes, Chunking::Chunks(20_000)).await.expect_err("a lie");
    assert_eq!(error.kind(), ErrorKind::Protocol);
    // It keeps a chunk to itself and says nothing: the commit fails, and then the whole goes.
    let lab = Lab::open().await;
    lab.server.script(When::patch().nth(2), Fault::reply(Reply::new(202)).after_body());
    send_in(&lab, &bytes, Chunking::Chunks(20_000)).await.expect("fine");
    check(&lab, &bytes).await;
}

#[tokio::test]
async fn a_chunk_that_does_not_fit_is_asked_about_f_72() {
    let bytes = noise(50_000, 1);
    let lab = Lab::open().await;
    lab.server.script(
        When::patch().nth(2),
        Fault::reply(Reply::error(416, "RANGE_INVALID", "x")).after_body(),
    );
    send_in(&lab, &bytes, Chunking::Chunks(20_000)).await.expect("fine");
    check(&lab, &bytes).await;
    for status in [404, 405, 400] {
        let lab = Lab::open().await;
        lab.server.script(When::patch().nth(2), Fault::reply(Reply::new(416)).after_body());
        lab.server.script(When::get(Endpoint::Upload), Fault::status(status));
        send_in(&lab, &bytes, Chunking::Chunks(20_000)).await.expect("fine");
        check(&lab, &bytes).await;
    }
}

#[tokio::test]
async fn the_smallest_chunk_is_honoured_and_capped_f_74() {
    let bytes = noise(50_000, 1);
    for (value, patches) in [("30000", 2), ("1152921504606846976", 1), ("-5", 5), ("x", 5)] {
        let lab = Lab::open().await;
        lab.server.script(posts(), Fault::pass().set("oci-chunk-min-length", value));
        send_in(&lab, &bytes, Chunking::Chunks(10_000)).await.expect("fine");
        assert_eq!(lab.count(&When::patch()), patches, "{value}");
    }
}

#[tokio::test]
async fn mounts_f_76() {
    let bytes = noise(1000, 1);
    let mount = |lab: &Lab| {
        let (to, from) = (lab.repository("y"), lab.repository("x"));
        let (source, blob) = (Arc::new(Bytes::from(bytes.clone())), blob(&bytes));
        async move { to.mount_blob(&blob, &from, source, &UploadOptions::default()).await }
    };
    let lab = Lab::with_tokens().await;
    lab.has_blob(&bytes).await;
    assert_eq!(mount(&lab).await.expect("fine"), Placed::Mounted);
    let token = When::any().matching(|seen| seen.path == "/token");
    let query = lab.server.requests_like(&token).pop().expect("one").seen.query.unwrap_or_default();
    assert!(
        query.contains("scope=repository%3Ay%3Apull%2Cpush&scope=repository%3Ax%3Apull"),
        "{query}"
    );
    // Another session is offered: it is used.
    let lab = Lab::open().await;
    assert_eq!(mount(&lab).await.expect("fine"), Placed::Uploaded);
    assert_eq!(lab.count(&posts()), 1);
    for status in [400, 401, 403, 404, 405] {
        let lab = Lab::open().await;
        lab.server.script(posts().target("mount="), Fault::status(status));
        assert_eq!(mount(&lab).await.expect("fine"), Placed::Uploaded, "{status}");
        assert_eq!(lab.count(&posts()), 2);
    }
    let lab = Lab::open().await;
    let wrong = Reply::new(201).header("docker-content-digest", blob(b"").digest.as_ref());
    lab.server.script(posts(), Fault::reply(wrong));
    assert_eq!(mount(&lab).await.expect_err("another blob").kind(), ErrorKind::DigestMismatch);
}

#[tokio::test]
async fn a_dropped_upload_is_ended_in_the_registry_f_77() {
    let lab = Lab::open().await;
    lab.server.script(When::patch().nth(2), Fault::hang());
    let bytes = noise(50_000, 1);
    let sending = send_in(&lab, &bytes, Chunking::Chunks(20_000));
    tokio::select! {
        _ = sending => panic!("it hangs"),
        () = async {
            while lab.count(&When::patch()) < 2 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        } => {}
    }
    for _ in 0..100 {
        if lab.count(&When::delete(Endpoint::Upload)) == 1 && lab.server.uploads() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?}", lab.log());
}

/// A source with other bytes than it says, or that can be read once only.
#[derive(Debug)]
struct Odd {
    says: u64,
    bytes: Bytes,
    fails: bool,
    reads: Reads,
}

#[async_trait]
impl Source for Odd {
    fn size(&self) -> u64 {
        self.says
    }

    async fn open(&self, _: u64) -> io::Result<ByteStream> {
        let mut pieces = vec![Ok(self.bytes.clone())];
        if self.fails {
            pieces.push(Err(io::Error::other("the disk is gone")));
        }
        Ok(Box::pin(futures_util::stream::iter(pieces)))
    }

    fn reads(&self) -> Reads {
        self.reads
    }
}

#[tokio::test]
async fn sources_that_are_not_what_they_say_f_78() {
    let bytes = Bytes::from(noise(1000, 1));
    for (says, length, fails) in [(1000, 999, false), (1000, 500, true), (999, 1000, false)] {
        let lab = Lab::open().await;
        let source = Odd { says, bytes: bytes.slice(..length), fails, reads: Reads::AnyNumber };
        let mut wanted = blob(&bytes);
        wanted.size = says;
        let (repository, options) = (lab.repository("x"), UploadOptions::default());
        let put = repository.put_blob(&wanted, Arc::new(source), &options).await;
        let error = put.expect_err("not what it says");
        assert_eq!(error.kind(), ErrorKind::SourceChanged, "{error}");
        assert_eq!(lab.count(&posts()), 1, "nothing is tried again");
        lab.client.settled().await;
        assert_eq!(lab.server.uploads(), 0, "the session is ended: {:?}", lab.log());
    }
}

#[tokio::test]
async fn what_can_be_read_once_is_sent_once_f_79() {
    let lab = Lab::open().await;
    let bytes = Bytes::from(noise(1000, 1));
    lab.server.script(puts(), Fault::status(500).after_body());
    let source = Odd { says: 1000, bytes: bytes.clone(), fails: false, reads: Reads::Once };
    let (repository, options) = (lab.repository("x"), UploadOptions::default());
    let put = repository.put_blob(&blob(&bytes), Arc::new(source), &options).await;
    assert_eq!(put.expect_err("it fails").kind(), ErrorKind::NotRewindable);
    assert_eq!(lab.count(&puts()), 1);
}

#[tokio::test]
async fn a_body_always_has_its_length_f_81() {
    let lab = Lab::open().await;
    send(&lab, &noise(1000, 1)).await.expect("fine");
    send_in(&lab, &noise(1000, 2), Chunking::Chunks(300)).await.expect("fine");
    for request in lab.server.requests() {
        let has_body = matches!(request.seen.method.as_str(), "POST" | "PUT" | "PATCH");
        assert_eq!(request.seen.header("content-length").is_some(), has_body, "{request:?}");
        assert!(request.seen.header("transfer-encoding").is_none());
        assert_eq!(request.seen.header("accept-encoding"), Some("identity"));
    }
}

#[tokio::test]
async fn other_digests_are_announced_f_80() {
    use sha2::Digest as _;
    let bytes = noise(1000, 1);
    let digest: String =
        sha2::Sha512::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let digest = oci_artifact::digest::parse(&format!("sha512:{digest}")).expect("one");
    let blob = Blob { digest, size: 1000 };
    let put = |lab: &Lab| {
        let (repository, blob, bytes) = (lab.repository("x"), blob.clone(), bytes.clone());
        async move {
            repository.put_blob(&blob, Arc::new(Bytes::from(bytes)), &Default::default()).await
        }
    };
    let lab = Lab::open().await;
    assert_eq!(put(&lab).await.expect("fine"), Placed::Uploaded);
    let post = lab.server.requests_like(&posts()).pop().expect("one");
    assert_eq!(post.seen.parameter("digest-algorithm").as_deref(), Some("sha512"));
    assert_eq!(fetch(&lab.repository("x"), &blob).await.expect("there"), bytes);
    let lab = Lab::open().await;
    lab.server.script(posts(), Fault::reply(Reply::error(400, "DIGEST_INVALID", "what?")));
    assert_eq!(put(&lab).await.expect_err("refused").kind(), ErrorKind::UnsupportedDigest);
}
