// SPDX-License-Identifier: Apache-2.0
//! failures that may pass are tried again in one level, whatever an operation is made of, and every wait
//! is announced before it begins.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use oci_artifact::reference::Target;
use oci_registry_faults::Endpoint;
use oci_registry_faults::{Cut, Fault, Reply, When};
use oci_registry_http::{ErrorKind, Repository, Result};

use crate::manifests::pushed;
use crate::support::{Lab, blob, fetch, noise};

/// Everything that a repository can be asked for.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Get,
    Resolve,
    Put,
    Delete,
    Tags,
    Referrers,
    Fetch,
    Start,
    Send,
    Mount,
}

const ALL: [Operation; 10] = [
    Operation::Get,
    Operation::Resolve,
    Operation::Put,
    Operation::Delete,
    Operation::Tags,
    Operation::Referrers,
    Operation::Fetch,
    Operation::Start,
    Operation::Send,
    Operation::Mount,
];

impl Operation {
    /// The request that it is about.
    fn when(self) -> When {
        match self {
            Self::Get => When::get(Endpoint::Manifest),
            Self::Resolve => When::head(Endpoint::Manifest),
            Self::Put => When::put(Endpoint::Manifest),
            Self::Delete => When::delete(Endpoint::Manifest),
            Self::Tags => When::get(Endpoint::Tags),
            Self::Referrers => When::get(Endpoint::Referrers),
            Self::Fetch => When::get(Endpoint::Blob),
            Self::Start | Self::Mount => When::post(Endpoint::Uploads),
            Self::Send => When::put(Endpoint::Upload),
        }
    }

    async fn run(self, repository: &Repository, other: &Repository) -> Result<()> {
        let bytes = Bytes::from(noise(1000, 9));
        let part = blob(&bytes);
        match self {
            Self::Get => repository.get_manifest(&Target::Tag("v1")).await.map(drop),
            Self::Resolve => repository.resolve(&Target::Tag("v1")).await.map(drop),
            Self::Put => {
                let manifest = repository.get_manifest(&Target::Tag("v1")).await?;
                repository.put_manifest(&Target::Tag("v2"), manifest.bytes).await.map(drop)
            }
            Self::Delete => repository.delete_tag("v1").await,
            Self::Tags => repository.tags().await.map(drop),
            Self::Referrers => repository.referrers(&part.digest, None).await.map(drop),
            Self::Fetch => fetch(repository, &blob(&noise(1000, 7))).await.map(drop),
            Self::Start | Self::Send => {
                repository.put_blob(&part, Arc::new(bytes), &Default::default()).await.map(drop)
            }
            Self::Mount => {
                let source = Arc::new(bytes);
                repository.mount_blob(&part, other, source, &Default::default()).await.map(drop)
            }
        }
    }
}

#[tokio::test]
async fn what_fails_for_ever_is_tried_six_times_in_one_level_r_81() {
    for operation in ALL {
        for status in [429, 500, 502, 503, 504] {
            let lab = Lab::open().await;
            pushed(&lab).await;
            let (repository, other) = (lab.repository("x"), lab.repository("y"));
            lab.server.script(operation.when(), Fault::status(status));
            lab.server.clear_requests();
            let error = operation.run(&repository, &other).await.expect_err("it fails for ever");
            let (count, attempts) = (lab.count(&operation.when()), error.attempts());
            // A mount that is refused in whatever way is an upload.
            let wanted = if matches!(operation, Operation::Mount) { 12 } else { 6 };
            assert_eq!((count, attempts), (wanted, 6), "{operation:?} {status}: {error}");
            assert_eq!(error.status(), Some(status), "{operation:?}: {error}");
            assert!(error.is_retryable(), "{operation:?} {status}: {error:?}");
        }
    }
}

