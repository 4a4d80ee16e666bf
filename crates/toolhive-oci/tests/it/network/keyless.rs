// SPDX-License-Identifier: Apache-2.0
//! `sign --keyless` against an authority and a log of our own, and what is checked with their root
//! (SIG-40 to SIG-43; SIG-33 to SIG-39 over a registry).

use std::process::Output;

use serde_json::{Value, json};
use sigstore_lab::server::token;
use sigstore_lab::{Lab, Name, Owner, Server};

use super::served::Served;
use super::signatures::{kinds, layouts, pushed, two};
use crate::support::Sandbox;

/// The part of a token that would betray it anywhere in an output.
const SECRET: &str = "c2VjcmV0LXN1YmplY3Q";

/// A sandbox with a signed-for artifact: the services, their root and a token in files.
struct Signing {
    sandbox: Sandbox,
    served: Served,
    services: Server,
    reference: String,
    digest: String,
}

impl Signing {
    fn start(owner: Owner) -> Self {
        let sandbox = Sandbox::new();
        let served = Served::start(&sandbox, &[]);
        let (reference, digest) = pushed(&sandbox, &served.addr);
        let services = Server::start(Lab::new(3), owner);
        sandbox.write("root.json", services.root());
        sandbox.write("token", token(&json!({"sub": "me", "jti": SECRET})));
        Self { sandbox, served, services, reference, digest }
    }

    /// The command that signs, with the token of the file.
    fn words<'a>(&'a self, url: &'a str) -> Vec<&'a str> {
        let mut words = self.without_token(url);
        words.extend(["--identity-token", "token"]);
        words
    }

    fn without_token<'a>(&'a self, url: &'a str) -> Vec<&'a str> {
        vec![
            "plugin",
            "sign",
            &self.reference,
            "--keyless",
            "--fulcio-url",
            url,
            "--rekor-url",
            url,
            "--trusted-root",
            "root.json",
        ]
    }

    /// Whether nothing was attached to the artifact.
    fn is_unsigned(&self) -> bool {
        let inspected = self.sandbox.json(0, &["plugin", "inspect", "--remote", &self.reference]);
        inspected["artifact"].get("referrers").is_none()
    }

    fn verify(&self, code: i32, whom: &[&str]) -> Value {
        let words = ["plugin", "verify-signature", "--remote", &self.reference];
        self.sandbox.json(code, &[&words[..], whom].concat())
    }
}

