// SPDX-License-Identifier: Apache-2.0
//! A command with a store of its own.

pub(crate) mod forged;
pub(crate) mod schemas;
#[cfg(target_os = "linux")]
pub(crate) mod terminal;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A directory for one test: a store, and whatever the test puts beside it.
pub(crate) struct Sandbox {
    root: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { root: TempDir::new().expect("a temporary directory") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Writes a file, with the directories above it.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("a directory");
        fs::write(&path, content).expect("a file");
        path
    }

    /// Writes a plugin that has only this plugin.json.
    pub(crate) fn plugin(&self, directory: &str, plugin_json: &str) -> PathBuf {
        self.write(&format!("{directory}/.claude-plugin/plugin.json"), plugin_json);
        self.path(directory)
    }

    /// The command, with this sandbox's store and no environment that could matter.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
        command.env_clear().current_dir(self.root.path()).arg("--store").arg(self.path("store"));
        command
    }

    /// Runs a command that must end with `code`. JSON that it prints has the form that its schema says.
    pub(crate) fn run(&self, code: i32, args: &[&str]) -> Output {
        let output = self.command().args(args).output().expect("it runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}");
        schemas::check(args, &output.stdout);
        output
    }

    /// Runs a command and returns what it printed.
    pub(crate) fn text(&self, args: &[&str]) -> String {
        String::from_utf8(self.run(0, args).stdout).expect("UTF-8")
    }

    /// Runs a command with `--format json` that must end with `code`; its document.
    pub(crate) fn json(&self, code: i32, args: &[&str]) -> Value {
        let output = self.run(code, &[&["--format", "json"], args].concat());
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    }
}

/// An example of the repository.
pub(crate) fn example(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    root.join(name).to_str().expect("UTF-8").to_owned()
}
