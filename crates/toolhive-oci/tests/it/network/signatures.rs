// SPDX-License-Identifier: Apache-2.0
//! `keys generate`, `sign`, `verify-signature`, `pull --verify`, and signatures that travel.

use oci_registry_faults::{Endpoint, Fault, Reply, Running, Server, When};
use serde_json::{Value, json};

use super::served::Served;
use crate::support::{Sandbox, example};

/// A registry in this process, which misbehaves on command.
pub(super) struct Faulty {
    runtime: tokio::runtime::Runtime,
    server: Option<Running>,
}

impl Faulty {
    pub(super) fn start(sandbox: &Sandbox) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let server = Server::builder().store(sandbox.path("faulty")).start();
        let server = runtime.block_on(server).expect("it starts");
        Self { runtime, server: Some(server) }
    }

    pub(super) fn server(&self) -> &Running {
        self.server.as_ref().expect("it runs")
    }

    pub(super) fn script(&self, when: When, fault: Fault) {
        // Rules are taken inside the runtime that carries them out.
        let _guard = self.runtime.enter();
        self.server().script(when, fault);
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.shutdown());
        }
    }
}

/// Builds and pushes the example plugin; the reference and the digest.
pub(super) fn pushed(sandbox: &Sandbox, addr: &str) -> (String, String) {
    let reference = format!("{addr}/me/release-notes:1.2.0");
    let plugin = example("plugins/release-notes");
    let report = sandbox.json(0, &["plugin", "build", &plugin, "--tag", &reference]);
    sandbox.text(&["plugin", "push", &reference]);
    (reference, report["index_digest"].as_str().expect("a digest").to_owned())
}

/// Runs a command over another store of that sandbox, which must end with `code`.
pub(super) fn two(sandbox: &Sandbox, code: i32, args: &[&str]) -> std::process::Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
    command.env_clear().current_dir(sandbox.path(".")).args(["--store", "two"]).args(args);
    let output = command.output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {errors}");
    output
}

/// The kinds of what was rejected.
pub(super) fn kinds(report: &Value) -> Vec<&str> {
    let rejected = report["rejected"].as_array().expect("a list").iter();
    rejected.map(|one| one["kind"].as_str().expect("a kind")).collect()
}

pub(super) fn layouts(report: &Value) -> Vec<&str> {
    let accepted = report["accepted"].as_array().expect("a list").iter();
    accepted.map(|one| one["layout"].as_str().expect("a layout")).collect()
}

const VERIFY: [&str; 3] = ["plugin", "verify-signature", "--remote"];

fn verify(sandbox: &Sandbox, code: i32, reference: &str, key: &str) -> Value {
    sandbox.json(code, &[&VERIFY[..], &[reference, "--key", key]].concat())
}

#[test]
fn what_is_signed_is_verified_in_the_registry_the_store_and_a_copy_sig_10_sig_17_sig_19() {
    let sandbox = Sandbox::new();
    let served = Served::start(&sandbox, &[]);
    let (reference, digest) = pushed(&sandbox, &served.addr);
    let keys = sandbox.json(0, &["keys", "generate", "--output", "mine"]);
    sandbox.text(&["keys", "generate", "--output", "other"]);
    let unsigned = verify(&sandbox, 2, &reference, "mine.pub");
    assert_eq!(
        unsigned,
        json!({"reference": reference, "digest": digest, "verdict": "unsigned", "accepted": [], "rejected": []})
    );

    let signed = sandbox.json(0, &["plugin", "sign", &reference, "--key", "mine.key"]);
    assert_eq!(
        signed,
        json!({"reference": reference, "digest": digest, "key_id": keys["key_id"],
            "added": ["referrer", "tag"]})
    );
    let again = sandbox.json(0, &["plugin", "sign", &reference, "--key", "mine.key"]);
    assert_eq!(again["added"], json!([]), "SIG-16");
    let trusted = verify(&sandbox, 0, &reference, "mine.pub");
    assert_eq!(
        (&trusted["verdict"], layouts(&trusted)),
        (&json!("trusted"), vec!["referrer", "tag"])
    );
    assert_eq!(trusted["accepted"][0]["key_id"], keys["key_id"]);
    let untrusted = verify(&sandbox, 2, &reference, "other.pub");
    assert_eq!(untrusted["verdict"], "untrusted");
    assert_eq!(kinds(&untrusted), ["signature-invalid", "signature-invalid"]);
    let text = sandbox.text(&[&VERIFY[..], &[&reference, "--key", "mine.pub"]].concat());
    let line = format!("{digest} signed by key {}", keys["key_id"].as_str().expect("an id"));
    assert_eq!(text, format!("{line} [referrer]\n{line} [tag]\n"));

    // A second signer adds to what is there.
    sandbox.text(&["plugin", "sign", &reference, "--key", "other.key"]);
    for key in ["mine.pub", "other.pub"] {
        assert_eq!(layouts(&verify(&sandbox, 0, &reference, key)), ["referrer", "tag"]);
    }
    let copy = format!("{}/you/copy:1", served.addr);
    sandbox.text(&["plugin", "copy", &reference, &copy, "--referrers"]);
    assert_eq!(layouts(&verify(&sandbox, 0, &copy, "mine.pub")), ["referrer", "tag"]);

    // Pulled with a check, it can be checked from the store, and pushed with what counted.
    let pull = ["plugin", "pull", &reference, "--verify", "--key"];
    sandbox.text(&["keys", "generate", "--output", "stranger"]);
    let refused = two(&sandbox, 2, &[&pull[..], &["stranger.pub"]].concat());
    assert!(refused.stdout.is_empty());
    assert!(!sandbox.path("two").exists(), "nothing is stored");
    two(&sandbox, 0, &[&pull[..], &["mine.pub"]].concat());
    let local = ["plugin", "verify-signature", &reference, "--key", "mine.pub"];
    let checked = two(&sandbox, 0, &[&["--format", "json"][..], &local].concat());
    let checked: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    assert_eq!(layouts(&checked), ["referrer", "tag"]);
    let third = format!("{}/they/third:1", served.addr);
    let push = ["plugin", "push", &reference, "--to", &third, "--referrers"];
    two(&sandbox, 0, &push);
    assert_eq!(layouts(&verify(&sandbox, 0, &third, "mine.pub")), ["referrer", "tag"]);
    let inspected = sandbox.json(0, &["plugin", "inspect", "--remote", &third]);
    let attached = inspected["artifact"]["referrers"].as_array().expect("a list");
    let mut found: Vec<_> = attached.iter().map(|one| one["layout"].as_str()).collect();
    found.sort();
    assert_eq!(found, [Some("referrer"), Some("tag")], "SIG-5");
}

