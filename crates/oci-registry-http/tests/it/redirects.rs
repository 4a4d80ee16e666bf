// SPDX-License-Identifier: Apache-2.0
//! F-47 to F-56: where redirects may lead, and what goes along.

use oci_registry_faults::{Access, Accounts, Endpoint, Rights, Running, Server};
use oci_registry_faults::{Authority, Cut, Fault, Reply, When};
use oci_registry_http::auth::credential::CredentialStore;
use oci_registry_http::transport::connection::Scheme;
use oci_registry_http::{ErrorKind, Result};

use crate::support::{CANARY, Lab, blob, fetch, noise, password, tokens};

/// A host that gives that to everybody.
async fn storage(bytes: &[u8]) -> Running {
    let give = Fault::reply(Reply::new(200).body(bytes.to_vec()));
    Server::builder().script(When::any(), give).start().await.expect("it starts")
}

fn has_secret(server: &Running) -> bool {
    server.requests().iter().any(|request| {
        let headers = &request.seen.headers;
        headers.iter().any(|(name, _)| name == "authorization" || name == "cookie")
    })
}

#[tokio::test]
async fn storage_sees_the_signed_address_and_nothing_else_f_47_f_48() {
    let bytes = noise(1000, 1);
    let lab = Lab::with_tokens().await;
    let wanted = lab.has_blob(&bytes).await;
    let storage = storage(&bytes).await;
    let query = "X-Amz-Signature=a%2Fb%3D&x=%7e+y&response=a%20b";
    let location = format!("{}/bucket/%7ekey?{query}", storage.url());
    lab.server.script(
        When::get(Endpoint::Blob).with_header("authorization"),
        Fault::redirect(307, location),
    );
    assert_eq!(fetch(&lab.repository("x"), &wanted).await.expect("fine"), bytes);
    let seen = storage.requests();
    assert_eq!(
        (seen[0].seen.path.as_str(), seen[0].seen.query.as_deref()),
        ("/bucket/%7ekey", Some(query))
    );
    assert!(!has_secret(&storage) && seen[0].seen.header("referer").is_none());
    assert_eq!(seen[0].seen.header("accept-encoding"), Some("identity"));
}

#[tokio::test]
async fn credentials_never_come_back_to_a_chain_f_50() {
    for (access, make) in [
        (tokens(), password as fn() -> CredentialStore),
        (
            Access::Basic(Accounts::new().user("ci", CANARY, Rights::All).expect("an account")),
            password,
        ),
    ] {
        let bytes = noise(100, 1);
        let lab = Lab::with(|s| s.access(access), |c| c.credentials(make())).await;
        // A to B to A: what comes back to A comes without.
        let wanted = lab.has_blob(&bytes).await;
        let b = Server::builder().start().await.expect("it starts");
        lab.server.script(
            When::get(Endpoint::Blob).with_header("authorization"),
            Fault::redirect(307, format!("{}/1", b.url())),
        );
        b.script(When::any().target("/1"), Fault::redirect(307, "/2"));
        b.script(
            When::any().target("/2"),
            Fault::redirect(302, format!("{}/back", lab.server.url())),
        );
        lab.server
            .script(When::any().target("/back"), Fault::reply(Reply::new(200).body(bytes.clone())));
        assert_eq!(fetch(&lab.repository("x"), &wanted).await.expect("fine"), bytes);
        assert!(!has_secret(&b) && b.requests().len() == 2);
        let back = lab.server.requests_like(&When::any().target("/back"));
        assert!(back.len() == 1 && back[0].seen.header("authorization").is_none());
    }
}

#[tokio::test]
async fn redirects_that_lead_nowhere_f_51() {
    let cases: [(&str, ErrorKind); 5] = [
        ("", ErrorKind::Redirect),
        ("file:///etc/passwd", ErrorKind::Redirect),
        ("javascript:alert(1)", ErrorKind::Redirect),
        ("http://", ErrorKind::Redirect),
        ("http://u:p@127.0.0.1/", ErrorKind::ForbiddenAddress),
    ];
    for (location, kind) in cases {
        let lab = Lab::open().await;
        lab.server.script(When::any(), Fault::redirect(307, location));
        let error = fetch(&lab.repository("x"), &blob(b"x")).await.expect_err(location);
        assert_eq!(error.kind(), kind, "{location}");
        assert_eq!(lab.server.requests().len(), 1, "{location}");
    }
    let lab = Lab::open().await;
    lab.server.script(When::any(), Fault::reply(Reply::new(307)));
    let error = fetch(&lab.repository("x"), &blob(b"x")).await.expect_err("no address");
    assert_eq!(error.kind(), ErrorKind::Redirect);
    let lab = Lab::open().await;
    lab.server.script(When::any(), Fault::redirect(307, "/again"));
    let error = fetch(&lab.repository("x"), &blob(b"x")).await.expect_err("for ever");
    assert_eq!((error.kind(), lab.server.requests().len()), (ErrorKind::Redirect, 6));
}

#[tokio::test]
async fn redirects_to_where_nobody_may_send_us_f_52() {
    for host in ["169.254.169.254", "0.0.0.0", "[fe80::1]", "224.0.0.1"] {
        let lab = Lab::open().await;
        lab.server
            .script(When::any(), Fault::redirect(307, format!("http://{host}/latest/meta-data")));
        let error = fetch(&lab.repository("x"), &blob(b"x")).await.expect_err(host);
        assert_eq!(error.kind(), ErrorKind::ForbiddenAddress, "{host}");
    }
}

