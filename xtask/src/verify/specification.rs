// SPDX-License-Identifier: Apache-2.0
//! The binary beside the executable specification (`docs/spec/executable/`): all vectors, all probes, and random
//! directories, which are made small where they differ.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use super::Outcome;
use crate::{Result, workspace};

/// The name of this condition.
pub(super) const NAME: &str = "executable specification";

/// Random directories, beside those of the vectors.
const RANDOM: &str = "400";

/// Compares the binary with the specification; or says what is missing for that.
pub(super) fn compare(binary: &Path) -> Result<std::result::Result<Outcome, String>> {
    let Some(python) = python() else {
        return Ok(Err("no Python with its module yaml".into()));
    };
    let (start, place) = (Instant::now(), tempfile::tempdir()?);
    let text = workspace::root().join("docs/spec/executable");
    let library = place.path().join("deflate.so");
    let built = Command::new("cc")
        .args(["-O2", "-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(text.join("deflate.c"))
        .status();
    if !built.is_ok_and(|status| status.success()) {
        return Ok(Err("no C compiler".into()));
    }
    let vectors = ["artifacts.json", "artifacts-probes.json"]
        .map(|name| workspace::root().join("testdata/vectors").join(name));
    let done = Command::new(python)
        .env("DEFLATE_LIBRARY", &library)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(text.join("compare.py"))
        .args(vectors)
        .args(["--random", RANDOM, "--binary"])
        .arg(binary)
        .output()?;
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    eprint!("{said}");
    let failures = match done.status.success() {
        true => Vec::new(),
        false => String::from_utf8_lossy(&done.stderr).lines().map(Into::into).collect(),
    };
    Ok(Ok(Outcome { failures, time: start.elapsed() }))
}

/// Returns a Python that can read YAML.
fn python() -> Option<PathBuf> {
    let can = |python: &&str| {
        let asked = Command::new(python).args(["-c", "import yaml"]).output();
        asked.is_ok_and(|asked| asked.status.success())
    };
    ["python3", "/usr/bin/python3"].into_iter().find(can).map(PathBuf::from)
}
