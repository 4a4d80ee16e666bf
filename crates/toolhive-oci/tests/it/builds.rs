// SPDX-License-Identifier: Apache-2.0
//! `builds` and `builds remove`.

use crate::support::Sandbox;

#[test]
fn builds_are_listed_in_columns() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.text(&["plugin", "builds"]), "");
    sandbox.plugin("a", r#"{"name":"a","version":"1.0","description":"first"}"#);
    sandbox.plugin("b", r#"{"name":"longer-name"}"#);
    let digest_a = sandbox.json(0, &["plugin", "build", "a"])["index_digest"].clone();
    sandbox.text(&["plugin", "build", "b"]);
    let text = sandbox.text(&["plugin", "builds"]);
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["TAG", "DIGEST", "NAME", "VERSION"]);
    assert_eq!(rows[1], ["a", digest_a.as_str().expect("text"), "a", "1.0"]);
    assert_eq!([rows[2][0], rows[2][3]], ["longer-name", "-"]);
    let json = sandbox.json(0, &["plugin", "builds"]);
    let expected = serde_json::json!(
        {"tag": "a", "digest": digest_a, "name": "a", "description": "first", "version": "1.0"});
    assert_eq!(json[0], expected);
    assert_eq!(sandbox.json(0, &["skill", "builds"]), serde_json::json!([]), "of their kind only");
}

#[test]
fn removing_a_build_keeps_what_others_need_ls_9() {
    let sandbox = Sandbox::new();
    sandbox.plugin("a", r#"{"name":"a"}"#);
    sandbox.text(&["plugin", "build", "a", "--tag", "one", "--tag", "two"]);
    sandbox.text(&["plugin", "builds", "remove", "one"]);
    sandbox.text(&["plugin", "inspect", "two"]);
    sandbox.text(&["plugin", "builds", "remove", "two"]);
    assert_eq!(sandbox.json(0, &["plugin", "builds"]), serde_json::json!([]));
    let left = std::fs::read_dir(sandbox.path("store/blobs/sha256")).expect("reads").count();
    assert_eq!(left, 0);
    let found = sandbox.json(1, &["plugin", "builds", "remove", "two"]);
    assert_eq!(found["error"]["kind"], "not-found");
}
