// SPDX-License-Identifier: Apache-2.0
//! Commands that are set up only where they are asked for: to set up all of them takes as long as
//! to package a small skill.

use std::cell::Cell;
use std::ffi::OsString;

use clap::builder::Resettable;
use clap::{ArgMatches, Args, Command, CommandFactory as _, Error, FromArgMatches, Id, Subcommand};

use super::Cli;
use super::help::dressed;

thread_local! {
    static IS_EAGER: Cell<bool> = const { Cell::new(false) };
}

/// The whole command line, for who describes it: nothing is left for later.
pub(crate) fn all_commands() -> Command {
    IS_EAGER.set(true);
    let command = command();
    IS_EAGER.set(false);
    command
}

fn command() -> Command {
    dressed(Cli::command())
}

/// Reads a command line, the program's name first.
///
/// # Errors
/// Help and version, where they are asked for; wrong usage.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(args)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// The arguments or the subcommands `T` of a command that has nothing else of its own.
#[derive(Debug)]
pub(crate) struct Lazy<T>(pub(crate) T);

impl<T: FromArgMatches> FromArgMatches for Lazy<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches_mut(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl<T: Args> Args for Lazy<T> {
    fn group_id() -> Option<Id> {
        T::group_id()
    }

    fn augment_args(command: Command) -> Command {
        later(command, |command| dressed(keep_about(command, T::augment_args)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        later(command, |command| dressed(keep_about(command, T::augment_args_for_update)))
    }
}

impl<T: Subcommand> Subcommand for Lazy<T> {
    fn augment_subcommands(command: Command) -> Command {
        later(command, |command| dressed(keep_about(command, T::augment_subcommands)))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        later(command, |command| dressed(keep_about(command, T::augment_subcommands_for_update)))
    }

    fn has_subcommand(name: &str) -> bool {
        T::has_subcommand(name)
    }
}

fn later(command: Command, set_up: fn(Command) -> Command) -> Command {
    if IS_EAGER.get() { set_up(command) } else { command.defer(set_up) }
}

/// Keeps what the command says of itself, not what is said of `T`.
fn keep_about(command: Command, augment: fn(Command) -> Command) -> Command {
    let about = Resettable::from(command.get_about().cloned());
    let long_about = Resettable::from(command.get_long_about().cloned());
    augment(command).about(about).long_about(long_about)
}

#[cfg(test)]
mod tests {
    use super::{all_commands, command};

    #[test]
    fn the_definitions_agree_with_each_other() {
        all_commands().debug_assert();
        command().debug_assert();
    }

    #[test]
    fn what_is_set_up_later_has_the_same_help() {
        let (mut lazy, mut eager) = (command(), all_commands());
        for command in [&mut lazy, &mut eager] {
            *command = std::mem::take(command).disable_help_subcommand(true);
            command.build();
        }
        let mut seen = 0;
        let mut todo = vec![(lazy, eager)];
        while let Some((mut lazy, mut eager)) = todo.pop() {
            let long_help = lazy.render_long_help().to_string();
            assert_eq!(long_help, eager.render_long_help().to_string());
            let subcommands = lazy.get_subcommands().zip(eager.get_subcommands());
            todo.extend(subcommands.map(|(lazy, eager)| (lazy.clone(), eager.clone())));
            seen += 1;
        }
        assert!(seen > 20, "{seen}");
    }
}
