// SPDX-License-Identifier: Apache-2.0
//! The README's first commands, and what other tools make of their store.

use std::path::Path;
use std::process::Command;

use crate::{Result, packaging, tool, workspace};

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

/// Returns the output of a program at the workspace's root.
fn said(command: &mut Command) -> Result<String> {
    tool::output(command.current_dir(workspace::root()))
}

/// Returns the output of another tool; `None` if it is not installed and need not be.
fn asked(tool: &str, words: &[&str]) -> Result<Option<String>> {
    if !tool::runs(tool) {
        println!("{}", tool::missing(tool)?);
        return Ok(None);
    }
    said(Command::new(tool).args(words)).map(Some)
}

fn same(one: &Path, other: &Path) -> Result<()> {
    said(Command::new("diff").arg("-r").arg(one).arg(other)).map(drop)
}
