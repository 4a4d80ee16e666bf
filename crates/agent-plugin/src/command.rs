// SPDX-License-Identifier: Apache-2.0
//! A command line's needs: files of the plugin (S-37 to S-42), code that it fetches (S-57, S-58),
//! variables that it reads (S-34, S-51).

mod alias;
pub(crate) mod effect;
pub(crate) mod env;
pub(crate) mod fetch;
mod package_script;
mod reference;
mod target;

use std::collections::BTreeSet;

use crate::files::Files;
use crate::inventory::{Main, Usage};
use crate::shell::{self, Simple, Word};
use crate::text::split_outside;
pub(crate) use reference::{Base, references};

/// The place in which a command is run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// The plugin's files.
    pub(crate) files: &'a Files,
    /// The directory of the skill that it belongs to.
    pub(crate) skill: Option<&'a str>,
    /// The working directory, if it is one of the plugin's.
    pub(crate) directory: Option<&'a str>,
    /// Whether package scripts are looked into.
    pub(crate) follow: Follow,
}

/// Whether package scripts are looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follow {
    Yes,
    No,
}

/// The needs of a command line, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Analysis {
    pub(crate) usage: Usage,
    pub(crate) problems: Vec<Problem>,
    /// The file that it runs, or else its first word (S-86).
    pub(crate) identity: String,
    /// The user's options that are put into it.
    pub(crate) options: BTreeSet<String>,
    /// The package script behind it (S-54).
    pub(crate) indirect: Option<String>,
    /// Whether it was too long to be analysed to its end.
    pub(crate) is_cut: bool,
    /// URLs that a bridge connects to.
    pub(crate) urls: Vec<String>,
}

/// A finding about a command.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Analysis {
    /// Takes over what a text uses that this command runs.
    fn absorb(&mut self, mut inner: Self) {
        self.usage.fetches.append(&mut inner.usage.fetches);
        self.usage.plugin_files.append(&mut inner.usage.plugin_files);
        self.usage.reads.append(&mut inner.usage.reads);
        self.problems.append(&mut inner.problems);
        self.is_cut |= inner.is_cut;
    }
}

impl Problem {
    pub(crate) fn new(code: &'static str, message: String) -> Self {
        Self { code, message }
    }
}

/// The deepest nesting of commands in other languages, and in variables, that is looked into.
const MAX_DEPTH: usize = 3;

/// Whether a variable names nothing but the plugin's own files, which are listed, and what it held before.
fn is_own(name: &str, value: &str) -> bool {
    let mut parts = split_outside(value, ['{', '}'], |c| c == ':' || c.is_whitespace());
    parts.all(|part| {
        let part = part.trim_matches('"');
        let target = part.split_once('=').map_or(part, |(_, target)| target);
        let first = references(target).into_iter().next();
        let leads_in = target.starts_with(['$', '%'])
            && first.is_some_and(|found| {
                found.base == Base::Plugin && !found.path.split('/').any(|part| part == "..")
            });
        let held = part.trim_matches(['$', '{', '}']);
        let is_flag = part.starts_with('-') && !part.contains(['=', '/']);
        part.is_empty()
            || leads_in
            || is_flag
            || held == name
            || held.starts_with(&format!("{name}:"))
    }) && !references(value).is_empty()
}

/// Analyses a shell's text (S-38, shell form). Only its start, if it is longer than the limit.
pub(crate) fn shell(text: &str, place: Place<'_>) -> Analysis {
    shell_within(text, place, 0)
}