#[tokio::test]
async fn another_host_that_asks_for_credentials_gets_none_f_53() {
    let bytes = noise(100, 1);
    for challenge in ["Basic realm=\"x\"", "Bearer realm=\"/token\",service=\"x\""] {
        let lab = Lab::with_tokens().await;
        let wanted = lab.has_blob(&bytes).await;
        let b = Server::builder()
            .script(When::any(), Fault::challenge([challenge]))
            .start()
            .await
            .expect("it starts");
        lab.server.script(
            When::get(Endpoint::Blob).with_header("authorization"),
            Fault::redirect_to(307, b.url()),
        );
        fetch(&lab.repository("x"), &wanted).await.expect_err("refused");
        assert!(!has_secret(&b));
        assert!(b.requests().iter().all(|request| request.seen.path != "/token"));
    }
}

#[tokio::test]
async fn redirects_of_what_changes_something_f_54() {
    let bytes = noise(1000, 1);
    let send = |lab: &Lab| {
        let (repository, blob) = (lab.repository("x"), blob(&bytes));
        let source = std::sync::Arc::new(bytes::Bytes::from(bytes.clone()));
        async move { repository.put_blob(&blob, source, &Default::default()).await }
    };
    for status in [301, 302] {
        for method in ["POST", "PUT"] {
            let lab = Lab::open().await;
            lab.server
                .script(When::method(method), Fault::redirect(status, "/elsewhere").after_body());
            assert_eq!(send(&lab).await.expect_err("not followed").kind(), ErrorKind::Redirect);
        }
    }
    for status in [307, 308] {
        let lab = Lab::open().await;
        let location = |seen: &oci_registry_faults::Seen| {
            let query = seen.query.clone().unwrap_or_default();
            Reply::new(307).header("location", format!("{}?{query}&again=1", seen.path))
        };
        let first = When::put(Endpoint::Upload).matching(|seen| !seen.target().contains("again"));
        lab.server.script(first, Fault::respond(location).with_status(status).after_body());
        send(&lab).await.expect("the body goes again");
        assert_eq!(fetch(&lab.repository("x"), &blob(&bytes)).await.expect("there"), bytes);
    }
    let lab = Lab::open().await;
    lab.server.script(When::delete(Endpoint::Manifest), Fault::redirect(302, "/elsewhere"));
    let digest = blob(b"x").digest;
    assert_eq!(
        lab.repository("x").delete_manifest(&digest).await.expect_err("no").kind(),
        ErrorKind::Redirect
    );
}

#[tokio::test]
async fn a_signed_address_that_ends_is_asked_for_anew_f_55() {
    let bytes = noise(100_000, 1);
    let lab = Lab::open().await;
    let wanted = lab.has_blob(&bytes).await;
    let storage = Server::builder().start().await.expect("it starts");
    let give = Fault::reply(Reply::new(200).body(bytes.clone())).cut(60_000, Cut::Reset);
    storage.script(When::any().nth(1), give);
    storage.script(When::any().nth(2), Fault::status(403));
    lab.server.script(
        When::get(Endpoint::Blob).first(2),
        Fault::redirect(307, format!("{}/signed", storage.url())),
    );
    assert_eq!(fetch(&lab.repository("x"), &wanted).await.expect("fine"), bytes);
    assert_eq!((storage.requests().len(), lab.count(&When::get(Endpoint::Blob))), (2, 3));
}

#[tokio::test]
async fn plain_http_that_is_sent_on_to_https_f_56() -> Result<()> {
    let lab = Lab::open().await;
    let location = lab.server.url().replace("http:", "https:");
    lab.server.script(When::any(), Fault::redirect_to(301, location));
    let error = lab.repository("x").tags().await.expect_err("the wrong scheme");
    assert_eq!(error.kind(), ErrorKind::WrongScheme);
    assert!(error.help().is_some_and(|help| help.to_string().contains("HTTPS")));
    Ok(())
}

#[tokio::test]
async fn another_port_or_scheme_is_another_origin_f_49() {
    let bytes = noise(1000, 1);
    let authority = Authority::new().expect("one");
    let tls = authority.server(&["127.0.0.1", "storage.example"]).expect("fine");
    let give = Fault::reply(Reply::new(200).body(bytes.clone()));
    let secure =
        Server::builder().tls(tls.clone()).script(When::any(), give).start().await.expect("fine");
    let plain = storage(&bytes).await;
    let pem = authority.pem().as_bytes().to_vec();
    let options = |client: oci_registry_http::ClientBuilder| {
        client
            .credentials(password())
            .authorities(pem.clone())
            .allow("storage.example")
            .resolve("storage.example", secure.addr())
    };
    // From plain HTTP to another port, and to HTTPS at another host: without credentials.
    let elsewhere = format!("https://storage.example:{}/x", secure.addr().port());
    for (location, host) in [(format!("{}/x", plain.url()), &plain), (elsewhere, &secure)] {
        let lab = Lab::with(|s| s.access(tokens()), options).await;
        let blob = lab.has_blob(&bytes).await;
        let get = When::get(Endpoint::Blob).with_header("authorization");
        lab.server.script(get, Fault::redirect(307, location));
        assert_eq!(fetch(&lab.repository("x"), &blob).await.expect("fine"), bytes);
        assert!(host.requests().len() == 1 && !has_secret(host));
    }
    // From HTTPS to plain HTTP: not at all.
    let client = |client| options(client).loopback(Scheme::Https);
    let lab = Lab::with(|s| s.tls(tls), client).await;
    plain.clear_requests();
    let location = format!("{}/x", plain.url());
    lab.server.script(When::get(Endpoint::Blob), Fault::redirect(307, location));
    let error = fetch(&lab.repository("x"), &blob(&bytes)).await.expect_err("refused");
    assert_eq!((error.kind(), plain.requests().len()), (ErrorKind::ForbiddenAddress, 0));
}
