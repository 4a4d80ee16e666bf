// SPDX-License-Identifier: Apache-2.0
//! Tests of `registry serve`.

use std::process::Command;

use super::served::Served;
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
    if !test_support::tools::are_installed(&["skopeo"]) {
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
    assert_eq!(oci_artifact::digest::sha256(&raw).to_string(), built["index_digest"]);
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

#[test]
fn accounts_that_are_none_are_refused_by_line_and_without_their_passwords_sv_14_and_sv_15() {
    let sandbox = Sandbox::new();
    for (lines, wrong, says) in [
        ("a:canary\n\n# b\na:canary", 4, "already"),
        (":canary", 1, "no name"),
        ("a:canary\nb:", 2, "no password"),
        ("b::pull", 1, "no password"),
        ("a:canary:push", 1, "not an account"),
        ("a", 1, "not an account"),
        ("a:$apr1$canary$HqJZimcKQFAMYayBlzkrA/", 1, "other than bcrypt"),
        ("a:{SHA}canary", 1, "other than bcrypt"),
        ("a:$2y$05$canary", 1, "other than bcrypt"),
        ("a:$2y$31$abcdefghijklmnopqrstuuWHxnxkyNt6AHCwFMQaY6auyqJA8E98a", 1, "cost"),
    ] {
        sandbox.write("wrong", lines);
        let output = sandbox.run(1, &["registry", "serve", "--accounts", "wrong"]);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains(&format!("wrong:{wrong}")) && text.contains(says), "{lines}: {text}");
        assert!(!text.contains("canary") && !text.contains("WHxnxkyN"), "{lines}: {text}");
    }
}

#[test]
fn hashed_passwords_let_in_and_a_dollar_may_be_a_passwords_own_sv_15() {
    let sandbox = Sandbox::new();
    // hello
    let hash = "$2y$05$abcdefghijklmnopqrstuuWHxnxkyNt6AHCwFMQaY6auyqJA8E98a";
    sandbox.write("accounts", format!("ci:{hash}\nreader:{hash}:pull\nplain:$5.00\n"));
    let served = Served::start(&sandbox, &["--accounts", "accounts"]);
    let status = |method: &str, path: &str, encoded: &str| {
        let header = format!("Authorization: Basic {encoded}\r\n");
        let answer = served.send(method, path, &header, "");
        answer.split(' ').nth(1).expect("a status").to_owned()
    };
    // ci:hello, reader:hello, plain:$5.00, ci:other
    let (ci, reader, plain) = ("Y2k6aGVsbG8=", "cmVhZGVyOmhlbGxv", "cGxhaW46JDUuMDA=");
    assert_eq!(status("POST", "/v2/a/blobs/uploads/", ci), "202");
    assert_eq!(status("POST", "/v2/a/blobs/uploads/", reader), "403");
    assert_eq!(status("GET", "/v2/", reader), "200");
    assert_eq!(status("GET", "/v2/", plain), "200");
    assert_eq!(status("GET", "/v2/", "Y2k6b3RoZXI="), "401");
}

#[test]
fn files_with_secrets_that_everybody_can_read_are_warned_of_sv_17() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    sandbox.write("accounts", "ci:secret\n");
    sandbox.write("pem", "");
    // What follows the accounts is wrong, so that no registry starts.
    let args = ["--accounts", "accounts", "--tls-cert", "pem", "--tls-key", "pem"];
    for (mode, is_exposed) in [(0o600, false), (0o640, false), (0o644, true), (0o602, true)] {
        for file in ["accounts", "pem"] {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(sandbox.path(file), permissions).expect("is changed");
        }
        let output = sandbox.run(1, &[&["registry", "serve"][..], &args].concat());
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(text.contains("the passwords in accounts"), is_exposed, "{mode:o}: {text}");
        assert_eq!(text.contains("the key in pem"), is_exposed, "{mode:o}: {text}");
    }
}

#[test]
fn on_loopback_without_accounts_it_answers_to_this_machine_alone_sv_10_and_sv_11() {
    let sandbox = Sandbox::new();
    let status = |served: &Served, lines: &[&str]| {
        let text = format!("POST /v2/a/blobs/uploads/ HTTP/1.1\r\n{}\r\n\r\n", lines.join("\r\n"));
        let answer = served.raw(&text);
        answer.split(' ').nth(1).expect("a status").to_owned()
    };
    let close = ["connection: close", "content-length: 0"];
    let ask = |served: &Served, lines: &[&str]| status(served, &[lines, &close[..]].concat());
    let served = Served::start(&sandbox, &[]);
    assert_eq!(ask(&served, &["host: localhost"]), "202");
    assert_eq!(ask(&served, &["host: registry.example"]), "421");
    assert_eq!(ask(&served, &["host: localhost", "origin: http://evil.example"]), "403");
    assert_eq!(served.stop(), Some(0));
    let served = Served::start(&sandbox, &["--allow-host", "registry.example"]);
    assert_eq!(ask(&served, &["host: registry.example"]), "202");
    assert_eq!(ask(&served, &["host: evil.example"]), "421");
}
