// SPDX-License-Identifier: Apache-2.0
//! `toolhive-oci __complete WORD...`: what may stand in the place of the last word. The scripts that
//! `completions` prints ask for it at each press of the key (VB-14).

mod references;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Command, ValueHint};
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate, complete};

use crate::args::all_commands;
use crate::output::{Outcome, harmless};
use references::{Directories, References};

/// The word behind the program's name that asks for this.
const ASKS: &str = "__complete";

/// The words of a command line that is to be completed, if that is what was asked for; the last of them is
/// the one that is begun.
pub(crate) fn asked(args: impl IntoIterator<Item = OsString>) -> Option<Vec<OsString>> {
    let mut args = args.into_iter();
    let program = args.next()?;
    (args.next()? == ASKS).then(|| std::iter::once(program).chain(args).collect())
}

/// Prints a line for each candidate: it, a tab, and what it is, if there is something to say. What
/// cannot be found out is left out: a key that was pressed is answered by no error.
pub(crate) fn run(words: Vec<OsString>) -> ExitCode {
    let mut text = String::new();
    for candidate in candidates(words) {
        let Some(value) = candidate.get_value().to_str() else { continue };
        // What a shell or a terminal could take for something else is not offered.
        if value.is_empty() || harmless(value) != value {
            continue;
        }
        let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
        text.push_str(value);
        if let Some(help) = help.lines().next().filter(|help| !help.is_empty()) {
            text.push('\t');
            text.push_str(&harmless(help));
        }
        text.push('\n');
    }
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => Outcome::Done.into(),
        Err(_) => Outcome::Failed.into(),
    }
}

fn candidates(words: Vec<OsString>) -> Vec<CompletionCandidate> {
    let mut commands = with_values(all_commands(), &words);
    let words = joined(words, &commands);
    let Some(last) = words.len().checked_sub(1).filter(|last| *last > 0) else { return Vec::new() };
    let is_open = words.last().is_none_or(|word| word.is_empty());
    let directory = std::env::current_dir().ok();
    let mut found = complete(&mut commands, words, last, directory.as_deref()).unwrap_or_default();
    let is_option = |one: &CompletionCandidate| one.get_value().to_string_lossy().starts_with('-');
    // Options are many: who wants one begins it.
    if is_open && found.iter().any(|one| !is_option(one)) {
        found.retain(|one| !is_option(one));
    }
    found
}

/// The words, in which each option before the last word has its value attached, so that a value is never
/// taken for a command. An option whose value may be left out has an empty one.
fn joined(words: Vec<OsString>, commands: &Command) -> Vec<OsString> {
    let (mut optional, mut needed, mut flags) = Default::default();
    options(commands, [&mut optional, &mut needed, &mut flags]);
    let mut found: Vec<OsString> = Vec::new();
    let mut words = words.into_iter().peekable();
    while let Some(mut word) = words.next() {
        let is_in =
            |names: &BTreeSet<String>| word.to_str().is_some_and(|word| names.contains(word));
        let is_last = words.peek().is_none();
        if !is_last && is_in(&optional) {
            word.push("=");
        } else if !is_last && is_in(&needed) && !is_in(&flags) {
            // The value that is begun stays a word of its own.
            if let Some(value) = words.next() {
                let is_begun = words.peek().is_none();
                if is_begun {
                    found.push(std::mem::replace(&mut word, value));
                } else {
                    word.push("=");
                    word.push(value);
                }
            }
        }
        found.push(word);
    }
    found
}

/// Adds the long options of a command and of those below it: those whose value may be left out, those with a
/// value, those without.
fn options(command: &Command, [optional, needed, flags]: [&mut BTreeSet<String>; 3]) {
    for arg in command.get_arguments() {
        let Some(long) = arg.get_long() else { continue };
        let kind = match (arg.is_require_equals_set(), arg.get_action().takes_values()) {
            (true, _) => &mut *optional,
            (_, true) => &mut *needed,
            (_, false) => &mut *flags,
        };
        kind.insert(format!("--{long}"));
    }
    for command in command.get_subcommands() {
        options(command, [optional, needed, flags]);
    }
}

/// The commands, whose arguments know what the store has, and what is a directory.
fn with_values(commands: Command, words: &[OsString]) -> Command {
    let of = [("plugin", "plugin"), ("skill", "skill"), ("marketplace", "plugin")];
    of.into_iter().fold(commands, |commands, (name, kind)| {
        let known = References::new(kind, words);
        commands.mut_subcommand(name, |command| with_known(command, &known))
    })
}

fn with_known(command: Command, known: &References) -> Command {
    command.mut_subcommands(|command| with_known(command, known)).mut_args(|arg| {
        let names: Vec<&str> =
            arg.get_value_names().into_iter().flatten().map(|name| name.as_str()).collect();
        let directories = match *names.as_slice() {
            ["REF|TAG|DIGEST|PATH" | "A" | "B"] => Directories::Too,
            ["REF|TAG|DIGEST" | "TAG|DIGEST" | "SRC"] => Directories::No,
            ["REF"] if arg.is_positional() => Directories::No,
            ["PART"] => {
                return arg.add(ArgValueCandidates::new(|| {
                    ["config", "layer"].map(CompletionCandidate::new).into()
                }));
            }
            ["DIR" | "PATH" | "DEST"] => return arg.value_hint(ValueHint::DirPath),
            ["FILE"] => return arg.value_hint(ValueHint::FilePath),
            _ => return arg,
        };
        let known = known.clone();
        arg.add(ArgValueCompleter::new(move |begun: &std::ffi::OsStr| {
            known.begin_with(begun, directories)
        }))
    })
}
