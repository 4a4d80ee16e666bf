// SPDX-License-Identifier: Apache-2.0
//! Registries on this machine, over TLS and without it (R-92): `registry serve` and our own commands.

use oci_registry_faults::Authority;

use super::served::Served;
use crate::support::Sandbox;

/// A sandbox with a plugin, a certificate for this machine in `cert.pem` and `key.pem`, and its
/// authority in `ca.pem`.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    sandbox.run(0, &["plugin", "build", "p"]);
    let authority = Authority::new().expect("one");
    let (certificate, key) = authority.client("127.0.0.1").expect("is issued");
    for (name, pem) in [("ca.pem", authority.pem()), ("cert.pem", &certificate), ("key.pem", &key)]
    {
        sandbox.write(name, pem);
    }
    sandbox
}

fn over_tls(sandbox: &Sandbox) -> Served {
    let key = sandbox.path("key.pem");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(key, mode).expect("is changed");
    Served::start(sandbox, &["--tls-cert", "cert.pem", "--tls-key", "key.pem"])
}

/// Runs a command that must end with `code`; returns the URLs of its requests, in order, and its output.
fn requests(sandbox: &Sandbox, code: i32, args: &[&str]) -> (Vec<String>, String) {
    let output = sandbox.run(code, &[&["-v"], args].concat());
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    let of_line = |line: &str| {
        let (method, rest) = line.split_once(' ')?;
        let is_one = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].contains(&method);
        is_one.then(|| rest.split_once(": ").map_or(rest, |(url, _)| url).to_owned())
    };
    (said.lines().filter_map(of_line).collect(), said)
}

/// Every command that speaks to a registry, in an order in which each can work.
fn all_commands(reference: &str, other: &str) -> Vec<Vec<String>> {
    let repository = reference.rsplit_once(':').expect("has a tag").0;
    let all: [&[&str]; 8] = [
        &["plugin", "push", "p", "--to", reference],
        &["plugin", "tags", repository],
        &["plugin", "resolve", reference],
        &["plugin", "inspect", "--remote", reference],
        &["plugin", "verify", "--remote", reference, "./p"],
        &["plugin", "diff", "--remote", reference, "./p"],
        &["plugin", "copy", reference, other],
        &["plugin", "pull", other],
    ];
    all.iter().map(|args| args.iter().map(|arg| (*arg).to_owned()).collect()).collect()
}

#[test]
fn our_registry_with_a_certificate_is_reached_by_our_commands_without_a_word_r_92() {
    let sandbox = sandbox();
    let served = over_tls(&sandbox);
    let (reference, other) = (format!("{}/x/p:1", served.addr), format!("{}/y/p:1", served.addr));
    for args in all_commands(&reference, &other) {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let (urls, said) = requests(&sandbox, 0, &[&["--ca-file", "ca.pem"][..], &args].concat());
        // Plain HTTP is asked first, found not to be spoken, and not asked again.
        let is_plain = |url: &String| url.starts_with("http://");
        assert!(urls.first().is_some_and(is_plain), "{args:?}: {said}");
        let plain = urls.iter().take_while(|url| is_plain(url)).count();
        assert!(plain < urls.len(), "{args:?}: {said}");
        assert!(!urls.iter().skip(plain).any(is_plain), "{args:?}: {said}");
    }
    // Its certificate counts: a client that does not know its authority gets an error, and nothing
    // else.
    let (_, said) = requests(&sandbox, 1, &["plugin", "resolve", &reference]);
    assert!(said.contains("certificate"), "{said}");
}

#[test]
fn a_password_goes_to_our_registry_with_a_certificate_over_tls_alone_r_92() {
    let sandbox = sandbox();
    sandbox.write("accounts", "ci:canary-secret\n");
    for file in ["accounts", "key.pem"] {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(sandbox.path(file), mode).expect("is changed");
    }
    let args = ["--tls-cert", "cert.pem", "--tls-key", "key.pem", "--accounts", "accounts"];
    let served = Served::start(&sandbox, &args);
    let login = |password: &str| {
        let mut command = sandbox.command();
        command.env("DOCKER_CONFIG", sandbox.path("docker"));
        command.args(["--ca-file", "ca.pem", "-vv", "login", &served.addr]);
        command.args(["--username", "ci", "--password-stdin"]).write_stdin(password);
        command.output().expect("it runs")
    };
    for (password, code) in [("wrong", 1), ("canary-secret", 0)] {
        let output = login(password);
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(!said.contains("canary-secret"), "{said}");
        let mut is_plain = false;
        for line in said.lines() {
            if let Some((_, url)) = line.split_once(" http") {
                is_plain = url.starts_with("://");
            }
            let is_sent = line.to_ascii_lowercase().contains("> authorization:");
            assert!(!(is_sent && is_plain), "over plain HTTP: {said}");
        }
    }
}

#[test]
fn plain_http_false_speaks_tls_to_loopback_from_the_first_request_on_r_92() {
    let sandbox = sandbox();
    let served = over_tls(&sandbox);
    let (reference, other) = (format!("{}/x/p:1", served.addr), format!("{}/y/p:1", served.addr));
    let words = ["--plain-http=false", "--ca-file", "ca.pem"];
    for args in all_commands(&reference, &other) {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let (urls, said) = requests(&sandbox, 0, &[&words[..], &args].concat());
        assert!(!urls.is_empty(), "{args:?}: {said}");
        assert!(urls.iter().all(|url| url.starts_with("https://")), "{args:?}: {said}");
    }
}

#[test]
fn plain_http_false_never_speaks_plain_http_to_loopback_r_92() {
    let sandbox = sandbox();
    let served = Served::start(&sandbox, &[]);
    let (reference, other) = (format!("{}/x/p:1", served.addr), format!("{}/y/p:1", served.addr));
    // Without the word, it is there, and speaks plain HTTP.
    sandbox.run(0, &["plugin", "push", "p", "--to", &reference]);
    sandbox.run(0, &["plugin", "push", "p", "--to", &other]);
    for args in all_commands(&reference, &other) {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let (urls, said) = requests(&sandbox, 1, &[&["--plain-http=false"][..], &args].concat());
        assert!(urls.iter().all(|url| url.starts_with("https://")), "{args:?}: {said}");
        assert!(said.contains("plain HTTP"), "{args:?}: the error says what is spoken: {said}");
    }
}
