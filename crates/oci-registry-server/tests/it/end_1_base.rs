// SPDX-License-Identifier: Apache-2.0
//! "Determining Support", "Endpoints", "Error Codes".

use crate::client::start;

#[test]
fn the_base_answers_200_end_1() {
    let registry = start();
    for target in ["/v2/", "/v2"] {
        let answer = registry.get(target);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("docker-distribution-api-version"), Some("registry/2.0"));
    }
    assert_eq!(registry.head("/v2/").status, 200);
}

#[test]
fn errors_are_json_with_a_code_and_a_message() {
    let registry = start();
    let answer = registry.get("/v2/a/manifests/latest");
    assert_eq!(answer.status, 404);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let errors = answer.json();
    let errors = errors["errors"].as_array().expect("a list");
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0]["code"], "MANIFEST_UNKNOWN");
    assert!(errors[0]["message"].is_string());
}

#[test]
fn errors_tell_no_path_of_this_machine() {
    let registry = start();
    std::fs::write(registry.dir.path().join("index.json"), "no JSON").expect("writes");
    let answer = registry.get("/v2/a/tags/list");
    assert_eq!((answer.status, answer.code()), (500, "UNKNOWN".into()));
    assert!(!answer.text().contains(registry.dir.path().to_str().expect("is text")));
}

#[test]
fn methods_that_mean_nothing_are_405_with_allow() {
    let registry = start();
    for (method, target, allow) in [
        ("POST", "/v2/", "GET, HEAD"),
        ("PUT", "/v2/a/tags/list", "GET, HEAD"),
        ("GET", "/v2/a/blobs/uploads/", "POST"),
        ("PATCH", "/v2/a/manifests/x", "GET, HEAD, PUT, DELETE"),
    ] {
        let answer = registry.send(method, target, &[], b"");
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{target}");
        assert_eq!(answer.code(), "UNSUPPORTED");
    }
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let registry = start();
    for (target, status) in [
        ("/v2/../etc/manifests/x", 400),
        ("/v2/a/%2e%2e/manifests/x", 400),
        ("/v2/a%2f..%2f..%2fb/tags/list", 400),
        ("/v2/A/tags/list", 400),
        ("/v2/a//b/tags/list", 400),
        ("/v2/_catalog/tags/list", 400),
        ("/v2/a/blobs/sha256:../../../../etc/passwd", 404),
        ("/v2/a/blobs/sha256:%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404),
        ("/v2/a/blobs/sha256:abc", 400),
        ("/v2/a/referrers/sha256:abc", 400),
        ("/index.json", 404),
        ("/v2/%00/tags/list", 400),
    ] {
        let answer = registry.get(target);
        assert_eq!(answer.status, status, "{target} {answer:?}");
    }
}
