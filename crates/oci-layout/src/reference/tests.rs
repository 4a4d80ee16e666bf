// SPDX-License-Identifier: Apache-2.0
//! References that are read, and those that are refused.

use proptest::prelude::*;

use super::*;

const HEX: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn strict(text: &str) -> Result<Reference> {
    Reference::parse(text, Defaults::Strict)
}

fn docker(text: &str) -> Result<Reference> {
    Reference::parse(text, Defaults::DockerLike)
}

#[test]
fn splits_registry_repository_tag_and_digest_ref_1() {
    let reference = strict(&format!("localhost:5000/org/x:v1@sha256:{HEX}")).expect("valid");
    assert_eq!(reference.registry(), "localhost:5000");
    assert_eq!(reference.repository(), "org/x");
    assert_eq!(reference.tag(), Some("v1"));
    assert_eq!(reference.digest().map(Digest::hex).as_deref(), Some(HEX));
    assert!(matches!(reference.target(), Target::Digest(_)), "R-4");
    assert_eq!(reference.as_str(), reference.canonical());
}

#[test]
fn what_stands_before_a_digest_is_not_validated_ref_1() {
    let reference = strict(&format!("h.io/x:!!@sha256:{HEX}")).expect("valid");
    assert_eq!((reference.tag(), reference.digest().is_some()), (None, true));
    docker(&format!("h.io/x:!!@sha256:{HEX}")).expect_err("typed by a person");
}

#[test]
fn neither_tag_nor_digest_is_an_error_ref_3() {
    for text in ["h.io/x", "h.io/x:", "h.io/x@", "localhost:5000/foo"] {
        let error = strict(text).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::InvalidReference);
        assert!(error.to_string().contains("neither"), "{error}");
    }
    assert_eq!(docker("localhost:5000/foo").expect("F-5").tag(), Some("latest"));
}

#[test]
fn docker_hub_has_three_names_r_3() {
    for text in
        ["docker.io/x:v1", "index.docker.io/x:v1", "x:v1", "registry-1.docker.io/library/x:v1"]
    {
        let reference = docker(text).expect(text);
        assert_eq!(reference.canonical(), "docker.io/library/x:v1", "{text}");
        assert_eq!(reference.api_host(), "registry-1.docker.io", "{text}");
        assert_eq!(reference.as_str(), text);
    }
    assert_eq!(strict("docker.io/x:v1").expect("valid").repository(), "x", "REF-2: no library/");
}

#[test]
fn corpus_of_accepted_references_f_3() {
    let long_tag = format!("h.io/x:{}", "t".repeat(128));
    let cases = [
        "h.io/x:v1",
        "h/x:v1",
        "H.IO/x:v1",
        "a_b.c/x:v1",
        "localhost/x:v1",
        "localhost:/x:v1",
        "localhost:1/x:v1",
        "localhost:65535/x:v1",
        "[::1]:5000/x:v1",
        "[2001:db8::1]/x:v1",
        "127.0.0.1:5000/a/b/c:_x",
        "h.io/a.b/c_d/e__f/g---h:V.1-x_y",
        "h.io/0/1:2",
        &long_tag,
    ];
    for text in cases {
        let reference = strict(text).expect(text);
        assert_eq!(reference.to_string(), text);
        assert!(docker(text).is_ok() || !text.contains('.'), "{text}");
    }
}

#[test]
fn corpus_of_refused_references_f_3() {
    let cases: &[String] = &[
        "",
        "/",
        ":",
        "@",
        "x",
        "x:v1",
        "h.io",
        "h.io/",
        "h.io//x:v1",
        "h.io/x/:v1",
        "/x:v1",
        "h.io/X:v1",
        "h.io/x.:v1",
        "h.io/.x:v1",
        "h.io/x..y:v1",
        "h.io/x___y:v1",
        "h.io/x._y:v1",
        "h.io/-x:v1",
        "h.io/x-:v1",
        "h.io/x y:v1",
        "h.io/x%20:v1",
        "h.io/../x:v1",
        "h.io/x:.v",
        "h.io/x:-v",
        "h.io/x:v 1",
        "h.io/x:v/1",
        "h.io/x:v:1",
        "h.io/x:ä",
        "h.io/x\n:v1",
        "u@h.io/x:v1",
        "u:p@h.io/x:v1",
        "https://h.io/x:v1",
        "h.io?q/x:v1",
        "h.io#f/x:v1",
        "h io/x:v1",
        "h%2eio/x:v1",
        "h.io:0/x:v1",
        "h.io:65536/x:v1",
        "h.io:5000x/x:v1",
        "h.io:-1/x:v1",
        "h.io:+1/x:v1",
        ":5000/x:v1",
        "[::1/x:v1",
        "[x]/x:v1",
        "[::1]x/x:v1",
        "::1/x:v1",
        "127.1/x:v1",
        "2130706433/x:v1",
        "0x7f.1/x:v1",
        "0177.0.0.1/x:v1",
        "256.0.0.1/x:v1",
        "h.0x/x:v1",
        "hé.io/x:v1",
        "h.io\u{0}/x:v1",
        "h.io/x@sha256:0123",
        "h.io/x@sha512:0123",
        "h.io/x@md5:0123",
        "h.io/x@latest",
        "h.io/x:v1@",
    ]
    .map(str::to_owned);
    let more = [
        format!("h.io/x:{}", "t".repeat(129)),
        format!("h.io/x@sha256:{}", HEX.to_uppercase()),
        format!("h.io/x@sha256:{HEX}0"),
        format!("h.io/x@sha256:{HEX}@sha256:{HEX}"),
        format!("h.io/{}:v1", "x".repeat(5000)),
        format!("{}/x:v1", "h".repeat(254)),
    ];
    for text in cases.iter().chain(&more) {
        let error = strict(text).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::InvalidReference, "{text}");
    }
}

