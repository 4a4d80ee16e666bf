// SPDX-License-Identifier: Apache-2.0
//! `push`, `pull`, `tags`, `resolve`, `copy`, `login`, `logout`, against `registry serve`.

use std::process::Command;

use serde_json::{Value, json};

use super::served::Served;
use crate::support::{Sandbox, example, schemas};

/// A sandbox with the example plugin, built under the reference that it is to have.
fn built(served: impl FnOnce(&Sandbox) -> Served) -> (Sandbox, Served, String, String) {
    let sandbox = Sandbox::new();
    let served = served(&sandbox);
    let reference = format!("{}/me/release-notes:1.2.0", served.addr);
    let plugin = example("plugins/release-notes");
    let report = sandbox.json(0, &["plugin", "build", &plugin, "--tag", &reference]);
    let digest = report["index_digest"].as_str().expect("a digest").to_owned();
    (sandbox, served, reference, digest)
}

/// Runs a command with another store in that sandbox.
fn elsewhere(sandbox: &Sandbox, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
    command.env_clear().current_dir(sandbox.path(".")).args(["--store", "two"]).args(args);
    let output = command.output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {errors}");
    schemas::check(args, &output.stdout);
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn what_is_built_is_pushed_pulled_elsewhere_and_extracted() {
    let (sandbox, served, reference, digest) = built(|sandbox| Served::start(sandbox, &[]));
    let pushed = sandbox.json(0, &["plugin", "push", &reference]);
    assert_eq!(pushed["reference"], reference.as_str());
    assert_eq!(pushed["digest"], digest.as_str());
    // Two configs and the layer, in two requests each and one that asks; then the manifests.
    let counts = ["blobs_uploaded", "blobs_skipped", "requests"].map(|key| pushed[key].clone());
    assert_eq!(counts, [json!(3), json!(0), json!(13)]);
    let again = sandbox.json(0, &["plugin", "push", &reference]);
    assert_eq!(again["blobs_uploaded"], 0);
    assert!(again["requests"].as_u64().expect("a number") <= 3, "{again}");

    let pulled: Value = serde_json::from_str(&elsewhere(
        &sandbox,
        &["--format", "json", "plugin", "pull", &reference],
    ))
    .expect("one document");
    let bytes = pulled["bytes_fetched"].as_u64().expect("a number");
    assert!(bytes > 5_000, "{pulled}");
    // A lock file says the same of it, wherever it is.
    let inspected = sandbox.json(0, &["plugin", "inspect", &reference]);
    let content = &inspected["artifact"]["content_digest"];
    assert!(content.is_string(), "{inspected}");
    assert_eq!(
        pulled,
        json!({"reference": reference, "tag": reference, "digest": digest, "content_digest": content,
            "blobs_fetched": 5, "blobs_skipped": 0, "bytes_fetched": bytes, "requests": 6})
    );
    assert_eq!(elsewhere(&sandbox, &["plugin", "pull", &reference, "--to-tag", "rn"]), "rn\n");
    elsewhere(&sandbox, &["plugin", "extract", &reference, "out"]);
    let plugin = example("plugins/release-notes");
    let same = Command::new("diff").args(["-r", &plugin]).arg(sandbox.path("out")).status();
    assert!(same.expect("diff runs").success());
    assert_eq!(served.stop(), Some(0));
}

#[test]
fn references_are_listed_resolved_and_copied() {
    let (sandbox, served, reference, digest) = built(|sandbox| Served::start(sandbox, &[]));
    let repository = format!("{}/me/release-notes", served.addr);
    let latest = format!("{repository}:latest");
    let pushed = sandbox.text(&["plugin", "push", &reference, "--to", &reference, "--to", &latest]);
    assert_eq!(pushed, format!("{repository}@{digest}\n").repeat(2));
    assert_eq!(sandbox.text(&["plugin", "tags", &repository]), "1.2.0\nlatest\n");
    assert_eq!(sandbox.json(0, &["plugin", "tags", &repository]), json!(["1.2.0", "latest"]));

    let resolved = sandbox.json(0, &["plugin", "resolve", &latest]);
    assert_eq!(resolved["digest"], digest.as_str());
    assert_eq!(resolved["media_type"], "application/vnd.oci.image.index.v1+json");
    assert_eq!(sandbox.text(&["plugin", "resolve", &latest]), format!("{digest}\n"));
    let missing = sandbox.json(1, &["plugin", "resolve", &format!("{repository}:2")]);
    assert_eq!(missing["error"]["kind"], "not-found");

    let copy = format!("{}/you/copy:1", served.addr);
    let copied = sandbox.json(0, &["plugin", "copy", &latest, &copy]);
    assert_eq!(copied["blobs_mounted"], 3, "{copied}");
    assert_eq!(copied["digest"], digest.as_str());
    assert_eq!(sandbox.text(&["plugin", "resolve", &copy]), format!("{digest}\n"));
}

/// Attaches something to the artifact of that digest; its own digest.
pub(crate) fn attach(served: &Served, subject: &str, size: u64) -> String {
    let config = "{}";
    let config_digest = oci_artifact::digest::sha256(config.as_bytes());
    let target = format!("/v2/me/release-notes/blobs/uploads/?digest={config_digest}");
    let stream = "Content-Type: application/octet-stream\r\n";
    let answer = served.send("POST", &target, stream, config);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let empty = json!({"mediaType": "application/vnd.oci.empty.v1+json",
        "digest": config_digest.to_string(), "size": 2});
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({"schemaVersion": 2, "mediaType": media_type,
        "artifactType": "application/vnd.example.sbom.v1", "config": empty, "layers": [empty],
        "subject": {"mediaType": "application/vnd.oci.image.index.v1+json",
            "digest": subject, "size": size}})
    .to_string();
    let digest = oci_artifact::digest::sha256(manifest.as_bytes());
    let target = format!("/v2/me/release-notes/manifests/{digest}");
    let content_type = format!("Content-Type: {media_type}\r\n");
    let answer = served.send("PUT", &target, &content_type, &manifest);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    digest.to_string()
}

#[test]
fn what_is_attached_is_shown_and_goes_along() {
    let (sandbox, served, reference, digest) = built(|sandbox| Served::start(sandbox, &[]));
    sandbox.text(&["plugin", "push", &reference]);
    let size = sandbox.json(0, &["plugin", "resolve", &reference])["size"].as_u64();
    let sbom = attach(&served, &digest, size.expect("a size"));
    let referrers = |report: &Value| {
        let first = &report["artifact"]["referrers"][0];
        (first["artifact_type"].clone(), first["digest"].clone())
    };
    let expected = (json!("application/vnd.example.sbom.v1"), json!(sbom));

    let remote = sandbox.json(0, &["plugin", "inspect", "--remote", &reference]);
    assert_eq!(referrers(&remote), expected);
    let copy = format!("{}/you/copy:1", served.addr);
    let copied = sandbox.json(0, &["plugin", "copy", &reference, &copy, "--referrers"]);
    assert_eq!(copied["referrers"], json!([sbom]));
    let remote = sandbox.json(0, &["plugin", "inspect", "--remote", &copy]);
    assert_eq!(referrers(&remote), expected);

    elsewhere(&sandbox, &["plugin", "pull", &reference, "--referrers"]);
    let local = elsewhere(&sandbox, &["--format", "json", "plugin", "inspect", &reference]);
    assert_eq!(referrers(&serde_json::from_str(&local).expect("JSON")), expected);
}

#[test]
fn what_is_in_a_registry_is_inspected_verified_and_compared_without_a_store() {
    let (sandbox, _served, reference, digest) = built(|sandbox| Served::start(sandbox, &[]));
    sandbox.text(&["plugin", "push", &reference]);
    let plugin = example("plugins/release-notes");
    let local = sandbox.json(0, &["plugin", "inspect", &reference]);
    sandbox.text(&["plugin", "builds", "remove", &reference]);

    let missing = sandbox.json(1, &["plugin", "inspect", &reference]);
    assert!(missing["error"]["help"].as_str().expect("help").contains("--remote"), "{missing}");
    assert_eq!(sandbox.json(0, &["plugin", "inspect", "--remote", &reference]), local);
    assert_eq!(local["artifact"]["index_digest"], digest.as_str());
    let verified = sandbox.json(0, &["plugin", "verify", "--remote", &reference, &plugin]);
    assert_eq!(verified["verdict"], "exact");
    let catalogue = ["marketplace", "generate", "--name", "mine", "--owner", "Me", "--remote"];
    let catalogue = sandbox.text(&[&catalogue[..], &[&reference]].concat());
    assert!(catalogue.contains("\"release-notes\""), "{catalogue}");
    let diff = ["plugin", "diff", "--remote", "--exit-code", &reference, &plugin];
    assert_eq!(sandbox.json(0, &diff)["same"], true);
}

#[test]
fn what_cannot_be_done_is_explained() {
    let (sandbox, _served, reference, _) = built(|sandbox| Served::start(sandbox, &[]));
    // There is nothing yet.
    let missing = sandbox.json(1, &["plugin", "pull", &reference]);
    assert_eq!(missing["error"]["kind"], "not-found");
    // A tag that says nothing of where it goes.
    sandbox.text(&["plugin", "build", &example("plugins/release-notes")]);
    let nowhere = sandbox.json(1, &["plugin", "push", "release-notes"]);
    assert_eq!(nowhere["error"]["kind"], "invalid-reference");
    assert!(nowhere["error"]["help"].as_str().expect("help").contains("--to"));
    let slip = sandbox.json(1, &["plugin", "push", "relase-notes", "--to", &reference]);
    let help = slip["error"]["help"].as_str().expect("help");
    assert!(help.starts_with("did you mean \"release-notes\"?"), "{help}");
    // A name that the store does not take, before the registry is asked.
    let bad = ["plugin", "pull", "127.0.0.1:1/me/p:1", "--to-tag", "BAD TAG"];
    assert_eq!(sandbox.json(1, &bad)["error"]["kind"], "invalid-reference");
    // Wrong usage.
    assert_eq!(sandbox.json(64, &["plugin", "pull", "nowhere"])["error"]["kind"], "usage");
    // A plugin is not a skill, for any command.
    sandbox.text(&["plugin", "push", &reference]);
    let other = sandbox.json(1, &["skill", "pull", &reference]);
    assert!(other["error"]["message"].as_str().expect("text").contains("is a plugin, not a skill"));
    let other = sandbox.json(1, &["skill", "push", &reference]);
    assert!(other["error"]["message"].as_str().expect("text").contains("is a plugin, not a skill"));
}

#[test]
fn what_a_registry_has_is_foreseen_listed_extracted_and_deleted_vb_7() {
    let sandbox = Sandbox::new();
    let served = Served::start(&sandbox, &[]);
    let reference = format!("{}/me/release-notes:1.2.0", served.addr);
    let plugin = example("plugins/release-notes");
    let foreseen = |args: &[&str]| {
        let words = [&["plugin", "push", "rn", "--dry-run", "--to"], args].concat();
        sandbox.json(0, &words)["targets"][0].clone()
    };
    sandbox.run(0, &["plugin", "build", &plugin, "--tag", "rn"]);
    let before = foreseen(&[&reference]);
    assert_eq!((&before["blobs_to_upload"], &before["blobs_there"]), (&json!(3), &json!(0)));
    sandbox.run(1, &["plugin", "tags", &format!("{}/me/release-notes", served.addr)]);

    let words = ["plugin", "build", &plugin, "--tag", &reference, "--tag", "rn", "--push"];
    let built = sandbox.json(0, &words);
    let digest = built["index_digest"].as_str().expect("a digest").to_owned();
    assert_eq!(built["pushed"]["references"], json!([reference]));
    assert_eq!(built["pushed"]["blobs_uploaded"], 3);
    let after = foreseen(&[&reference]);
    assert_eq!((&after["blobs_to_upload"], &after["replaces"]), (&json!(0), &Value::Null));
    let nowhere = sandbox.json(1, &["plugin", "build", &plugin, "--tag", "rn", "--push"]);
    assert_eq!(nowhere["error"]["kind"], "invalid-reference");

    let repository = format!("{}/me/release-notes", served.addr);
    let listed = sandbox.json(0, &["plugin", "tags", "--digests", &repository]);
    assert_eq!(listed, json!([{"tag": "1.2.0", "digest": digest}]));
    let extracted = sandbox.json(0, &["plugin", "extract", "--remote", &reference, "out"]);
    assert_eq!(extracted["digest"], digest.as_str());
    assert_eq!(sandbox.json(0, &["plugin", "verify", "rn", "out"])["verdict"], "exact");
    let bytes = sandbox.run(0, &["plugin", "manifest", "--remote", &reference]).stdout;
    assert_eq!(oci_artifact::digest::sha256(&bytes).to_string(), digest);

    // Nobody can be asked here, and nothing else is deleted than what is of the kind.
    sandbox.run(4, &["plugin", "delete", &reference]);
    sandbox.run(1, &["skill", "delete", "--yes", &reference]);
    let pinned = format!("{repository}@{digest}");
    let gone = sandbox.json(0, &["plugin", "delete", "--yes", &reference]);
    assert_eq!(gone, json!({"reference": reference, "digest": digest, "deleted": "tag"}));
    sandbox.run(0, &["plugin", "inspect", "--remote", &pinned]);
    let gone = sandbox.json(0, &["plugin", "delete", "--yes", &pinned]);
    assert_eq!(gone["deleted"], "manifest");
    sandbox.run(1, &["plugin", "inspect", "--remote", &pinned]);
}

#[test]
fn who_has_logged_in_can_push_and_no_secret_is_shown() {
    let serve = |sandbox: &Sandbox| {
        sandbox.write("accounts", "me:canary-secret\n");
        Served::start(sandbox, &["--accounts", "accounts", "--auth", "bearer"])
    };
    let (sandbox, served, reference, _) = built(serve);
    let run = |code: i32, args: &[&str], stdin: &str| {
        let mut command = sandbox.command();
        command.env("DOCKER_CONFIG", sandbox.path("docker")).args(args).write_stdin(stdin);
        let output = command.output().expect("it runs");
        schemas::check(args, &output.stdout);
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
        assert!(!text.contains("canary"), "{text}");
        text
    };
    let push = ["plugin", "push", reference.as_str()];
    let refused = run(1, &[&["--format", "json"], &push[..]].concat(), "");
    assert!(refused.contains("\"kind\": \"auth\""), "{refused}");

    let login = ["login", served.addr.as_str(), "--username", "me", "--password-stdin"];
    run(1, &login, "canary-wrong\n");
    assert!(!sandbox.path("docker/config.json").exists(), "what is wrong is not kept");
    run(0, &[&["--format", "json"], &login[..]].concat(), "canary-secret\n");
    run(0, &push, "");
    let logout = ["logout", served.addr.as_str()];
    assert_eq!(run(0, &logout, ""), format!("Logged out of {}\n", served.addr));
    run(1, &push, "");
    let file = sandbox.path("docker/config.json").display().to_string();
    let nothing = format!("No credentials for {} are stored in {file}\n", served.addr);
    assert_eq!(run(0, &logout, ""), nothing, "twice is no failure");
    let told = run(0, &[&["--format", "json"], &logout[..]].concat(), "");
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!((&told["forgotten"], &told["looked_in"]), (&json!([]), &json!([file])));
}

#[test]
fn who_may_not_push_is_told_so() {
    for scheme in ["basic", "bearer"] {
        let serve = |sandbox: &Sandbox| {
            sandbox.write("accounts", "reader:secret:pull\n");
            Served::start(sandbox, &["--accounts", "accounts", "--auth", scheme])
        };
        let (sandbox, served, reference, _) = built(serve);
        let run = |args: &[&str]| {
            let mut command = sandbox.command();
            command.env("DOCKER_CONFIG", sandbox.path("docker")).args(args).write_stdin("secret");
            let output = command.output().expect("it runs");
            String::from_utf8_lossy(&output.stderr).into_owned()
        };
        let target = format!("{}/me/release-notes", served.addr);
        let stranger = run(&["plugin", "push", &reference]);
        let expected = format!("error: {target} accepts pushes only from users who are logged in");
        assert!(stranger.starts_with(&expected), "{stranger}");
        assert!(stranger.contains(&format!("help: log in to {}", served.addr)), "{stranger}");
        run(&["login", &served.addr, "--username", "reader", "--password-stdin"]);
        let reader = run(&["plugin", "push", &reference]);
        let expected = format!("error: this account may not push to {target}");
        assert!(reader.starts_with(&expected), "{reader}");
        assert!(reader.contains("ask for the right to push"), "{reader}");
        let pulled = run(&["plugin", "pull", &reference]);
        assert!(pulled.contains("`tags` lists the tags of a repository"), "{pulled}");
    }
}
