// SPDX-License-Identifier: Apache-2.0
//! The terminal behind stdout: its width, and whether it shows colours.

use std::io::{self, IsTerminal as _};

/// The characters of a line where stdout is no terminal.
const LINE: usize = 150;
/// Narrower than this a terminal breaks the lines itself.
const NARROWEST: usize = 60;

/// The characters of a line, if stdout is a terminal.
pub(crate) fn columns() -> Option<usize> {
    let stdout = io::stdout();
    let (width, _) = terminal_size::terminal_size_of(&stdout).filter(|_| stdout.is_terminal())?;
    Some(usize::from(width.0).max(NARROWEST))
}

/// The characters of a line that is broken where it is longer.
pub(crate) fn line() -> usize {
    columns().unwrap_or(LINE)
}

/// Whether results are shown in colours: the option, NO_COLOR and the like, the terminal.
pub(crate) fn is_coloured() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// The characters of the longest line.
pub(crate) fn width(text: &str) -> usize {
    text.lines().map(|line| line.chars().count()).max().unwrap_or(0)
}
