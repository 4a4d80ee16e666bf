// SPDX-License-Identifier: Apache-2.0
//! Tests of the number of requests (F-115 to F-118), request by request.

use oci_registry_faults::Endpoint;
use oci_registry_faults::{Fault, When};
use oci_registry_http::transfer::{Expectation, PullOptions, PushOptions, pull, push};

use crate::support::{ARTIFACT_TYPE, Artifact, Lab, password};

fn sorted(log: &[String]) -> Vec<String> {
    let mut log = log.to_vec();
    log.sort();
    log
}

#[tokio::test]
async fn a_cold_push_takes_15_requests_f_115() {
    let lab = Lab::with_tokens().await;
    let store = lab.store("store");
    let digest = Artifact::new(100_000).keep_in(&store);
    let to = [lab.reference("org/plugin:v1")];
    let pushed =
        push(&lab.client, &store, &digest, &to, &PushOptions::default()).await.expect("fine");
    let log = lab.log();
    assert_eq!(
        log[..3],
        [
            "HEAD /v2/org/plugin/manifests/v1 401",
            "GET /token 200",
            "HEAD /v2/org/plugin/manifests/v1 404",
        ]
    );
    assert_eq!(
        sorted(&log[3..12]),
        [
            "HEAD /v2/org/plugin/blobs/DIGEST 404",
            "HEAD /v2/org/plugin/blobs/DIGEST 404",
            "HEAD /v2/org/plugin/blobs/DIGEST 404",
            "POST /v2/org/plugin/blobs/uploads/ 202",
            "POST /v2/org/plugin/blobs/uploads/ 202",
            "POST /v2/org/plugin/blobs/uploads/ 202",
            "PUT /v2/org/plugin/blobs/uploads/ 201",
            "PUT /v2/org/plugin/blobs/uploads/ 201",
            "PUT /v2/org/plugin/blobs/uploads/ 201",
        ]
    );
    assert_eq!(
        log[12..],
        [
            "PUT /v2/org/plugin/manifests/DIGEST 201",
            "PUT /v2/org/plugin/manifests/DIGEST 201",
            "PUT /v2/org/plugin/manifests/v1 201",
        ]
    );
    assert_eq!((pushed.requests, pushed.blobs_uploaded, pushed.blobs_skipped), (15, 3, 0));
}

#[tokio::test]
async fn a_warm_push_takes_3_requests_and_1_where_the_token_is_there_f_116() {
    let lab = Lab::with_tokens().await;
    let store = lab.store("store");
    let digest = Artifact::new(1000).keep_in(&store);
    let to = [lab.reference("org/plugin:v1")];
    let options = PushOptions::default();
    push(&lab.client, &store, &digest, &to, &options).await.expect("fine");
    lab.server.clear_requests();
    let again = push(&lab.client, &store, &digest, &to, &options).await.expect("fine");
    assert_eq!(lab.log(), ["HEAD /v2/org/plugin/manifests/v1 200"]);
    assert_eq!((again.requests, again.blobs_uploaded, again.blobs_skipped), (1, 0, 3));

    lab.server.clear_requests();
    let fresh = lab.fresh_client(|client| client.credentials(password()));
    let again = push(&fresh, &store, &digest, &to, &options).await.expect("fine");
    assert_eq!(
        lab.log(),
        [
            "HEAD /v2/org/plugin/manifests/v1 401",
            "GET /token 200",
            "HEAD /v2/org/plugin/manifests/v1 200",
        ]
    );
    assert_eq!(again.requests, 3);
}

#[tokio::test]
async fn a_cold_pull_takes_8_requests_and_a_warm_one_3_f_115() {
    let lab = Lab::with_tokens().await;
    let store = lab.store("store");
    let artifact = Artifact::new(100_000);
    let digest = artifact.keep_in(&store);
    let reference = lab.reference("org/plugin:v1");
    let to = [reference.clone()];
    push(&lab.client, &store, &digest, &to, &PushOptions::default()).await.expect("fine");

    lab.server.clear_requests();
    let second = lab.store("second");
    let mut options = PullOptions::default();
    options.expectation = Some(Expectation {
        artifact_type: ARTIFACT_TYPE.into(),
        layer_media_type: oci_artifact::media_type::IMAGE_LAYER_GZIP.into(),
    });
    let fresh = lab.fresh_client(|client| client.credentials(password()));
    let pulled = pull(&fresh, &reference, &second, &options).await.expect("fine");
    let log = lab.log();
    assert_eq!(
        log[..3],
        [
            "GET /v2/org/plugin/manifests/v1 401",
            "GET /token 200",
            "GET /v2/org/plugin/manifests/v1 200",
        ]
    );
    assert_eq!(
        sorted(&log[3..]),
        [
            "GET /v2/org/plugin/blobs/DIGEST 200",
            "GET /v2/org/plugin/blobs/DIGEST 200",
            "GET /v2/org/plugin/blobs/DIGEST 200",
            "GET /v2/org/plugin/manifests/DIGEST 200",
            "GET /v2/org/plugin/manifests/DIGEST 200",
        ]
    );
    assert_eq!((pulled.requests, pulled.blobs_fetched, pulled.blobs_skipped), (8, 5, 0));
    assert_eq!(pulled.digest, digest);
    let layer = oci_artifact::digest::sha256(&artifact.layer);
    assert_eq!(second.get_blob(&layer).expect("there"), artifact.layer);
    assert_eq!(second.list_tags().expect("fine"), [reference.as_str()]);

    lab.server.clear_requests();
    let fresh = lab.fresh_client(|client| client.credentials(password()));
    let pulled = pull(&fresh, &reference, &second, &options).await.expect("fine");
    assert_eq!((pulled.requests, pulled.blobs_fetched, pulled.blobs_skipped), (3, 0, 5));
    assert_eq!(lab.log().len(), 3);
}

#[tokio::test]
async fn a_failed_push_shows_no_tag_and_is_finished_by_the_next_f_117() {
    let lab = Lab::open().await;
    let store = lab.store("store");
    let digest = Artifact::new(1000).keep_in(&store);
    let to = [lab.reference("org/plugin:v1")];
    let tag = When::put(Endpoint::Manifest).target("/manifests/v1");
    let rule = lab.server.script(tag, Fault::status(403));
    let pushed = push(&lab.client, &store, &digest, &to, &PushOptions::default()).await;
    assert_eq!(pushed.expect_err("refused").status(), Some(403));
    assert!(lab.repository("org/plugin").tags().await.map_or(true, |tags| tags.is_empty()));
    rule.stop();
    let pushed =
        push(&lab.client, &store, &digest, &to, &PushOptions::default()).await.expect("fine");
    assert_eq!((pushed.blobs_uploaded, pushed.blobs_skipped), (0, 3));
    assert_eq!(lab.repository("org/plugin").tags().await.expect("fine"), ["v1"]);
}

#[tokio::test]
async fn one_failure_ends_all_and_is_what_is_told_f_118() {
    let lab = Lab::open().await;
    let store = lab.store("store");
    let artifact = Artifact::new(1000);
    let digest = artifact.keep_in(&store);
    let layer = oci_artifact::digest::sha256(&artifact.layer);
    let to = [lab.reference("org/plugin:v1")];
    lab.server.script(When::put(Endpoint::Upload).target(layer.hex()), Fault::status(403));
    let pushed = push(&lab.client, &store, &digest, &to, &PushOptions::default()).await;
    assert_eq!(pushed.expect_err("refused").status(), Some(403), "the root cause");
    assert_eq!(lab.count(&When::put(Endpoint::Manifest)), 0);
}
