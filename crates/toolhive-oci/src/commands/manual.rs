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

/// Prints the script of a shell. Those of bash, fish and zsh ask the program what may stand where (VB-14);
/// the others know its commands and options.
pub(super) fn completions(shell: Shell, context: &Context) -> Result<Outcome> {
    let script = match shell {
        Shell::Bash => include_str!("manual/bash.sh").to_owned(),
        Shell::Fish => include_str!("manual/fish.fish").to_owned(),
        Shell::Zsh => include_str!("manual/zsh.zsh").to_owned(),
        other => {
            let (mut script, mut command) = (Vec::new(), all_commands());
            let name = command.get_name().to_owned();
            clap_complete::generate(other, &mut command, name, &mut script);
            String::from_utf8_lossy(&script).into_owned()
        }
    };
    context.output.print_own(script.trim_end());
    Ok(Outcome::Done)
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
