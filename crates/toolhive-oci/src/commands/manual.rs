// SPDX-License-Identifier: Apache-2.0
//! `completions` and `man`, made from the definitions of the command line.

mod page;

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use clap_complete::Shell;
use oci_artifact::{Epoch, Error, Result};

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
    let failed = |error| Error::io("the man pages cannot be written", directory, error);
    let mut all = all_commands().disable_help_subcommand(true);
    all.build();
    let date = date(context)?;
    let mut todo = vec![all];
    while let Some(command) = todo.pop() {
        let name = command.get_display_name().unwrap_or_else(|| command.get_name());
        let page = page::source(&command, &date).map_err(failed)?;
        fs::write(directory.join(format!("{name}.1")), page).map_err(failed)?;
        todo.extend(command.get_subcommands().filter(|command| !command.is_hide_set()).cloned());
    }
    context.output.note(&format!("Wrote man pages to {}", directory.display()));
    Ok(Outcome::Done)
}

/// The day of the pages: that of SOURCE_DATE_EPOCH, or else today.
fn date(context: &Context) -> Result<String> {
    let epoch = match std::env::var_os("SOURCE_DATE_EPOCH") {
        Some(_) => context.environment_epoch().0,
        None => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Epoch::from_seconds(i64::try_from(now.as_secs()).unwrap_or_default())
        }
    };
    Ok(epoch.rfc3339_seconds()?.chars().take(10).collect())
}
