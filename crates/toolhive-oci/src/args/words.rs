// SPDX-License-Identifier: Apache-2.0
//! Words that people bring along from other programs, and what they are called here.

use std::error::Error as _;
use std::ffi::{OsStr, OsString};

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, ValueEnum};

use super::{Which, all_commands};
use crate::output::advice;
use crate::similar::nearest;

/// Verbs of other programs that take a plugin or a skill, and the command for it; `KIND` stands for
/// the kind that was named.
const KNOWN: &[(&[&str], &str)] = &[
    (&["login", "logout"], "`toolhive-oci login REGISTRY` is for both kinds"),
    (&["version"], "`toolhive-oci --version` is the program's; `KIND inspect` shows an artifact's"),
    (
        &["images", "image", "artifacts", "all"],
        "`KIND list --stored` lists the contents of the store",
    ),
    (
        &["remove", "rmi"],
        "`KIND builds remove` removes from the store, `KIND uninstall` from where hosts read it",
    ),
    (&["prune", "clean", "gc"], "`toolhive-oci store gc` removes blobs that nothing needs"),
    (
        &["run", "exec", "start", "enable"],
        "nothing is run here: `KIND install` puts it where hosts read it",
    ),
    (
        &["add", "get", "download"],
        "`KIND install` puts it where hosts read it, `KIND pull` into the store",
    ),
    (
        &["search", "find"],
        "registries cannot be searched; `KIND tags` lists the tags of a repository",
    ),
    (
        &["tag", "retag"],
        "`KIND build --tag REF` names a build, `KIND push TAG --to REF` sends it elsewhere",
    ),
    (&["history", "cat", "view", "describe"], "`KIND inspect` shows it, `KIND manifest` its index"),
    (
        &["export", "save", "unpack"],
        "`KIND extract` writes the files; the store is an OCI image layout",
    ),
    (&["import", "load"], "`KIND build` packages a directory, `KIND pull` fetches an artifact"),
    (&["attach", "attest"], "`KIND sign` attaches a signature"),
    (&["keygen"], "`toolhive-oci keys generate` creates a pair of keys"),
    (&["digest", "head"], "`KIND resolve` prints the digest of a reference"),
    (&["catalog", "repositories"], "`KIND tags` lists the tags of a repository"),
    (&["compare"], "`KIND diff` shows what changed"),
    (&["serve"], "`toolhive-oci registry serve` serves the store"),
];

/// The words without a kind that are known, and the answer to each.
const KNOWN_AT_TOP: &[(&[&str], &str)] = &[
    (&["version"], "`toolhive-oci --version` prints it"),
    (&["list", "ls", "images", "ps"], "`toolhive-oci store list` lists the contents of the stores"),
    (&["serve"], "`toolhive-oci registry serve` serves the store"),
    (
        &["gc", "prune", "clean", "system"],
        "`toolhive-oci store gc` removes blobs that nothing needs",
    ),
    (&["doctor", "fsck"], "`toolhive-oci store check` reads and verifies everything"),
    (&["keygen", "key"], "`toolhive-oci keys generate` creates a pair of keys"),
    (&["completion"], "`toolhive-oci completions SHELL` prints them"),
    (&["catalog", "catalogue", "index"], "`toolhive-oci marketplace generate` writes a catalogue"),
];

/// Replaces the tips for a word that is no command: those for words from other programs, and those
/// for slips of the pen, but none for what only begins alike.
pub(crate) fn advise(mut error: clap::Error) -> clap::Error {
    match error.kind() {
        ErrorKind::ValueValidation => return with_own_help(error),
        ErrorKind::InvalidSubcommand => {}
        // That an option could be a value, behind `--`, is hardly ever meant.
        ErrorKind::UnknownArgument => {
            error.remove(ContextKind::Suggested);
            return error;
        }
        _ => return error,
    }
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return error;
    };
    let word = word.clone();
    let usage = error.get(ContextKind::Usage).map(ToString::to_string).unwrap_or_default();
    error.remove(ContextKind::SuggestedSubcommand);
    error.remove(ContextKind::Suggested);
    let all = all_commands();
    let path: Vec<&str> =
        usage.split_whitespace().skip(2).take_while(|word| is_verb(word)).collect();
    let kind = path.first().copied().filter(|_| path.len() == 1);
    let kind = kind.filter(|kind| ["plugin", "skill"].contains(kind));
    if let Some(tip) = tip(&all, &word, &path, kind) {
        let tip = ContextValue::StyledStrs(vec![StyledStr::from(tip)]);
        error.insert(ContextKind::Suggested, tip);
        return error;
    }
    let parent = path.iter().try_fold(&all, |parent, word| parent.find_subcommand(word));
    let names: Vec<&str> = parent.iter().flat_map(|parent| visible(parent)).collect();
    if let Some(meant) = nearest(&word, names.into_iter()) {
        let meant = ContextValue::String(meant.to_owned());
        error.insert(ContextKind::SuggestedSubcommand, meant);
    }
    error
}

