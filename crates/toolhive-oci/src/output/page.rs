// SPDX-License-Identifier: Apache-2.0
//! Results as a page or as Markdown, on stdout or in a file that is replaced in one step.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use oci_artifact::{Error, Result};
use tempfile::NamedTempFile;
use toolhive_report::Report;

use super::Output;

/// The form of a report that people open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Html,
    Markdown,
}

impl Page {
    fn text(self, report: &Report) -> String {
        match self {
            Self::Html => report.to_html(),
            Self::Markdown => report.to_markdown(),
        }
    }
}

impl Output {
    /// A report, in the file that was named or on stdout.
    pub(crate) fn report(&self, page: Page, report: &Report, file: Option<&Path>) -> Result<()> {
        let text = page.text(report);
        match file {
            Some(file) => write(file, &text),
            // A page escapes what a CI system would obey already, Markdown was guarded.
            None => {
                self.print_own(text.trim_end());
                Ok(())
            }
        }
    }
}

/// Writes a file in one step (RP-7), with the directories above it.
pub(crate) fn write(file: &Path, text: &str) -> Result<()> {
    write_from(file, &mut text.as_bytes())
}

/// Writes a file from what is read from there.
pub(crate) fn write_from(file: &Path, content: &mut dyn Read) -> Result<()> {
    let failed = |error: std::io::Error| Error::io("cannot write", file, error);
    let directory = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(directory).map_err(failed)?;
    let mut temporary = NamedTempFile::new_in(directory).map_err(failed)?;
    io::copy(content, &mut temporary)
        .map_err(|error| Error::from_io("cannot write", file, error))?;
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        temporary.as_file().set_permissions(mode).map_err(failed)?;
    }
    temporary.persist(file).map_err(|error| failed(error.error))?;
    Ok(())
}
