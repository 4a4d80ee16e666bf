// SPDX-License-Identifier: Apache-2.0
//! Everything that is printed: results on stdout, the rest on stderr.

mod advice;
mod diagnostic;
mod facts;
mod page;
mod paint;
mod sarif;
mod table;
mod terminal;
mod text;

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use agent_plugin::{Finding, Severity};
use oci_artifact::{Diagnostic, Error};
use serde::Serialize;

use crate::args::{Format, Verbosity};
use diagnostic::Look;

pub(crate) use advice::advice;
pub(crate) use facts::facts;

pub(crate) use page::{write, write_from};
pub(crate) use sarif::Sarif;
pub(crate) use table::Table;
pub(crate) use terminal::{columns, is_coloured, line, width};
pub(crate) use text::{counted, guarded, harmless, short, size, visible_json, wrapped};

/// The end of a command; the numbers are exit codes (cli.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done = 0,
    Failed = 1,
    Negative = 2,
    DoneInPart = 3,
    /// Refused by a policy, or by a rule that a person can lift.
    Refused = 4,
    WrongUsage = 64,
    /// Ended by SIGHUP; this and the following codes are those of shells.
    #[cfg(unix)]
    HungUp = 129,
    /// Ended with Ctrl-C.
    Interrupted = 130,
    /// Ended by SIGTERM.
    Terminated = 143,
}

/// The exit code of a process whose results cannot be printed any more. It unwinds, so that what
/// is under way leaves nothing behind.
pub(crate) struct Unprinted(pub(crate) u8);

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome as u8)
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    pub(crate) format: Format,
    pub(crate) verbosity: Verbosity,
}

/// A finding of a check as JSON: a warning, and whose rule it breaks.
#[derive(Serialize)]
pub(crate) struct FindingJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<&'static str>,
    source: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hosts: Option<&'static str>,
    #[serde(flatten)]
    warning: Warning,
}

impl From<&Finding> for FindingJson {
    fn from(finding: &Finding) -> Self {
        let number = finding.rule.map(|rule| rule.number);
        Self {
            number: number.filter(|number| !number.is_empty()),
            source: finding.checkers().iter().map(|checker| checker.as_str()).collect(),
            hosts: finding.rule.map(|rule| rule.hosts).filter(|hosts| !hosts.is_empty()),
            warning: Warning::from(&finding.diagnostic),
        }
    }
}

/// An error as JSON.
#[derive(Serialize)]
pub(crate) struct Failure<'a> {
    error: ErrorBody<'a>,
}

impl<'a> From<&'a Error> for Failure<'a> {
    fn from(error: &'a Error) -> Self {
        Self { error: error.into() }
    }
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    kind: &'a str,
    message: String,
    #[serde(flatten)]
    place: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

/// The place of a finding, as JSON.
#[derive(Default, Serialize)]
struct Place {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

impl Place {
    fn of(diagnostic: &Diagnostic) -> Self {
        Self {
            path: diagnostic.path.as_deref().map(|path| path.display().to_string()),
            line: diagnostic.position.map(|position| position.line),
            column: diagnostic.position.map(|position| position.column),
        }
    }
}

/// A warning as JSON.
#[derive(Serialize)]
pub(crate) struct Warning {
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    message: String,
    #[serde(flatten)]
    place: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

impl Warning {
    /// The problem and its place, in one line.
    pub(crate) fn line(&self) -> String {
        let place = self.place.path.iter().map(|path| format!("{path}: ")).collect::<String>();
        harmless(&(place + &self.message))
    }
}

impl From<&Diagnostic> for Warning {
    fn from(warning: &Diagnostic) -> Self {
        Self {
            rule: warning.rule,
            message: warning.message.clone(),
            place: Place::of(warning),
            help: warning.help.as_ref().map(advice),
        }
    }
}

impl<'a> From<&'a Error> for ErrorBody<'a> {
    fn from(error: &'a Error) -> Self {
        let main = error.diagnostics().first();
        let path = main.and_then(|main| main.path.as_ref());
        // The document has one place: a reason that is about another file says so itself.
        let message = |reason: &Diagnostic| match reason.path.as_ref() == path {
            true => reason.message.clone(),
            false => reason.to_string(),
        };
        let messages: Vec<String> = error.diagnostics().iter().map(message).collect();
        let mut message = messages.join("; ");
        if let Some(cause) = cause(error) {
            message.push_str(&format!(": {cause}"));
        }
        Self {
            kind: error.kind().as_str(),
            message,
            place: main.map(Place::of).unwrap_or_default(),
            help: main.and_then(|reason| reason.help.as_ref()).map(advice),
        }
    }
}

/// The cause of an error, unless the error says just that.
fn cause(error: &Error) -> Option<String> {
    let cause = std::error::Error::source(error)?.to_string();
    error.diagnostics().iter().all(|reason| reason.message != cause).then_some(cause)
}

impl Output {
    pub(crate) fn new(format: Format, verbosity: Verbosity) -> Self {
        Self { format, verbosity }
    }

