// SPDX-License-Identifier: Apache-2.0
//! FM-17 to FM-19: keys, duplicates, merges.

use toolhive_frontmatter::{Decoder, Keys};

use super::tree::read;

/// The fields of a mapping as `key=value` with a space between, or the rules that were broken.
fn fields(yaml: &str, keys: Keys<'_>) -> String {
    let parsed = read(yaml);
    assert_eq!(parsed.problems, [], "{yaml}");
    let root = parsed.document.root().expect("has a root");
    let mut decoder = Decoder::new();
    let fields = decoder.fields(root, keys);
    let shown: Vec<String> = fields
        .iter()
        .map(|field| match decoder.field_text(field) {
            Some(text) => format!("{}={text}", field.key),
            None => field.key.to_string(),
        })
        .collect();
    let problems = decoder.into_problems();
    if problems.is_empty() {
        return shown.join(" ");
    }
    problems.iter().map(|problem| problem.rule).collect::<Vec<_>>().join(" ")
}

const KNOWN: Keys<'static> = Keys::Known(&["name", "description"]);

#[track_caller]
fn check(keys: Keys<'_>, cases: &[(&str, &str)]) {
    for (yaml, expected) in cases {
        assert_eq!(fields(yaml, keys), *expected, "{yaml}");
    }
}

#[test]
fn duplicates_fm_17() {
    let twice = "frontmatter-duplicate";
    check(
        Keys::All,
        &[
            ("{a: 1, 'a': 2}", twice),
            ("{1: a, 1: b}", twice),
            ("{1: a, 0x1: b}", "1=a 0x1=b"),
            ("{<<: {a: 1}, <<: {b: 2}}", twice),
            ("{<<: {a: 1}, '<<': x}", twice),
            ("{~: a, ~: b}", twice),
            ("{k: &k a, *k : 1, *k : 2}", twice),
            ("{k: &k a, l: &l a, *k : 1, *l : 2}", "k=a l=a a=2"),
            ("{a: 1, a: 2, a: 3}", "frontmatter-duplicate frontmatter-duplicate"),
            ("{a: {b: 1, b: 2}}", "frontmatter-type"),
        ],
    );
    check(
        KNOWN,
        &[
            ("{k: &k name, name: 1, *k : 2}", twice),
            ("{!!binary bmFtZQ==: 1, name: 2}", twice),
            ("{k: &k x, x: 1, *k : 2}", ""),
            ("{name: 1, name: 2}", twice),
        ],
    );
}

#[test]
fn keys_fm_18() {
    check(
        Keys::All,
        &[
            ("{!!binary bmFtZQ==: x}", "name=x"),
            ("{1: x}", "1=x"),
            ("{~: x, a: b}", "a=b"),
            ("{'~': x}", "~=x"),
            ("{[a]: b}", "frontmatter-type"),
            ("? {a: b}\n: c\n", "frontmatter-type"),
            ("{!!int a: b}", "frontmatter-tag"),
        ],
    );
    check(KNOWN, &[("{Name: x, name: y, other: [z]}", "name=y")]);
}

#[test]
fn merge_keys_fm_19() {
    check(
        KNOWN,
        &[
            ("{<<: {name: m}, name: n}", "name=n"),
            ("{name: n, <<: {name: m, description: d}}", "name=n description=d"),
            ("{name: ~, <<: {name: m}}", "name"),
            ("{b: &b {name: m}, <<: *b}", "name=m"),
            ("{<<: [{name: a}, {name: b, description: c}]}", "name=a description=c"),
            ("{<<: {<<: {name: deep}, description: d}}", "description=d name=deep"),
            ("{<<: [{<<: {name: a}}, {name: b}]}", "name=a"),
            ("{<<: []}", ""),
            ("{! <<: {name: m}}", "name=m"),
            ("{!!merge <<: {name: m}}", "name=m"),
            ("{!!merge '<<': {name: m}}", "name=m"),
            ("{'<<': {name: m}}", ""),
            ("{!!str <<: {name: m}}", ""),
            ("{name: n, <<: {name: [x]}}", "name=n"),
        ],
    );
    for wrong in ["~", "x", "[x]", "[[{name: m}]]", "!!null ~", "''"] {
        assert_eq!(fields(&format!("{{<<: {wrong}}}"), KNOWN), "frontmatter-merge", "{wrong}");
    }
    check(
        KNOWN,
        &[
            ("{b: &b [{name: m}], <<: *b}", "frontmatter-merge"),
            ("{<<: {name: a, name: b}}", "frontmatter-duplicate"),
            ("{<<: &b {name: m, <<: *b}}", "frontmatter-alias"),
        ],
    );
}

#[test]
fn a_collection_as_key_beside_a_merge_is_refused_fm_19_bug_23() {
    check(KNOWN, &[("{<<: {name: m}, [a]: b}", "frontmatter-type")]);
}

#[test]
fn an_alias_may_hold_itself_as_long_as_nobody_looks_fm_14() {
    check(KNOWN, &[("{x: &x {<<: *x}, name: n}", "name=n")]);
    check(KNOWN, &[("{x: &x {<<: *x}, <<: *x}", "frontmatter-alias")]);
}
