// SPDX-License-Identifier: Apache-2.0
//! The forms of results, and where those go that are files of their own.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// The form of results and errors. Beside pages stands text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
    Jsonl,
    Sarif,
    Html,
    Markdown,
}

/// The file that a report goes to.
#[derive(Debug, Args)]
pub(crate) struct ReportFile {
    /// Write the HTML or Markdown to this file, in one step, instead of to stdout
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}
