// SPDX-License-Identifier: Apache-2.0
//! The messages that people meet first: what they say, and what they say to do.

use crate::support::Sandbox;

/// A command line, a part of its message, and a part of its help.
type Said<'a> = (&'a [&'a str], &'a str, &'a str);

/// Mistakes in what is typed.
const TYPED: &[Said<'_>] = &[
    (&["plugin", "resolve", "ghcr.io/Me/X:1"], "no capital letters", "write ghcr.io/me/x:1"),
    (&["plugin", "pull", "docker://ghcr.io/me/x:1"], "leave out docker://", "write ghcr.io/me/x:1"),
    (&["plugin", "pull", "http://ghcr.io/me/x:1"], "leave out http://", "write ghcr.io/me/x:1"),
    (&["plugin", "pull", "oci://ghcr.io/me/x:1"], "leave out oci://", "write ghcr.io/me/x:1"),
    (&["plugin", "pull", "ghcr.io"], "names no repository", "write ghcr.io/org/name:v1"),
    (&["plugin", "pull", "x:1"], "names no registry", "begins with its registry"),
    (&["plugin", "pull", "ghcr.io/me/x"], "neither a tag nor a digest", "add :TAG"),
    (&["plugin", "tags", "ghcr.io/me/x:1"], "without tag or digest", "write ghcr.io/me/x"),
    (&["plugin", "build", ".", "--platform", "linux"], "is not a platform", "linux/amd64"),
    (&["registry", "serve", "--addr", "5000"], "not an IP address", "127.0.0.1:5000"),
    (&["registry", "serve", "--addr", ":6000"], "not an IP address", "127.0.0.1:6000"),
    (&["plugin", "images"], "'images'", "`plugin list --stored`"),
    (&["plugin", "buld", "."], "'buld'", "'build'"),
];

/// Mistakes in what is there.
const FOUND: &[Said<'_>] = &[
    (&["plugin", "inspect", "ghcr.io/me/y:1"], "no tag", "`pull ghcr.io/me/y:1`"),
    (&["plugin", "inspect", "oci://ghcr.io/me/y:1"], "no tag", "write ghcr.io/me/y:1"),
    (&["plugin", "inspect", "https://github.com/me/x"], "no tag", "`git clone"),
    (&["plugin", "extract", "nothing", "out"], "no tag", "`list --stored`"),
    (&["plugin", "manifest", "p", "--platform", "linux/mips"], "not for linux/mips", "linux/arm64"),
    (&["plugin", "build", "https://github.com/me/x"], "no such directory", "`git clone"),
    (&["plugin", "validate", "https://github.com/me/x"], "no such directory", "`git clone"),
    (&["plugin", "build", "s"], "has no .claude-plugin/plugin.json", "`skill build s`"),
    (&["skill", "build", "p"], "has no SKILL.md", "`plugin build p`"),
    (&["plugin", "build", "root"], "has no", "move plugin.json to .claude-plugin/plugin.json"),
    (&["skill", "build", "cased"], "has no SKILL.md", "rename skill.md to SKILL.md"),
    (&["plugin", "build", "typo"], "has no name", "did you mean \"name\"?"),
    (&["plugin", "build", "crowd"], "1000 files", "1100 of them below node_modules"),
    (
        &["--ca-file", "text", "plugin", "tags", "127.0.0.1:9/x"],
        "no certificate",
        "BEGIN CERTIFICATE",
    ),
    (&["registry", "serve", "--tls-cert", "text", "--tls-key", "text"], "no certificate", "PEM"),
];

#[test]
fn what_goes_wrong_first_is_said_with_what_to_do() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    sandbox.write("s/SKILL.md", "---\nname: s\ndescription: x\n---\n");
    sandbox.write("root/plugin.json", r#"{"name":"root"}"#);
    sandbox.write("cased/skill.md", "---\nname: cased\n---\n");
    sandbox.plugin("typo", r#"{"nmae":"typo"}"#);
    sandbox.plugin("crowd", r#"{"name":"crowd"}"#);
    for number in 0..1_100 {
        sandbox.write(&format!("crowd/node_modules/{number}"), "");
    }
    sandbox.write("text", "not PEM");
    sandbox.run(0, &["plugin", "build", "p"]);
    let check = |code: i32, (args, message, help): &Said<'_>| {
        let output = sandbox.run(code, &[&["--format", "json"], *args].concat());
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let error = &found["error"];
        let said = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
        assert!(said("message").contains(message), "{args:?}: {error}");
        assert!(said("help").contains(help), "{args:?}: {error}");
    };
    TYPED.iter().for_each(|said| check(64, said));
    FOUND.iter().for_each(|said| check(1, said));

    // A name that no registry takes is packaged, and that is said.
    sandbox.plugin("odd", r#"{"name":"Odd Name"}"#);
    let built = sandbox.json(0, &["plugin", "build", "odd"]);
    assert_eq!(built["warnings"][0]["rule"], "name-form", "{built}");
    // Nobody is there to be asked.
    let mut command = sandbox.command();
    let output =
        command.env("DOCKER_CONFIG", sandbox.path("docker")).args(["login", "127.0.0.1:9"]);
    let stderr = String::from_utf8_lossy(&output.output().expect("it runs").stderr).into_owned();
    let words = ["stdin is not a terminal", "--password-stdin"];
    assert!(words.iter().all(|words| stderr.contains(words)), "{stderr}");
    // A home that does not exist is not made.
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
    let home = sandbox.path("no-home");
    let output = command.env_clear().env("HOME", &home).args(["plugin", "build"]);
    let output = output.arg(sandbox.path("p")).output().expect("it runs");
    assert!(String::from_utf8_lossy(&output.stderr).contains("HOME names it"));
    assert!(!home.exists());
    // A host that does not exist is asked for once, where a resolver says so.
    let output = sandbox.command().args(["plugin", "pull", "no-such-host.invalid/x:1"]).output();
    let stderr = String::from_utf8_lossy(&output.expect("it runs").stderr).into_owned();
    let is_known = stderr.contains("there is no host of that name");
    assert!(is_known != stderr.contains("tried again"), "{stderr}");
}
