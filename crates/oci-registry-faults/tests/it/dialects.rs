// SPDX-License-Identifier: Apache-2.0
//! The dialects speak as registry.md, part C, says.

use oci_artifact::digest;
use oci_registry_faults::Dialect;
use oci_registry_faults::{Access, Accounts, Bearer, Rights};

use crate::client::{Fixture, descriptor, image, start_with};

fn start(dialect: Dialect) -> Fixture {
    start_with(|builder| builder.dialect(dialect))
}

fn chunk(registry: &Fixture, location: &str, range: &str, bytes: &[u8]) -> crate::client::Answer {
    registry.send("PATCH", location, &[("content-range", range)], bytes)
}

#[test]
fn every_dialect_takes_a_monolithic_push_and_gives_it_back() {
    for dialect in Dialect::ALL {
        let registry = start(dialect);
        let bytes = vec![4; 50_000];
        let digest = registry.push_blob("a", &bytes);
        assert!(registry.get(&format!("/v2/a/blobs/{digest}")).body == bytes, "{dialect:?}");
        let (manifest, _) = registry.push_image("a", "v1", b"layer");
        assert_eq!(registry.get("/v2/a/manifests/v1").body, manifest, "{dialect:?}");
    }
}

#[test]
fn ghcr_bounds_chunks_and_has_no_referrers() {
    let registry = start(Dialect::Ghcr);
    let location = registry.begin("a");
    let bytes = vec![0; (4 << 20) + 1];
    assert_eq!(registry.send("PATCH", &location, &[], &bytes).status, 416);
    assert_eq!(registry.send("PATCH", &location, &[], &bytes[1..]).status, 202);
    let answer = registry.get(&format!("/v2/a/referrers/{}", digest::sha256(b"")));
    assert_eq!(answer.status, 303);
    assert_eq!(registry.send("POST", "/token", &[], b"").status, 405);
}

#[test]
fn ecr_drops_all_chunks_but_the_first() {
    let registry = start(Dialect::Ecr);
    let location = registry.begin("a");
    let first = chunk(&registry, &location, "0-2", b"abc");
    assert_eq!((first.status, first.header("range")), (201, Some("0-2")));
    let second = chunk(&registry, &location, "3-5", b"def");
    assert_eq!((second.status, second.header("range")), (201, Some("0-2")));
    let target = format!("{location}?digest={}", digest::sha256(b"abcdef"));
    assert_eq!(registry.send("PUT", &target, &[], b"").status, 400);
    let target = format!("/v2/a/manifests/{}", digest::sha256(b""));
    assert_eq!(registry.get(&target).status, 404);
    registry.push_blob("a", b"{}");
    registry.push_blob("a", b"l");
    let answer = registry.put_manifest("a", "v1", &image(b"{}", b"l", ""));
    assert_eq!((answer.status, answer.header("location")), (201, None));
    assert_eq!(registry.get("/v2/a/tags/list?n=1001").status, 400);
}

#[test]
fn artifactory_forgets_chunks_and_hides_tags() {
    let registry = start(Dialect::Artifactory);
    let location = registry.begin("a");
    chunk(&registry, &location, "0-2", b"abc");
    chunk(&registry, &location, "3-5", b"def");
    let target = format!("{location}?digest={}", digest::sha256(b"abcdef"));
    assert_eq!(registry.send("PUT", &target, &[], b"").code(), "DIGEST_INVALID");
    assert_eq!(registry.get("/v2/a/manifests/none").status, 403);
}

#[test]
fn olareg_has_a_state_in_its_locations() {
    let registry = start(Dialect::Olareg);
    let answer = registry.send("POST", "/v2/a/blobs/uploads/", &[], b"");
    assert_eq!(answer.header("range"), Some("0--1"));
    let first = answer.header("location").expect("one").to_owned();
    assert!(first.contains("?state="));
    let answer = chunk(&registry, &first, "0-2", b"abc");
    assert_eq!(answer.status, 202);
    let second = answer.header("location").expect("one").to_owned();
    assert_ne!(first, second);
    assert_eq!(chunk(&registry, &first, "3-5", b"def").status, 400);
    assert_eq!(chunk(&registry, &second, "9-11", b"def").header("location"), None);
    let current = registry.get(&second).header("location").expect("one").to_owned();
    assert_eq!(chunk(&registry, &current, "3-5", b"def").status, 202);
}

