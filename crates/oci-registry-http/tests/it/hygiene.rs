// SPDX-License-Identifier: Apache-2.0
//! F-68, F-109, F-119, F-120, F-122, F-123: what is slow, stale, crowded, dropped, watched.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use oci_artifact::reference::{Defaults, Reference};
use oci_registry_faults::Endpoint;
use oci_registry_faults::{Fault, When};
use oci_registry_http::ErrorKind;
use oci_registry_http::transfer::{PushOptions, push};
use oci_registry_http::transport::connection::Timeouts;
use oci_registry_http::transport::retry::RetryPolicy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Artifact, Lab, blob, fetch, noise};

/// A registry that accepts uploads so slowly that their bytes wait, and after that many no more.
async fn slow(pause: Duration, patience: usize) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("it listens");
    let addr = listener.local_addr().expect("it has one");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move { take(stream, pause, patience).await.ok() });
        }
    });
    addr
}

async fn take(mut stream: TcpStream, pause: Duration, patience: usize) -> std::io::Result<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|text| text.parse().ok()).unwrap_or_default();
        let mut taken = 0;
        // All that has come is taken each time, or the system offers no room for a whole segment, and the
        // sender waits for its own timer.
        let mut piece = vec![0; 1 << 20];
        while taken < length {
            if taken >= patience {
                std::future::pending::<()>().await;
            }
            taken += stream.read(&mut piece).await?;
            tokio::time::sleep(pause).await;
        }
        let answer = match head.split(' ').next() {
            Some("post") => "202 Accepted\r\nlocation: /upload",
            Some("put") => "201 Created",
            _ => "404 Not Found",
        };
        let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).await?;
    }
}

#[tokio::test]
async fn what_moves_is_waited_for_and_what_stands_still_is_not_f_68() {
    let mut timeouts = Timeouts::default();
    timeouts.idle = Duration::from_millis(400);
    let mut retry = RetryPolicy::default();
    retry.retries = 0;
    let lab = Lab::with(|s| s, |c| c.timeouts(timeouts).retry(retry)).await;
    let bytes = bytes::Bytes::from(noise(12 << 20, 1));
    let send = |addr: SocketAddr| {
        let reference = Reference::parse(&format!("{addr}/x:y"), Defaults::Strict).expect("one");
        let repository = lab.client.repository(&reference).expect("fine");
        let (blob, source) = (blob(&bytes), Arc::new(bytes.clone()));
        async move { repository.put_blob(&blob, source, &Default::default()).await }
    };
    let start = tokio::time::Instant::now();
    send(slow(Duration::from_millis(50), usize::MAX).await).await.expect("it gets there");
    assert!(start.elapsed() > Duration::from_millis(400), "it took longer than the idle time");
    let error = send(slow(Duration::ZERO, 1 << 20).await).await.expect_err("it stands still");
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}

#[tokio::test]
async fn connections_that_went_stale_are_no_failure_f_109() {
    for when in
        [When::post(Endpoint::Uploads), When::put(Endpoint::Upload), When::put(Endpoint::Manifest)]
    {
        let lab = Lab::open().await;
        let store = lab.store("store");
        let digest = Artifact::new(1000).keep_in(&store);
        let to = [lab.reference("x:v1")];
        let rule = lab.server.script(when.nth(1), Fault::close());
        push(&lab.client, &store, &digest, &to, &PushOptions::default()).await.expect("fine");
        assert_eq!(rule.fired(), 1);
    }
}

#[tokio::test]
async fn five_hundred_repositories_through_three_places_f_120() {
    let lab = Lab::with(|s| s, |c| c.max_in_flight(3)).await;
    let all = (0..500).map(|number: u32| {
        let repository = lab.repository(&format!("r{number}"));
        async move {
            let bytes = bytes::Bytes::from(number.to_string());
            repository.put_blob(&blob(&bytes), Arc::new(bytes.clone()), &Default::default()).await
        }
    });
    let all = futures_util::future::join_all(all);
    let all = tokio::time::timeout(Duration::from_secs(120), all).await.expect("nothing is stuck");
    assert!(all.iter().all(Result::is_ok));
    assert!(lab.server.counters().peak_in_flight() <= 3);
    assert_eq!(lab.server.requests().len(), 1500);
}

