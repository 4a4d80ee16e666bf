// SPDX-License-Identifier: Apache-2.0
//! Programs of others: whether one is here, what it prints, and what follows where one is missing.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Result;

/// Set where a check may not be left out because a tool is missing, in tests as in these steps.
const SKIP_NOTHING: &str = "TOOLHIVE_OCI_TESTS_SKIP_NOTHING";

/// Whether a program can be started.
pub(crate) fn runs(tool: &str) -> bool {
    let mut command = Command::new(tool);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Path::new(tool).is_file() || command.status().is_ok()
}

/// Returns the line that says of a check that it is left out because that tool is missing.
///
/// # Errors
/// If nothing may be left out.
pub(crate) fn missing(tool: &str) -> Result<String> {
    match std::env::var_os(SKIP_NOTHING) {
        Some(_) => Err(format!("{tool} is not installed, and {SKIP_NOTHING} is set").into()),
        None => Ok(format!("skipped: {tool} is not installed")),
    }
}

/// Returns the command of a program and its first arguments, with nothing to read.
///
/// # Errors
/// If there are no words.
pub(crate) fn command(words: &[OsString]) -> Result<Command> {
    let [program, before @ ..] = words else {
        return Err("nothing to run".into());
    };
    let mut command = Command::new(program);
    command.args(before).stdin(Stdio::null());
    Ok(command)
}

/// Returns the bytes that a program prints, which must succeed.
pub(crate) fn bytes(command: &mut Command) -> Result<Vec<u8>> {
    let done =
        command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    if !done.status.success() {
        let [said, why] = [&done.stdout, &done.stderr].map(|bytes| String::from_utf8_lossy(bytes));
        return Err(format!("{command:?}: {}\n{said}{why}", done.status).into());
    }
    Ok(done.stdout)
}

/// Returns the text that a program prints, without the white space at its end; it must succeed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    Ok(String::from_utf8_lossy(&bytes(command)?).trim_end().to_owned())
}
