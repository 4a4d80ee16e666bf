// SPDX-License-Identifier: Apache-2.0
//! F-6 to F-33: challenges, tokens, realms.

use std::sync::Arc;
use std::time::Duration;

use oci_registry_faults::{Access, Accounts, Bearer, Endpoint, Rights, Running, Server};
use oci_registry_faults::{Authority, Fault, Reply, Seen, When};
use oci_registry_http::auth::OnRefusal;
use oci_registry_http::auth::credential::{Credential, CredentialStore};
use oci_registry_http::blobs::Placed;
use oci_registry_http::transport::connection::Scheme;
use oci_registry_http::{ClientBuilder, ErrorKind, Repository};

use crate::support::{CANARY, Lab, blob, fetch, noise, password, repository, tokens};

fn basic() -> Access {
    Access::Basic(Accounts::new().user("ci", CANARY, Rights::All).expect("an account"))
}

fn is_token() -> When {
    When::any().matching(|seen| seen.path == "/token")
}

async fn tags(repository: &Repository) -> oci_registry_http::Result<Vec<String>> {
    repository.tags().await
}

#[tokio::test]
async fn an_anonymous_token_is_fetched_once_f_6() {
    let access = Access::Bearer(Bearer::new(Accounts::new().anonymous(Rights::Pull)));
    let lab = Lab::with(|server| server.access(access), |client| client).await;
    for _ in 0..3 {
        assert!(tags(&lab.repository("x")).await.is_err_and(|e| e.is_not_found()));
    }
    assert_eq!(
        lab.log(),
        [
            "GET /v2/x/tags/list 401",
            "GET /token 200",
            "GET /v2/x/tags/list 404",
            "GET /v2/x/tags/list 404",
            "GET /v2/x/tags/list 404",
        ]
    );
}