#[tokio::test]
async fn what_will_not_pass_is_asked_once_r_67() {
    for operation in ALL {
        for status in [501, 505, 507, 511] {
            let lab = Lab::open().await;
            pushed(&lab).await;
            let (repository, other) = (lab.repository("x"), lab.repository("y"));
            lab.server.script(operation.when(), Fault::status(status));
            lab.server.clear_requests();
            let result = operation.run(&repository, &other).await;
            let wanted = if matches!(operation, Operation::Mount) { 2 } else { 1 };
            assert_eq!(lab.count(&operation.when()), wanted, "{operation:?} {status}");
            assert!(lab.clock.sleeps().is_empty(), "{operation:?} {status}");
            // Where there is another way to the same answer, it is taken.
            let has_other = matches!(operation, Operation::Resolve | Operation::Referrers);
            match result {
                Ok(()) => assert!(status == 501 && has_other, "{operation:?}"),
                Err(error) => {
                    assert!(!error.is_retryable(), "{operation:?} {status}: {error:?}");
                    assert_eq!(error.status(), Some(status), "{operation:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_token_server_that_fails_is_asked_six_times_by_whoever_needs_it_r_81() {
    for operation in ALL {
        let lab = Lab::with_tokens().await;
        let token = || When::any().matching(|seen| seen.path == "/token");
        lab.server.script(token(), Fault::status(503));
        let (repository, other) = (lab.repository("x"), lab.repository("y"));
        let error = operation.run(&repository, &other).await.expect_err("no token");
        // `Put` asks for the manifest first, and `Mount` for an upload after.
        assert_eq!((lab.count(&token()), error.attempts()), (6, 6), "{operation:?}: {error}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_for_ever_is_asked_for_six_times_r_81() {
    for (operation, name) in
        [(Operation::Get, "manifest"), (Operation::Tags, "tags"), (Operation::Fetch, "blob")]
    {
        for cut in [Cut::Close, Cut::Reset] {
            let lab = Lab::open().await;
            pushed(&lab).await;
            lab.server.script(operation.when(), Fault::pass().cut(3, cut));
            lab.server.clear_requests();
            let repository = lab.repository("x");
            let error = operation.run(&repository, &repository).await.expect_err("it breaks off");
            let found = (lab.count(&operation.when()), error.attempts(), error.kind());
            assert_eq!(found, (6, 6, ErrorKind::Network), "{name}: {error}");
            assert!(error.request().is_some_and(|r| r.starts_with("GET http://")), "{error}");
        }
    }
}

#[tokio::test]
async fn one_budget_holds_for_an_upload_with_all_its_questions_r_81() {
    let lab = Lab::open().await;
    // All of it was sent, nothing is answered: it may have been taken.
    lab.server.script(When::put(Endpoint::Upload), Fault::status(503).after_body());
    lab.server.script(When::head(Endpoint::Blob).after(1), Fault::status(503));
    let bytes = Bytes::from(noise(1000, 9));
    let part = blob(&bytes);
    let sent = lab.repository("x").put_blob(&part, Arc::new(bytes), &Default::default()).await;
    assert_eq!(sent.expect_err("for ever").attempts(), 6);
    assert_eq!(lab.count(&When::put(Endpoint::Upload)), 6);
    // One before, and three times one between two attempts.
    assert_eq!(lab.count(&When::head(Endpoint::Blob)), 1 + 5 * 3);
}

#[tokio::test]
async fn every_wait_is_told_before_it_begins_r_82() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&told);
    let lab = Lab::with(
        |server| server,
        |client| client.on_wait(Arc::new(move |wait| ear.lock().expect("fine").push(wait.clone()))),
    )
    .await;
    let tags = || When::get(Endpoint::Tags);
    lab.server.script(tags().nth(1), Fault::status(503));
    lab.server.script(tags().nth(2), Fault::reply(Reply::new(429).header("retry-after", "7")));
    lab.server.script(tags().nth(3), Fault::reset());
    lab.repository("x").tags().await.expect_err("no such repository");
    let told = told.lock().expect("fine").clone();
    let waits: Vec<Duration> = told.iter().map(|wait| wait.wait).collect();
    assert_eq!(waits, lab.clock.sleeps());
    let request = format!("GET {}/v2/x/tags/list", lab.server.url());
    assert!(told.iter().all(|wait| wait.request == request), "{told:?}");
    let attempts: Vec<_> = told.iter().map(|wait| wait.attempt).collect();
    assert_eq!(attempts, [Some((2, 6)), Some((3, 6)), Some((4, 6))]);
    assert_eq!((&*told[0].why, &*told[1].why), ("status 503", "status 429"));
    assert!(told[2].why.contains("connection"), "{told:?}");
}
