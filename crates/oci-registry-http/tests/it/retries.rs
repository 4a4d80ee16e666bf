// SPDX-License-Identifier: Apache-2.0
//! F-104 to F-114, F-119: when to ask again, and how the transport fails.

use std::time::Duration;

use oci_artifact::reference::Target;
use oci_registry_faults::{Authority, Fault, Proxy, Reply, When};
use oci_registry_faults::{Endpoint, Server};
use oci_registry_http::ErrorKind;
use oci_registry_http::transport::connection::{
    HostOptions, Identity, ProxyOptions, Roots, Verification,
};
use oci_registry_http::transport::redact::Secret;

use crate::support::{Lab, repository};

fn tags() -> When {
    When::get(Endpoint::Tags)
}

#[tokio::test]
async fn what_the_registry_asks_for_is_waited_f_104() {
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
async fn all_requests_to_a_host_wait_and_others_do_not_f_105() {
    let lab = Lab::open().await;
    lab.server.script(tags().nth(1), Fault::status(429).set("retry-after", "50"));
    let (first, second) = (lab.repository("x"), lab.repository("y"));
    let _ = tokio::join!(first.tags(), async {
        // When the first one is asked to wait, the second one comes.
        while lab.server.requests().is_empty() || lab.clock.sleeps().is_empty() {
            tokio::task::yield_now().await;
        }
        second.tags().await
    });
    let waits = lab.clock.sleeps();
    assert_eq!(waits[0], Duration::from_secs(50));
    let lab = Lab::open().await;
    lab.server.script(tags().nth(1), Fault::status(429).set("retry-after", "99999"));
    lab.repository("x").tags().await.expect_err("told to wait");
    let error = lab.repository("y").tags().await.expect_err("everybody is");
    assert_eq!((error.kind(), lab.server.requests().len()), (ErrorKind::RateLimited, 1));
    let other = Lab::open().await;
    repository(&lab.client, &other.server, "x").tags().await.expect_err("no such repository");
    assert!(lab.clock.sleeps().is_empty());
}

#[tokio::test]
async fn a_longer_wait_than_is_waited_ends_at_once_and_says_when_to_come_back_r_70() {
    let lab = Lab::open().await;
    let manifest = || When::get(Endpoint::Manifest);
    lab.server.script(manifest().nth(1), Fault::status(503).set("retry-after", "120"));
    let get = || async {
        let repository = lab.repository("x");
        let got = repository.get_manifest(&Target::Tag("v1")).await;
        got.expect_err("not there, whatever else")
    };
    let error = get().await;
    assert_eq!((error.status(), error.attempts()), (Some(503), 1), "{error}");
    let help = Some("come back in 120 s, after Fri, 15 Jan 2027 08:02:00 GMT");
    assert_eq!(error.help().map(ToString::to_string).as_deref(), help);
    // Nobody asks again before.
    lab.clock.advance(Duration::from_secs(30));
    let error = get().await;
    assert_eq!(
        (error.kind(), error.retry_after()),
        (ErrorKind::RateLimited, Some(Duration::from_secs(90)))
    );
    assert!(error.request().is_some_and(|request| request.starts_with("GET http://")), "{error}");
    let found = error.help().map(ToString::to_string);
    assert_eq!(found.as_deref(), Some("come back in 90 s, after Fri, 15 Jan 2027 08:02:00 GMT"));
    assert_eq!((lab.server.requests().len(), lab.clock.sleeps().len()), (1, 0));
    lab.clock.advance(Duration::from_secs(91));
    assert!(get().await.is_not_found());
    assert_eq!(lab.server.requests().len(), 2);
}

#[tokio::test]
async fn a_storm_is_not_made_worse_f_106() {
    let lab = Lab::open().await;
    lab.server.script(tags(), Fault::status(503));
    let repository = lab.repository("x");
    let all = (0..100).map(|_| repository.tags());
    futures_util::future::join_all(all).await;
    assert!(lab.server.requests().len() <= 120, "{}", lab.server.requests().len());
}

#[tokio::test]
async fn statuses_that_pass_and_others_f_67() {
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
async fn connections_that_fail_f_107() {
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
    assert!(
        error.help().is_some_and(|help| help.to_string().starts_with("nothing listens there")),
        "{error}"
    );
}

fn trusting(authority: &Authority) -> HostOptions {
    let mut options = HostOptions::default();
    options.authorities = vec![authority.pem().as_bytes().to_vec()];
    options.roots = Roots::OnlyGiven;
    options
}

#[tokio::test]
async fn certificates_f_107_f_111() {
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
async fn certificates_of_our_own_f_111() {
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
async fn http_2_streams_that_are_reset_f_108() {
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
async fn the_wrong_protocol_f_110() {
    let plain = Server::builder().start().await.expect("it starts");
    let lab = Lab::with(|s| s, |c| c.host("127.0.0.1", HostOptions::default())).await;
    let error = repository(&lab.client, &plain, "x").tags().await.expect_err("no TLS there");
    assert_eq!(error.kind(), ErrorKind::WrongScheme, "{error}");
    assert!(error.help().is_some_and(|help| help.to_string().contains("plain HTTP")));
    let authority = Authority::new().expect("one");
    let tls = authority.server(&["127.0.0.1"]).expect("fine");
    let lab = Lab::with(|s| s.tls(tls), |c| c).await;
    let error = lab.repository("x").tags().await.expect_err("TLS there");
    assert_eq!(error.kind(), ErrorKind::Tls, "HTTPS was tried, and nobody vouches for it: {error}");
}

#[tokio::test]
async fn a_proxy_f_112() {
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
async fn answers_that_are_no_http_f_113() {
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
async fn bodies_of_errors_f_114() {
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
