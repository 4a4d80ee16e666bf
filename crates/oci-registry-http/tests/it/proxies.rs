// SPDX-License-Identifier: Apache-2.0
//! what goes through a proxy, what a registry behind one may name, and to whom
//! credentials go in clear text.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use oci_artifact::reference::{Defaults, Reference};
use oci_registry_faults::{Access, Accounts, Rights, Server};
use oci_registry_faults::{Fault, When};
use oci_registry_http::transport::connection::{HostOptions, ProxyOptions, Scheme};
use oci_registry_http::transport::redact::Secret;
use oci_registry_http::{Client, ClientBuilder, ErrorKind, Repository};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{CANARY, Lab, blob, fetch, password};

/// A proxy that answers itself, for whatever host; it remembers the first lines.
struct Impostor {
    addr: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Impostor {
    async fn start(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("it listens");
        let addr = listener.local_addr().expect("fine");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (lines, answer) = (Arc::clone(&seen), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (lines, answer) = (Arc::clone(&lines), Arc::clone(&answer));
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(stream.read_u8().await.unwrap_or_default());
                        assert!(head.len() < 20_000);
                    }
                    let head = String::from_utf8_lossy(&head).into_owned();
                    let line = head.lines().next().unwrap_or_default().to_owned();
                    lines.lock().expect("fine").push(line.clone());
                    let _ = stream.write_all(answer(&line).as_bytes()).await;
                });
            }
        });
        Self { addr, seen }
    }

    fn options(&self, exempt: &str) -> ProxyOptions {
        let mut options = ProxyOptions::default();
        options.http = Some(Secret::new(format!("http://{}", self.addr)));
        options.exempt = exempt.to_owned();
        options
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("fine").clone()
    }
}

fn plain() -> HostOptions {
    let mut options = HostOptions::default();
    options.scheme = Scheme::PlainHttp;
    options
}

fn of(client: &Client, registry: &str) -> Repository {
    let text = format!("{registry}/x:y");
    let reference = Reference::parse(&text, Defaults::Strict).expect("one");
    client.repository(&reference).expect("one")
}

fn moved(status: u16, location: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
}

#[tokio::test]
async fn a_registry_behind_a_proxy_names_no_place_further_in_r_86() {
    let service = Lab::open().await;
    let url = service.server.url();
    let proxy = Impostor::start(move |line| {
        let status = if line.starts_with("POST") { 202 } else { 307 };
        if line.starts_with("HEAD") {
            return "HTTP/1.1 404 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned();
        }
        moved(status, &format!("{url}/v2/x/blobs/uploads/here"))
    })
    .await;
    let client = |change: fn(ClientBuilder) -> ClientBuilder| {
        let proxies = proxy.options("");
        service.fresh_client(|client| change(client.proxies(proxies).scheme(Scheme::PlainHttp)))
    };
    for registry in ["far.example", "10.1.2.3", "[fd00::1]"] {
        let repository = of(&client(|client| client), registry);
        let error = fetch(&repository, &blob(b"x")).await.expect_err("GET");
        assert_eq!(error.kind(), ErrorKind::ForbiddenAddress, "{registry}: {error}");
        let source = Arc::new(bytes::Bytes::from_static(b"x"));
        let sent = repository.put_blob(&blob(b"x"), source, &Default::default()).await;
        assert_eq!(sent.expect_err("PUT").kind(), ErrorKind::ForbiddenAddress, "{registry}");
    }
    assert!(service.server.requests().is_empty());
    assert!(proxy.seen().iter().any(|line| line.starts_with("GET http://far.example/v2/x/")));
    // The caller can choose that.
    let allowing = client(|client| client.allow("127.0.0.1"));
    let _ = fetch(&of(&allowing, "far.example"), &blob(b"x")).await;
    assert!(!service.server.requests().is_empty());
}

#[tokio::test]
async fn what_a_public_registry_behind_a_proxy_may_not_name_r_86_r_87() {
    for (registry, target, is_fine) in [
        ("far.example", "http://10.1.2.3/x", false),
        ("far.example", "http://metadata.google.internal/x", false),
        ("far.example", "http://168.63.129.16/x", false),
        ("10.1.2.3", "http://10.9.9.9/x", true),
        ("10.1.2.3", "http://169.254.169.254/x", false),
        ("10.1.2.3", "http://100.100.100.200/x", false),
        ("far.example", "http://storage.example/x", true),
    ] {
        let proxy = Impostor::start(move |line| match line.contains("/v2/") {
            true => moved(307, target),
            false => "HTTP/1.1 200 X\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx".to_owned(),
        })
        .await;
        let lab = Lab::open().await;
        let proxies = proxy.options("");
        let client = lab.fresh_client(|c| c.proxies(proxies).scheme(Scheme::PlainHttp));
        let got = fetch(&of(&client, registry), &blob(b"x")).await;
        assert_eq!(got.is_ok(), is_fine, "{registry} {target}: {got:?}");
        assert_eq!(proxy.seen().len(), if is_fine { 2 } else { 1 }, "{target}");
    }
}