#[tokio::test]
async fn no_more_than_so_many_at_once_f_119() {
    let lab = Lab::with(|s| s, |c| c.max_in_flight(3)).await;
    let bytes = noise(50_000, 1);
    let blob = lab.has_blob(&bytes).await;
    lab.server.script(When::any(), Fault::pass().delay(Duration::from_millis(20)));
    let repository = lab.repository("x");
    let all = (0..20).map(|_| fetch(&repository, &blob));
    assert!(futures_util::future::join_all(all).await.iter().all(Result::is_ok));
    let most = lab.server.requests().iter().map(|request| request.seen.in_flight).max();
    assert!(most <= Some(3), "{most:?}");
}

#[tokio::test]
async fn a_future_may_be_dropped_at_any_poll_f_122() {
    use futures_util::FutureExt;
    let mut timeouts = Timeouts::default();
    timeouts.head = Duration::from_secs(5);
    let lab = Lab::with(
        |s| s.access(crate::support::tokens()),
        |c| c.credentials(crate::support::password()).max_in_flight(1).timeouts(timeouts),
    )
    .await;
    let artifact = crate::support::Artifact::new(300_000);
    let store = lab.store("store");
    let digest = artifact.keep_in(&store);
    let to = [lab.reference("x:v1")];
    let options = oci_registry_http::transfer::PushOptions::default();
    for polls in 0..60 {
        let mut pushing = Box::pin(oci_registry_http::transfer::push(
            &lab.client,
            &store,
            &digest,
            &to,
            &options,
        ));
        for _ in 0..polls {
            if (&mut pushing).now_or_never().is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    // All places at the gate came back, the token's lock is free, and it still works.
    let again = oci_registry_http::transfer::push(&lab.client, &store, &digest, &to, &options);
    tokio::time::timeout(Duration::from_secs(30), again)
        .await
        .expect("nothing is stuck")
        .expect("fine");
    let second = lab.store("second");
    for polls in 0..40 {
        let pull_options = Default::default();
        let mut pulling = Box::pin(oci_registry_http::transfer::pull(
            &lab.client,
            &to[0],
            &second,
            &pull_options,
        ));
        for _ in 0..polls {
            if (&mut pulling).now_or_never().is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    oci_registry_http::transfer::pull(&lab.client, &to[0], &second, &Default::default())
        .await
        .expect("fine");
    for _ in 0..100 {
        if lab.server.uploads() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(lab.server.uploads(), 0, "no upload session is left");
    for name in ["store", "second"] {
        let store = lab.store(name);
        let left = left_over(store.root());
        assert!(left.is_empty(), "no temporary file is left: {left:?}");
    }
    lab.end().await;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    for _ in 0..100 {
        if tasks() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} tasks are left", tasks());
}

#[tokio::test]
async fn progress_goes_forward_and_ends_f_123() {
    use oci_registry_http::transfer::{Event, PushOptions, State, push};
    use std::sync::{Arc, Mutex};
    let lab = Lab::open().await;
    let artifact = crate::support::Artifact::new(3_000_000);
    let store = lab.store("store");
    let digest = artifact.keep_in(&store);
    let events: Arc<Mutex<Vec<Event>>> = Arc::default();
    let ear = Arc::clone(&events);
    let mut options = PushOptions::default();
    options.on_event = Some(Arc::new(move |event| ear.lock().unwrap().push(event)));
    push(&lab.client, &store, &digest, &[lab.reference("x:v1")], &options).await.expect("fine");
    let layer = oci_artifact::digest::sha256(&artifact.layer);
    let events = events.lock().unwrap();
    let of_layer: Vec<&Event> = events.iter().filter(|event| event.digest == layer).collect();
    assert!(
        of_layer
            .windows(2)
            .all(|pair| pair[0].bytes <= pair[1].bytes || pair[1].state == State::Rewound)
    );
    assert_eq!(of_layer.first().map(|event| event.state), Some(State::Started));
    assert_eq!(
        of_layer.last().map(|event| (event.state, event.bytes)),
        Some((State::Done, 3_000_000))
    );
    let done = events.iter().filter(|event| event.state == State::Done).count();
    assert_eq!(done, 6);
}

/// The files of a layout that are not its own.
fn left_over(root: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).expect("there").map(|entry| entry.expect("fine"))
        {
            if entry.file_type().expect("fine").is_dir() {
                open.push(entry.path());
                continue;
            }
            let path = entry.path();
            let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
            let is_blob = name.strip_prefix("blobs/sha256/").is_some_and(|hex| hex.len() == 64);
            if !is_blob && !["index.json", "index.json.lock", "oci-layout"].contains(&name.as_str())
            {
                found.push(name);
            }
        }
    }
    found
}