/// The error of a value, with what the one who refused it says should be written.
fn with_own_help(mut error: clap::Error) -> clap::Error {
    let refusal = error.source().and_then(|source| source.downcast_ref::<oci_artifact::Error>());
    let first = refusal.and_then(|refusal| refusal.diagnostics().first()?.help.as_ref());
    if let Some(help) = first.map(advice) {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(help)]));
    }
    error
}

fn is_verb(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_lowercase())
}

fn visible(command: &Command) -> impl Iterator<Item = &str> {
    command.get_subcommands().filter(|verb| !verb.is_hide_set()).map(Command::get_name)
}

/// The tip for a word, where one is known. Only what this build can do is named.
fn tip(all: &Command, word: &str, path: &[&str], kind: Option<&str>) -> Option<String> {
    let known = |table: &[(&[&str], &'static str)]| {
        table.iter().find(|(words, _)| words.contains(&word)).map(|(_, tip)| *tip)
    };
    let tip = match (kind, path) {
        (Some(kind), _) => known(KNOWN)?.replace("KIND", kind),
        (None, []) => match known(KNOWN_AT_TOP) {
            Some(tip) => tip.to_owned(),
            None => {
                all.find_subcommand("plugin")?.find_subcommand(word)?;
                format!(
                    "name the kind: `toolhive-oci plugin {word}` or `toolhive-oci skill {word}`"
                )
            }
        },
        (None, _) => return None,
    };
    let is_known = named(&tip).all(|command| exists(all, command));
    is_known.then_some(tip)
}

/// The commands that a text names.
fn named(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn exists(all: &Command, command: &str) -> bool {
    let words = command.split(' ').filter(|word| *word != "toolhive-oci");
    let mut verbs = words.take_while(|word| is_verb(word));
    verbs.try_fold(all, |parent, verb| parent.find_subcommand(verb)).is_some()
}

/// The arguments, in which the value of `--exit-code` may stand behind it as of any other option. By
/// itself the option means any change, and what follows it may be a name.
pub(crate) fn joined(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut found: Vec<OsString> = Vec::new();
    for arg in args {
        match found.last_mut() {
            Some(last) if last == "--exit-code" && is_which(&arg) => {
                last.push("=");
                last.push(&arg);
            }
            _ => found.push(arg),
        }
    }
    found
}

fn is_which(arg: &OsStr) -> bool {
    arg.to_str().is_some_and(|arg| Which::from_str(arg, false).is_ok())
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn answer(line: &str) -> String {
        let words = std::iter::once("toolhive-oci").chain(line.split(' '));
        let error = parse(words.map(Into::into)).expect_err(line);
        advise(error).render().to_string()
    }

    #[test]
    fn words_of_other_programs_are_answered_and_nothing_misleads() {
        for (line, tip) in [
            ("plugin version", Some("toolhive-oci --version")),
            ("skill images", Some("`skill list --stored`")),
            ("plugin remove x", Some("`plugin builds remove`")),
            ("list", Some("`toolhive-oci store list`")),
            ("inspect x", Some("`toolhive-oci skill inspect`")),
            ("version", Some("`toolhive-oci --version`")),
            ("plugin inspet x", Some("'inspect'")),
            ("plugni build", Some("'plugin'")),
            ("plugin quux", None),
            ("quux", None),
            ("store quux", None),
            ("store path --yes", None),
            ("plugin build --tagg x", Some("'--tag'")),
        ] {
            let text = answer(line);
            match tip {
                Some(tip) => {
                    assert!(text.contains("tip: ") && text.contains(tip), "{line}: {text}")
                }
                None => assert!(!text.contains("tip: "), "{line}: {text}"),
            }
        }
    }

    /// Every command that a tip names is one, and no word that is answered is a command.
    #[test]
    #[cfg(feature = "network")]
    fn every_tip_names_commands_that_exist() {
        let (mut seen, all) = (0, all_commands());
        for (table, kinds) in [(KNOWN, &["plugin", "skill"][..]), (KNOWN_AT_TOP, &[""])] {
            for ((words, tip), kind) in
                table.iter().flat_map(|row| kinds.iter().map(move |kind| (row, kind)))
            {
                for word in *words {
                    let text = answer(format!("{kind} {word}").trim());
                    assert!(text.contains("tip: "), "{kind} {word}: {text}");
                }
                let tip = tip.replace("KIND", kind);
                for command in named(&tip) {
                    assert!(exists(&all, command), "{command}");
                    seen += 1;
                }
            }
        }
        assert!(seen > 30, "{seen}");
    }

    #[test]
    fn the_value_of_exit_code_may_stand_behind_it() {
        let args = |line: &str| -> Vec<OsString> { line.split(' ').map(OsString::from).collect() };
        for (line, same) in [
            ("diff --exit-code surface a b", "diff --exit-code=surface a b"),
            ("diff a b --exit-code code", "diff a b --exit-code=code"),
            ("diff --exit-code a b", "diff --exit-code a b"),
            ("diff --exit-code=any surface b", "diff --exit-code=any surface b"),
            ("diff a b --exit-code", "diff a b --exit-code"),
        ] {
            assert_eq!(joined(args(line).into_iter()), args(same), "{line}");
        }
    }
}