#[test]
fn substituted_signature_of_another_artifact_counts_in_no_layout_sig_12() {
    let sandbox = Sandbox::new();
    let served = Served::start(&sandbox, &[]);
    let (reference, digest) = pushed(&sandbox, &served.addr);
    sandbox.text(&["keys", "generate", "--output", "mine"]);
    // Another artifact of the same signer, in the same repository.
    let other = format!("{}/me/release-notes:other", served.addr);
    let plugin = example("plugins/release-notes");
    let build = ["plugin", "build", &plugin, "--tag", &other, "--epoch", "7"];
    let built = sandbox.json(0, &build);
    sandbox.text(&["plugin", "push", &other]);
    sandbox.text(&["plugin", "sign", &other, "--key", "mine.key", "--bundle", "other.json"]);
    let hex = |digest: &str| digest.replacen(':', "-", 1);
    let from = hex(built["index_digest"].as_str().expect("a digest"));
    let manifest = served.get(&format!("/v2/me/release-notes/manifests/{from}.sig"), "");
    let body = manifest.split_once("\r\n\r\n").expect("a body").1;
    let target = format!("/v2/me/release-notes/manifests/{}.sig", hex(&digest));
    let header = "Content-Type: application/vnd.oci.image.manifest.v1+json\r\n";
    assert!(served.send("PUT", &target, header, body).starts_with("HTTP/1.1 201"));

    let found = verify(&sandbox, 2, &reference, "mine.pub");
    assert_eq!((&found["verdict"], kinds(&found)), (&json!("untrusted"), vec!["binding-mismatch"]));
    let file = ["plugin", "verify-signature", &reference, "--key", "mine.pub", "--bundle"];
    let found = sandbox.json(2, &[&file[..], &["other.json"]].concat());
    assert_eq!(kinds(&found), ["binding-mismatch"]);
    let pull = ["plugin", "pull", &reference, "--verify", "--key", "mine.pub"];
    two(&sandbox, 2, &pull);
    assert!(!sandbox.path("two").exists());
    // Beside a good one it does no harm (SIG-14).
    sandbox.text(&["plugin", "sign", &reference, "--key", "mine.key"]);
    let found = verify(&sandbox, 0, &reference, "mine.pub");
    assert_eq!(
        (layouts(&found), kinds(&found)),
        (vec!["referrer", "tag"], vec!["binding-mismatch"])
    );
    two(&sandbox, 0, &pull);
}

/// Whether it is the tag that stands in for a list of referrers.
fn is_fallback(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    last.starts_with("sha256-") && !last.contains('.')
}

