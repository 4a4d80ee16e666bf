// SPDX-License-Identifier: Apache-2.0
//! Policies: which rule counts, and that nothing in one is passed over (SIG-30 to SIG-33).

use signatures::FaultKind::{InvalidPolicy, ProvenanceFieldMismatch, SignerMismatch};
use signatures::identity::{Claims, Expression, Identity, Subject, Text};
use signatures::policy::{Alternative, Decision, Policy};

fn policy(default: &str, rules: &str) -> Policy {
    let text = format!(r#"{{"version":1,"default":"{default}","rules":[{rules}]}}"#);
    Policy::parse(text.as_bytes()).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

/// A rule by a key file of that name.
fn keyed(pattern: &str, key: &str) -> String {
    format!(r#"{{"match":"{pattern}","require":[{{"keys":["{key}"]}}]}}"#)
}

/// The one key file that is wanted.
fn key<'a>(decision: &'a Decision<'a>) -> &'a str {
    match decision {
        Decision::Signed { alternatives: [Alternative::Keys(files)], .. } => &files[0],
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_rule_with_the_longest_literal_beginning_counts_sig_30() {
    let rules = [
        keyed("ghcr.io/**", "all"),
        keyed("ghcr.io/acme/**", "acme"),
        keyed("ghcr.io/acme/skills", "one"),
        keyed("**", "rest"),
        r#"{"match":"127.0.0.1:*/**","accept-unsigned":true}"#.to_owned(),
    ];
    let policy = policy("reject", &rules.join(","));
    for (registry, repository, wanted) in [
        ("ghcr.io", "acme/skills", "one"),
        ("ghcr.io", "acme/skills/more", "acme"),
        ("ghcr.io", "acme/plugins", "acme"),
        ("ghcr.io", "acmes/plugins", "all"),
        ("ghcr.io.evil", "acme/skills", "rest"),
        ("evil.io", "ghcr.io/acme/skills", "rest"),
        ("127.0.0.1", "me/x", "rest"),
    ] {
        let decision = policy.decide(registry, repository).expect("one rule");
        assert_eq!(key(&decision), wanted, "{registry}/{repository}");
    }
    let decision = policy.decide("127.0.0.1:5000", "me/x").expect("one rule");
    assert_eq!(decision, Decision::AcceptUnsigned(Some("127.0.0.1:*/**")));
}

#[test]
fn another_spelling_of_a_registry_passes_no_rule_sig_30() {
    let hub = policy("accept-unsigned", &keyed("docker.io/acme/**", "hub"));
    for registry in
        ["docker.io", "index.docker.io", "registry-1.docker.io", "Docker.IO", "docker.io:443"]
    {
        let decision = hub.decide(registry, "acme/x").expect("one rule");
        assert_eq!(key(&decision), "hub", "{registry}");
    }
    // However the rule spells it, too.
    for spelled in ["index.docker.io", "GHCR.io", "ghcr.io:443", "ghcr.io.", "ghcr.io:"] {
        let policy = policy("accept-unsigned", &keyed(&format!("{spelled}/**"), "k"));
        let registry = if spelled.contains("docker") { "docker.io" } else { "ghcr.io" };
        for other in [
            registry.to_owned(),
            registry.to_uppercase(),
            format!("{registry}:443"),
            format!("{registry}."),
        ] {
            let decision = policy.decide(&other, "acme/x").expect("one rule");
            assert_eq!(key(&decision), "k", "{spelled} and {other}");
        }
        assert_eq!(
            policy.decide(&format!("{registry}:8443"), "acme/x").expect("none"),
            Decision::AcceptUnsigned(None),
            "another port is another registry"
        );
    }
}

#[test]
fn a_tie_is_an_error_and_what_no_rule_is_for_is_the_default_s_sig_30() {
    let rules = [keyed("ghcr.io/*/skills", "a"), keyed("ghcr.io/**", "b"), keyed("*/x", "c")];
    let tied = policy("reject", &rules.join(","));
    let fault = tied.decide("ghcr.io", "acme/skills").expect_err("both begin with ghcr.io/");
    assert_eq!(fault.kind, InvalidPolicy);
    for pattern in ["ghcr.io/*/skills", "ghcr.io/**"] {
        assert!(fault.message.contains(pattern), "{fault}");
    }
    assert_eq!(key(&tied.decide("ghcr.io", "acme/plugins").expect("one")), "b");
    assert_eq!(tied.decide("quay.io", "acme/x/y"), Ok(Decision::Reject));
    assert_eq!(
        policy("accept-unsigned", "").decide("quay.io", "acme/x"),
        Ok(Decision::AcceptUnsigned(None))
    );
}

#[test]
fn the_specification_s_own_policy_is_read_sig_31() {
    let text = include_str!("../../../../fuzz/corpus/policy/full");
    let policy = Policy::parse(text.as_bytes()).expect("it is a policy");
    assert_eq!(policy.trusted_root(), Some("trusted_root.json"));
    let decision = policy.decide("ghcr.io", "acme/skills").expect("one rule");
    let Decision::Signed { rule: "ghcr.io/acme/**", alternatives: [Alternative::Certificate(who)] } =
        decision
    else {
        panic!("{decision:?}");
    };
    who.check(&claims()).expect("it is them");
    assert_eq!(policy.decide("evil.io", "acme/skills"), Ok(Decision::Reject));
}

fn claims() -> Claims {
    Claims {
        identity: "https://github.com/acme/skills/.github/workflows/release.yml@refs/tags/v1"
            .to_owned(),
        issuer: "https://token.actions.githubusercontent.com".to_owned(),
        source_repository: Some("https://github.com/acme/skills".to_owned()),
        source_ref: Some("refs/tags/v1".to_owned()),
        runner_environment: Some("github-hosted".to_owned()),
    }
}

#[test]
fn what_is_not_known_or_could_never_hold_is_refused_with_its_place_sig_31() {
    let owner = r#""issuer":"i","identity":"a""#;
    let required = |what: &str| format!(r#"{{"match":"a/**","require":[{{{what}}}]}}"#);
    let whole = |rules: &str| format!(r#"{{"version":1,"default":"reject","rules":[{rules}]}}"#);
    for (place, text) in [
        ("UTF-8", "\u{0}".to_owned()),
        ("version", r#"{"default":"reject","rules":[]}"#.to_owned()),
        ("version", r#"{"version":2,"default":"reject","rules":[]}"#.to_owned()),
        ("default", r#"{"version":1,"rules":[]}"#.to_owned()),
        ("default", r#"{"version":1,"default":"accept","rules":[]}"#.to_owned()),
        ("rules", r#"{"version":1,"default":"reject"}"#.to_owned()),
        ("rules[0]", whole("1")),
        ("defaults", r#"{"version":1,"default":"reject","rules":[],"defaults":"x"}"#.to_owned()),
        ("twice", r#"{"version":1,"default":"reject","Default":"x","rules":[]}"#.to_owned()),
        ("match", whole(r#"{"accept-unsigned":true}"#)),
        ("accept-unsigned", whole(r#"{"match":"a/**"}"#)),
        ("accept-unsigned", whole(r#"{"match":"a/**","accept-unsigned":false}"#)),
        ("accept-unsigned", whole(r#"{"match":"a/**","accept-unsigned":"true"}"#)),
        (
            "accept-unsigned",
            whole(&format!(r#"{{"match":"a/**","require":[{{{owner}}}],"accept-unsigned":true}}"#)),
        ),
        ("requires no signature", whole(r#"{"match":"a/**","require":[]}"#)),
        ("same", whole(&[keyed("a.io/x", "k"), keyed("A.io/x", "j")].join(","))),
        ("registry/repository", whole(&keyed("ghcr.io", "k"))),
        ("registry", whole(&keyed("https://ghcr.io/x", "k"))),
        ("registry", whole(&keyed("/x", "k"))),
        ("repository", whole(&keyed("ghcr.io/Acme/x", "k"))),
        ("repository", whole(&keyed("ghcr.io/acme/x:1", "k"))),
        ("repository", whole(&keyed("ghcr.io/acme/{a,b}", "k"))),
        ("three stars", whole(&keyed("ghcr.io/***", "k"))),
        ("keys", whole(&required(r#""keys":[]"#))),
        ("keys", whole(&required(r#""keys":["a",""]"#))),
        ("keys", whole(&required(r#""keys":"a""#))),
        ("keys", whole(&required(r#""keys":{"a":"b"}"#))),
        ("two alternatives", whole(&required(r#""keys":["a"],"issuer":"i""#))),
        ("issuer", whole(&required(r#""identity":"a""#))),
        ("no identity", whole(&required(r#""issuer":"i""#))),
        ("no identity", whole(&required(r#""issuer":"i","ref":"refs/tags/*""#))),
        ("identity", whole(&required(r#""issuer":"i","identity":"""#))),
        ("identity", whole(&required(r#""issuer":"i","identity":null,"repository":"r""#))),
        ("identity-regexp", whole(&required(&format!(r#"{owner},"identity-regexp":"a""#)))),
        ("issuer-regexp", whole(&required(&format!(r#"{owner},"issuer-regexp":"a""#)))),
        ("expression", whole(&required(r#""issuer":"i","identity-regexp":"(""#))),
        ("ref", whole(&required(&format!(r#"{owner},"ref":"***""#)))),
        ("runners", whole(&required(&format!(r#"{owner},"runners":"x""#)))),
        (
            "more than 64",
            whole(&format!(
                r#"{{"match":"a/**","require":[{}]}}"#,
                vec![format!("{{{owner}}}"); 65].join(",")
            )),
        ),
    ] {
        let fault = Policy::parse(text.as_bytes()).expect_err(&text);
        assert_eq!(fault.kind, InvalidPolicy, "{text}");
        let is_said = fault.message.contains(place) || place == "UTF-8";
        assert!(is_said, "{place} in {:?} of {text}", fault.message);
    }
    let large = format!("{}{}", whole(""), " ".repeat(1 << 20));
    assert_eq!(Policy::parse(large.as_bytes()).expect_err("1 MiB").kind, InvalidPolicy);
}

#[test]
fn an_expression_has_to_match_all_of_a_text_sig_33() {
    let identity = |expression: &str| {
        let name = Text::Expression(Expression::parse(expression).expect(expression));
        Identity::new(Text::Exact(claims().issuer), Subject::Named(name))
    };
    let holds = |expression: &str, name: &str| {
        let claims = Claims { identity: name.to_owned(), ..claims() };
        identity(expression).check(&claims).is_ok()
    };
    let acme = r"https://github\.com/acme/skills/.*";
    assert!(holds(acme, &claims().identity));
    for other in [
        "https://github.com/acme/skills.evil/x",
        "https://github.com/acme/skills",
        "xhttps://github.com/acme/skills/x",
        "https://githubxcom/acme/skills/x",
        "https://evil.example/?https://github.com/acme/skills/x",
        "https://github.com/acme/skills/x\nhttps://evil.example",
        "",
    ] {
        assert!(!holds(acme, other), "{other:?}");
    }
    // One of two, and not a beginning of the one or an end of the other.
    for (name, wanted) in [("ab", true), ("cd", true), ("abx", false), ("xcd", false)] {
        assert_eq!(holds("ab|cd", name), wanted, "{name}");
    }
    assert!(!holds("(?m)^ab$", "ab\ncd"), "lines are no texts");
    for none in
        ["", "a)|(?:b", "(", "(?x)a #", &"a".repeat(1025), &format!("{}a", "a{99}".repeat(200))]
    {
        assert_eq!(Expression::parse(none).expect_err(none).kind, InvalidPolicy, "{none}");
    }
}

#[test]
fn each_thing_that_is_expected_of_an_owner_is_looked_at_sig_33() {
    let exact = |text: &str| Text::Exact(text.to_owned());
    let repository = "https://github.com/acme/skills";
    let full = || {
        Identity::new(exact(&claims().issuer), Subject::Named(exact(&claims().identity)))
            .with_repository(repository.to_owned())
            .with_source_ref(signatures::Pattern::parse("refs/tags/*").expect("a pattern"))
            .with_runner("github-hosted".to_owned())
    };
    full().check(&claims()).expect("all of it");
    let none = || None::<String>;
    let some = |text: &str| Some(text.to_owned());
    for (name, claims, wanted) in [
        ("issuer", Claims { issuer: "https://evil".to_owned(), ..claims() }, SignerMismatch),
        ("identity", Claims { identity: "https://evil".to_owned(), ..claims() }, SignerMismatch),
        ("empty", Claims { identity: String::new(), ..claims() }, SignerMismatch),
        (
            "prefix",
            Claims { source_repository: some("https://github.com/acme/skills.evil"), ..claims() },
            ProvenanceFieldMismatch,
        ),
        ("repository", Claims { source_repository: none(), ..claims() }, ProvenanceFieldMismatch),
        (
            "ref",
            Claims { source_ref: some("refs/heads/main"), ..claims() },
            ProvenanceFieldMismatch,
        ),
        (
            "deeper",
            Claims { source_ref: some("refs/tags/a/b"), ..claims() },
            ProvenanceFieldMismatch,
        ),
        ("no ref", Claims { source_ref: none(), ..claims() }, ProvenanceFieldMismatch),
        (
            "runner",
            Claims { runner_environment: some("self-hosted"), ..claims() },
            ProvenanceFieldMismatch,
        ),
        ("no runner", Claims { runner_environment: none(), ..claims() }, ProvenanceFieldMismatch),
    ] {
        assert_eq!(full().check(&claims).expect_err(name).kind, wanted, "{name}");
    }
    let github = Identity::github("acme/skills").expect("a repository");
    github.check(&claims()).expect("it is made from it");
    for other in
        ["acme", "acme/", "/skills", "acme/skills/x", "acme/sk ills", "https://github.com/a/b"]
    {
        assert_eq!(Identity::github(other).expect_err(other).kind, InvalidPolicy);
    }
    let elsewhere = Claims { issuer: "https://gitlab.com".to_owned(), ..claims() };
    assert_eq!(github.check(&elsewhere).expect_err("who vouches").kind, SignerMismatch);
}
