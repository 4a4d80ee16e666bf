// SPDX-License-Identifier: Apache-2.0
//! Claude Code itself, where it is installed: what is placed is listed, and a plugin installs from our
//! marketplace. Without it nothing is to be learned here.

use std::process::{Command, Output};

use super::Bench;
use crate::support::example;

/// The host in an environment of its own; `None` if it is not installed.
fn host(bench: &Bench, args: &[&str]) -> Option<Output> {
    let found = std::env::var_os("CLAUDE_CODE_BINARY")?;
    let mut command = Command::new(found);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", bench.sandbox.path("home"));
    command.env("DISABLE_AUTOUPDATER", "1").current_dir(bench.sandbox.path("p")).args(args);
    Some(command.stdin(std::process::Stdio::null()).output().expect("it runs"))
}

#[test]
fn the_host_lists_what_is_placed_and_installs_from_our_marketplace() {
    let bench = Bench::new();
    std::fs::create_dir(bench.sandbox.path("home")).expect("made");
    if host(&bench, &["--version"]).is_none() {
        // $CLAUDE_CODE_BINARY names no host: nothing is to be learned.
        return;
    }
    let skill = bench.skill("hello", "1", "", &[]);
    let own = "why-digests-differ";
    let own = bench.publish("skill", &example(&format!("skills/{own}")), own, "1");
    bench.install(&[&skill, &own, "--clients", "claude-code"]);
    let inner = "---\nname: inner\ndescription: Within.\n---\n# Inner\n";
    let plugin = bench.plugin("tool", "1.0.0", &[("skills/inner/SKILL.md", inner)]);
    let example = bench.publish("plugin", &example("plugins/release-notes"), "release-notes", "1");
    let said = bench.text(0, &["plugin", "install", &plugin, &example, "--allow-unsigned"]);
    // The very commands that are printed.
    let mut commands = 0;
    for line in said.lines().filter_map(|line| line.trim().strip_prefix("claude ")) {
        let words: Vec<&str> = line.split(' ').collect();
        let output = host(&bench, &words).expect("is installed");
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        commands += 1;
    }
    assert_eq!(commands, 3, "{said}");
    let list = host(&bench, &["plugin", "list"]).expect("is installed");
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    for plugin in ["tool", "release-notes"] {
        let at = list.find(&format!("{plugin}@toolhive-oci")).unwrap_or_else(|| panic!("{list}"));
        let rest = &list[at..];
        assert!(rest.contains("enabled") && !rest.contains("failed"), "{plugin}: {list}");
    }
    // Its first line says what it has loaded; nobody is logged in, so nothing comes of the rest.
    let words = ["-p", "--output-format", "stream-json", "--verbose", "hi"];
    let started = host(&bench, &words).expect("is installed");
    let started = String::from_utf8_lossy(&started.stdout).into_owned();
    let first = started.lines().next().expect("a line");
    let first: serde_json::Value = serde_json::from_str(first).expect("JSON");
    let skills = first["skills"].as_array().expect("a list");
    assert!(
        ["hello", "why-digests-differ", "tool:inner"]
            .iter()
            .all(|name| skills.contains(&(*name).into())),
        "{first}"
    );
}
