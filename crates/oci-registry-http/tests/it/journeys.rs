// SPDX-License-Identifier: Apache-2.0
//! Artifacts that are packaged, pushed, and pulled somewhere else, over every kind of way: what
//! arrives is what left.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use oci_artifact::reference::{Defaults, Reference};
use oci_artifact::store::Store;
use oci_registry_faults::{Access, Accounts, Endpoint, Rights};
use oci_registry_faults::{Authority, Cut, Dialect, Fault, When};
use oci_registry_http::transfer::{PullOptions, PushOptions, copy, pull, push};
use oci_registry_http::transport::connection::{ProxyOptions, Scheme};
use oci_registry_http::transport::redact::Secret;
use oci_registry_http::{Client, ErrorKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Artifact, CANARY, Lab, password, tokens};

const MIB: usize = 1 << 20;

/// Pushes with one client, pulls with another into a second store, and compares everything.
async fn travel(lab: &Lab, pushing: &Client, pulling: &Client, reference: &Reference) {
    let artifact = Artifact::new(2 * MIB);
    travel_with(lab, pushing, pulling, reference, &artifact).await;
}

async fn travel_with(
    lab: &Lab,
    pushing: &Client,
    pulling: &Client,
    reference: &Reference,
    artifact: &Artifact,
) {
    let (store, second) = (lab.store("store"), lab.store("second"));
    let digest = artifact.keep_in(&store);
    let to = std::slice::from_ref(reference);
    push(pushing, &store, &digest, to, &PushOptions::default()).await.expect("it leaves");
    let pulled = pull(pulling, reference, &second, &PullOptions::default()).await;
    assert_eq!(pulled.expect("it arrives").digest, digest);
    let parts = artifact.configs.iter().chain(&artifact.manifests);
    for part in parts.chain([&artifact.index, &artifact.layer]) {
        let digest = oci_artifact::digest::sha256(part);
        assert_eq!(second.get_blob(&digest).expect("there"), *part);
    }
    assert_eq!(files(&store), files(&second), "the same blobs, and nothing else");
}

fn files(store: &Store) -> Vec<String> {
    let entries = std::fs::read_dir(store.root().join("blobs/sha256")).expect("there");
    let mut names: Vec<_> =
        entries.map(|e| e.expect("fine").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_arrives_is_what_left_with_every_kind_of_access() {
    let accounts = || Accounts::new().user("ci", CANARY, Rights::All).expect("an account");
    for access in [Access::Open, Access::Basic(accounts()), tokens()] {
        let lab = Lab::with(|s| s.access(access), |c| c.credentials(password())).await;
        let fresh = lab.fresh_client(|client| client.credentials(password()));
        travel(&lab, &lab.client, &fresh, &lab.reference("org/plugin:v1")).await;
    }
}

#[tokio::test]
async fn what_arrives_is_what_left_over_tls_of_a_private_authority() {
    let authority = Authority::new().expect("one");
    let tls = authority.server(&["127.0.0.1"]).expect("fine");
    let pem = || authority.pem().as_bytes().to_vec();
    let lab = Lab::with(
        |server| server.access(tokens()).tls(tls),
        |client| client.credentials(password()).authorities(pem()).loopback(Scheme::Https),
    )
    .await;
    let fresh = lab.fresh_client(|client| {
        client.credentials(password()).authorities(pem()).loopback(Scheme::Https)
    });
    travel(&lab, &lab.client, &fresh, &lab.reference("org/plugin:v1")).await;
    assert!(lab.server.requests().iter().all(|request| request.seen.version == "HTTP/2.0"));
}

/// A proxy whose tunnels all lead to one place; it requires authentication.
struct Tunnel {
    addr: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Tunnel {
    async fn to(place: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("it listens");
        let addr = listener.local_addr().expect("it has one");
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let seen = Arc::clone(&seen);
                tokio::spawn(async move { lead(client, place, &seen).await.ok() });
            }
        });
        Self { addr, heads }
    }

    fn options(&self) -> ProxyOptions {
        let mut options = ProxyOptions::default();
        options.https = Some(Secret::new(format!("http://user:{CANARY}@{}", self.addr)));
        options
    }
}

