// SPDX-License-Identifier: Apache-2.0
//! The report of `sync`, with ToolHive's keys and words (lock.md, 3).

use oci_artifact::{Error, ErrorKind};
use serde::Serialize;

use super::strays::Stray;
use crate::context::Context;
use crate::output::{Outcome, Output, harmless};

/// The names for each thing that is said of one.
#[derive(Default, Serialize)]
pub(super) struct Report {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) installed: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) drifted: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) missing: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) already_current: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) never_managed: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) removed_from_lock: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) pruned: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) failed: Vec<Failed>,
}

/// An entry for which a command failed.
#[derive(Serialize)]
pub(crate) struct Failed {
    pub(crate) name: String,
    pub(crate) reason: &'static str,
    pub(crate) error: String,
    /// Whether it was refused, which a person may lift.
    #[serde(skip)]
    #[cfg_attr(not(feature = "network"), expect(dead_code, reason = "only installing asks it"))]
    pub(crate) is_refused: bool,
}

impl Failed {
    pub(crate) fn new(name: &str, reason: &'static str, error: impl Into<String>) -> Self {
        Self { name: name.to_owned(), reason, error: error.into(), is_refused: false }
    }

    /// The failure that an error is.
    pub(crate) fn of(name: &str, error: &Error) -> Self {
        let is_refused = error.kind() == ErrorKind::Refused;
        Self { is_refused, ..Self::new(name, reason(error), told(error)) }
    }

    /// Its line, for people.
    pub(crate) fn line(&self) -> String {
        harmless(&format!("{} ({}): {}", self.name, self.reason, self.error))
    }
}

impl Report {
    /// Takes up what is placed and not in the lock file.
    pub(super) fn strays(&mut self, strays: &[Stray]) {
        for stray in strays {
            let list = match stray.was_installed {
                true => &mut self.removed_from_lock,
                false => &mut self.never_managed,
            };
            list.push(stray.name.clone());
        }
    }

    /// Notes that something is not done, and why.
    pub(super) fn fail(&mut self, name: &str, reason: &'static str, error: &str) {
        self.failed.push(Failed::new(name, reason, error));
    }

    pub(super) fn fail_with(&mut self, name: &str, error: &Error) {
        self.failed.push(Failed::of(name, error));
    }

    /// Notes that it is in the lock file by now.
    pub(super) fn adopted(&mut self, name: &str) {
        self.never_managed.retain(|other| other != name);
        self.removed_from_lock.retain(|other| other != name);
        self.already_current.push(name.to_owned());
    }

    /// The end of `--check`.
    pub(super) fn check(self, context: &Context) -> Outcome {
        let is_clean = self.drifted.is_empty() && self.missing.is_empty();
        self.print(context);
        if is_clean { Outcome::Done } else { Outcome::Negative }
    }

    /// The end of what changes something.
    pub(super) fn done(self, context: &Context) -> Outcome {
        let is_whole = self.failed.is_empty();
        self.print(context);
        if is_whole { Outcome::Done } else { Outcome::DoneInPart }
    }

    fn print(&self, context: &Context) {
        context.output.result(self, |output| self.print_text(output));
    }

    fn print_text(&self, output: &Output) {
        let lists = [
            ("Installed:", &self.installed),
            ("Drifted:", &self.drifted),
            ("Missing (not installed):", &self.missing),
            ("Up to date:", &self.already_current),
            ("Never managed (use --adopt to record):", &self.never_managed),
            ("Removed from lock (use --prune to remove):", &self.removed_from_lock),
            ("Pruned:", &self.pruned),
        ];
        for (title, names) in lists.into_iter().filter(|(_, names)| !names.is_empty()) {
            output.print(title);
            names.iter().for_each(|name| output.print(&format!("  {}", harmless(name))));
        }
        if !self.failed.is_empty() {
            output.print("Failed:");
            self.failed.iter().for_each(|one| output.print(&format!("  {}", one.line())));
        }
    }
}

/// An error in one line, with what to do.
pub(crate) fn told(error: &Error) -> String {
    let mut text = error.to_string();
    if let Some(cause) = std::error::Error::source(error) {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text.push_str(&format!(": {cause}"));
        }
    }
    for reason in error.diagnostics() {
        if let Some(path) = &reason.path
            && !text.contains(&path.display().to_string())
        {
            text.push_str(&format!(" [{}]", path.display()));
        }
        if let Some(help) = &reason.help {
            text.push_str(&format!("; {}", crate::output::advice(help)));
        }
    }
    text
}

/// ToolHive's reason for an error.
pub(crate) fn reason(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::Registry | ErrorKind::Auth => "registry-unreachable",
        ErrorKind::NotFound => "digest-missing",
        ErrorKind::InvalidDocument
        | ErrorKind::DigestMismatch
        | ErrorKind::InvalidArchive
        | ErrorKind::InvalidManifest
        | ErrorKind::ManifestMissing
        | ErrorKind::TooLarge
        | ErrorKind::TooManyFiles => "validation-rejected",
        ErrorKind::Refused => "signature-invalid",
        ErrorKind::Locked => "lock-write-failed",
        _ => "unknown",
    }
}