#[test]
fn headers_and_bodies_are_those_of_their_registries() {
    let digest = digest::sha256(b"hello");
    let target = format!("/v2/a/blobs/{digest}");
    let of = |dialect: Dialect| {
        let registry = start(dialect);
        registry.push_blob("a", b"hello");
        registry
    };
    assert_eq!(of(Dialect::Nexus).head(&target).header("docker-content-digest"), None);
    let bare = digest.hex();
    assert_eq!(
        of(Dialect::HuaweiSwr).head(&target).header("docker-content-digest"),
        Some(bare.as_str())
    );
    assert_eq!(of(Dialect::Cloudflare).head(&target).header("content-length"), None);
    let registry = of(Dialect::Ollama);
    registry.push_image("a", "v1", b"l");
    assert_eq!(registry.get("/v2/a/manifests/v1").header("content-type"), Some("text/plain"));
    let registry = of(Dialect::Ggcr);
    assert_eq!(registry.send("PATCH", &registry.begin("a"), &[], b"x").status, 204);
    assert_eq!(of(Dialect::DockerHub).get("/v2/none/tags/list").status, 401);
    let registry = of(Dialect::Harbor);
    assert_eq!(registry.get("/v2/a/manifests/none").code(), "NOT_FOUND");
    let mount = format!("/v2/b/blobs/uploads/?mount={digest}&from=none");
    assert_eq!(registry.send("POST", &mount, &[], b"").status, 401);
    let mount = format!("/v2/b/blobs/uploads/?mount={digest}");
    assert_eq!(of(Dialect::Quay).send("POST", &mount, &[], b"").status, 400);
    assert_eq!(of(Dialect::Zot).send("POST", "/v2/b/blobs/uploads/?from=a", &[], b"").status, 405);
}

#[test]
fn the_docker_registry_knows_no_referrers() {
    let registry = start(Dialect::Distribution28);
    let (subject, digest) = registry.push_image("a", "v1", b"layer");
    let more = format!(",\"subject\":{}", descriptor(crate::client::MANIFEST, &subject));
    let answer = registry.put_manifest("a", "sig", &image(b"{}", b"layer", &more));
    assert_eq!((answer.status, answer.header("oci-subject")), (201, None));
    let answer = registry.get(&format!("/v2/a/referrers/{digest}"));
    assert_eq!((answer.status, answer.header("content-type")), (404, Some("text/plain")));
    let registry = start(Dialect::Distribution3);
    assert_eq!(registry.get("/v2/a/tags/list?n=1001").code(), "PAGINATION_NUMBER_INVALID");
}

#[test]
fn gitlab_takes_the_fallback_tag_for_the_subject() {
    let registry = start(Dialect::GitLab);
    let (_, digest) = registry.push_image("a", "v1", b"layer");
    let answer = registry.get(&format!("/v2/a/manifests/{}", digest.replace(':', "-")));
    assert_eq!(answer.status, 307);
    let location = answer.header("location").expect("one");
    assert_eq!(location, format!("/v2/a/manifests/{digest}"));
}

#[test]
fn zot_challenges_without_quotes_and_quay_tokens_have_no_end() {
    let accounts = Accounts::new().user("u", "p", Rights::All).expect("an account");
    let bearer = || Access::Bearer(Bearer::new(accounts.clone()));
    let registry = start_with(|b| b.dialect(Dialect::Zot).access(bearer()));
    let answer = registry.get("/v2/a/tags/list");
    let challenge = answer.header("www-authenticate").expect("one");
    assert!(challenge.starts_with("bearer realm=http://"), "{challenge}");
    let registry = start_with(|b| b.dialect(Dialect::Quay).access(bearer()));
    assert!(registry.get("/token").json().get("expires_in").is_none());
}