async fn lead(
    mut client: TcpStream,
    place: SocketAddr,
    seen: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    seen.lock().expect("no panic").push(head.clone());
    if !head.contains("\r\nproxy-authorization: basic ") {
        let refusal = b"HTTP/1.1 407 Who are you?\r\ncontent-length: 0\r\n\r\n";
        return client.write_all(refusal).await;
    }
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    copy_bidirectional(&mut client, &mut TcpStream::connect(place).await?).await.map(drop)
}

#[tokio::test]
async fn what_arrives_is_what_left_through_a_proxy_f_112() {
    let authority = Authority::new().expect("one");
    let tls = authority.server(&["registry.example"]).expect("fine");
    let lab = Lab::with(|server| server.access(tokens()).tls(tls), |client| client).await;
    let tunnel = Tunnel::to(lab.server.addr()).await;
    let pem = || authority.pem().as_bytes().to_vec();
    let proxied = || {
        lab.fresh_client(|client| {
            client.credentials(password()).authorities(pem()).proxies(tunnel.options())
        })
    };
    let reference = Reference::parse("registry.example/org/plugin:v1", Defaults::Strict);
    let reference = reference.expect("one");
    travel(&lab, &proxied(), &proxied(), &reference).await;
    let heads = tunnel.heads.lock().expect("no panic").clone();
    assert!(!heads.is_empty());
    for head in heads {
        assert!(head.starts_with("connect registry.example:443 "), "{head}");
        assert!(!head.contains("\r\nauthorization:"), "{head}");
    }
    // The proxy's password is the proxy's: no request behind it has it.
    assert!(lab.server.requests().iter().all(|r| r.seen.header("proxy-authorization").is_none()));

    let mut unknown = ProxyOptions::default();
    unknown.https = Some(Secret::new(format!("http://{}", tunnel.addr)));
    let client = lab.fresh_client(|client| client.authorities(pem()).proxies(unknown));
    let repository = client.repository(&reference).expect("fine");
    let error = repository.tags().await.expect_err("the proxy wants a password");
    assert_eq!(error.kind(), ErrorKind::Proxy, "{error}");
}

#[tokio::test]
async fn what_arrives_is_what_left_though_connections_break_every_one_and_a_half_mebibytes() {
    let lab = Lab::with_tokens().await;
    let reset = 3 * MIB as u64 / 2;
    let downs = lab.server.script(When::get(Endpoint::Blob), Fault::pass().cut(reset, Cut::Reset));
    let ups = lab.server.script(
        When::any().on(Endpoint::Upload).matching(|seen| {
            let length = seen.header("content-length").and_then(|text| text.parse::<u64>().ok());
            length.is_some_and(|length| length > 3 * MIB as u64 / 2)
        }),
        Fault::pass().reset_at(reset),
    );
    let fresh = lab.fresh_client(|client| client.credentials(password()));
    let artifact = Artifact::new(12 * MIB);
    travel_with(&lab, &lab.client, &fresh, &lab.reference("x:v1"), &artifact).await;
    assert!(downs.fired() >= 7 && ups.fired() >= 1, "{} {}", downs.fired(), ups.fired());
}

#[tokio::test]
async fn what_arrives_is_what_left_in_the_ways_of_every_known_registry() {
    for dialect in Dialect::ALL {
        let lab = Lab::with(
            |server| server.access(tokens()).dialect(dialect),
            |client| client.credentials(password()),
        )
        .await;
        let fresh = lab.fresh_client(|client| client.credentials(password()));
        let reference = lab.reference("org/plugin:v1");
        travel(&lab, &lab.client, &fresh, &reference).await;
        let repository = fresh.repository(&reference).expect("fine");
        assert_eq!(repository.tags().await.expect("fine"), ["v1"], "{dialect:?}");
        let digest = repository.resolve(&reference.target()).await.expect("fine").expect("there");
        let referrers = repository.referrers(&digest.digest, None).await;
        assert!(referrers.expect("none is no error").is_empty(), "{dialect:?}");
        let copied = lab.reference("org/copied:v1");
        let (_, done) = copy(&fresh, &reference, &copied, &PushOptions::default())
            .await
            .unwrap_or_else(|error| panic!("{dialect:?}: {error}"));
        assert_eq!(done.blobs_mounted + done.blobs_uploaded, 3, "{dialect:?}");
    }
}
