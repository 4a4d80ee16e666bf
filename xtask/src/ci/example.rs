// SPDX-License-Identifier: Apache-2.0
//! The README's first commands, and what other tools make of their store.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::SKIP_NOTHING;
use crate::{Result, packaging, workspace};

pub(super) fn run() -> Result<()> {
    let binary = packaging::Build::Tests.binary()?;
    let place = tempfile::tempdir()?;
    let (store, bundle) = (place.path().join("store"), place.path().join("bundle"));
    // As in the README, into the user's own store.
    let mut first = Command::new(&binary);
    first.env("XDG_DATA_HOME", place.path().join("data"));
    said(first.args(["plugin", "build", "examples/plugins/release-notes"]))?;

    let build = |words: &[&str]| {
        let mut command = Command::new(&binary);
        said(command.arg("--store").arg(&store).args(words))
    };
    let plugin = ["plugin", "build", "examples/plugins/release-notes", "--platform", "linux/amd64"];
    let reference = build(&plugin)?;
    build(&["skill", "build", "examples/skills/why-digests-differ"])?;

    let image = |scheme: &str| format!("{scheme}{}:{reference}", store.display());
    if let Some(raw) = asked("skopeo", &["inspect", "--raw", &image("oci:")])? {
        if !raw.contains("\"artifactType\":") {
            return Err(format!("skopeo sees no artifactType in {raw}").into());
        }
        println!("skopeo reads what was packaged");
    }
    let layout = store.display().to_string();
    if let Some(tags) = asked("umoci", &["ls", "--layout", &layout])? {
        if !tags.lines().any(|tag| tag == reference) {
            return Err(format!("umoci lists {tags}, and not {reference}").into());
        }
        let into = bundle.display().to_string();
        asked("umoci", &["unpack", "--rootless", "--image", &image(""), &into])?;
        same(&bundle.join("rootfs"), Path::new("examples/plugins/release-notes"))?;
        println!("umoci unpacks what was packaged");
    }
    Ok(())
}

/// Returns the standard output of a program, and shows its standard error. It must succeed.
fn said(command: &mut Command) -> Result<String> {
    let output = command.current_dir(workspace::root()).stderr(Stdio::inherit()).output()?;
    text(command, &output)
}

/// Returns the output of another tool; `None` if it is not installed and need not be.
fn asked(tool: &str, words: &[&str]) -> Result<Option<String>> {
    let mut command = Command::new(tool);
    match command.args(words).current_dir(workspace::root()).output() {
        Ok(output) => text(&command, &output).map(Some),
        Err(error) if std::env::var_os(SKIP_NOTHING).is_some() => {
            Err(format!("{tool}: {error}, and {SKIP_NOTHING} is set").into())
        }
        Err(_) => {
            println!("skipped: {tool} is not installed");
            Ok(None)
        }
    }
}

fn text(command: &Command, output: &Output) -> Result<String> {
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}\n{said}", output.status).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

fn same(one: &Path, other: &Path) -> Result<()> {
    let mut diff = Command::new("diff");
    said(diff.arg("-r").arg(one).arg(other)).map(drop)
}