/// Checks that nothing of a token is in the output of a command.
fn keeps_quiet(output: &Output, secrets: &[&str]) {
    for stream in [&output.stdout, &output.stderr] {
        let text = String::from_utf8_lossy(stream);
        for secret in secrets {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

const ACME: [&str; 4] = ["--github-repository", "acme/skills", "--trusted-root", "root.json"];

#[test]
fn what_is_signed_keyless_is_verified_everywhere_by_who_signed_it_sig_40_sig_42() {
    let signing = Signing::start(Owner::job("acme/skills"));
    let (sandbox, reference) = (&signing.sandbox, signing.reference.as_str());
    let url = signing.services.url();
    let output = sandbox.run(0, &[&["-vv", "--format", "json"][..], &signing.words(&url)].concat());
    let head = token(&json!({"sub": "me", "jti": SECRET}));
    keeps_quiet(&output, &[SECRET, &head, head.split('.').nth(1).expect("claims")]);
    let signed: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let identity = "https://github.com/acme/skills/.github/workflows/release.yml@refs/tags/v1";
    let issuer = "https://token.actions.githubusercontent.com";
    assert_eq!(
        signed,
        json!({"reference": reference, "digest": signing.digest, "identity": identity,
            "issuer": issuer, "added": ["referrer", "tag"]})
    );
    let asked: Vec<String> = signing.services.requests().into_iter().map(|one| one.0).collect();
    let entries = "/api/v1/log/entries";
    assert_eq!(asked, ["/api/v2/signingCert", entries, entries]);

    let trusted = signing.verify(0, &ACME);
    assert_eq!(trusted["verdict"], "trusted");
    assert_eq!(layouts(&trusted), ["referrer", "tag"]);
    assert_eq!(trusted["root"]["source"], "root.json");
    for one in trusted["accepted"].as_array().expect("a list") {
        assert_eq!(one["method"], "certificate");
        assert_eq!((&one["identity"], &one["issuer"]), (&json!(identity), &json!(issuer)));
        assert_eq!(one["source_repository"], "https://github.com/acme/skills");
        assert_eq!(one["source_ref"], "refs/tags/v1");
        assert_eq!(one["runner_environment"], "github-hosted");
        assert_eq!(one["time"], "2024-01-01T00:01:00Z");
        assert!(one["log_index"].is_u64() && one.get("key_id").is_none());
    }
    let text =
        sandbox.text(&[&["plugin", "verify-signature", "--remote", reference][..], &ACME].concat());
    assert_eq!(text.lines().count(), 2);
    assert!(
        text.starts_with(&format!("{} signed by {identity} ({issuer}) at 2024-", signing.digest))
    );

    // By nobody else, and under no other root.
    let exact = [
        "--certificate-identity",
        identity,
        "--certificate-oidc-issuer",
        issuer,
        "--trusted-root",
        "root.json",
    ];
    signing.verify(0, &exact);
    let expression = [
        "--certificate-identity-regexp",
        "https://github.com/acme/skills/.*",
        "--certificate-oidc-issuer-regexp",
        "https://token[.].*",
        "--trusted-root",
        "root.json",
    ];
    signing.verify(0, &expression);
    for (changed, kind) in [
        (
            [
                "--certificate-identity",
                "https://github.com/acme/skills",
                "--certificate-oidc-issuer",
                issuer,
            ],
            "signer-mismatch",
        ),
        (
            ["--certificate-identity", identity, "--certificate-oidc-issuer", "https://evil"],
            "signer-mismatch",
        ),
        (
            [
                "--certificate-identity-regexp",
                "https://github.com/acme/skill",
                "--certificate-oidc-issuer",
                issuer,
            ],
            "signer-mismatch",
        ),
    ] {
        let found = signing.verify(2, &[&changed[..], &["--trusted-root", "root.json"]].concat());
        assert_eq!((&found["verdict"], kinds(&found)), (&json!("untrusted"), vec![kind, kind]));
    }
    let found =
        signing.verify(2, &["--github-repository", "acme/plugins", "--trusted-root", "root.json"]);
    assert_eq!(kinds(&found), ["provenance-field-mismatch", "provenance-field-mismatch"]);
    let found = signing.verify(2, &["--github-repository", "acme/skills"]);
    assert_eq!(found["verdict"], "untrusted", "the root that is built in");
    assert!(found["root"]["source"].as_str().expect("words").starts_with("built in, as of 20"));
    sandbox.text(&["keys", "generate", "--output", "mine"]);
    let found = signing.verify(2, &["--key", "mine.pub"]);
    assert_eq!(kinds(&found), ["certificate-signed", "certificate-signed"]);

    // Pulled with a check, copied, checked without a network; and by a policy.
    let pull = ["plugin", "pull", reference, "--verify"];
    two(
        sandbox,
        2,
        &[&pull[..], &["--github-repository", "acme/plugins", "--trusted-root", "root.json"]]
            .concat(),
    );
    assert!(!sandbox.path("two").exists(), "nothing is stored");
    two(sandbox, 0, &[&pull[..], &ACME].concat());
    let copy = format!("{}/you/copy:1", signing.served.addr);
    sandbox.text(&["plugin", "copy", reference, &copy, "--referrers"]);
    let rule = json!({"match": "127.0.0.1:*/**", "require": [{"issuer": issuer, "repository": "https://github.com/acme/skills", "ref": "refs/tags/*", "runner": "github-hosted"}]});
    let policy =
        json!({"version": 1, "default": "reject", "rules": [rule], "trusted-root": "root.json"});
    sandbox.write("policy.json", policy.to_string());
    sandbox.json(0, &["plugin", "inspect", "--remote", &copy, "--policy", "policy.json"]);
    sandbox.write("policy.json", policy.to_string().replace("refs/tags/", "refs/heads/"));
    sandbox.json(4, &["plugin", "inspect", "--remote", &copy, "--policy", "policy.json"]);
    drop(signing.served);
    let local =
        [&["--format", "json", "plugin", "verify-signature", reference][..], &ACME].concat();
    let checked = two(sandbox, 0, &local);
    let checked: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    assert_eq!(layouts(&checked), ["referrer", "tag"]);
}

#[test]
fn what_holds_is_shown_and_trusted_by_nobody_sig_39() {
    let escaped = "https://evil.example/\u{1b}[2J";
    let owner = Owner { names: vec![Name::Uri(escaped.to_owned())], ..Owner::job("acme/skills") };
    let signing = Signing::start(owner);
    let url = signing.services.url();
    signing.sandbox.json(0, &signing.words(&url));
    let show = ["--show", "--trusted-root", "root.json"];
    let shown = signing.verify(0, &show);
    assert_eq!(shown["verdict"], "untrusted");
    assert!(shown.get("accepted").is_none());
    assert_eq!(shown["valid"].as_array().expect("a list").len(), 2);
    let words = ["plugin", "verify-signature", "--remote", &signing.reference];
    let output = signing.sandbox.run(0, &[&words[..], &show].concat());
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains('\u{1b}') && !text.contains("signed by"), "{text}");
    assert!(text.contains("has a valid signature of https://evil.example/\\u{1b}[2J"), "{text}");
    // By another root nothing holds.
    let found = signing.verify(2, &["--show"]);
    assert_eq!((&found["verdict"], &found["valid"]), (&json!("untrusted"), &json!([])));
}

#[test]
fn tokens_come_from_a_file_stdin_a_variable_or_the_job_and_are_shown_nowhere_sig_41() {
    let signing = Signing::start(Owner::job("acme/skills"));
    let url = signing.services.url();
    let text = token(
        &json!({"sub": "me", "email": "me@acme.example", "email_verified": true, "jti": SECRET}),
    );
    let words = signing.without_token(&url);
    let run = |change: &dyn Fn(&mut assert_cmd::Command)| {
        let mut command = signing.sandbox.command();
        command.arg("-vv").args(&words);
        change(&mut command);
        let output = command.output().expect("it runs");
        keeps_quiet(&output, &[SECRET, &text, "bearer-of-the-job"]);
        output
    };
    let output = run(&|command| {
        command.args(["--identity-token", "-"]).write_stdin(text.clone());
    });
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let output = run(&|command| {
        command.env("SIGSTORE_ID_TOKEN", format!("{text}\n"));
    });
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let output = run(&|command| {
        command.env("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{url}/token?api-version=2.0"));
        command.env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "bearer-of-the-job");
    });
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let requests = signing.services.requests();
    let (path, head) = requests.iter().find(|one| one.0.starts_with("/token")).expect("it asks");
    assert_eq!(path, "/token?api-version=2.0&audience=sigstore");
    assert!(head.to_lowercase().contains("authorization: bearer bearer-of-the-job"));
    // The proof is over the address where that is verified, and the token goes to the authority alone.
    for (path, request) in &requests {
        assert_eq!(
            request.contains(&text),
            path == "/api/v2/signingCert" && request.contains(&text)
        );
    }
    // None at all, and ones that are none.
    let output = run(&|_| ());
    assert_eq!(output.status.code(), Some(1));
    for bad in ["x", "a.b.c", &token(&json!({"aud": SECRET})), "a\u{1b}.b.c"] {
        let output = run(&|command| {
            command.env("SIGSTORE_ID_TOKEN", bad);
        });
        assert_eq!(output.status.code(), Some(1));
    }
    assert!(signing.services.requests().len() == requests.len(), "nobody is asked with them");
}

