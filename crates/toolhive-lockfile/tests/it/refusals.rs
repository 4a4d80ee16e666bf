// SPDX-License-Identifier: Apache-2.0
//! Every rule of lock.md 2.1, 2.2 and 2.4, with line and column.

use oci_artifact::ErrorKind;
use toolhive_lockfile::{MAX_ENTRIES, MAX_SIZE, read};

const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// A file with one entry, whose lines are given; the first line of the entry is line 3.
fn entry(lines: &str) -> String {
    format!("version: 1\nskills:\n  - {}\n", lines.replace('\n', "\n    "))
}

/// The first problem: line, column, message.
fn refused(text: &str) -> (usize, usize, String) {
    let error = read(text.as_bytes()).err().unwrap_or_else(|| panic!("{text} is taken"));
    let first = error.diagnostics().first().expect("has one");
    assert!(error.diagnostics().iter().all(|one| one.position.is_some()), "{error}");
    let position = first.position.expect("has one");
    (position.line, position.column, first.message.clone())
}

fn check(text: &str, line: usize, column: usize, part: &str) {
    let (at, from, message) = refused(text);
    assert!(message.contains(part), "{text}: {message}");
    assert_eq!((at, from), (line, column), "{text}: {message}");
}

fn with(extra: &str) -> String {
    entry(&format!("name: ab\nsource: x\ndigest: {DIGEST}\n{extra}"))
}

#[test]
fn a_version_that_is_not_known_is_refused() {
    check("version: 2\n", 1, 10, "unsupported lock file version");
    check("skills: []\nversion: '1.0'\n", 2, 10, "unsupported lock file version");
    check("version: [1]\n", 1, 10, "must be text");
}

#[test]
fn names_are_checked() {
    let long = "a".repeat(65);
    for name in ["a", "-a", "a-", "a--b", "aB", "ä-b", "a_b", "a.b", "../x", "''", &long] {
        check(&entry(&format!("name: {name}\nsource: x\ndigest: {DIGEST}")), 3, 11, "`name`");
    }
    check(&entry(&format!("source: x\ndigest: {DIGEST}")), 3, 5, "`name`");
}

#[test]
fn a_name_is_there_once_in_its_list() {
    let one = format!("  - name: ab\n    source: x\n    digest: {DIGEST}\n");
    check(&format!("skills:\n{one}{one}"), 5, 11, "twice");
    assert!(read(format!("skills:\n{one}plugins:\n{one}").as_bytes()).is_ok());
}

#[test]
fn what_must_be_there_is_missed() {
    check(&entry(&format!("name: ab\ndigest: {DIGEST}")), 3, 5, "`source` is missing");
    check(&entry(&format!("name: ab\nsource: ''\ndigest: {DIGEST}")), 4, 13, "`source` is missing");
    check(&entry("name: ab\nsource: x"), 3, 5, "`digest` is missing");
}

#[test]
fn digests_are_checked() {
    let upper = DIGEST.replace('0', "A");
    let short = &DIGEST[..70];
    let commit = "0".repeat(39);
    for digest in [upper.as_str(), short, "sha512:00", &format!("'{commit}'"), "x"] {
        check(&entry(&format!("name: ab\nsource: x\ndigest: {digest}")), 5, 13, "`digest`");
    }
    for commit in ["0".repeat(40), "e".repeat(64)] {
        assert!(
            read(entry(&format!("name: ab\nsource: x\ndigest: '{commit}'")).as_bytes()).is_ok()
        );
    }
    check(&with("contentDigest: abc"), 6, 20, "`contentDigest`");
    check(&with(&format!("contentDigest: {}", &DIGEST[7..])), 6, 20, "`contentDigest`");
}

#[test]
fn resolved_references_are_checked_lk_8() {
    let long = format!("ghcr.io/{}:1", "a/".repeat(260));
    for reference in [
        "http://ghcr.io/a:1",
        "ghcr.io/a",
        "ghcr.io/a b:1",
        "git://",
        "git://github.com",
        "git://github.com/a",
        "git:///a/b",
        "git://github.com/a/b@v1~1",
        "git://github.com/a/b@a..b",
        "git://github.com/a/b#../x",
        "git://github.com/a/b#/x",
        "acme/a:1",
        "docker.io/a:1",
        &long,
        "\"ghcr.io/a:1\\u202e\"",
    ] {
        check(&with(&format!("resolvedReference: {reference}")), 6, 24, "`resolvedReference`");
    }
    for reference in
        ["git://github.com/a/b@main#x", "ghcr.io/a/b:1", &format!("ghcr.io/a@{DIGEST}")]
    {
        assert!(
            read(with(&format!("resolvedReference: {reference}")).as_bytes()).is_ok(),
            "{reference}"
        );
    }
}

