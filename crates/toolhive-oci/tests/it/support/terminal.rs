// SPDX-License-Identifier: Apache-2.0
//! The command on a terminal: util-linux's `script` makes one.

use std::process::{Command, Stdio};

use super::Sandbox;

/// Runs the command, which must end well, on a terminal of that width; returns stdout and stderr, with
/// the terminal's own line ends.
pub(crate) fn on_terminal(sandbox: &Sandbox, columns: usize, args: &[&str]) -> String {
    // No argument has a quote.
    let quoted: Vec<String> = args.iter().map(|arg| format!("'{arg}'")).collect();
    let program = env!("CARGO_BIN_EXE_toolhive-oci");
    let line =
        format!("stty cols {columns} rows 24; exec '{program}' --store store {}", quoted.join(" "));
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    script.env_clear().env("PATH", "/usr/bin:/bin").env("TERM", "xterm").env("SHELL", "/bin/sh");
    let output = script.current_dir(sandbox.path(".")).stdin(Stdio::null()).output().expect("runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{args:?}: {text}");
    text
}