#[tokio::test]
async fn a_password_is_sent_in_advance_after_the_first_401_f_7() {
    let lab = Lab::with(|s| s.access(basic()), |c| c.credentials(password())).await;
    let repository = lab.repository("x");
    for _ in 0..2 {
        assert!(tags(&repository).await.is_err_and(|e| e.is_not_found()));
    }
    assert_eq!(
        lab.log(),
        ["GET /v2/x/tags/list 401", "GET /v2/x/tags/list 404", "GET /v2/x/tags/list 404"]
    );
    repository.check_auth().await.expect("they are right");
    let wrong = CredentialStore::new()
        .with_credential_for_all(Credential::basic("ci", "wrong-canary").expect("fine"));
    let client = lab.fresh_client(|client| client.credentials(wrong));
    let error = crate::support::repository(&client, &lab.server, "x").check_auth().await;
    let error = error.expect_err("they are wrong");
    assert!(
        error.is_auth()
            && error.help().is_some_and(|help| help.to_string().contains("the options"))
    );
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[tokio::test]
async fn without_a_challenge_f_10_a_401() {
    let lab = Lab::open().await;
    let refuse = When::any().without_header("authorization");
    lab.server.script(refuse, Fault::reply(Reply::new(401)));
    assert_eq!(
        tags(&lab.repository("x")).await.expect_err("401").kind(),
        ErrorKind::MissingChallenge
    );
    let client = lab.fresh_client(|client| client.credentials(password()));
    let repository = repository(&client, &lab.server, "x");
    assert!(tags(&repository).await.is_err_and(|e| e.is_not_found()), "R-9: a password helped");
}

#[tokio::test]
async fn a_thousand_challenges_are_no_trouble_f_11() {
    let lab = Lab::open().await;
    let many = "Bearer ".repeat(1000);
    lab.server.script(When::any(), Fault::reply(Reply::new(401).header("www-authenticate", many)));
    assert!(tags(&lab.repository("x")).await.is_err_and(|error| error.is_auth()));
}

#[tokio::test]
async fn a_token_that_dies_is_replaced_once_f_14() {
    let lab = Lab::with_tokens().await;
    let repository = lab.repository("x");
    tags(&repository).await.expect_err("no such repository");
    lab.server.clear_requests();
    let dead = When::get(Endpoint::Tags).nth(1);
    let challenge = format!("Bearer realm=\"{}/token\",service=\"s\"", lab.server.url());
    lab.server.script(dead, Fault::challenge([&challenge]));
    assert!(tags(&repository).await.is_err_and(|error| error.is_not_found()));
    assert_eq!(lab.log(), ["GET /v2/x/tags/list 401", "GET /token 200", "GET /v2/x/tags/list 404"]);
}

#[tokio::test]
async fn a_fresh_token_that_is_refused_is_not_replaced_for_ever_f_15() {
    let lab = Lab::with_tokens().await;
    let challenge = format!("Bearer realm=\"{}/token\",service=\"s\"", lab.server.url());
    lab.server.script(When::get(Endpoint::Tags), Fault::challenge([&challenge]));
    let error = tags(&lab.repository("x")).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(lab.log(), ["GET /v2/x/tags/list 401", "GET /token 200", "GET /v2/x/tags/list 401"]);
}

#[tokio::test]
async fn expired_in_words_f_16_f_17() {
    for (status, code, message, tokens) in [
        (403, "DENIED", "Your authorization token has expired. Reauthenticate and try again.", 2),
        (400, "DENIED", "Your Authorization Token is invalid.", 2),
        (400, "NAME_INVALID", "something else", 1),
        (403, "DENIED", "something else", 1),
    ] {
        let lab = Lab::with_tokens().await;
        let with_token = When::get(Endpoint::Tags).with_header("authorization").nth(1);
        lab.server.script(with_token, Fault::reply(Reply::error(status, code, message)));
        let error = tags(&lab.repository("x")).await.expect_err("no such repository");
        assert_eq!(lab.count(&is_token()), tokens, "{message}");
        assert_eq!(error.is_not_found(), tokens == 2, "{message}");
    }
}

#[tokio::test]
async fn insufficient_scope_says_what_is_wanted_f_18() {
    let lab = Lab::with_tokens().await;
    let challenge = format!(
        "Bearer realm=\"{}/token\",service=\"s\",scope=\"repository:x:pull repository:y:pull,push\",error=\"insufficient_scope\"",
        lab.server.url()
    );
    let with_token = When::get(Endpoint::Tags).with_header("authorization").nth(1);
    lab.server.script(with_token, Fault::challenge([&challenge]));
    assert!(tags(&lab.repository("x")).await.is_err_and(|error| error.is_not_found()));
    let last = lab.server.requests_like(&is_token()).pop().expect("two");
    let query = last.seen.query.expect("has one");
    assert!(
        query.contains("scope=repository%3Ax%3Apull&scope=repository%3Ay%3Apull%2Cpush"),
        "{query}"
    );
}

#[tokio::test]
async fn pulling_first_does_not_spoil_pushing_f_20() {
    let lab = Lab::with_tokens().await;
    let repository = lab.repository("x");
    tags(&repository).await.expect_err("no such repository");
    let bytes = noise(10, 1);
    let source = Arc::new(bytes::Bytes::from(bytes.clone()));
    repository
        .put_blob(&crate::support::blob(&bytes), source, &Default::default())
        .await
        .expect("fine");
    let refused = lab.log().iter().filter(|line| line.ends_with(" 401")).count();
    assert_eq!((refused, lab.count(&is_token())), (1, 2), "{:?}", lab.log());
}

#[tokio::test]
async fn fifty_at_once_fetch_one_token_f_21() {
    let lab = Lab::with_tokens().await;
    let repository = lab.repository("x");
    tags(&repository).await.expect_err("no such repository");
    let client = lab.fresh_client(|client| client.credentials(password()));
    let repository = crate::support::repository(&client, &lab.server, "x");
    lab.server.clear_requests();
    let all = (0..50).map(|_| tags(&repository));
    futures_util::future::join_all(all).await;
    assert_eq!(lab.count(&is_token()), 1);
}

#[tokio::test]
async fn the_token_server_may_fail_for_a_while_f_22() {
    let lab = Lab::with_tokens().await;
    lab.server.script(is_token().first(2), Fault::status(500));
    lab.server.script(is_token().nth(3), Fault::status(429).set("retry-after", "7"));
    assert!(tags(&lab.repository("x")).await.is_err_and(|error| error.is_not_found()));
    assert!(lab.clock.sleeps().contains(&Duration::from_secs(7)));
    let lab = Lab::with_tokens().await;
    lab.server.script(is_token(), Fault::status(403));
    let error = tags(&lab.repository("x")).await.expect_err("refused");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Token, Some(403)));
    assert!(error.help().is_some(), "R-18: which credentials");
    assert_eq!(lab.count(&is_token()), 1);
}

