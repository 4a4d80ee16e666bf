// SPDX-License-Identifier: Apache-2.0
//! Texts that only commands with a registry print, and the log of one that is served.

use std::io;

use crate::args::Verbosity;
use crate::output::{Output, guarded, harmless};

impl Output {
    /// Prints a text that another side has for people.
    pub(super) fn warning(&self, text: &str) {
        self.note(&format!("warning: {}", harmless(text)));
    }

    /// Prints what the libraries log, a line each, on stderr.
    pub(super) fn log_to_stderr(&self) {
        let level = match self.verbosity {
            Verbosity::Quiet => tracing::Level::WARN,
            Verbosity::Normal => tracing::Level::INFO,
            Verbosity::Verbose | Verbosity::Wire => tracing::Level::DEBUG,
        };
        let ansi = anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
        tracing_subscriber::fmt()
            .with_max_level(level)
            .with_target(false)
            // A log that nobody reads any more must not end the work.
            .log_internal_errors(false)
            .with_ansi(ansi)
            .with_writer(|| Log)
            .init();
    }
}

/// Stderr for a log, a record a write.
struct Log;

impl io::Write for Log {
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        io::stderr().write_all(guarded(&String::from_utf8_lossy(record)).as_bytes())?;
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