/// Analyses a text of a shell that stands that deep in texts of other languages, or in variables.
fn shell_within(text: &str, place: Place<'_>, depth: usize) -> Analysis {
    let all = text.len();
    let text = start(text, place.files.limits().command);
    let written = shell::commands(text);
    let mut analysis = Analysis { is_cut: text.len() < all, ..Analysis::default() };
    let set = env::assigned(&written);
    env::shell_reads(text, &set, &mut analysis);
    env::options(text, &mut analysis);
    for (name, value) in written.iter().flat_map(|one| &one.words).filter_map(Word::assignment) {
        if let Some(effect) = effect::in_script(name).filter(|_| !is_own(name, value)) {
            let message = format!("it sets {name}, {}", effect.as_str());
            analysis.problems.push(Problem::new(effect.code(), message));
        }
    }
    let replaced = alias::replace(text, &written);
    let simples = replaced.map_or(written, |text| shell::commands(&text));
    // The working directory of each text that is open: what a text holds begins where it ended.
    let mut directories = vec![place.directory.map(str::to_owned)];
    let mut text_number = 0;
    let mut watch = fetch::Watch::default();
    let mut room = place.files.limits().command.saturating_mul(4);
    for simple in &simples {
        if simple.text != text_number {
            text_number = simple.text;
            directories.truncate(simple.depth + 1);
            directories.push(directories.last().cloned().flatten());
        }
        let directory = directories.last().cloned().flatten();
        let place = Place { directory: directory.as_deref(), ..place };
        target::analyse(simple, place, &mut analysis);
        fetch::recognise(simple, place, &mut analysis);
        watch.see(simple, &mut analysis);
        if depth < MAX_DEPTH {
            let held = watch.held(simple).into_iter().chain(fetch::inline::commands(simple));
            for text in held {
                // One text can be held often.
                let Some(left) = room.checked_sub(text.len()) else {
                    analysis.is_cut = true;
                    break;
                };
                room = left;
                analysis.absorb(shell_within(&text, place, depth + 1));
            }
        }
        package_script::follow(simple, place, &mut analysis);
        if let (Some(entered), Some(last)) = (entered(simple, place), directories.last_mut()) {
            *last = entered;
        }
    }
    finish(&mut analysis, simples.first());
    analysis
}

/// Analyses a program and its arguments, without a shell (S-38, exec form).
pub(crate) fn exec(command: &str, args: &[String], place: Place<'_>) -> Analysis {
    let limit = place.files.limits().command;
    let all = std::iter::once(command).chain(args.iter().map(String::as_str));
    let words = all.clone().map(|text| Word::plain(start(text, limit))).collect();
    let simple = Simple::of(words);
    let mut analysis = Analysis::default();
    let mut scripts = shell::scripts(&simple);
    scripts.extend(fetch::inline::commands(&simple));
    let mut scripts = scripts.iter();
    if let Some(first) = scripts.next() {
        analysis = shell(first, place);
        scripts.for_each(|script| analysis.absorb(shell(script, place)));
    }
    analysis.is_cut |= all.into_iter().any(|text| text.len() > limit);
    for word in &simple.words {
        env::argument(&word.text, &mut analysis);
    }
    target::analyse(&simple, place, &mut analysis);
    fetch::recognise(&simple, place, &mut analysis);
    fetch::Watch::default().see(&simple, &mut analysis);
    package_script::follow(&simple, place, &mut analysis);
    finish(&mut analysis, Some(&simple));
    analysis
}

fn finish(analysis: &mut Analysis, first: Option<&Simple>) {
    let usage = &mut analysis.usage;
    // What is run comes first; of two mentions of one file the one that runs it counts.
    usage.plugin_files.sort_by(|a, b| {
        let rank = |main: Main| u8::from(main == Main::No);
        (&a.path, a.position, rank(a.main)).cmp(&(&b.path, b.position, rank(b.main)))
    });
    usage.plugin_files.dedup_by(|a, b| a.path == b.path);
    usage.plugin_files.sort_by_key(|file| file.main == Main::No);
    sort(&mut usage.fetches);
    sort(&mut usage.reads);
    sort(&mut usage.runs_file_of);
    sort(&mut analysis.problems);
    let main =
        usage.plugin_files.iter().find(|file| file.main == Main::Yes && !file.path.is_empty());
    let first = first.and_then(|simple| simple.words.get(simple.program_at()?));
    analysis.identity = match (main, first) {
        (Some(file), _) => file.path.clone(),
        (None, Some(word)) => word.text.clone(),
        (None, None) => String::new(),
    };
}

/// Sorts a list, each item once.
fn sort<T: Ord>(list: &mut Vec<T>) {
    list.sort();
    list.dedup();
}

/// Returns the working directory that `cd` leads to: `Some(None)` if it is none of the plugin's.
fn entered(simple: &Simple, place: Place<'_>) -> Option<Option<String>> {
    let (program, arguments) = simple.program()?;
    if !matches!(program.as_str(), "cd" | "pushd" | "Set-Location") {
        return None;
    }
    let word = arguments.iter().find(|word| !word.text.starts_with('-'))?;
    Some(target::directory(word, place))
}

fn start(text: &str, limit: usize) -> &str {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
