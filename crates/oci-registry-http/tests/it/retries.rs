// SPDX-License-Identifier: Apache-2.0
//! F-104 to F-114, F-119: when to ask again, and how the transport fails.

use std::time::Duration;

use oci_registry_http::ErrorKind;
use oci_registry_http::auth::credential::{Credential, CredentialStore};
use oci_registry_http::transport::connection::{
    HostOptions, Identity, ProxyOptions, Roots, Timeouts, Verification,
};
use oci_registry_http::transport::redact::Secret;
use oci_registry_server::faults::{Authority, Fault, Proxy, Reply, When};
use oci_registry_server::{Endpoint, Server};

use crate::support::{Lab, fetch, noise, repository};

fn tags() -> When {
    When::get(Endpoint::Tags)
}

#[tokio::test]
async fn f_104_what_the_registry_asks_for_is_waited() {
    for (value, wait) in [
        ("1", Some(Duration::from_secs(1))),
        ("0", Some(Duration::ZERO)),
        ("1.5", Some(Duration::from_millis(1500))),
        ("abc", Some(Duration::from_millis(250))),
        ("99999", None),
    ] {
        let lab = Lab::open().await;
        lab.server.script(tags().nth(1), Fault::status(429).set("retry-after", value));
        let error = lab.repository("x").tags().await.expect_err("no such repository");
        match wait {
            Some(wait) => {
                assert!(error.is_not_found(), "{value}");
                assert_eq!(lab.clock.sleeps().iter().max(), Some(&wait), "{value}");
            }
            None => {
                assert_eq!(
                    (error.kind(), lab.server.requests().len()),
                    (ErrorKind::RateLimited, 1)
                );
                assert_eq!(error.retry_after(), Some(Duration::from_secs(99999)));
                assert!(lab.clock.sleeps().is_empty());
            }
        }
    }
}

#[tokio::test]
async fn f_105_all_requests_to_a_host_wait_and_others_do_not() {
    let lab = Lab::open().await;
    lab.server.script(tags().nth(1), Fault::status(429).set("retry-after", "99999"));
    lab.repository("x").tags().await.expect_err("told to wait");
    lab.repository("y").tags().await.expect_err("no such repository");
    assert_eq!(lab.clock.sleeps(), [Duration::from_secs(60)], "the longest wait that is honoured");
    let other = Lab::open().await;
    repository(&lab.client, &other.server, "x").tags().await.expect_err("no such repository");
    assert_eq!(lab.clock.sleeps().len(), 1);
}

#[tokio::test]
async fn f_106_a_storm_is_not_made_worse() {
    let lab = Lab::open().await;
    lab.server.script(tags(), Fault::status(503));
    let repository = lab.repository("x");
    let all = (0..100).map(|_| repository.tags());
    futures_util::future::join_all(all).await;
    assert!(lab.server.requests().len() <= 120, "{}", lab.server.requests().len());
}

#[tokio::test]
async fn f_67_statuses_that_pass_and_others() {
    for (status, requests) in
        [(408, 6), (429, 6), (500, 6), (502, 6), (504, 6), (400, 1), (501, 1), (505, 1)]
    {
        let lab = Lab::open().await;
        lab.server.script(tags(), Fault::status(status));
        let error = lab.repository("x").tags().await.expect_err("refused");
        assert_eq!(
            (lab.server.requests().len(), error.attempts()),
            (requests, requests as u32),
            "{status}"
        );
    }
}

#[tokio::test]
async fn f_107_connections_that_fail() {
    let lab = Lab::open().await;
    lab.server.script(tags().first(2), Fault::reset());
    assert!(lab.repository("x").tags().await.is_err_and(|error| error.is_not_found()));
    // Nobody listens.
    let addr = {
        let server = Server::builder().start().await.expect("it starts");
        let addr = server.addr();
        server.shutdown().await;
        addr
    };
    let text = format!("{addr}/x:y");
    let reference =
        oci_artifact::reference::Reference::parse(&text, oci_artifact::reference::Defaults::Strict);
    let repository = lab.client.repository(&reference.expect("one")).expect("one");
    let error = repository.tags().await.expect_err("nobody listens");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Network, 6));
}