#[test]
fn docker_like_tells_hosts_from_repositories_r_2() {
    for (text, canonical) in [
        ("org/x", "docker.io/org/x:latest"),
        ("localhost/x", "localhost/x:latest"),
        ("h.io/x:v1", "h.io/x:v1"),
        ("h:80/x", "h:80/x:latest"),
        ("HOST/x", "host/x:latest"),
        ("x", "docker.io/library/x:latest"),
    ] {
        assert_eq!(docker(text).expect(text).canonical(), canonical);
    }
}

#[test]
fn names_past_255_characters_are_told_r_5() {
    let text = format!("h.io/{}:v1", "x".repeat(250));
    assert!(!strict(&text).expect("255").name().is_too_long());
    let text = format!("h.io/{}:v1", "x".repeat(251));
    assert!(strict(&text).expect("256").name().is_too_long());
}

proptest! {
    #[test]
    fn any_text_is_taken_or_refused(text in "[a-zA-Z0-9:/@._\\-\\[\\]% \u{e9}]{0,40}") {
        for defaults in [Defaults::Strict, Defaults::DockerLike] {
            if let Ok(reference) = Reference::parse(&text, defaults) {
                let canonical = reference.canonical();
                let again = strict(&canonical).expect("the canonical form is a reference");
                prop_assert_eq!(again.canonical(), canonical);
            }
        }
    }
}

#[test]
fn an_empty_port_of_docker_hub_is_docker_hub_r_3() {
    let reference = strict("docker.io:/me/x:1").expect("REF-2");
    assert_eq!(
        (reference.api_host(), reference.canonical().as_str()),
        ("registry-1.docker.io", "docker.io/me/x:1")
    );
}

#[test]
fn a_refusal_says_what_to_write_ref_2_ref_3() {
    let help = |error: Error| {
        let first = error.diagnostics().first().and_then(|first| first.help.as_ref());
        first.map(ToString::to_string).unwrap_or_default()
    };
    for (text, why, advice) in [
        ("ghcr.io/Me/X:1", "no capital letters", "write ghcr.io/me/x:1"),
        ("docker://ghcr.io/me/x:1", "leave out docker://", "write ghcr.io/me/x:1"),
        ("https://ghcr.io/me/x:1", "leave out https://", "write ghcr.io/me/x:1"),
        ("oci://ghcr.io/me/x:1", "leave out oci://", "write ghcr.io/me/x:1"),
        ("ghcr.io", "names no repository in it", "write ghcr.io/org/name:v1"),
        ("localhost:5000", "names no repository in it", "write localhost:5000/org/name:v1"),
        ("ghcr.io/", "names no repository", "write ghcr.io/org/name:v1"),
        ("x:1", "names no registry", "begins with its registry"),
        ("h.io?q/x:1", "its registry is not a host", "begins with its registry"),
        ("ghcr.io/me/x", "neither a tag nor a digest", "add :TAG or @sha256:DIGEST"),
        ("ghcr.io/me/-:1", "its repository is malformed", "lower-case letters and digits"),
    ] {
        let error = strict(text).expect_err(text);
        assert!(error.to_string().contains(why), "{error}");
        assert!(help(error).contains(advice), "{text}");
    }
    let error = RepositoryName::parse("ghcr.io/me/x:1", Defaults::Strict).expect_err("a tag");
    assert_eq!(help(error), "write ghcr.io/me/x");
}