    /// Whether results and errors are JSON documents.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self.format, Format::Json | Format::Jsonl | Format::Sarif)
    }

    /// Whether each JSON document is on one line, so that there may be several.
    pub(crate) fn is_in_lines(&self) -> bool {
        self.format == Format::Jsonl
    }

    /// Prints a result: as JSON that document, as text whatever `text` prints.
    pub(crate) fn result(&self, document: &impl Serialize, text: impl FnOnce(&Self)) {
        if self.is_json() { self.json(document) } else { text(self) }
    }

    /// A JSON document: indented, or on one line.
    pub(crate) fn json(&self, document: &impl Serialize) {
        let text = match self.is_in_lines() {
            true => serde_json::to_string(document),
            false => serde_json::to_string_pretty(document),
        };
        self.print_json(&text.unwrap_or_default());
    }

    /// Writes these bytes to stdout, and nothing else.
    pub(crate) fn bytes(&self, bytes: &[u8]) {
        let mut stdout = io::stdout().lock();
        let printed = stdout.write_all(bytes).and_then(|()| stdout.flush());
        printed.unwrap_or_else(|error| self.unprinted(&error));
    }

    /// A JSON document, in which nothing is left that a terminal would obey.
    pub(crate) fn print_json(&self, document: &str) {
        self.stdout(&visible_json(document));
    }

    /// A line, or several, of result; none is a command to a CI system (S-103).
    pub(crate) fn print(&self, text: &str) {
        self.stdout(&guarded(text));
    }

    /// Prints a text, or a narrower one where the lines of a terminal cannot hold it; a pipe gets all of it.
    pub(crate) fn print_fitting(&self, text: &str, narrow: impl FnOnce() -> String) {
        match columns().is_some_and(|columns| width(text) > columns) {
            true => self.print(&narrow()),
            false => self.print(text),
        }
    }

    /// A text of our own, as it is.
    pub(crate) fn print_own(&self, text: &str) {
        self.stdout(text);
    }

    fn stdout(&self, text: &str) {
        // Not anstream's, which drops characters that it takes for parts of an escape sequence.
        let mut stdout = io::stdout().lock();
        let printed = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
        printed.unwrap_or_else(|error| self.unprinted(&error));
    }

    /// Ends the command, whose result cannot be printed.
    fn unprinted(&self, error: &io::Error) {
        // The reader has had enough: not our failure, but nothing is left to do.
        let code = u8::from(error.kind() != io::ErrorKind::BrokenPipe);
        if code != 0 {
            self.stderr(&format!("error: the result cannot be printed: {error}"));
        }
        std::panic::resume_unwind(Box::new(Unprinted(code)));
    }

    /// Lines of result with headlines and marks, in colours where they are wanted.
    pub(crate) fn print_painted(&self, text: &str) {
        match is_coloured() {
            true => self.print(&paint::paint(&guarded(text))),
            false => self.print(text),
        }
    }

    /// An error, in the form that was asked for.
    pub(crate) fn failure(&self, error: &Error) {
        self.result(&Failure::from(error), |output| output.failure_text(error, None));
    }