fn trusting(authority: &Authority) -> HostOptions {
    let mut options = HostOptions::default();
    options.authorities = vec![authority.pem().as_bytes().to_vec()];
    options.roots = Roots::OnlyGiven;
    options
}

#[tokio::test]
async fn f_107_f_111_certificates() {
    let (authority, other) = (Authority::new().expect("one"), Authority::new().expect("another"));
    let tls = authority.server(&["127.0.0.1"]).expect("fine");
    let expired = authority.expired_server(&["127.0.0.1"]).expect("fine");
    let wrong = authority.server(&["elsewhere.example"]).expect("fine");
    let mut unchecked = HostOptions::default();
    unchecked.verification = Verification::Off;
    for (tls, options, fine) in [
        (tls.clone(), trusting(&authority), true),
        (tls.clone(), trusting(&other), false),
        (tls.clone(), HostOptions::default(), false),
        (expired, trusting(&authority), false),
        (wrong.clone(), trusting(&authority), false),
        (wrong, unchecked, true),
    ] {
        let lab = Lab::with(|s| s.tls(tls), |c| c.host("127.0.0.1", options)).await;
        let error = lab.repository("x").tags().await.expect_err("no such repository");
        match fine {
            true => assert!(error.is_not_found(), "{error}"),
            false => {
                assert_eq!((error.kind(), error.attempts()), (ErrorKind::Tls, 1), "{error}");
                assert!(lab.clock.sleeps().is_empty());
            }
        }
    }
}

#[tokio::test]
async fn f_111_certificates_of_our_own() {
    let authority = Authority::new().expect("one");
    let tls = authority.server(&["127.0.0.1"]).expect("fine").only_clients_of(authority.pem());
    let (certificate, key) = authority.client("ci").expect("fine");
    let mut with = trusting(&authority);
    with.identity =
        Some(Identity { certificates: certificate.into_bytes(), key: Secret::new(key) });
    let lab = Lab::with(|s| s.tls(tls.clone()), |c| c.host("127.0.0.1", with)).await;
    assert!(lab.repository("x").tags().await.is_err_and(|error| error.is_not_found()));
    let lab = Lab::with(|s| s.tls(tls), |c| c.host("127.0.0.1", trusting(&authority))).await;
    let error = lab.repository("x").tags().await.expect_err("it wants a certificate");
    assert!(matches!(error.kind(), ErrorKind::Tls | ErrorKind::Network), "{error}");
    let mut bad = HostOptions::default();
    bad.authorities = vec![b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----".to_vec()];
    let built = oci_registry_http::Client::builder().host("h", bad).build();
    assert_eq!(built.expect_err("never a silent default").kind(), ErrorKind::InvalidOption);
}

#[tokio::test]
async fn f_108_http_2_streams_that_are_reset() {
    let authority = Authority::new().expect("one");
    let tls = authority.server(&["127.0.0.1"]).expect("fine");
    for code in [7, 2, 8] {
        let lab =
            Lab::with(|s| s.tls(tls.clone()), |c| c.host("127.0.0.1", trusting(&authority))).await;
        lab.server.script(tags().first(2), Fault::reset_stream(code));
        let error = lab.repository("x").tags().await.expect_err("no such repository");
        assert!(error.is_not_found(), "{code}: {error}");
        assert_eq!(lab.server.requests()[0].seen.version, "HTTP/2.0");
    }
}

#[tokio::test]
async fn f_110_the_wrong_protocol() {
    let plain = Server::builder().start().await.expect("it starts");
    let lab = Lab::with(|s| s, |c| c.host("127.0.0.1", HostOptions::default())).await;
    let error = repository(&lab.client, &plain, "x").tags().await.expect_err("no TLS there");
    assert_eq!(error.kind(), ErrorKind::WrongScheme, "{error}");
    assert!(error.help().is_some_and(|help| help.contains("plain HTTP")));
    let authority = Authority::new().expect("one");
    let tls = authority.server(&["127.0.0.1"]).expect("fine");
    let lab = Lab::with(|s| s.tls(tls), |c| c).await;
    let error = lab.repository("x").tags().await.expect_err("TLS there");
    assert!(matches!(error.kind(), ErrorKind::Protocol | ErrorKind::Network), "{error}");
}

#[tokio::test]
async fn f_112_a_proxy() {
    let proxy = Proxy::start(None).await.expect("it starts");
    let lab = Lab::open().await;
    let mut proxies = ProxyOptions::default();
    proxies.http = Some(Secret::new(proxy.url()));
    let client = lab.fresh_client(|c| c.proxies(proxies.clone()));
    repository(&client, &lab.server, "x").tags().await.expect_err("no such repository");
    assert!(proxy.heads().is_empty(), "loopback hosts are reached without (R-29)");
    let mut plain = HostOptions::default();
    plain.scheme = oci_registry_http::transport::connection::Scheme::PlainHttp;
    let client = lab.fresh_client(|c| c.proxies(proxies).host("far.example", plain));
    let text = "far.example/x:y";
    let reference =
        oci_artifact::reference::Reference::parse(text, oci_artifact::reference::Defaults::Strict);
    let far = client.repository(&reference.expect("one")).expect("one");
    let _ = far.tags().await;
    assert!(!proxy.heads().is_empty());
}

#[tokio::test]
async fn f_113_answers_that_are_no_http() {
    for bytes in [
        "garbage\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(1000)),
        format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(1 << 20)),
    ] {
        let lab = Lab::open().await;
        lab.server.script(When::any(), Fault::raw(bytes));
        lab.repository("x").tags().await.expect_err("no HTTP");
    }
}