#[test]
fn what_comes_back_is_checked_before_anything_is_written_sig_42_sig_43() {
    let signing = Signing::start(Owner::job("acme/skills"));
    let url = signing.services.url();
    let words = signing.words(&url);
    let refuse = |name: &str, answer: &dyn Fn(&Server)| {
        answer(&signing.services);
        let error = signing.sandbox.json(1, &words);
        let message = error["error"]["message"].as_str().expect("words");
        assert!(!message.contains(SECRET), "{name}: {message}");
    };
    // Each field, one after another, is not there, or is something else.
    let mut places = Vec::new();
    for path in ["/api/v2/signingCert", "/api/v1/log/entries"] {
        signing.services.answer(move |_, (status, body)| (status, body.to_string()));
        let found = std::sync::Arc::new(std::sync::Mutex::new(Value::Null));
        let seen = found.clone();
        signing.services.answer(move |asked, (status, body)| {
            if asked == path {
                *seen.lock().expect("no panic") = body.clone();
            }
            // The log is asked for the whole of the answers, and nothing is written meanwhile.
            (if asked.contains("log") { 500 } else { status }, body.to_string())
        });
        signing.sandbox.json(1, &words);
        let whole = found.lock().expect("no panic").clone();
        pointers(&whole, String::new(), &mut |pointer| places.push((path, pointer)));
    }
    assert!(places.len() > 12, "{places:?}");
    for (path, pointer) in places {
        // The name of an entry is another one each time, and a chain's authority is never believed.
        let optional = ["/signedCertificateEmbeddedSct/chain/certificates/1"];
        if optional.contains(&pointer.as_str()) {
            continue;
        }
        for other in [Value::Null, json!("x")] {
            let (pointer, shown) = (pointer.clone(), format!("{path} {pointer} {other}"));
            refuse(&shown, &move |services| {
                let (pointer, other) = (pointer.clone(), other.clone());
                services.answer(move |asked, (status, mut body)| {
                    if asked == path {
                        match body.pointer_mut(&pointer) {
                            Some(place) if other.is_null() && place.is_null() => {}
                            Some(place) => *place = other.clone(),
                            None => {}
                        }
                    }
                    (status, body.to_string())
                });
            });
        }
    }
    assert!(signing.is_unsigned());
    signing.services.location("/nothing");
    for (status, text) in [
        (200, ""),
        (200, "null"),
        (201, "{"),
        (400, "{\"message\":\"no\"}"),
        (401, ""),
        (404, ""),
        (429, ""),
        (500, ""),
        (302, ""),
    ] {
        for path in ["signingCert", "entries"] {
            refuse(&format!("{path} {status} {text}"), &|services| {
                services.answer(move |asked, (right, body)| match asked.ends_with(path) {
                    true => (status, text.to_owned()),
                    false => (right, body.to_string()),
                });
            });
        }
    }
    signing.services.answer(|_, (status, body)| (status, body.to_string()));
    // Services that the root does not trust.
    let others = Server::start(Lab::new(0), Owner::job("acme/skills"));
    let elsewhere = others.url();
    let error = signing.sandbox.json(1, &signing.words(&elsewhere));
    assert!(error["error"]["message"].as_str().expect("words").contains("are not valid"));
    assert!(signing.is_unsigned());
    signing.sandbox.json(0, &words);
}

