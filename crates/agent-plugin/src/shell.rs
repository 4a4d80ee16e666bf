// SPDX-License-Identifier: Apache-2.0
//! Shell text → simple commands and their words. Bounded, and never an error: what no shell would
//! take still gives words. It knows quotes, comments, here-documents and substitutions, so that
//! text a command merely prints is not taken for commands.

mod lexer;
mod script;
mod wrapper;

pub(crate) use lexer::{CLOSING, closing_brace, unescaped_quote};
pub(crate) use script::{is_shell, quoted, scripts, unescaped};
#[cfg(test)]
pub(crate) use wrapper::names as wrappers;

/// The deepest nesting of substitutions and of shells in shells that is looked into.
const MAX_DEPTH: usize = 6;
/// The most simple commands of one text.
const MAX_COMMANDS: usize = 2_000;

/// A word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word {
    /// Its text, quotes and escapes undone; expansions as they are written.
    pub(crate) text: String,
    /// The text as it is written, with quotes, but without the inside of substitutions.
    pub(crate) raw: String,
    /// The inside of each `$(…)`, `` `…` `` and `<(…)` in it.
    pub(crate) substitutions: Vec<String>,
}

/// A program with its arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Simple {
    /// Assignments, the program and its arguments.
    pub(crate) words: Vec<Word>,
    /// Files that are read (`<`).
    pub(crate) reads: Vec<Word>,
    /// Files that are written (`>`).
    pub(crate) writes: Vec<Word>,
    /// The texts that here-documents and here-strings put on its standard input.
    pub(crate) bodies: Vec<String>,
    /// Whether its output goes to the next command.
    pub(crate) pipes: bool,
    /// The number of substitutions around it; 0 is the text itself.
    pub(crate) depth: usize,
    /// The number of the text that it stands in: the commands of each text are in one piece.
    pub(crate) text: usize,
}

impl Word {
    /// Returns a word of an argument list, where nothing is special.
    pub(crate) fn plain(text: &str) -> Self {
        let mut raw = String::with_capacity(text.len());
        for c in text.chars() {
            if matches!(c, ' ' | '\t' | '\n' | ';' | '|' | '&' | '<' | '>' | '(' | ')' | '\'' | '"')
            {
                raw.push('\\');
            }
            raw.push(c);
        }
        Self { text: text.to_owned(), raw, substitutions: Vec::new() }
    }

    /// Returns the name of the program that it starts, if it stands first: `$(which x)` and `${X:-x}` start x.
    fn program_name(&self) -> String {
        if let ("$()", [inner]) = (self.text.as_str(), self.substitutions.as_slice()) {
            let words: Vec<&str> = inner.split_whitespace().collect();
            if let ["which", name] | ["command", "-v", name] | ["type", "-P" | "-p", name] =
                words.as_slice()
            {
                return base_name(name);
            }
        }
        let inside = self.text.strip_prefix("${").and_then(|text| text.strip_suffix('}'));
        let default = inside.and_then(|text| text.split_once(":-").or(text.split_once('-')));
        match default {
            Some((name, default)) if is_name(name) && !default.is_empty() => base_name(default),
            _ => base_name(&self.text),
        }
    }

    /// Returns the variable that is all of it: `$X`, `${X}`.
    pub(crate) fn variable(&self) -> Option<&str> {
        let rest = self.text.strip_prefix('$')?;
        let name = rest.strip_prefix('{').map_or(Some(rest), |rest| rest.strip_suffix('}'))?;
        is_name(name).then_some(name)
    }

    /// Returns the name and value of an assignment.
    pub(crate) fn assignment(&self) -> Option<(&str, &str)> {
        let (name, value) = self.text.split_once('=')?;
        let name = name.strip_suffix('+').unwrap_or(name);
        (is_name(name) && self.raw.starts_with(name)).then_some((name, value))
    }
}