    /// An error as text on stderr; `base` is the directory that its paths are relative to.
    pub(crate) fn failure_text(&self, error: &Error, base: Option<&Path>) {
        for reason in error.diagnostics() {
            self.stderr(&diagnostic::render(Severity::Error, reason, base));
        }
        if let Some(cause) = cause(error) {
            self.stderr(&format!("  because: {}", harmless(&cause)));
        }
    }

    /// Wrong usage, as JSON: `text` is what people would read. Its first paragraph is the message, its
    /// tips are the help.
    pub(crate) fn usage(&self, text: &str) {
        let message = text.lines().map(str::trim).take_while(|line| !line.is_empty());
        let message = message.collect::<Vec<_>>().join(" ");
        let tips = text.lines().filter_map(|line| line.trim().strip_prefix("tip: "));
        let help = tips.chain(["see --help"]).collect::<Vec<_>>().join("; ");
        let error = ErrorBody {
            kind: "usage",
            message: message.trim_start_matches("error: ").to_owned(),
            place: Place::default(),
            help: Some(help),
        };
        self.json(&Failure { error });
    }

    /// Wrong usage, as text on stderr.
    pub(crate) fn wrong_usage(&self, error: &clap::Error) {
        let error = error.render();
        let plain = error.to_string();
        let plain = plain.trim_end_matches('\n');
        let lines: Vec<String> = plain.lines().map(harmless).collect();
        // Colours only where nothing else could be in them.
        match lines.join("\n") {
            text if text == plain => self.stderr(error.ansi().to_string().trim_end_matches('\n')),
            text => self.stderr(&text),
        }
    }

    /// Warnings as text on stderr; in JSON they are part of the result.
    pub(crate) fn warnings(&self, warnings: &[Diagnostic], base: Option<&Path>) {
        if !self.is_json() && self.verbosity != Verbosity::Quiet {
            for warning in warnings {
                // The normal layout of a plugin is nothing to be warned of (PC-3).
                let severity = match warning.rule {
                    Some("inventory-empty") if !self.is_verbose() => continue,
                    Some("inventory-empty") => Severity::Info,
                    _ => Severity::Warning,
                };
                self.stderr(&diagnostic::render(severity, warning, base));
            }
        }
    }

    /// Findings of a check as text on stdout, those that only remark something if asked for.
    pub(crate) fn findings<'a>(
        &self,
        findings: impl IntoIterator<Item = &'a Finding>,
        base: Option<&Path>,
    ) {
        let look = if is_coloured() { Look::RuleInColour } else { Look::Rule };
        for finding in findings {
            // A line between, as compilers have it: the next one begins at the margin, too.
            let finding = diagnostic::render_as(look, finding.severity, &finding.diagnostic, base);
            self.print(&format!("{finding}\n"));
        }
    }

    /// Whether more is to be printed than usual.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbosity >= Verbosity::Verbose
    }

    /// A remark on stderr.
    pub(crate) fn note(&self, text: &str) {
        if self.verbosity != Verbosity::Quiet {
            self.stderr(text);
        }
    }

    /// Prints a remark for verbose output.
    pub(crate) fn detail(&self, text: &str) {
        if self.is_verbose() {
            self.stderr(&harmless(text));
        }
    }

    fn stderr(&self, text: &str) {
        // Nothing can be done where not even this can be printed.
        let _ = writeln!(anstream::stderr().lock(), "{}", guarded(text));
    }
}

#[cfg(test)]
mod tests {
    use oci_artifact::ErrorKind;

    use super::*;

    #[test]
    fn each_reason_of_a_failure_keeps_its_file() {
        let gone = |path: &str| Diagnostic::new("the file is gone").at_path(path);
        let reasons = vec![gone("a"), gone("a"), gone("b/c"), Diagnostic::new("and more")];
        let error = Error::from_diagnostics(ErrorKind::InvalidFile, reasons);
        let body = serde_json::to_value(ErrorBody::from(&error)).expect("JSON");
        assert_eq!(body["path"], "a");
        let message = "the file is gone; the file is gone; b/c: the file is gone; and more";
        assert_eq!(body["message"], message);
    }
}