#[tokio::test]
async fn identity_tokens_are_exchanged_and_rotated_f_23_f_24() {
    let lab = Lab::open().await;
    let challenge = format!("Bearer realm=\"{}/token\",service=\"s\"", lab.server.url());
    let refuse = |token: &'static str| {
        move |seen: &oci_registry_faults::Seen| seen.header("authorization") == Some(token)
    };
    let is_first = refuse("Bearer first");
    let is_second = refuse("Bearer second");
    lab.server.script(
        When::get(Endpoint::Tags).matching(move |seen| !is_first(seen) && !is_second(seen)),
        Fault::challenge([&challenge]),
    );
    lab.server.script(
        is_token().nth(1),
        Fault::reply(Reply::new(200).json(r#"{"token":"first","refresh_token":"next"}"#))
            .after_body(),
    );
    lab.server.script(
        is_token().after(1),
        Fault::reply(Reply::new(200).json(r#"{"token":"second"}"#)).after_body(),
    );
    let credential = Credential::basic("<token>", CANARY).expect("fine");
    let store = CredentialStore::new().with_credential_for_all(credential);
    let client = lab.fresh_client(|client| client.credentials(store));
    let repository = repository(&client, &lab.server, "x");
    assert!(tags(&repository).await.is_err_and(|error| error.is_not_found()));
    lab.clock.advance(Duration::from_secs(100));
    assert!(tags(&repository).await.is_err_and(|error| error.is_not_found()));
    let posts = lab.server.requests_like(&is_token());
    assert_eq!(posts.len(), 2);
    for post in &posts {
        assert_eq!(
            (post.seen.method.as_str(), &post.seen.query),
            ("POST", &None),
            "no leak in the URL"
        );
    }
    assert!(posts[1].received() < posts[0].received(), "the shorter token was used");
}

#[tokio::test]
async fn a_token_server_cannot_send_the_password_on_f_25() {
    let lab = Lab::with_tokens().await;
    let foreign = Server::builder()
        .script(When::any(), Fault::reply(Reply::new(200).json(r#"{"token":"t"}"#)))
        .start()
        .await
        .expect("it starts");
    lab.server.script(is_token(), Fault::redirect_to(302, foreign.url()));
    let _ = tags(&lab.repository("x")).await;
    let seen = foreign.requests();
    assert_eq!(seen.len(), 1);
    assert!(seen.iter().all(|request| request.seen.header("authorization").is_none()));
}

#[tokio::test]
async fn realms_in_places_that_are_nobodys_business_f_27() {
    let canary = Server::builder().start().await.expect("it starts");
    let port = canary.addr().port();
    for host in [
        "localhost",
        "127.0.0.2",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "2130706434",
        "0x7f000002",
        "0177.0.0.2",
        "169.254.169.254",
        "10.0.0.1",
        "sneaky.example",
    ] {
        let lab = Lab::with(
            |s| s,
            |c| c.credentials(password()).resolve("sneaky.example", canary.addr()),
        )
        .await;
        let challenge = format!("Bearer realm=\"http://{host}:{port}/token\"");
        lab.server.script(When::any(), Fault::challenge([&challenge]));
        let error = tags(&lab.repository("x")).await.expect_err(host);
        assert_eq!(error.kind(), ErrorKind::ForbiddenAddress, "{host}: {error}");
    }
    assert_eq!(canary.counters().connections(), 0);
    let lab = Lab::with(|s| s, |c| c.allow("localhost")).await;
    let challenge = format!("Bearer realm=\"http://localhost:{port}/token\"");
    lab.server.script(When::any(), Fault::challenge([&challenge]));
    let _ = tags(&lab.repository("x")).await;
    assert!(canary.counters().connections() > 0, "the caller allowed it");
}

#[tokio::test]
async fn realms_that_are_relative_or_odd_f_28() {
    let lab = Lab::with(|s| s.access(tokens()), |c| c.credentials(password())).await;
    let first = When::get(Endpoint::Tags).without_header("authorization");
    lab.server.script(first, Fault::challenge(["Bearer realm=\"/token?a=b%2Bc\",service=\"s\""]));
    assert!(tags(&lab.repository("x")).await.is_err_and(|error| error.is_not_found()));
    let query = lab.server.requests_like(&is_token())[0].seen.query.clone().expect("has one");
    assert!(query.starts_with("a=b%2Bc&service=s&scope="), "{query}");
    for realm in ["http://u:p@127.0.0.1/token", "/token#x", "ftp://127.0.0.1/", "http://"] {
        let lab = Lab::open().await;
        lab.server.script(When::any(), Fault::challenge([&format!("Bearer realm=\"{realm}\"")]));
        assert!(tags(&lab.repository("x")).await.is_err(), "{realm}");
        assert_eq!(lab.server.requests().len(), 1, "{realm}");
    }
}

#[tokio::test]
async fn a_static_token_asks_nobody_f_29() {
    let lab = Lab::open().await;
    let first = When::any().without_header("authorization");
    lab.server.script(first, Fault::challenge(["Bearer realm=\"http://169.254.169.254/token\""]));
    let file = tempfile::NamedTempFile::new().expect("a file");
    let json = format!(r#"{{"auths":{{"{}":{{"registrytoken":"{CANARY}"}}}}}}"#, lab.server.addr());
    std::fs::write(file.path(), json).expect("fine");
    let store = CredentialStore::new()
        .with_file(file.path(), oci_registry_http::auth::credential::Presence::Required);
    let client = lab.fresh_client(|client| client.credentials(store));
    let error = tags(&repository(&client, &lab.server, "x")).await.expect_err("no such repository");
    assert!(error.is_not_found(), "{error}");
}

#[tokio::test]
async fn answers_of_token_servers_are_bounded_f_30() {
    for reply in [
        Reply::new(200).json(vec![b' '; 10 << 20]),
        Reply::new(200).header("content-type", "text/html").body("<html>"),
        Reply::new(200).json(r#"{"token":""}"#),
        Reply::new(200).header("content-encoding", "gzip").body(vec![0x1f, 0x8b, 8, 0]),
    ] {
        let lab = Lab::with_tokens().await;
        lab.server.script(is_token(), Fault::reply(reply));
        let error = tags(&lab.repository("x")).await.expect_err("no token");
        assert!(matches!(error.kind(), ErrorKind::Token | ErrorKind::TooLarge), "{error}");
    }
}

#[tokio::test]
async fn wrong_credentials_for_something_public_f_31() {
    let access = || Access::Bearer(Bearer::new(Accounts::new().anonymous(Rights::Pull)));
    let lab = Lab::with(|s| s.access(access()), |c| c.credentials(password())).await;
    let error = tags(&lab.repository("x")).await.expect_err("refused");
    assert!(
        error.is_auth() && error.help().is_some_and(|help| help.to_string().contains("public")),
        "{error}"
    );
    let client =
        lab.fresh_client(|c| c.credentials(password()).on_refusal(OnRefusal::TryAnonymously));
    let error = tags(&repository(&client, &lab.server, "x")).await.expect_err("no such repository");
    assert!(error.is_not_found(), "{error}");
}

#[tokio::test]
async fn a_token_is_renewed_before_a_long_upload_f_32() {
    let lab = Lab::with_tokens().await;
    let repository = lab.repository("x");
    tags(&repository).await.expect_err("no such repository");
    let put = |seed| {
        let bytes = bytes::Bytes::from(noise(1000, seed));
        let repository = repository.clone();
        async move {
            let blob = crate::support::blob(&bytes);
            repository.put_blob(&blob, Arc::new(bytes), &Default::default()).await.expect("fine");
        }
    };
    put(1).await;
    lab.server.clear_requests();
    lab.clock.advance(Duration::from_secs(245));
    put(2).await;
    assert_eq!(
        lab.log(),
        [
            "HEAD /v2/x/blobs/DIGEST 404",
            "POST /v2/x/blobs/uploads/ 202",
            "GET /token 200",
            "PUT /v2/x/blobs/uploads/ 201",
        ]
    );
}

#[tokio::test]
async fn credentials_of_one_host_are_kept_apart_f_33() {
    let lab = Lab::with(|server| server.access(tokens()), |client| client).await;
    let host = lab.server.addr();
    let file = tempfile::NamedTempFile::new().expect("a file");
    let json = format!(
        r#"{{"auths":{{"{host}/a":{{"username":"ci","password":"{CANARY}"}},"{host}/b":{{"username":"ci","password":"wrong"}}}}}}"#
    );
    std::fs::write(file.path(), json).expect("fine");
    let store = CredentialStore::new()
        .with_file(file.path(), oci_registry_http::auth::credential::Presence::Required);
    let client = lab.fresh_client(|client| client.credentials(store));
    let error =
        tags(&repository(&client, &lab.server, "a/x")).await.expect_err("no such repository");
    assert!(error.is_not_found(), "{error}");
    let error = tags(&repository(&client, &lab.server, "b/x")).await.expect_err("refused");
    assert!(error.is_auth(), "{error}");
}

#[tokio::test]
async fn blobs_come_with_a_token_too_f_12() {
    let lab = Lab::with_tokens().await;
    let bytes = noise(5000, 3);
    let blob = lab.has_blob(&bytes).await;
    assert_eq!(fetch(&lab.repository("x"), &blob).await.expect("fine"), bytes);
}

#[tokio::test]
async fn a_token_server_without_tls_is_not_asked_by_a_registry_with_it_f_26() {
    let authority = Authority::new().expect("one");
    let tls = authority.server(&["127.0.0.1"]).expect("fine");
    let pem = authority.pem().as_bytes().to_vec();
    let client = |client: ClientBuilder| {
        client.credentials(password()).authorities(pem).loopback(Scheme::Https)
    };
    let lab = Lab::with(|server| server.tls(tls), client).await;
    let ear = Server::builder().start().await.expect("it starts");
    let challenge = format!("Bearer realm=\"{}/token\",service=\"s\"", ear.url());
    lab.server.script(When::any(), Fault::challenge([&challenge]));
    let error = tags(&lab.repository("x")).await.expect_err("refused");
    assert_eq!((error.kind(), ear.counters().connections()), (ErrorKind::ForbiddenAddress, 0));
}

/// A token server that honours only some of the scopes that it is asked for, and a registry that
/// believes it. A token is its scopes, in base64.
async fn honours(pick: fn(&[String]) -> Option<Vec<String>>) -> (Lab, Running) {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
    let give = move |seen: &Seen| {
        let query = seen.query.clone().unwrap_or_default();
        let asked = url::form_urlencoded::parse(query.as_bytes()).into_owned();
        let asked: Vec<_> =
            asked.filter(|(key, _)| key == "scope").map(|(_, scope)| scope).collect();
        match pick(&asked) {
            Some(scopes) => {
                let token = BASE64.encode(scopes.join(" "));
                Reply::new(200).json(format!(r#"{{"token":"{token}"}}"#))
            }
            None => Reply::error(400, "UNSUPPORTED", "one scope at a time"),
        }
    };
    let server = Server::builder().script(When::any(), Fault::respond(give)).start();
    let server = server.await.expect("it starts");
    let lab = Lab::open().await;
    lab.has_blob(b"shared").await;
    let may = |seen: &Seen| {
        let token = seen.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
        let scopes = token.and_then(|token| BASE64.decode(token).ok()).unwrap_or_default();
        let scopes = String::from_utf8(scopes).unwrap_or_default();
        let name = if seen.path.starts_with("/v2/y/") { "y" } else { "x" };
        let (pull, push) =
            (format!("repository:{name}:pull"), format!("repository:{name}:pull,push"));
        let reads = matches!(seen.method.as_str(), "GET" | "HEAD");
        let here = scopes.split(' ').any(|one| one == push || (reads && one == pull));
        let from = seen.parameter("from").map(|from| format!("repository:{from}:pull"));
        here && from.is_none_or(|from| scopes.split(' ').any(|one| one.starts_with(&from)))
    };
    let challenge = format!("Bearer realm=\"{}/token\",service=\"s\"", server.url());
    let refused = When::any().matching(move |seen| !may(seen));
    lab.server.script(refused, Fault::challenge([&challenge]));
    (lab, server)
}

#[tokio::test]
async fn a_token_server_that_honours_one_scope_makes_no_mount_but_an_upload_f_19() {
    for (pick, placed) in [
        ((|all| Some(all.to_vec())) as fn(&[String]) -> _, Placed::Mounted),
        (|all| Some(all.iter().take(1).cloned().collect()), Placed::Uploaded),
        (|all| Some(all.iter().rev().take(1).cloned().collect()), Placed::Uploaded),
        (|all| (all.len() == 1).then(|| all.to_vec()), Placed::Uploaded),
    ] {
        let (lab, _server) = honours(pick).await;
        let source = Arc::new(bytes::Bytes::from_static(b"shared"));
        let (to, from) = (lab.repository("y"), lab.repository("x"));
        let mounted = to.mount_blob(&blob(b"shared"), &from, source, &Default::default()).await;
        assert_eq!(mounted.expect("it gets there"), placed);
        assert_eq!(fetch(&to, &blob(b"shared")).await.expect("there"), b"shared");
    }
}
