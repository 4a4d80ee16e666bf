// SPDX-License-Identifier: Apache-2.0
//! F-1, F-2, F-5: registries' first words, names of registries, and what commands ask for.

use oci_artifact::reference::{Defaults, Reference, Target};
use oci_registry_faults::Endpoint;
use oci_registry_faults::{Fault, Reply, When};
use oci_registry_http::auth::credential::{Credential, CredentialSource, CredentialStore};
use oci_registry_http::transfer::{PushOptions, push};
use oci_registry_http::transport::connection::Scheme;
use oci_registry_http::{Checked, Client, ErrorKind};

use crate::support::{Artifact, CANARY, Lab, blob, noise, password, tokens};

#[tokio::test]
async fn what_the_base_says_hinders_nothing_f_1() {
    let html = Reply::new(200).header("content-type", "text/html").body("<html>hello</html>");
    for (reply, is_fine) in [
        (Reply::error(404, "NOT_FOUND", "no"), false),
        (Reply::error(403, "DENIED", "no"), false),
        (html, true),
    ] {
        let lab = Lab::with_tokens().await;
        lab.server.script(When::get(Endpoint::Base), Fault::reply(reply));
        let store = lab.store("store");
        let digest = Artifact::new(1000).keep_in(&store);
        let to = [lab.reference("x:v1")];
        push(&lab.client, &store, &digest, &to, &PushOptions::default()).await.expect("fine");
        assert_eq!(lab.count(&When::get(Endpoint::Base)), 0, "nobody has to ask (R-7)");
        let registry = lab.server.addr().to_string();
        assert_eq!(lab.client.check_auth(&registry).await.is_ok(), is_fine);
    }
}

#[tokio::test]
async fn login_asks_whether_a_password_is_right_r_7() {
    let lab = Lab::with(|server| server.access(tokens()), |client| client).await;
    let registry = lab.server.addr().to_string();
    for (password, is_fine) in [(CANARY, true), ("wrong", false)] {
        let credential = Credential::basic("ci", password).expect("fine");
        let store = CredentialStore::new().with_credential(registry.as_str(), credential);
        let client = lab.fresh_client(|client| client.credentials(store));
        match client.check_auth(&registry).await {
            Ok(checked) => assert!(is_fine && checked == Checked::Accepted),
            Err(error) => assert!(!is_fine && error.is_auth(), "{error}"),
        }
    }
    for registry in ["", "a b", "a/b", "https://a.io"] {
        let error = lab.client.check_auth(registry).await.expect_err(registry);
        assert_eq!(error.kind(), ErrorKind::InvalidOption, "{registry}");
    }
}

#[tokio::test]
async fn all_names_of_docker_hub_are_one_f_2() {
    let credential = Credential::basic("u", "p").expect("fine");
    let store = CredentialStore::new().with_credential("docker.io", credential);
    for text in ["org/x:1", "docker.io/org/x:1", "index.docker.io/org/x:1"] {
        let reference = Reference::parse(text, Defaults::DockerLike).expect(text);
        assert_eq!(reference.api_host(), "registry-1.docker.io");
        assert_eq!(reference.canonical(), "docker.io/org/x:1");
        let found = store.lookup(reference.registry(), "org/x").await.expect("fine");
        assert!(found.is_some(), "{text}");
    }
    for text in ["x:1", "docker.io/x:1", "docker.io/library/x:1"] {
        let reference = Reference::parse(text, Defaults::DockerLike).expect(text);
        assert_eq!(reference.canonical(), "docker.io/library/x:1");
    }
}

#[test]
fn latest_is_a_default_of_docker_only_f_5() {
    let docker = Reference::parse("localhost:5000/foo", Defaults::DockerLike).expect("fine");
    assert_eq!(docker.tag(), Some("latest"));
    Reference::parse("localhost:5000/foo", Defaults::Strict).expect_err("neither tag nor digest");
}

#[tokio::test]
async fn plain_http_may_be_the_rule_r_31() {
    let lab = Lab::open().await;
    let plain = Client::builder().scheme(Scheme::PlainHttp).build().expect("fine");
    let repository = plain.repository(&lab.reference("x:v1")).expect("fine");
    assert!(repository.tags().await.is_err_and(|error| error.is_not_found()));
    assert_eq!(lab.server.requests().len(), 1);
}

#[tokio::test]
async fn blobs_are_read_without_being_kept() {
    let lab = Lab::with_tokens().await;
    let bytes = noise(3_000_000, 5);
    let blob = lab.has_blob(&bytes).await;
    let repository = lab.repository("x");
    assert_eq!(repository.get_blob_bytes(&blob, 3_000_000).await.expect("fine"), bytes);
    let error = repository.get_blob_bytes(&blob, 2_999_999).await.expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::TooLarge);

    let read = repository.read_blob(&blob, |reader| {
        let mut all = Vec::new();
        reader.read_to_end(&mut all).expect("it comes");
        Ok(all)
    });
    assert_eq!(read.await.expect("fine"), bytes);
    let head = repository.read_blob(&blob, |reader| {
        let mut head = [0; 10];
        reader.read_exact(&mut head).expect("it comes");
        Ok(head)
    });
    assert_eq!(head.await.expect("the rest is not wanted"), bytes[..10]);

    lab.server.script(When::get(Endpoint::Blob), Fault::pass().flip(2_000_000));
    let read = repository.read_blob(&blob, |reader| {
        let mut all = Vec::new();
        let ended = reader.read_to_end(&mut all);
        assert_eq!(ended.expect_err("it has no end").kind(), std::io::ErrorKind::UnexpectedEof);
        Ok(())
    });
    assert_eq!(read.await.expect_err("a byte is wrong").kind(), ErrorKind::DigestMismatch);
}

#[tokio::test]
async fn what_a_reference_is_costs_one_request_r_55() {
    let lab = Lab::with(|server| server, |client| client.credentials(password())).await;
    let store = lab.store("store");
    let artifact = Artifact::new(1000);
    let digest = artifact.keep_in(&store);
    let reference = lab.reference("x:v1");
    let to = [reference.clone()];
    push(&lab.client, &store, &digest, &to, &PushOptions::default()).await.expect("fine");
    lab.server.clear_requests();
    let repository = lab.client.repository(&reference).expect("fine").counted_anew();
    let found = repository.resolve(&reference.target()).await.expect("fine").expect("there");
    assert_eq!((found.digest, found.size), (digest, artifact.index.len() as u64));
    assert_eq!(lab.log(), ["HEAD /v2/x/manifests/v1 200"]);
    assert_eq!(repository.resolve(&Target::Tag("v2")).await.expect("fine"), None);
    let none = blob(b"nothing");
    assert!(!repository.has_blob(&none).await.expect("fine"));
}