#[tokio::test]
async fn f_114_bodies_of_errors() {
    let html = format!("<html><title>Oops</title>{}</html>", "x".repeat(1 << 20));
    for (body, part) in [
        (html.into_bytes(), "Oops"),
        (b"plain \x1b[31mtext".to_vec(), "plain [31mtext"),
        (b"\xff\xfe".to_vec(), "\u{fffd}"),
        (Vec::new(), "400"),
    ] {
        let lab = Lab::open().await;
        lab.server.script(When::any(), Fault::reply(Reply::new(400).body(body)));
        let error = lab.repository("x").tags().await.expect_err("refused");
        assert!(error.to_string().contains(part) && error.to_string().len() < 2000, "{error}");
        assert!(!error.to_string().contains('\x1b'));
    }
}

#[tokio::test]
async fn f_119_no_more_than_so_many_at_once() {
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
async fn f_121_canaries_are_nowhere() {
    let canary = crate::support::CANARY;
    let lab = Lab::with_tokens().await;
    // The registry sends back what it got.
    lab.server.script(
        tags(),
        Fault::respond(|seen| {
            let got = seen.header("authorization").unwrap_or("Basic realm").to_owned();
            Reply::error(400, "DENIED", &format!("you said {got}"))
        }),
    );
    let mut texts = Vec::new();
    let store = || {
        CredentialStore::new()
            .with_credential_for_all(Credential::basic("ci", canary).expect("fine"))
    };
    for status in [400, 401, 403, 500] {
        let lab =
            Lab::with(|s| s.access(crate::support::tokens()), |c| c.credentials(store())).await;
        let token = When::any().matching(|seen| seen.path == "/token");
        lab.server.script(
            token,
            Fault::respond(move |seen| {
                let got = seen.header("authorization").unwrap_or_default().to_owned();
                Reply::error(status, "X", &format!("you said {got} and {canary}"))
            }),
        );
        let error = lab.repository("x").tags().await.expect_err("refused");
        texts.push(format!("{error} {error:?} {:?}", std::error::Error::source(&error)));
        texts.push(format!("{:?} {:?}", lab.client, lab.repository("x")));
    }
    let error = lab.repository("x").tags().await.expect_err("refused");
    texts.push(format!(
        "{error} {error:?} {:?} {:?}",
        error.refusal(),
        oci_artifact::Error::from(error.clone())
    ));
    let basic = "Y2k6Y2FuYXJ5"; // the start of `ci:canary…`, encoded
    for text in texts {
        assert!(!text.contains("canary") && !text.contains(basic), "{text}");
    }
}

#[tokio::test]
async fn f_122_a_future_may_be_dropped_at_any_poll() {
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
}

#[tokio::test]
async fn f_123_progress_goes_forward_and_ends() {
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
