// SPDX-License-Identifier: Apache-2.0
//! `registry serve`.

use std::io::Write as _;
use std::process::Command;

use crate::support::served::Served;
use crate::support::{Sandbox, example};

#[test]
fn it_starts_answers_and_stops() {
    let sandbox = Sandbox::new();
    let served = Served::start(&sandbox, &[]);
    assert!(served.addr.starts_with("127.0.0.1:"));
    assert!(served.get("/v2/", "").starts_with("HTTP/1.1 200 "));
    assert!(served.get("/v2/nothing/tags/list", "").starts_with("HTTP/1.1 404 "));
    assert_eq!(served.stop(), Some(0));
}

/// Debian's skopeo pushes a build to it and pulls it again; where it is installed.
#[test]
fn skopeo_pushes_and_pulls_what_was_built() {
    if Command::new("skopeo").arg("--version").output().is_err() {
        let _ = writeln!(std::io::stdout(), "skopeo cannot be asked: it is not installed");
        return;
    }
    let sandbox = Sandbox::new();
    let built = sandbox.json(0, &["plugin", "build", &example("plugins/release-notes")]);
    let served = Served::start(&sandbox, &[]);
    let remote = format!("docker://{}/me/release-notes:1.2.0", served.addr);
    let skopeo = |args: &[&str]| {
        let output = Command::new("skopeo").args(args).current_dir(sandbox.path(".")).output();
        let output = output.expect("runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    skopeo(&["copy", "--all", "--dest-tls-verify=false", "oci:store:release-notes", &remote]);
    let raw = skopeo(&["inspect", "--raw", "--tls-verify=false", &remote]);
    assert_eq!(oci_artifact::digest::sha256(&raw).as_ref(), built["index_digest"]);
    skopeo(&["copy", "--all", "--src-tls-verify=false", &remote, "oci:pulled:release-notes"]);
    assert_eq!(served.stop(), Some(0));

    let out = Command::new(env!("CARGO_BIN_EXE_toolhive-oci"))
        .args(["--store", "pulled", "plugin", "extract", "release-notes", "out"])
        .current_dir(sandbox.path("."))
        .output();
    assert!(out.expect("runs").status.success());
    let plugin = example("plugins/release-notes");
    let same = Command::new("diff").args(["-r", &plugin]).arg(sandbox.path("out")).status();
    assert!(same.expect("diff runs").success());
}

#[test]
fn accounts_keep_others_out_and_their_passwords_to_themselves() {
    let sandbox = Sandbox::new();
    sandbox.write("accounts", "# who may come in\nci:canary-secret\nreader:other:pull\n");
    let served = Served::start(&sandbox, &["--accounts", "accounts"]);
    let refused = served.get("/v2/", "");
    assert!(refused.starts_with("HTTP/1.1 401 ") && refused.contains("Basic"), "{refused}");
    // ci:canary-secret
    let header = "Authorization: Basic Y2k6Y2FuYXJ5LXNlY3JldA==\r\n";
    assert!(served.get("/v2/", header).starts_with("HTTP/1.1 200 "));

    sandbox.write("wrong", "ci:canary-secret:all:rights\n");
    let output = sandbox.run(1, &["registry", "serve", "--accounts", "wrong"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("wrong:1"), "{text}");
    assert!(!text.contains("canary"), "{text}");
}