/// The places of a document, as JSON Pointer has them.
fn pointers(value: &Value, at: String, seen: &mut dyn FnMut(String)) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                pointers(value, format!("{at}/{key}"), seen);
            }
        }
        Value::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                pointers(value, format!("{at}/{index}"), seen);
            }
        }
        _ => {}
    }
    if !at.is_empty() {
        seen(at);
    }
}

#[test]
fn what_is_there_already_is_neither_logged_nor_written_again_sig_16_sig_43() {
    let signing = Signing::start(Owner::job("acme/skills"));
    let url = signing.services.url();
    let words = signing.words(&url);
    // A log that has an entry already says where.
    let exists = |asked: &str, (status, body): (u16, Value)| match asked.ends_with("entries") {
        true => (409, "{}".to_owned()),
        false => (status, body.to_string()),
    };
    signing.services.answer(exists);
    for elsewhere in ["http://127.0.0.2:1/existing", "https://log.example/existing", "", "/nothing"]
    {
        signing.services.location(elsewhere);
        signing.sandbox.json(1, &words);
        assert!(signing.is_unsigned(), "{elsewhere}");
    }
    signing.services.location("/existing");
    let signed = signing.sandbox.json(0, &words);
    assert_eq!(signed["added"], json!(["referrer", "tag"]));
    let before = signing.verify(0, &ACME);
    // The same signer over the same content: the authority says who asks, and the log is not asked.
    let asked = signing.services.requests().len();
    let again = signing.sandbox.json(0, &words);
    assert_eq!((&again["added"], &again["identity"]), (&json!([]), &signed["identity"]));
    assert_eq!(signing.services.requests().len(), asked + 1);
    assert_eq!(signing.verify(0, &ACME), before);
    // Other content of the same signer is another signature.
    let more = [&words[..], &["--annotation", "a=b"]].concat();
    signing.services.answer(|_, (status, body)| (status, body.to_string()));
    assert_eq!(signing.sandbox.json(0, &more)["added"], json!(["referrer", "tag"]));
    let layouts = layouts(&signing.verify(0, &ACME)).len();
    assert_eq!(layouts, 4);
}

#[test]
fn nobody_is_asked_over_plain_http_and_nothing_is_guessed_sig_40() {
    let sandbox = Sandbox::new();
    let sign = ["plugin", "sign", "127.0.0.1:1/me/x:1", "--keyless"];
    let http = "http://fulcio.example";
    for usage in [
        &[][..],
        &["--key", "x"],
        &["--fulcio-url", "https://a.example"],
        &["--fulcio-url", "https://a.example", "--rekor-url", "https://a.example"],
        &["--public-good", "--fulcio-url", "https://a.example"],
    ] {
        sandbox.run(64, &[&sign[..], usage].concat());
    }
    // Without any of it, a key is what is asked for, and nothing else.
    let output = sandbox.run(64, &["plugin", "sign", "127.0.0.1:1/me/x:1"]);
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains("--key") && !said.contains("--fulcio-url"), "{said}");
    sandbox.run(64, &["plugin", "sign", "127.0.0.1:1/me/x:1", "--public-good"]);
    let signing = Signing::start(Owner::job("acme/skills"));
    for url in
        [http, "ftp://127.0.0.1", "https://me:pw@a.example", "x", "http://127.0.0.1.evil.example"]
    {
        let error = signing.sandbox.json(1, &signing.words(url));
        assert_eq!(error["error"]["kind"], "invalid-option", "{url}");
    }
    // One of the two layouts.
    let url = signing.services.url();
    let words = [&signing.words(&url)[..], &["--layout", "tag", "--bundle", "b.json"]].concat();
    assert_eq!(signing.sandbox.json(0, &words)["added"], json!(["tag"]));
    assert_eq!(layouts(&signing.verify(0, &ACME)), ["tag"]);
    let file = ["--bundle", "b.json"];
    let found = signing.verify(0, &[&ACME[..], &file].concat());
    assert_eq!(layouts(&found), ["file"]);
}
