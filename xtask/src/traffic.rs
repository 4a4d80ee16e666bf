// SPDX-License-Identifier: Apache-2.0
//! Uses one binary at both ends: it serves a registry on loopback, packages an example, pushes it and pulls it again.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::{Result, tool};

/// The example that travels.
const EXAMPLE: &str = "examples/plugins/release-notes";

/// A registry that ends with this value.
struct Served {
    process: Child,
    address: String,
}

impl Served {
    fn start(words: &[OsString], place: &Path) -> Result<Self> {
        let mut command = command(words, place)?;
        command.args(["--store", "registry", "registry", "serve", "--addr", "127.0.0.1:0"]);
        let mut process = command.stderr(Stdio::piped()).spawn()?;
        let stderr = process.stderr.take().ok_or("no output of the registry")?;
        let mut lines = BufReader::new(stderr).lines();
        while let Some(line) = lines.next() {
            let line = line?;
            if let Some((_, after)) = line.split_once("addr=") {
                let address = after.split_whitespace().next().unwrap_or_default().to_owned();
                // It says more, and must not end because nobody reads it.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(Self { process, address });
            }
        }
        Err(format!("the registry ended: {}", process.wait()?).into())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Pushes and pulls with the program that those words start; what comes back has the digest of what
/// went out. `tree` has the example.
pub(crate) fn run(tree: &Path, words: &[OsString]) -> Result<()> {
    let place = tempfile::tempdir()?;
    let served = Served::start(words, place.path())?;
    let reference = format!("{}/me/release-notes:1", served.address);
    let example = tree.join(EXAMPLE).display().to_string();
    let digest = |verb: &[&str], key: &str| -> Result<String> {
        let mut command = command(words, place.path())?;
        let said = tool::output(command.args(["--format", "json", "plugin"]).args(verb))?;
        let document: Value = serde_json::from_str(&said)?;
        let digest = document[key].as_str().ok_or_else(|| format!("{verb:?}: no {key} in {said}"));
        Ok(digest?.to_owned())
    };
    let built = digest(&["build", &example, "--tag", &reference], "index_digest")?;
    let pushed = digest(&["push", &reference], "digest")?;
    let pulled = digest(&["--store", "other", "pull", &reference], "digest")?;
    match built == pushed && pushed == pulled {
        true => Ok(()),
        false => Err(format!("built {built}, pushed {pushed}, pulled {pulled}").into()),
    }
}

fn command(words: &[OsString], place: &Path) -> Result<Command> {
    let mut command = tool::command(words)?;
    command.current_dir(place).env("XDG_DATA_HOME", place.join("data")).env("HOME", place);
    command.env("DOCKER_CONFIG", place.join("docker")).env_remove("TOOLHIVE_OCI_ENCODER");
    Ok(command)
}
