// SPDX-License-Identifier: Apache-2.0
//! Tests of the specification's "Listing Tags".

use serde_json::json;

use crate::client::{index, start};

#[test]
fn end_8a_tags_are_listed_in_byte_order() {
    let registry = start();
    for tag in ["b", "A", "a", "_", "1.0", "10", "B"] {
        assert_eq!(registry.put_manifest("x/y", tag, &index(&[], "")).status, 201);
    }
    let answer = registry.get("/v2/x/y/tags/list");
    assert_eq!(answer.status, 200);
    let expected = json!({"name": "x/y", "tags": ["1.0", "10", "A", "B", "_", "a", "b"]});
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.header("link"), None);
}

#[test]
fn end_8a_a_repository_without_tags_has_an_empty_list_and_none_is_404() {
    let registry = start();
    registry.push_blob("a", b"x");
    assert_eq!(registry.get("/v2/a/tags/list").json(), json!({"name": "a", "tags": []}));
    let answer = registry.get("/v2/b/tags/list");
    assert_eq!((answer.status, answer.code()), (404, "NAME_UNKNOWN".into()));
}

#[test]
fn end_8b_pages_follow_each_other_by_link() {
    let registry = start();
    for tag in ["a", "b", "c", "d", "e"] {
        registry.put_manifest("x", tag, &index(&[], ""));
    }
    let mut target = "/v2/x/tags/list?n=2".to_owned();
    let mut all = Vec::new();
    loop {
        let answer = registry.get(&target);
        let tags = answer.json()["tags"].as_array().expect("a list").clone();
        assert!(tags.len() <= 2);
        all.extend(tags);
        let Some(link) = answer.header("link") else { break };
        let (next, rel) = link.trim_start_matches('<').split_once('>').expect("a link");
        assert_eq!(rel, "; rel=\"next\"");
        target = next.to_owned();
    }
    assert_eq!(all, ["a", "b", "c", "d", "e"]);
}

#[test]
fn end_8b_n_and_last_bound_the_list() {
    let registry = start();
    for tag in ["a", "b", "c"] {
        registry.put_manifest("x", tag, &index(&[], ""));
    }
    let tags = |query: &str| {
        let answer = registry.get(&format!("/v2/x/tags/list?{query}"));
        (answer.json()["tags"].clone(), answer.header("link").is_some())
    };
    assert_eq!(tags("n=0"), (json!([]), false));
    assert_eq!(tags("n=2"), (json!(["a", "b"]), true));
    assert_eq!(tags("n=3"), (json!(["a", "b", "c"]), false));
    assert_eq!(tags("n=1&last=b"), (json!(["c"]), false));
    assert_eq!(tags("last=a"), (json!(["b", "c"]), false));
    assert_eq!(tags("last=aa"), (json!(["b", "c"]), false));
    assert_eq!(tags("last=c"), (json!([]), false));
    assert_eq!(registry.get("/v2/x/tags/list?n=x").status, 400);
}

#[test]
fn the_catalog_lists_repositories_in_pages() {
    let registry = start();
    registry.push_blob("b/c", b"x");
    registry.put_manifest("a", "v1", &index(&[], ""));
    registry.put_manifest("b", "v1", &index(&[], ""));
    assert_eq!(registry.get("/v2/_catalog").json(), json!({"repositories": ["a", "b", "b/c"]}));
    let answer = registry.get("/v2/_catalog?n=1&last=a");
    assert_eq!(answer.json(), json!({"repositories": ["b"]}));
    assert_eq!(answer.header("link"), Some("</v2/_catalog?n=1&last=b>; rel=\"next\""));
}
