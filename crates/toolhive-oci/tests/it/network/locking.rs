// SPDX-License-Identifier: Apache-2.0
//! `install`, `lock`, `sync`, `upgrade`, `outdated`, `fetch`, `uninstall` over the registry in the box
//! (`lock.md`, 6; `place.md`, 6).

mod everyday;
mod upgrades;
mod refusals;
mod heads;
mod host;
mod hostile;
mod ignored;
mod kills;
mod needs;
#[cfg(feature = "certificates")]
mod owned;
mod plugins;
mod races;
mod rows;
mod signed;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::served::Served;
use crate::support::Sandbox;

/// A registry, a store, and a project in `p`.
pub(super) struct Bench {
    pub(super) sandbox: Sandbox,
    pub(super) served: Option<Served>,
    pub(super) addr: String,
}

impl Bench {
    pub(super) fn new() -> Self {
        let sandbox = Sandbox::new();
        let served = Served::start(&sandbox, &[]);
        sandbox.write("p/.git", "a worktree's file");
        let addr = served.addr.clone();
        Self { sandbox, served: Some(served), addr }
    }

    /// The registry's end.
    pub(super) fn close_registry(&mut self) {
        self.served.take();
    }

    /// Builds and pushes a skill with these files beside its SKILL.md; its reference.
    pub(super) fn skill(
        &self,
        name: &str,
        tag: &str,
        body: &str,
        files: &[(&str, &str)],
    ) -> String {
        let text = format!("---\nname: {name}\ndescription: Shows {name}.\n{body}");
        let text = if body.contains("---") { text } else { format!("{text}\n---\n# {name}\n") };
        self.sandbox.write(&format!("src/{name}/SKILL.md"), text);
        self.push("skill", name, tag, files)
    }

    /// Builds and pushes a plugin with these files; its reference.
    pub(super) fn plugin(&self, name: &str, tag: &str, files: &[(&str, &str)]) -> String {
        let manifest =
            format!("{{\"name\": \"{name}\", \"version\": \"{tag}\", \"description\": \"D.\"}}");
        self.sandbox.write(&format!("src/{name}/.claude-plugin/plugin.json"), manifest);
        self.push("plugin", name, tag, files)
    }

    fn push(&self, kind: &str, name: &str, tag: &str, files: &[(&str, &str)]) -> String {
        for (path, text) in files {
            self.sandbox.write(&format!("src/{name}/{path}"), text);
        }
        let reference = self.publish(kind, &format!("./src/{name}"), name, tag);
        fs::remove_dir_all(self.sandbox.path(&format!("src/{name}"))).expect("removed");
        reference
    }

    /// Builds and pushes a directory; its reference.
    pub(super) fn publish(&self, kind: &str, directory: &str, name: &str, tag: &str) -> String {
        let reference = format!("{}/me/{name}:{tag}", self.addr);
        // A store of the author's own.
        let author = ["--store", "author"];
        let run = |args: &[&str]| {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
            let command = command.env_clear().current_dir(self.sandbox.path("."));
            let output = command.args(author).args(args).output().expect("it runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        run(&[kind, "build", directory, "--tag", &reference]);
        run(&[kind, "push", &reference]);
        reference
    }

    /// Runs a verb in the project, which must end with `code`; its document.
    pub(super) fn json(&self, code: i32, args: &[&str]) -> Value {
        let output = self.run(code, &[&["--format", "json"], args].concat());
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    }

    /// Runs a command and returns what it printed on stdout and stderr.
    pub(super) fn text(&self, code: i32, args: &[&str]) -> String {
        let output = self.run(code, args);
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    pub(super) fn run(&self, code: i32, args: &[&str]) -> std::process::Output {
        let args = [args, &["--project-root", "p"]].concat();
        self.sandbox.run(code, &args)
    }

    /// Installs skills, unsigned.
    pub(super) fn install(&self, references: &[&str]) -> Value {
        self.json(0, &[&["skill", "install", "--allow-unsigned"], references].concat())
    }

    pub(super) fn lock(&self) -> String {
        fs::read_to_string(self.sandbox.path("p/toolhive.lock.yaml")).expect("there is a lock file")
    }

    /// Every file of the project but the one that is locked, with its content.
    pub(super) fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        gather(&self.sandbox.path("p"), "", &mut found);
        found.remove("toolhive.lock.yaml.lock");
        found
    }

    pub(super) fn is_there(&self, path: &str) -> bool {
        self.sandbox.path(&format!("p/{path}")).symlink_metadata().is_ok()
    }
}

pub(super) fn gather(directory: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(directory).expect("is read") {
        let entry = entry.expect("is read");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().expect("has one");
        if kind.is_dir() {
            found.insert(format!("{name}/"), Vec::new());
            gather(&entry.path(), &format!("{name}/"), found);
        } else if kind.is_symlink() {
            let target = fs::read_link(entry.path()).expect("is read");
            found.insert(name, target.into_os_string().into_encoded_bytes());
        } else {
            found.insert(name, fs::read(entry.path()).expect("is read"));
        }
    }
}

/// The names in a list of a report.
pub(super) fn names(report: &Value, key: &str) -> Vec<String> {
    let list = report[key].as_array().map(Vec::as_slice).unwrap_or_default().iter();
    list.map(|one| one.as_str().or_else(|| one["name"].as_str()).expect("a name").to_owned())
        .collect()
}

/// The status of the one outcome.
pub(super) fn status(report: &Value) -> &str {
    report["outcomes"][0]["status"].as_str().expect("a status")
}
