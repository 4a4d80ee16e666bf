// SPDX-License-Identifier: Apache-2.0
//! F-99 to F-101: tags and referrers, page by page.

use std::sync::Arc;

use bytes::Bytes;
use oci_artifact::media_type::{IMAGE_INDEX, IMAGE_MANIFEST};
use oci_artifact::reference::Target;
use oci_registry_faults::Endpoint;
use oci_registry_faults::{Fault, Reply, When};
use oci_registry_http::{ErrorKind, Repository};

use crate::manifests::pushed;
use crate::support::{Artifact, Lab, blob, descriptor};

async fn list(lab: &Lab, pages: &[(&str, &str)]) -> oci_registry_http::Result<Vec<String>> {
    for (number, (link, body)) in pages.iter().enumerate() {
        let reply = Reply::new(200).json(body.to_string());
        let reply = if link.is_empty() { reply } else { reply.header("link", link) };
        lab.server.script(When::get(Endpoint::Tags).nth(number as u64 + 1), Fault::reply(reply));
    }
    lab.repository("x").tags().await
}

#[tokio::test]
async fn lists_of_tags_f_99() {
    let lab = Lab::open().await;
    let absolute = format!("<{}/v2/x/tags/list?p=3>; rel=\"next\"", lab.server.url());
    let pages = [
        ("</v2/x/tags/list?p=2>; rel=next", r#"{"tags":["a","b"]}"#),
        (absolute.as_str(), r#"{"tags":["b","c"]}"#),
        ("", r#"{"tags":["d"]}"#),
    ];
    assert_eq!(list(&lab, &pages).await.expect("fine"), ["a", "b", "c", "d"]);
    let lab = Lab::open().await;
    assert!(list(&lab, &[("", r#"{"name":"x","tags":null}"#)]).await.expect("fine").is_empty());
    let lab = Lab::open().await;
    let again = [("</v2/x/tags/list>; rel=next", r#"{"tags":["a"]}"#)];
    assert_eq!(list(&lab, &again).await.expect("fine"), ["a"], "a loop");
    for link in [
        "<http://localhost:1/x>; rel=next",
        "<https://127.0.0.1/x>; rel=next",
        "<//169.254.169.254/>; rel=next",
    ] {
        let lab = Lab::open().await;
        let error = list(&lab, &[(link, r#"{"tags":["a"]}"#)]).await.expect_err(link);
        assert_eq!((error.kind(), lab.server.requests().len()), (ErrorKind::ForbiddenAddress, 1));
    }
    let lab = Lab::with(
        |server| server,
        |client| {
            let mut limits = oci_registry_http::client::Limits::default();
            limits.pages = 20;
            client.limits(limits)
        },
    )
    .await;
    lab.server.script(
        When::get(Endpoint::Tags),
        Fault::respond(|seen| {
            let link = format!("</v2/x/tags/list?p={}>; rel=next", seen.number);
            Reply::new(200).json(format!(r#"{{"tags":["t{}"]}}"#, seen.number)).header("link", link)
        }),
    );
    assert_eq!(lab.repository("x").tags().await.expect_err("endless").kind(), ErrorKind::TooLarge);
    assert_eq!(lab.server.requests().len(), 20);
    let lab = Lab::open().await;
    let huge = format!(r#"{{"tags":["{}"]}}"#, "x".repeat(5 << 20));
    assert_eq!(list(&lab, &[("", &huge)]).await.expect_err("huge").kind(), ErrorKind::TooLarge);
    let lab = Lab::open().await;
    lab.repository("x").list_tags(Some(5000)).next_page().await.expect_err("no such repository");
    assert_eq!(lab.server.requests()[0].seen.query.as_deref(), Some("n=1000"));
}

#[tokio::test]
async fn an_empty_page_ends_no_list_r_61() {
    let next = |last: &str| format!("</v2/x/tags/list?last={last}>; rel=next");
    let (b, c, d) = (next("b"), next("c"), next("d"));
    let pages = [
        (b.as_str(), r#"{"tags":["a","b"]}"#),
        (&c, r#"{"tags":[]}"#),
        ("</v2/x/tags/list?next_page=opaque>; rel=next", r#"{"tags":null}"#),
        (&d, r#"{"tags":[]}"#),
        ("", r#"{"tags":["e"]}"#),
    ];
    let lab = Lab::open().await;
    assert_eq!(list(&lab, &pages).await.expect("fine"), ["a", "b", "e"]);
    // Pages may overlap, also in their last one.
    let pages = [
        (b.as_str(), r#"{"tags":["a","b"]}"#),
        (&c, r#"{"tags":["b"]}"#),
        ("", r#"{"tags":["d"]}"#),
    ];
    let lab = Lab::open().await;
    assert_eq!(list(&lab, &pages).await.expect("fine"), ["a", "b", "d"]);
    // Empty, and the same last: that is the end, however the address is spelled.
    let pages = [
        (b.as_str(), r#"{"tags":["a","b"]}"#),
        ("</v2/x/tags/list?n=2&last=b>; rel=next", r#"{"tags":[]}"#),
        ("", r#"{"tags":["never asked for"]}"#),
    ];
    let lab = Lab::open().await;
    assert_eq!(list(&lab, &pages).await.expect("fine"), ["a", "b"]);
    assert_eq!(lab.server.requests().len(), 2);
}

fn about(artifact: &Artifact, number: usize) -> Bytes {
    let subject = descriptor(IMAGE_INDEX, &artifact.index);
    let empty = descriptor("application/vnd.oci.empty.v1+json", b"{}");
    Bytes::from(format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE_MANIFEST}","artifactType":"test/{number}","config":{empty},"layers":[{empty}],"subject":{subject}}}"#
    ))
}

async fn put_about(repository: &Repository, artifact: &Artifact, number: usize) {
    let bytes = about(artifact, number);
    let digest = oci_artifact::digest::sha256(&bytes);
    repository.put_manifest(&Target::Digest(&digest), bytes).await.expect("fine");
}

#[tokio::test]
async fn referrers_by_the_api_f_100_f_101() {
    let lab = Lab::open().await;
    let artifact = pushed(&lab).await;
    let repository = lab.repository("x");
    repository
        .put_blob(&blob(b"{}"), Arc::new(Bytes::from_static(b"{}")), &Default::default())
        .await
        .expect("fine");
    put_about(&repository, &artifact, 1).await;
    put_about(&repository, &artifact, 2).await;
    let all = repository.referrers(&artifact.digest(), None).await.expect("fine");
    assert_eq!(all.len(), 2);
    let rule = lab
        .server
        .script(When::get(Endpoint::Referrers), Fault::pass().remove("oci-filters-applied"));
    let one = repository.referrers(&artifact.digest(), Some("test/2")).await.expect("fine");
    assert_eq!(
        one.iter().map(|l| l.artifact_type.as_deref()).collect::<Vec<_>>(),
        [Some("test/2")]
    );
    rule.stop();
    assert!(repository.referrers(&blob(b"other").digest, None).await.expect("fine").is_empty());
    assert!(lab.log().iter().all(|line| !line.contains("/manifests/sha256-")), "no fallback");
}

#[tokio::test]
async fn referrers_behind_a_tag_f_100_f_101() {
    let foreign = oci_registry_faults::Server::builder().start().await.expect("it starts");
    let faults = [
        Fault::status(404),
        Fault::status(400),
        Fault::status(401),
        Fault::challenge(["Basic realm=\"r\""]),
        Fault::status(403),
        Fault::status(501),
        Fault::status(405),
        Fault::status(406),
        Fault::status(424),
        Fault::redirect(303, format!("{}/html", foreign.url())),
        Fault::reply(Reply::new(200).header("content-type", "text/html").body("<html>")),
        Fault::reply(Reply::new(200).header("content-type", IMAGE_MANIFEST).body("{}")),
    ];
    for fault in faults {
        let lab = Lab::open().await;
        let artifact = pushed(&lab).await;
        lab.server.script(When::get(Endpoint::Referrers), fault);
        lab.server.script(When::put(Endpoint::Manifest), Fault::pass().remove("oci-subject"));
        let repository = lab.repository("x");
        repository
            .put_blob(&blob(b"{}"), Arc::new(Bytes::from_static(b"{}")), &Default::default())
            .await
            .expect("fine");
        put_about(&repository, &artifact, 1).await;
        put_about(&repository, &artifact, 2).await;
        put_about(&repository, &artifact, 2).await;
        let all = repository.referrers(&artifact.digest(), None).await.expect("fine");
        assert_eq!(all.len(), 2);
        assert_eq!(
            repository.referrers(&artifact.digest(), Some("test/1")).await.expect("fine").len(),
            1
        );
    }
    // GitLab gives the subject itself.
    let lab = Lab::open().await;
    let artifact = pushed(&lab).await;
    lab.server.script(When::get(Endpoint::Referrers), Fault::status(404));
    let itself = Reply::new(200).header("content-type", IMAGE_INDEX).body(artifact.index.clone());
    lab.server
        .script(When::get(Endpoint::Manifest).target("manifests/sha256-"), Fault::reply(itself));
    assert!(
        lab.repository("x").referrers(&artifact.digest(), None).await.expect("fine").is_empty()
    );
}

#[tokio::test]
async fn many_referrers_at_once_are_all_kept_f_101() {
    let lab = Lab::open().await;
    let artifact = pushed(&lab).await;
    lab.server.script(When::get(Endpoint::Referrers), Fault::status(404));
    lab.server.script(When::put(Endpoint::Manifest), Fault::pass().remove("oci-subject"));
    let repository = lab.repository("x");
    repository
        .put_blob(&blob(b"{}"), Arc::new(Bytes::from_static(b"{}")), &Default::default())
        .await
        .expect("fine");
    let puts = (0..10).map(|number| put_about(&repository, &artifact, number));
    futures_util::future::join_all(puts).await;
    assert_eq!(repository.referrers(&artifact.digest(), None).await.expect("fine").len(), 10);
}
