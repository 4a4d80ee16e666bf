// SPDX-License-Identifier: Apache-2.0
//! Registries and clients of others: what we push they read, and what they wrote we pull (F-125).

use oci_artifact::reference::{Defaults, Reference};
use oci_artifact::store::Store;
use oci_registry_faults::Authority;
use oci_registry_http::transfer::{PullOptions, PushOptions, copy, pull, push};
use oci_registry_http::transport::connection::Scheme;
use oci_registry_http::{Client, ErrorKind};
use test_support::tools;

use crate::docker_registry::{DockerRegistry, Door, skopeo};
use crate::support::{Artifact, CANARY, password};

fn client(door: Door) -> Client {
    let builder = Client::builder().loopback(Scheme::PlainHttp);
    let builder = if door == Door::Open { builder } else { builder.credentials(password()) };
    builder.build().expect("fine")
}

fn reference(registry: &DockerRegistry, name: &str) -> Reference {
    let text = format!("{}/{name}", registry.authority);
    Reference::parse(&text, Defaults::Strict).expect("a reference")
}

/// Everything between us, skopeo, and a registry that is neither's.
async fn round_trip(door: Door) {
    let signer = (door == Door::Tokens).then_some("openssl");
    let programs: Vec<_> = ["docker-registry", "skopeo"].into_iter().chain(signer).collect();
    if !tools::are_installed(&programs) {
        return;
    }
    let registry = DockerRegistry::start(door, None).await;
    let directory = tempfile::tempdir().expect("a directory");
    let open = |name: &str| Store::open(directory.path().join(name)).expect("it opens");
    let artifact = Artifact::new(300_000);
    let (ours, digest) = (open("ours"), artifact.keep_in(&open("ours")));
    let (v1, v2) = (reference(&registry, "org/plugin:v1"), reference(&registry, "org/plugin:v2"));

    let to = [v1.clone(), v2.clone()];
    let pushed = push(&client(door), &ours, &digest, &to, &PushOptions::default()).await;
    let pushed = pushed.expect("it takes it");
    assert_eq!((pushed.blobs_uploaded, pushed.manifests_uploaded), (3, 4));
    let again = push(&client(door), &ours, &digest, &to[..1], &PushOptions::default()).await;
    let again = again.expect("it has it");
    assert_eq!((again.blobs_skipped, again.requests), (3, requests(door, 1)));

    let repository = client(door).repository(&v1).expect("fine");
    let mut tags = repository.tags().await.expect("fine");
    // It lists them as its file system does.
    tags.sort();
    assert_eq!(tags, ["v1", "v2"]);
    let resolved = repository.resolve(&v1.target()).await.expect("fine").expect("there");
    assert_eq!(resolved.digest, digest);

    let second = open("second");
    let pulled = pull(&client(door), &v2, &second, &PullOptions::default()).await.expect("fine");
    assert_eq!((pulled.digest, pulled.requests), (digest, requests(door, 6)));
    let layer = oci_artifact::digest::sha256(&artifact.layer);
    assert_eq!(second.get_blob(&layer).expect("there"), artifact.layer);

    // From one repository to another: mounted.
    let copied = reference(&registry, "org/copied:v1");
    let (_, done) = copy(&client(door), &v1, &copied, &PushOptions::default()).await.expect("fine");
    assert_eq!((done.blobs_mounted, done.blobs_uploaded), (3, 0));

    // skopeo reads what we pushed, and writes what we pull.
    let credential = format!("ci:{CANARY}");
    let creds = |side: &str| match door {
        Door::Open => vec![format!("--{side}-tls-verify=false")],
        _ => vec![
            format!("--{side}-tls-verify=false"),
            format!("--{side}-creds"),
            credential.clone(),
        ],
    };
    let run = |options: Vec<String>, from: &str, to: &str| {
        let mut args = vec!["copy", "--quiet", "--all", "--preserve-digests"];
        args.extend(options.iter().map(String::as_str));
        args.extend([from, to]);
        skopeo(&args);
    };
    let layout = directory.path().join("skopeo");
    let there = format!("oci:{}:v1", layout.display());
    run(creds("src"), &format!("docker://{v1}"), &there);
    let read = Store::open(&layout).expect("it opens");
    assert_eq!(read.resolve("v1").expect("there").digest, digest);
    let written = reference(&registry, "org/written:v3");
    run(creds("dest"), &there, &format!("docker://{written}"));
    let third = open("third");
    let pulled = pull(&client(door), &written, &third, &PullOptions::default()).await;
    assert_eq!(pulled.expect("fine").digest, digest);
    assert_eq!(third.get_blob(&layer).expect("there"), artifact.layer);

    if door != Door::Open {
        let stranger = Client::builder().loopback(Scheme::PlainHttp).build().expect("fine");
        let error = pull(&stranger, &v1, &open("fourth"), &PullOptions::default()).await;
        let error = error.expect_err("nobody knows it");
        assert!(error.is_auth(), "{error}");
    }
    repository.delete_manifest(&digest).await.expect("it deletes");
    let gone = pull(&client(door), &v1, &open("fifth"), &PullOptions::default()).await;
    assert_eq!(gone.expect_err("it is gone").kind(), ErrorKind::NotFound);
}

/// The requests of an operation of so many that nobody refuses.
fn requests(door: Door, bare: u32) -> u32 {
    match door {
        Door::Open => bare,
        Door::Basic => bare + 1,
        Door::Tokens => bare + 2,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_registry_that_is_open_f_125() {
    round_trip(Door::Open).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_registry_with_passwords_f_125() {
    round_trip(Door::Basic).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_registry_with_tokens_f_125() {
    round_trip(Door::Tokens).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_registry_with_tls_of_a_private_authority_f_125() {
    if !tools::are_installed(&["docker-registry"]) {
        return;
    }
    let authority = Authority::new().expect("one");
    let registry = DockerRegistry::start(Door::Basic, Some(&authority)).await;
    let directory = tempfile::tempdir().expect("a directory");
    let store = Store::open(directory.path().join("ours")).expect("it opens");
    let digest = Artifact::new(300_000).keep_in(&store);
    let to = [reference(&registry, "org/plugin:v1")];
    let stranger = Client::builder().credentials(password()).build().expect("fine");
    let error = push(&stranger, &store, &digest, &to, &PushOptions::default()).await;
    assert_eq!(error.expect_err("it trusts nobody").kind(), ErrorKind::Tls);
    let client = Client::builder().credentials(password()).authorities(authority.pem());
    let client = client.build().expect("fine");
    push(&client, &store, &digest, &to, &PushOptions::default()).await.expect("fine");
    let second = Store::open(directory.path().join("second")).expect("it opens");
    let pulled = pull(&client, &to[0], &second, &PullOptions::default()).await.expect("fine");
    assert_eq!(pulled.digest, digest);
}
