// SPDX-License-Identifier: Apache-2.0
//! `completions` and `man`, made from the definitions of the command line.

use std::path::Path;

use clap_complete::Shell;
use oci_artifact::{Error, Result};

use crate::args::all_commands;
use crate::context::Context;
use crate::output::Outcome;

pub(super) fn completions(shell: Shell, context: &Context) -> Result<Outcome> {
    let mut script = Vec::new();
    let mut command = all_commands();
    let name = command.get_name().to_owned();
    clap_complete::generate(shell, &mut command, &*name, &mut script);
    let script = String::from_utf8_lossy(&script);
    let script = match shell {
        Shell::Bash => with_its_labels(&script, &name),
        _ => script.into_owned(),
    };
    context.output.print_own(script.trim_end());
    Ok(Outcome::Done)
}

/// The script with one spelling of the program's name in its labels. The generator takes a hyphen in it for the
/// space before a subcommand where it writes the labels, and not where it goes to them.
fn with_its_labels(script: &str, name: &str) -> String {
    script.replace(&name.replace('-', "__subcmd__"), &name.replace('-', "__"))
}

pub(super) fn man_pages(directory: &Path, context: &Context) -> Result<Outcome> {
    clap_mangen::generate_to(all_commands(), directory)
        .map_err(|error| Error::io("the man pages cannot be written", directory, error))?;
    context.output.note(&format!("Wrote man pages to {}", directory.display()));
    Ok(Outcome::Done)
}
