// SPDX-License-Identifier: Apache-2.0
//! The command on a terminal: util-linux's `script` makes one.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};

use super::Sandbox;

/// Runs the command, which must end well, on a terminal of that width; returns stdout and stderr, with
/// the terminal's own line ends.
pub(crate) fn on_terminal(sandbox: &Sandbox, columns: usize, args: &[&str]) -> String {
    let mut terminal = Terminal::start(sandbox, columns, args);
    let shown = terminal.until_end();
    assert!(terminal.child.wait().expect("it ends").success(), "{args:?}: {shown}");
    shown
}

/// The command on a terminal, while it runs.
pub(crate) struct Terminal {
    child: Child,
    shown: Vec<u8>,
}

impl Terminal {
    pub(crate) fn start(sandbox: &Sandbox, columns: usize, args: &[&str]) -> Self {
        // No argument has a quote.
        let quoted: Vec<String> = args.iter().map(|arg| format!("'{arg}'")).collect();
        let program = env!("CARGO_BIN_EXE_toolhive-oci");
        let line = format!(
            "stty cols {columns} rows 24; exec '{program}' --store store {}",
            quoted.join(" ")
        );
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--flush", "--command", &line, "/dev/null"]);
        script
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("TERM", "xterm")
            .env("SHELL", "/bin/sh");
        script.current_dir(sandbox.path(".")).stdin(Stdio::null()).stdout(Stdio::piped());
        Self { child: script.spawn().expect("it starts"), shown: Vec::new() }
    }

    /// Waits until that is shown; all that was.
    pub(crate) fn until(&mut self, words: &str) -> String {
        while !self.text().contains(words) {
            assert!(self.read(), "{words:?} is not in {}", self.text());
        }
        self.text()
    }

    /// Waits for the end; all that was shown.
    pub(crate) fn until_end(&mut self) -> String {
        while self.read() {}
        self.text()
    }

    fn read(&mut self) -> bool {
        let mut part = [0; 4096];
        let stdout = self.child.stdout.as_mut().expect("is piped");
        let read = stdout.read(&mut part).expect("it can be read");
        self.shown.extend_from_slice(&part[..read]);
        read > 0
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.shown).into_owned()
    }
}

/// The lines of what a terminal got, without what moves its cursor; what is drawn over a line is one, too.
pub(crate) fn lines(shown: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut rest = shown.chars();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => drop(rest.by_ref().skip(1).find(|c| c.is_ascii_alphabetic() || *c == '~')),
            '\r' => plain.push('\n'),
            c => plain.push(c),
        }
    }
    plain.lines().map(|line| line.trim_end().to_owned()).filter(|line| !line.is_empty()).collect()
}