#[test]
fn provenance_is_checked() {
    let long = "a".repeat(513);
    check(&with("provenance: {signerIdentity: a}"), 6, 17, "`certIssuer` is missing");
    check(&with("provenance: {certIssuer: a}"), 6, 17, "`signerIdentity` is missing");
    check(&with("provenance: {}"), 6, 17, "is missing");
    check(&with("provenance: x"), 6, 17, "must be a mapping");
    let base = "provenance:\n  signerIdentity: a\n  certIssuer: b\n  ";
    for key in ["repositoryUri", "repositoryRef", "runnerEnvironment", "sigstoreUrl", "provisional"]
    {
        for value in ["a b", "\"a\\tb\"", "\"\\u200b\"", &long] {
            let text = with(&format!("{base}{key}: {value}"));
            check(&text, 9, 9 + key.len(), key);
        }
    }
    check(&with(&format!("{base}publicKey: AAAA")), 9, 18, "together with an identity");
    check(&with("provenance:\n  publicKey: A-AA"), 7, 18, "base64");
    assert!(read(with("provenance:\n  publicKey: AAA=").as_bytes()).is_ok());
    check(
        &with("unsigned: true\nprovenance: {signerIdentity: a, certIssuer: b}"),
        6,
        15,
        "unsigned",
    );
}

#[test]
fn the_graph_is_checked() {
    check(&with("requiredBy: [ab]"), 6, 17, "itself");
    check(&with("requiredBy: [cd]"), 6, 17, "not in this list");
    check(&with("requiredBy: ['../x']"), 6, 17, "not a name");
    check(&with("requiredBy: x"), 6, 17, "must be a list");
    let one = |name: &str, by: &str| {
        format!("  - name: {name}\n    source: x\n    digest: {DIGEST}\n    requiredBy: [{by}]\n")
    };
    let circle = format!("skills:\n{}{}", one("ab", "cd"), one("cd", "ab"));
    check(&circle, 5, 17, "through others");
}

#[test]
fn what_yaml_could_hide_is_refused() {
    check(&with("explicit: &a true"), 6, 15, "anchors");
    check(&format!("x: &a 1\n{}", with("y: *a")), 1, 4, "anchors");
    check(&with("explicit: !!bool true"), 6, 15, "tags");
    check(&with("explicit: maybe"), 6, 15, "true or false");
    check(&with("name: cd"), 6, 5, "twice");
    check(&with("later: {a: 1, a: 2}"), 6, 19, "twice");
    check(&with("? [a]\n: b"), 6, 7, "must be text");
    check("version: 1\n---\nversion: 1\n", 2, 1, "one document");
    check("- a\n", 1, 1, "must be a mapping");
    check("skills: {}\n", 1, 9, "must be a list");
    check("skills: [x]\n", 1, 10, "must be a mapping");
    let deep = format!("x: {}{}\n", "[".repeat(40), "]".repeat(40));
    check(&deep, 1, 36, "nested");
    check(&format!("{}: 1\n", "k".repeat(129)), 1, 1, "128 bytes");
}

#[test]
fn all_problems_are_told_at_once() {
    let text = "skills:\n  - name: A\n  - name: cd\n    source: x\n    digest: y\nversion: 3\n";
    let error = read(text.as_bytes()).expect_err("is refused");
    let lines: Vec<_> =
        error.diagnostics().iter().filter_map(|one| Some(one.position?.line)).collect();
    assert_eq!(lines, [2, 2, 2, 5, 6], "{error}");
}

#[test]
fn as_many_entries_as_there_may_be_fit_with_all_that_is_known_of_their_signers() {
    use toolhive_lockfile::{Entry, LockFile, Provenance, write};
    let digest = |number: usize| format!("sha256:{number:064x}");
    let entry = |number: usize| Entry {
        name: format!("skill-{number:05}"),
        version: "1.0.0".to_owned(),
        source: format!("ghcr.io/acme/skills/skill-{number:05}:1.0.0"),
        resolved_reference: format!("ghcr.io/acme/skills/skill-{number:05}:1.0.0"),
        digest: digest(number),
        content_digest: digest(number),
        provenance: Some(Provenance {
            signer_identity: "/.github/workflows/release.yml".to_owned(),
            cert_issuer: "https://token.actions.githubusercontent.com".to_owned(),
            repository_uri: "https://github.com/acme/skills".to_owned(),
            repository_ref: "refs/tags/v1.0.0".to_owned(),
            runner_environment: "github-hosted".to_owned(),
            sigstore_url: "https://rekor.sigstore.dev".to_owned(),
            ..Provenance::default()
        }),
        explicit: true,
        ..Entry::default()
    };
    let skills = (0..MAX_ENTRIES).map(entry).collect();
    let lock = LockFile { skills, ..LockFile::default() };
    let text = write(&lock).expect("is written");
    assert!(text.len() > 8 << 20 && text.len() < MAX_SIZE, "{}", text.len());
    assert_eq!(read(text.as_bytes()).expect("is read"), lock);
}

#[test]
fn size_and_number_are_limited() {
    let big = vec![b'#'; MAX_SIZE + 1];
    assert_eq!(read(&big).expect_err("is refused").kind(), ErrorKind::TooLarge);
    let many = format!("skills:\n{}", "- {}\n".repeat(MAX_ENTRIES + 1));
    assert_eq!(read(many.as_bytes()).expect_err("is refused").kind(), ErrorKind::TooLarge);
}