#[tokio::test]
async fn targets_that_bypass_the_proxy_are_checked_again_r_86() {
    let service = Lab::open().await;
    let addr = service.server.addr();
    let target = format!("http://inner.example:{}/x", addr.port());
    let proxy = Impostor::start(move |_| moved(307, &target)).await;
    let proxies = proxy.options("inner.example");
    let client = service.fresh_client(|client| {
        client.proxies(proxies).scheme(Scheme::PlainHttp).resolve("inner.example", addr)
    });
    let error = fetch(&of(&client, "far.example"), &blob(b"x")).await.expect_err("further in");
    assert_eq!(error.kind(), ErrorKind::ForbiddenAddress, "{error}");
    assert!(service.server.requests().is_empty());
}

#[tokio::test]
async fn no_proxy_with_a_port_is_honoured_r_83() {
    let lab = Lab::open().await;
    let addr = lab.server.addr();
    let answer = "HTTP/1.1 404 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let proxy = Impostor::start(move |_| answer.to_owned()).await;
    let proxies = proxy.options(&format!("near.example:{}", addr.port()));
    let client = lab.fresh_client(|client| {
        client.proxies(proxies).scheme(Scheme::PlainHttp).resolve("near.example", addr)
    });
    let near = format!("near.example:{}", addr.port());
    of(&client, &near).tags().await.expect_err("no such repository");
    assert_eq!((lab.server.requests().len(), proxy.seen().len()), (1, 0));
    of(&client, "near.example").tags().await.expect_err("no such repository");
    assert_eq!((lab.server.requests().len(), proxy.seen().len()), (1, 1));
}

#[tokio::test]
async fn a_proxy_of_another_kind_is_refused_when_the_client_is_made_r_83() {
    let mut proxies = ProxyOptions::default();
    proxies.https = Some(Secret::new("socks5://u:canary@127.0.0.1:1080"));
    let error = Client::builder().proxies(proxies).build().expect_err("not supported");
    assert_eq!(error.kind(), ErrorKind::InvalidOption);
    assert!(error.to_string().contains("socks5 proxy, which is not supported"), "{error}");
    assert!(!format!("{error:?}").contains("canary"));
}

#[tokio::test]
async fn credentials_go_in_clear_text_only_to_hosts_that_were_named_for_it_r_85() {
    let accounts = Accounts::new().user("ci", CANARY, Rights::All).expect("an account");
    let lab = Lab::with(|server| server.access(Access::Basic(accounts)), |client| client).await;
    let addr = lab.server.addr();
    let near = format!("near.example:{}", addr.port());
    let client = |change: &dyn Fn(ClientBuilder) -> ClientBuilder| {
        lab.fresh_client(|client| {
            let client = client.credentials(password()).resolve("near.example", addr);
            change(client.scheme(Scheme::PlainHttp))
        })
    };
    let error = of(&client(&|client| client), &near).tags().await.expect_err("no password");
    assert!(error.is_auth(), "{error}");
    let help = error.help().map(ToString::to_string).unwrap_or_default();
    assert!(help.contains(&format!("--plain-http={near}")), "{help}");
    let has_secret =
        || lab.server.requests().iter().any(|r| r.seen.header("authorization").is_some());
    assert!(!has_secret());
    let error = of(&client(&|client| client.host(&*near, plain())), &near).tags().await;
    assert!(error.is_err_and(|error| error.is_not_found()));
    assert!(has_secret());
}

#[tokio::test]
async fn a_token_server_in_clear_text_gets_no_credentials_either_r_85() {
    let tokens = Server::builder().start().await.expect("it starts");
    let lab = Lab::open().await;
    let realm = format!("http://tokens.example:{}/token", tokens.addr().port());
    let challenge = format!("Bearer realm=\"{realm}\",service=\"s\"");
    lab.server.script(When::any(), Fault::challenge([&challenge]));
    let (near, at) = (format!("near.example:{}", lab.server.addr().port()), lab.server.addr());
    let there = tokens.addr();
    let client = lab.fresh_client(|client| {
        let client = client.credentials(password()).host(&*near, plain()).allow("tokens.example");
        client.resolve("near.example", at).resolve("tokens.example", there)
    });
    let error = of(&client, &near).tags().await.expect_err("no token");
    assert!(error.to_string().contains("over plain HTTP, and gets no credentials"), "{error}");
    assert_eq!(tokens.counters().connections(), 0);
}