/// Whether it can be the name of a variable.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Returns the simple commands of a text, those in substitutions behind the one that holds them.
pub(crate) fn commands(text: &str) -> Vec<Simple> {
    let mut found: Vec<Simple> = Vec::new();
    // The first text last.
    let mut todo = vec![(text.to_owned(), 0)];
    let mut number = 0;
    while let Some((text, depth)) = todo.pop() {
        let simples = lexer::simples(&text, depth);
        number += 1;
        let mut inner = Vec::new();
        if depth < MAX_DEPTH {
            let pairs = simples.iter().zip(simples.iter().skip(1));
            inner.extend(
                pairs.filter_map(|(from, to)| piped(from, to)).map(|text| (text, depth + 1)),
            );
        }
        for simple in simples {
            if found.len() >= MAX_COMMANDS {
                return found;
            }
            if depth < MAX_DEPTH {
                let words = simple.words.iter().chain(&simple.reads).chain(&simple.writes);
                for text in words.flat_map(|word| &word.substitutions) {
                    inner.push((text.clone(), depth + 1));
                }
                inner.extend(scripts(&simple).into_iter().map(|text| (text, depth + 1)));
                inner.extend(given(&simple).map(|text| (text, depth + 1)));
            }
            found.push(Simple { text: number, ..simple });
        }
        inner.reverse();
        todo.append(&mut inner);
    }
    found
}

/// Returns the text that a command prints literally into a shell that reads it.
fn piped(from: &Simple, to: &Simple) -> Option<String> {
    let (program, arguments) = to.program()?;
    let reads = from.pipes
        && (is_shell(&program) || matches!(program.as_str(), "at" | "batch"))
        && (program == "at" || arguments.iter().all(|word| word.text.starts_with('-')));
    literal(from).filter(|_| reads && scripts(to).is_empty())
}

/// Returns the text that a command writes, where all of it stands in the command.
pub(crate) fn literal(simple: &Simple) -> Option<String> {
    let (program, arguments) = simple.program()?;
    let is_plain = |word: &Word| word.substitutions.is_empty() && !word.raw.contains('$');
    match program.as_str() {
        "echo" | "printf" | "Write-Output" if arguments.iter().all(is_plain) => {
            let is_text =
                |text: &&str| !text.starts_with('%') && !matches!(*text, "-e" | "-n" | "-E");
            let texts = arguments.iter().map(|word| word.text.as_str()).filter(is_text);
            // `printf` and `echo -e` undo escapes.
            Some(unescaped(&texts.collect::<Vec<_>>().join(" ")))
        }
        "cat" if arguments.is_empty() && !simple.bodies.is_empty() => {
            Some(simple.bodies.join("\n"))
        }
        _ => None,
    }
}

/// Returns the script that a shell is given to read by a here-document or a here-string.
pub(crate) fn given(simple: &Simple) -> Option<String> {
    let (program, _) = simple.program()?;
    let takes = is_shell(&program) || matches!(program.as_str(), "at" | "batch" | "pwsh" | "ed");
    let reads = takes && !simple.bodies.is_empty() && scripts(simple).is_empty();
    reads.then(|| simple.bodies.join("\n"))
}

/// Words that stand before a command and are not part of it.
const RESERVED: [&str; 9] = ["!", "{", "do", "elif", "else", "if", "then", "until", "while"];

impl Simple {
    /// Creates a command that is not written in a shell.
    pub(crate) fn of(words: Vec<Word>) -> Self {
        Self { words, ..Self::default() }
    }

    /// Returns the index of the word that is the program, wrappers and assignments passed over.
    pub(crate) fn program_at(&self) -> Option<usize> {
        let mut at = 0;
        loop {
            let words = self.words.get(at..)?;
            let word = words.first()?;
            let is_reserved = RESERVED.contains(&word.text.as_str()) && word.raw == word.text;
            if word.assignment().is_some() || is_reserved {
                at += 1;
            } else if wrapper::only_asks(words) {
                return None;
            } else {
                match wrapper::passed(words) {
                    Some(passed) => at += passed,
                    None => return Some(at),
                }
            }
        }
    }

    /// Whether it only asks whether there is a program.
    pub(crate) fn only_asks(&self) -> bool {
        wrapper::only_asks(&self.words)
    }

    /// Returns the program's base name, without `.exe` and the like, and its arguments.
    pub(crate) fn program(&self) -> Option<(String, &[Word])> {
        let at = self.program_at()?;
        let name = self.words.get(at)?.program_name();
        Some((name, self.words.get(at + 1..).unwrap_or_default()))
    }
}

/// Returns the last part of a program's path, without an extension that Windows adds.
pub(crate) fn base_name(program: &str) -> String {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    let lower = name.to_ascii_lowercase();
    for extension in [".exe", ".cmd", ".bat", ".ps1"] {
        if let Some(stem) = lower.strip_suffix(extension) {
            return name.get(..stem.len()).unwrap_or(name).to_owned();
        }
    }
    name.to_owned()
}

#[cfg(test)]
mod tests;
