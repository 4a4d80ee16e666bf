// SPDX-License-Identifier: Apache-2.0
//! Pages: who sees which repositories, and what a browser may do with a page (SV-18, SV-19).

use std::io::Read as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::StatusCode;
use oci_artifact::reader::ContentSource as _;
use oci_artifact::{Descriptor, ErrorKind, digest};
use oci_registry_server::{Access, Accounts, Asked, Bearer, Front, Page, Repositories, Rights};

use crate::client::{Fixture, image, start, start_with};

/// Says what it sees: the repositories with their tags, or, of one that is named, what it can read.
struct Told;

impl Front for Told {
    fn answer(&self, asked: &Asked, all: &Repositories) -> Page {
        let mut html = format!("path={} q={} host={}\n", asked.path, asked.get("q"), asked.host);
        for name in all.names().expect("can be read") {
            let one = all.get(&name).expect("can be read").expect("it was listed");
            for (tag, digest) in one.tags().expect("can be read") {
                html.push_str(&format!("{name}:{tag}={digest}\n"));
                for one in one.attached(&digest).expect("can be read") {
                    html.push_str(&format!("attached {} {:?}\n", one.artifact_type, one.tag));
                }
            }
        }
        let (name, digest) = (asked.get("repository"), asked.get("digest"));
        if let (Ok(Some(one)), Ok(digest)) = (all.get(name), digest::parse(digest)) {
            let descriptor = Descriptor::new("", 5, digest);
            let mut text = String::new();
            let streamed = one.stream(&descriptor).map(|mut read| read.read_to_string(&mut text));
            let document = one.document(&descriptor).map(|bytes| bytes.len());
            let kinds = (document.map_err(|error| error.kind()), streamed.err().map(|e| e.kind()));
            html.push_str(&format!("read {text:?} {kinds:?}\n"));
        }
        Page { status: StatusCode::OK, html }
    }

    fn refused(&self, status: StatusCode, message: &str) -> String {
        format!("refused {} {message}", status.as_u16())
    }
}

fn accounts() -> Accounts {
    let accounts = Accounts::new().user("reader", "secret", Rights::Pull);
    accounts.and_then(|all| all.user("nobody", "secret", Rights::None)).expect("two accounts")
}

fn get(registry: &Fixture, authorization: &str) -> (u16, String, Option<String>) {
    let header = [("authorization", authorization)];
    let headers = if authorization.is_empty() { &header[..0] } else { &header[..] };
    let answer = registry.send("GET", "/", headers, b"");
    let challenge = answer.header("www-authenticate").map(str::to_owned);
    (answer.status, String::from_utf8(answer.body.clone()).expect("text"), challenge)
}

#[test]
fn pages_are_for_those_who_may_pull_and_are_asked_for_a_password_sv_18() {
    let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
    let credentials = [
        (String::new(), 401, 200),
        (basic("reader:secret"), 200, 200),
        (basic("reader:wrong"), 401, 401),
        (basic("nobody:secret"), 403, 403),
        (basic("other:secret"), 401, 401),
        ("Bearer token".to_owned(), 401, 401),
        ("Basic !".to_owned(), 401, 401),
    ];
    let accesses: [fn(Accounts) -> Access; 2] =
        [Access::Basic, |accounts| Access::Bearer(Bearer::new(accounts))];
    for access in accesses {
        for anonymous in [Rights::None, Rights::Pull] {
            let access = access(accounts().anonymous(anonymous));
            let registry = start_with(|builder| builder.access(access).front(Arc::new(Told)));
            for (authorization, closed, open) in &credentials {
                let expected = if anonymous == Rights::None { *closed } else { *open };
                let (status, text, challenge) = get(&registry, authorization);
                assert_eq!(status, expected, "{authorization} {anonymous:?}: {text}");
                assert_eq!(challenge.is_some(), status == 401, "{authorization}");
                let is_basic = challenge.is_none_or(|text| text.starts_with("Basic realm="));
                assert!(is_basic, "a browser can only ask for a password");
                assert_eq!(text.starts_with("refused"), status != 200, "{text}");
            }
        }
    }
    let open = start_with(|builder| builder.front(Arc::new(Told)));
    assert_eq!(get(&open, "").0, 200);
}

#[test]
fn only_paths_outside_of_the_protocol_are_pages_and_only_to_be_read_sv_19() {
    let registry = start_with(|builder| builder.front(Arc::new(Told)));
    for path in ["/", "/x", "/v1/", "/v2x", "/r/a/-/b?q=c%20d", "/token/", "/%2e%2e/v2/"] {
        let answer = registry.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.body.starts_with(b"path=/"), "{path}");
    }
    let answer = registry.get("/r/%C3%A4?q=1+2%26");
    let text = String::from_utf8(answer.body.clone()).expect("text");
    assert!(text.starts_with("path=/r/ä q=1 2& host=localhost"), "{text}");
    for path in ["/v2", "/v2/", "/v2/_catalog", "/v2/nothing", "/token", "/%762/_catalog"] {
        assert!(!registry.get(path).body.starts_with(b"path="), "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let answer = registry.send(method, "/", &[], b"");
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")), "{method}");
        assert!(answer.body.starts_with(b"refused 405"), "{answer:?}");
    }
    let head = registry.head("/");
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert!(head.header("content-length").is_some_and(|length| length != "0"));
    assert_eq!(start().get("/").status, 404, "without a front there is nothing");
}

#[test]
fn a_page_may_load_nothing_and_be_framed_by_nobody_sv_19() {
    let registry = start_with(|builder| builder.front(Arc::new(Told)));
    for answer in [registry.get("/"), registry.send("POST", "/", &[], b"")] {
        let policy = answer.header("content-security-policy").expect("a policy");
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "private, no-cache"),
            ("vary", "authorization"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name}");
        }
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[test]
fn a_page_sees_of_a_repository_what_that_has_and_nothing_else_sv_18() {
    let registry = start_with(|builder| builder.front(Arc::new(Told)));
    let secret = registry.push_blob("private", b"12345");
    let (manifest, subject) = registry.push_image("a", "v1", b"layer");
    let text = |path: &str| String::from_utf8(registry.get(path).body).expect("text");
    let read = |name: &str| text(&format!("/?repository={name}&digest={secret}"));
    assert!(read("private").contains("read \"12345\" (Ok(5), None)"), "{}", read("private"));
    let absent = format!("(Err({0:?}), Some({0:?}))", ErrorKind::NotFound);
    assert!(read("a").contains(&format!("read \"\" {absent}")), "{}", read("a"));
    for name in ["none", "../a", "A", ""] {
        assert!(!read(name).contains("read "), "{name}");
    }
    assert!(!text("/").contains("attached"), "nothing is yet");
    let about = format!(
        ",\"artifactType\":\"application/sbom\",\"subject\":{{\"mediaType\":\"{}\",\"digest\":\"{subject}\",\"size\":{}}}",
        crate::client::MANIFEST,
        manifest.len()
    );
    registry.push_blob("a", b"{}");
    assert_eq!(registry.put_manifest("a", "other", &image(b"{}", b"layer", &about)).status, 201);
    let tag = format!("{}.sig", subject.replacen(':', "-", 1));
    registry.push_image("a", &tag, b"layer");
    let shown = text("/");
    assert!(shown.contains("attached application/sbom None"), "{shown}");
    assert!(shown.contains(&format!("Some({tag:?})")), "{shown}");
}
