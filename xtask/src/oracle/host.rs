// SPDX-License-Identifier: Apache-2.0
//! The host's program: where it is, and what it says of a plugin.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::{Verdict, installed};
use crate::Result;

/// The package with the native program for this machine.
const PACKAGE: &str = "@anthropic-ai/claude-code-linux-x64";

/// An installed version of the host.
#[derive(Debug)]
pub(super) struct Host {
    version: String,
    program: PathBuf,
}

/// Fetches a version by its number from the package registry, through its ordinary client.
pub(super) fn install(version: &str) -> Result<()> {
    let place = installed().join(version);
    fs::create_dir_all(&place)?;
    let spec = format!("{PACKAGE}@{version}");
    let run = |program: &str, arguments: &[&str]| -> Result<()> {
        let status = Command::new(program).args(arguments).current_dir(&place).status()?;
        status.success().then_some(()).ok_or_else(|| format!("{program} failed for {spec}").into())
    };
    run("npm", &["pack", "--silent", &spec])?;
    for entry in fs::read_dir(&place)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "tgz") {
            run("tar", &["xzf", &path.to_string_lossy()])?;
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

impl Host {
    /// Returns the host of that version, if it is installed.
    pub(super) fn installed(version: &str) -> Option<Self> {
        let program = installed().join(version).join("package/claude");
        program.is_file().then(|| Self { version: version.to_owned(), program })
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Asks the host for its verdict on the plugin in a directory. Versions whose validator has no JSON are asked to
    /// install it, and whether it then loads.
    pub(super) fn verdict(&self, plugin: &Path) -> Result<Verdict> {
        let home = tempfile::tempdir()?;
        let output = self.run(home.path(), &["plugin", "validate", "--json"], Some(plugin))?;
        match serde_json::from_slice::<Value>(&output.stdout) {
            Ok(document) => Ok(validated(&document)),
            Err(_) => self.loaded(home.path(), plugin),
        }
    }

    fn run(&self, home: &Path, arguments: &[&str], path: Option<&Path>) -> Result<Output> {
        let mut command = Command::new(&self.program);
        command.args(arguments).args(path).env_clear().current_dir(home);
        command.env("HOME", home).env("PATH", "/usr/bin:/bin").env("DISABLE_AUTOUPDATER", "1");
        command.env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1");
        Ok(command.output()?)
    }

    fn loaded(&self, home: &Path, plugin: &Path) -> Result<Verdict> {
        let catalogue = home.join("catalogue");
        let copy = catalogue.join("plugin");
        fs::create_dir_all(catalogue.join(".claude-plugin"))?;
        let status = Command::new("cp").arg("-r").arg(plugin).arg(&copy).status()?;
        if !status.success() {
            return Err(format!("{} cannot be copied", plugin.display()).into());
        }
        let manifest = fs::read(copy.join(".claude-plugin/plugin.json")).unwrap_or_default();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap_or_default();
        let name = manifest["name"].as_str().unwrap_or("plugin").to_owned();
        let entry = serde_json::json!({
            "name": "oracle", "owner": {"name": "oracle"},
            "plugins": [{"name": &name, "source": "./plugin", "description": "asked of"}],
        });
        fs::write(catalogue.join(".claude-plugin/marketplace.json"), entry.to_string())?;
        self.run(home, &["plugin", "marketplace", "add"], Some(&catalogue))?;
        let installed = self.run(home, &["plugin", "install", &format!("{name}@oracle")], None)?;
        let listed = self.run(home, &["plugin", "list"], None)?;
        let text = String::from_utf8_lossy(&listed.stdout).into_owned();
        let own = text.split("❯ ").find(|part| part.contains("@oracle")).unwrap_or_default();
        let accepts = installed.status.success() && own.contains("enabled");
        let errors = own.lines().filter(|line| line.contains("Error")).map(|l| l.trim().to_owned());
        let mut errors: Vec<String> = errors.collect();
        if !installed.status.success() {
            errors.push(String::from_utf8_lossy(&installed.stderr).trim().to_owned());
        }
        Ok(Verdict { accepts, errors, ..Verdict::default() })
    }
}

/// Returns the validator's document.
fn validated(document: &Value) -> Verdict {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut parts = vec![document["manifest"].clone()];
    parts.extend(list(&document["contents"]));
    let mut errors = Vec::new();
    for part in parts {
        let file = part["file"].as_str().unwrap_or_default();
        let file = file.rsplit('/').next().unwrap_or(file);
        for error in list(&part["errors"]) {
            let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
            errors.push(format!("{file}: {}: {}", text("path"), text("message")));
        }
    }
    let provides = document["provides"].as_object().map(|kinds| {
        let named = |(kind, all): (&String, &Value)| {
            let names: BTreeSet<String> = list(all).iter().map(|one| name(kind, one)).collect();
            (kind.clone(), names)
        };
        kinds.iter().map(named).filter(|(_, names)| !names.is_empty()).collect::<BTreeMap<_, _>>()
    });
    let accepts = document["success"].as_bool().unwrap_or(false);
    Verdict { accepts, provides, errors, facts: Vec::new() }
}

/// Returns the name of a component without the plugin's.
fn name(kind: &str, one: &Value) -> String {
    let text = |key: &str| one[key].as_str().unwrap_or_default();
    match one.as_str() {
        Some(name) => name.split_once(':').map_or(name, |(_, rest)| rest).to_owned(),
        None if kind == "hooks" => format!("{} {}", text("event"), text("type")),
        None if kind == "modules" => text("path").to_owned(),
        None => text("name").to_owned(),
    }
}