#[test]
fn an_error_of_the_registry_is_never_unsigned_sig_19() {
    let sandbox = Sandbox::new();
    sandbox.text(&["keys", "generate", "--output", "mine"]);
    let on_tag = |ending: &'static str| {
        When::any().on(Endpoint::Manifest).matching(move |seen| seen.path.ends_with(ending))
    };
    let fallback = || When::any().on(Endpoint::Manifest).matching(|seen| is_fallback(&seen.path));
    type Case = (&'static str, Box<dyn Fn(&Faulty)>);
    let mut cases: Vec<Case> = Vec::new();
    type Kind = (&'static str, fn() -> Fault);
    let faults: [Kind; 6] = [
        ("500", || Fault::status(500)),
        ("403", || Fault::status(403)),
        ("hang", Fault::hang),
        ("reset", Fault::reset),
        ("no JSON", || {
            Fault::reply(
                Reply::new(200)
                    .header("content-type", "application/vnd.oci.image.index.v1+json")
                    .body("{"),
            )
        }),
        ("loop", || Fault::respond(|seen| Reply::new(307).header("location", &seen.path))),
    ];
    for (name, fault) in faults {
        cases.push((name, Box::new(move |faulty| faulty.script(on_tag(".sig"), fault()))));
        cases.push((
            name,
            Box::new(move |faulty| {
                faulty.script(When::get(Endpoint::Referrers), Fault::status(404));
                faulty.script(fallback(), fault());
            }),
        ));
        // What leads away, or is refused, says that there is no referrers API; the tag is asked then.
        if !["403", "loop"].contains(&name) {
            cases.push((
                name,
                Box::new(move |faulty| faulty.script(When::get(Endpoint::Referrers), fault())),
            ));
        }
    }
    for (index, (name, fault)) in cases.into_iter().enumerate() {
        let sandbox_of = Sandbox::new();
        let faulty = Faulty::start(&sandbox_of);
        let addr = faulty.server().addr().to_string();
        let (reference, _) = pushed(&sandbox, &addr);
        fault(&faulty);
        let verify = ["plugin", "verify-signature", "--remote", &reference, "--key", "mine.pub"];
        let pull = ["plugin", "pull", &reference, "--verify", "--key", "mine.pub"];
        // Each takes its time, and both ask in one way: one is enough where the answer comes at once.
        let commands: &[[&str; 6]] = if name == "500" { &[verify, pull] } else { &[verify] };
        for command in commands {
            let mut words = vec!["--timeout", "1", "--format", "json"];
            words.extend(command);
            let output = two(&sandbox, 1, &words);
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(text.contains("\"error\"") && !text.contains("unsigned"), "{name}: {text}");
            assert!(!sandbox.path("two").exists(), "{index} {name}: nothing is stored");
        }
    }
}

#[test]
fn one_signature_takes_at_most_six_requests_after_the_digest_is_known_sig_14() {
    let sandbox = Sandbox::new();
    let faulty = Faulty::start(&sandbox);
    let addr = faulty.server().addr().to_string();
    let (reference, digest) = pushed(&sandbox, &addr);
    sandbox.text(&["keys", "generate", "--output", "mine"]);
    sandbox.text(&["plugin", "sign", &reference, "--key", "mine.key"]);
    faulty.server().clear_requests();
    verify(&sandbox, 0, &reference, "mine.pub");
    let requests = faulty.server().requests();
    let asked: Vec<&str> = requests.iter().map(|request| request.seen.path.as_str()).collect();
    let after = asked.iter().position(|path| path.contains(&format!("referrers/{digest}")));
    let after = asked.len() - after.expect("it asks for referrers");
    assert!(after <= 6, "{asked:?}");
    // Of more signatures than are looked at, the last one may be good: that is said.
    for index in 0..3 {
        let prefix = format!("k{index}");
        sandbox.text(&["keys", "generate", "--output", &prefix]);
        sandbox.text(&[
            "plugin",
            "sign",
            &reference,
            "--key",
            &format!("{prefix}.key"),
            "--layout",
            "tag",
        ]);
    }
    let words = [&VERIFY[..], &[&reference, "--key", "k2.pub", "--max-signatures", "3"]].concat();
    let error = sandbox.json(1, &words);
    assert!(error["error"]["message"].as_str().expect("words").contains("first 3"), "{error}");
    verify(&sandbox, 0, &reference, "k2.pub");
}

#[test]
fn keys_are_new_files_for_their_owner_alone_sig_18() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.text(&["keys", "generate", "--output", "a"]), "a.key\na.pub\n");
    #[cfg(unix)]
    {
        let mode = |name: &str| {
            let metadata = std::fs::metadata(sandbox.path(name)).expect("there");
            std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777
        };
        assert_eq!(mode("a.key"), 0o600);
    }
    let before = std::fs::read(sandbox.path("a.key")).expect("there");
    let error = sandbox.json(1, &["keys", "generate", "--output", "a"]);
    assert!(error["error"]["message"].as_str().expect("words").contains("exists"), "{error}");
    assert_eq!(std::fs::read(sandbox.path("a.key")).expect("there"), before);
    // Whom one expects has to be said.
    let output = sandbox.run(64, &["plugin", "verify-signature", "x"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("--key"));
    sandbox.run(64, &["plugin", "pull", "127.0.0.1:1/x:v1", "--verify"]);
}
