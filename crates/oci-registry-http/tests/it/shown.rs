// SPDX-License-Identifier: Apache-2.0
//! R-84, R-88: what is shown of requests and answers, and what errors say of them.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use oci_artifact::media_type::IMAGE_INDEX;
use oci_artifact::reference::Target;
use oci_registry_faults::{Cut, Fault, Reply, When};
use oci_registry_faults::{Endpoint, Server};
use oci_registry_http::transport::exchange::Exchange;
use oci_registry_http::{Error, ErrorKind};

use crate::manifests::pushed;
use crate::support::{CANARY, Lab, blob, fetch, noise, password, tokens};

#[tokio::test]
async fn exchanges_are_shown_without_secrets_r_84() {
    let shown = Arc::new(Mutex::new(Vec::<Exchange>::new()));
    let eye = Arc::clone(&shown);
    let lab = Lab::with(
        |server| server.access(tokens()),
        |client| {
            let see = move |one: &Exchange| eye.lock().expect("fine").push(one.clone());
            client.credentials(password()).on_exchange(Arc::new(see))
        },
    )
    .await;
    let storage = Server::builder().start().await.expect("it starts");
    let bytes = noise(100, 3);
    let part = lab.has_blob(&bytes).await;
    storage.script(When::any(), Fault::reply(Reply::new(200).body(bytes.clone())));
    let signed = format!("{}/b?X-Amz-Signature=canary-signature", storage.url());
    let get = When::get(Endpoint::Blob).with_header("authorization");
    lab.server.script(get, Fault::redirect(307, signed).set("set-cookie", "canary-cookie"));
    assert_eq!(fetch(&lab.repository("x"), &part).await.expect("fine"), bytes);
    let shown = shown.lock().expect("fine").clone();
    let lines: Vec<String> =
        shown.iter().map(|one| format!("{} {} {:?}", one.method, one.url, one.outcome)).collect();
    let (here, there) = (lab.server.url(), storage.url());
    let digest = &part.digest;
    assert_eq!(lines.first(), Some(&format!("GET {here}/v2/x/blobs/{digest} Ok(401)")));
    assert_eq!(lines.get(2), Some(&format!("GET {here}/v2/x/blobs/{digest} Ok(307)")));
    let last = format!("GET {there}/b?X-Amz-Signature=[redacted] Ok(200)");
    assert_eq!((lines.len(), lines.last()), (4, Some(&last)));
    let all = format!("{shown:?}");
    let sent = lab.server.requests();
    let secrets = sent.iter().filter_map(|request| request.seen.header("authorization"));
    for secret in secrets.filter_map(|text| text.split_once(' ')).map(|(_, secret)| secret) {
        assert!(!all.contains(secret), "{all}");
    }
    assert!(!all.contains("canary") && !all.contains(CANARY), "{all}");
    assert!(all.contains(r#"("authorization", "Bearer [redacted]")"#), "{all}");
    assert!(all.contains("set-cookie"), "that there is one is shown");
}

#[tokio::test]
async fn a_request_without_an_answer_is_shown_too_r_84() {
    let shown = Arc::new(Mutex::new(Vec::<Exchange>::new()));
    let eye = Arc::clone(&shown);
    let see = move |one: &Exchange| eye.lock().expect("fine").push(one.clone());
    let lab = Lab::with(|server| server, |client| client.on_exchange(Arc::new(see))).await;
    lab.server.script(When::get(Endpoint::Tags).nth(1), Fault::reset());
    lab.repository("x").tags().await.expect_err("no such repository");
    let shown = shown.lock().expect("fine").clone();
    assert_eq!(shown.len(), 2);
    assert!(shown[0].outcome.as_ref().is_err_and(|why| why.contains("connection")), "{shown:?}");
    assert_eq!(shown[1].outcome, Ok(404));
}

/// Checks that an error says what was asked, and something of what came.
fn says(error: &Error, method: &str, kind: ErrorKind, words: &str) {
    let request = error.request().unwrap_or_else(|| panic!("no request: {error}"));
    assert!(request.starts_with(&format!("{method} http://127.0.0.1:")), "{error}");
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(words), "{words}: {error}");
}

#[tokio::test]
async fn errors_say_what_was_asked_and_what_came_r_88() {
    let manifest = || When::get(Endpoint::Manifest);
    let html =
        || Reply::new(200).header("content-type", "text/html").body("<title>Sign in</title>");
    let empty = oci_artifact::digest::sha256(b"").to_string();
    let big = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(1 << 20));
    let wrong = Fault::pass().set("docker-content-digest", &empty);
    for (fault, kind, words) in [
        (Fault::reply(html()), ErrorKind::InvalidManifest, "text/html, 22 bytes: \"Sign in\""),
        (wrong.clone(), ErrorKind::DigestMismatch, "has the digest sha256:"),
        (Fault::raw(big), ErrorKind::TooLarge, "the head of the answer is too large"),
        (Fault::raw("garbage\r\n\r\n"), ErrorKind::Protocol, "the answer is not HTTP"),
        (Fault::pass().cut(9, Cut::Close), ErrorKind::Network, "the connection broke"),
        (Fault::pass().append(vec![b' '; 5 << 20]), ErrorKind::TooLarge, "more than"),
    ] {
        let lab = Lab::open().await;
        pushed(&lab).await;
        lab.server.script(manifest(), fault);
        let got = lab.repository("x").get_manifest(&Target::Tag("v1")).await;
        says(&got.expect_err(words), "GET", kind, words);
    }

    let lab = Lab::open().await;
    let artifact = pushed(&lab).await;
    let repository = lab.repository("x");
    let rule = lab.server.script(When::any(), Fault::reply(html()));
    says(&repository.tags().await.expect_err("a page"), "GET", ErrorKind::Protocol, "Sign in");
    rule.stop();
    let index = Reply::new(200).header("content-type", IMAGE_INDEX).body("<title>Sign in</title>");
    let rule = lab.server.script(When::get(Endpoint::Referrers), Fault::reply(index));
    let error = repository.referrers(&artifact.digest(), None).await.expect_err("a page");
    says(&error, "GET", ErrorKind::InvalidManifest, "Sign in");
    rule.stop();
    let elsewhere = Fault::pass().set("link", "<http://localhost:1/x>; rel=next");
    let rule = lab.server.script(When::get(Endpoint::Tags), elsewhere);
    says(
        &repository.tags().await.expect_err("away"),
        "GET",
        ErrorKind::ForbiddenAddress,
        "next page",
    );
    rule.stop();
    let rule = lab.server.script(When::put(Endpoint::Manifest), wrong.clone());
    let put = repository.put_manifest(&Target::Tag("v2"), Bytes::from(artifact.index.clone()));
    says(&put.await.expect_err("wrong"), "PUT", ErrorKind::DigestMismatch, &empty);
    rule.stop();
    let rule = lab.server.script(When::head(Endpoint::Manifest), wrong.clone());
    let error = repository.resolve(&Target::Digest(&artifact.digest())).await.expect_err("wrong");
    says(&error, "HEAD", ErrorKind::DigestMismatch, &empty);
    rule.stop();
}

