// SPDX-License-Identifier: Apache-2.0
//! Results as a page or as Markdown, on stdout or in a file that is replaced in one step.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use oci_artifact::{Error, Result};
use serde::Serialize;
use tempfile::NamedTempFile;
use toolhive_report::Report;

use super::Output;
use crate::args::{Format, ReportFile};

impl Output {
    /// Prints a result that may be a page: in the file that was named, or on stdout. In another form it is as any
    /// [`result`](Self::result).
    pub(crate) fn show(
        &self,
        document: &impl Serialize,
        report: impl FnOnce() -> Report,
        file: &ReportFile,
        text: impl FnOnce(&Self),
    ) -> Result<()> {
        let page = match self.format {
            Format::Html => report().to_html(),
            Format::Markdown => report().to_markdown(),
            _ => {
                self.result(document, text);
                return Ok(());
            }
        };
        match &file.output {
            Some(file) => write(file, &page),
            // A page escapes what a CI system would obey already, Markdown was guarded.
            None => {
                self.print_own(page.trim_end());
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
