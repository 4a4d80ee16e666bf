// SPDX-License-Identifier: Apache-2.0
//! The house rules that no compiler checks. All findings are reported at once.

mod files;
mod layers;
mod manifests;
mod paths;
mod rules;
mod twins;

use crate::{Result, workspace};

/// A rule that is broken: where, and what to do.
type Finding = String;

pub(crate) fn run() -> Result<()> {
    let metadata = workspace::metadata()?;
    let files = workspace::files()?;
    let mut findings = layers::check(&metadata);
    findings.extend(manifests::check(&metadata));
    findings.extend(twins::check(&files));
    findings.extend(files::check(&files)?);
    findings.extend(paths::check(&files)?);
    findings.extend(rules::check(&files)?);
    if findings.is_empty() {
        println!("tidy: {} files, nothing to say", files.len());
        return Ok(());
    }
    Err(format!("{}\ntidy: {} findings", findings.join("\n"), findings.len()).into())
}