#[tokio::test]
async fn errors_of_blobs_say_what_was_asked_and_what_came_r_88() {
    let bytes = noise(1000, 4);
    let empty = oci_artifact::digest::sha256(b"").to_string();
    for (fault, kind, words) in [
        (Fault::pass().flip(5), ErrorKind::DigestMismatch, "has the digest sha256:"),
        (Fault::pass().append("more"), ErrorKind::SizeMismatch, "bytes"),
        (Fault::pass().set("docker-content-digest", &empty), ErrorKind::DigestMismatch, &empty),
        (Fault::pass().set("content-encoding", "gzip"), ErrorKind::Protocol, "gzip"),
        (Fault::pass().cut(9, Cut::Reset), ErrorKind::Network, "connection broke"),
    ] {
        let lab = Lab::open().await;
        let part = lab.has_blob(&bytes).await;
        lab.server.script(When::get(Endpoint::Blob), fault);
        says(&fetch(&lab.repository("x"), &part).await.expect_err(words), "GET", kind, words);
    }
    let post = When::post(Endpoint::Uploads);
    let put = || When::put(Endpoint::Upload);
    for (when, fault, method, kind, words) in [
        (post.clone(), Fault::pass().remove("location"), "POST", ErrorKind::Protocol, "no address"),
        (
            post,
            Fault::pass().set("location", "http://169.254.169.254/"),
            "POST",
            ErrorKind::ForbiddenAddress,
            "169.254.169.254",
        ),
        (
            put(),
            Fault::pass().set("docker-content-digest", &empty),
            "PUT",
            ErrorKind::Protocol,
            &empty,
        ),
        (put(), Fault::status(202), "PUT", ErrorKind::Unavailable, "will take"),
    ] {
        let lab = Lab::open().await;
        lab.server.script(when, fault);
        let source = Arc::new(Bytes::from(bytes.clone()));
        let sent = lab.repository("x").put_blob(&blob(&bytes), source, &Default::default()).await;
        says(&sent.expect_err(words), method, kind, words);
    }
}

#[tokio::test]
async fn the_registrys_own_words_stay_where_a_password_is_a_common_word_r_89() {
    use oci_registry_http::auth::credential::{Credential, CredentialStore};
    let words = "invalid user or password, or you may not";
    let credential = Credential::basic("ci", "password").expect("fine");
    let store = CredentialStore::new().with_credential_for_all(credential);
    let lab = Lab::with(|server| server, |client| client.credentials(store)).await;
    let basic = Fault::challenge(["Basic realm=\"r\""]);
    lab.server.script(When::any().without_header("authorization"), basic);
    let echo = move |seen: &oci_registry_faults::Seen| {
        let sent = seen.header("authorization").unwrap_or_default();
        Reply::error(403, "DENIED", &format!("{words}; password=password; {sent}"))
    };
    lab.server.script(When::any().with_header("authorization"), Fault::respond(echo));
    let error = lab.repository("x").tags().await.expect_err("refused");
    let said = error.refusal().expect("words").message.clone();
    assert_eq!(said, format!("{words}; password=[redacted]; Basic [redacted]"));
}
