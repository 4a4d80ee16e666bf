// SPDX-License-Identifier: Apache-2.0
//! Shell text → simple commands and their words. Bounded, and never an error: what no shell would
//! take still gives words. It knows quotes, comments, here-documents and substitutions, so that
//! text a command merely prints is not taken for commands.

mod lexer;

/// The deepest nesting of substitutions and of shells in shells that is looked into.
const MAX_DEPTH: usize = 6;
/// The most simple commands of one text.
const MAX_COMMANDS: usize = 2_000;

/// A word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word {
    /// Its text, quotes and escapes undone; expansions as they are written.
    pub(crate) text: String,
    /// As it is written, with quotes, but without the inside of substitutions.
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
    /// What here-documents and here-strings give it to read.
    pub(crate) bodies: Vec<String>,
    /// Whether its output goes to the next command.
    pub(crate) pipes: bool,
    /// How deep in substitutions it stands; 0 is the text itself.
    pub(crate) depth: usize,
    /// Which text it stands in: the commands of each are in one piece.
    pub(crate) text: usize,
}

impl Word {
    /// A word of an argument list, where nothing is special.
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

    /// The name and value of an assignment.
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

/// The simple commands of a text, those in substitutions behind the one that holds them.
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
                inner.extend(script(&simple).map(|text| (text, depth + 1)));
                inner.extend(given(&simple).map(|text| (text, depth + 1)));
            }
            found.push(Simple { text: number, ..simple });
        }
        inner.reverse();
        todo.append(&mut inner);
    }
    found
}

/// What a command writes in words to a shell that reads it.
fn piped(from: &Simple, to: &Simple) -> Option<String> {
    let (program, arguments) = to.program()?;
    let is_shell = matches!(program.as_str(), "sh" | "bash" | "zsh" | "dash" | "ksh");
    let reads = from.pipes && is_shell && arguments.iter().all(|word| word.text.starts_with('-'));
    literal(from).filter(|_| reads && script(to).is_none())
}

/// The text that a command writes, where all of it stands in the command.
pub(crate) fn literal(simple: &Simple) -> Option<String> {
    let (program, arguments) = simple.program()?;
    let is_plain = |word: &Word| word.substitutions.is_empty() && !word.raw.contains('$');
    match program.as_str() {
        "echo" | "printf" | "Write-Output" if arguments.iter().all(is_plain) => {
            let texts: Vec<&str> = arguments.iter().map(|word| word.text.as_str()).collect();
            Some(texts.join(" "))
        }
        "cat" if arguments.is_empty() && !simple.bodies.is_empty() => {
            Some(simple.bodies.join("\n"))
        }
        _ => None,
    }
}

/// The script that a shell is given to read by a here-document or a here-string.
pub(crate) fn given(simple: &Simple) -> Option<String> {
    let (program, _) = simple.program()?;
    let is_shell = matches!(program.as_str(), "sh" | "bash" | "zsh" | "dash" | "ksh" | "pwsh");
    let reads = is_shell && !simple.bodies.is_empty() && script(simple).is_none();
    reads.then(|| simple.bodies.join("\n"))
}

/// The commands in an awk program: `system("…")`, `"…" | getline`.
fn awk(arguments: &[Word]) -> String {
    let mut found = Vec::new();
    for word in arguments {
        for (at, _) in word.text.match_indices("system(") {
            let rest = word.text.get(at + 7..).unwrap_or_default().trim_start();
            found.extend(rest.strip_prefix('"').and_then(|rest| rest.split('"').next()));
        }
        for (at, _) in word.text.match_indices("getline") {
            let before = word.text.get(..at).unwrap_or_default().trim_end();
            let command = before.strip_suffix('|').map(str::trim_end);
            let command = command.and_then(|text| text.strip_suffix('"'));
            found.extend(command.and_then(|text| text.rsplit('"').next()));
        }
    }
    found.join("\n")
}

/// The text of PowerShell's `-EncodedCommand`: base64 of UTF-16.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0_u32, 0_u32);
    for c in text.bytes().filter(|c| *c != b'=') {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    let (pairs, _) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    String::from_utf16(&units).ok()
}

/// The script in `sh -c SCRIPT`, `eval SCRIPT`, `cmd /c …` and `powershell -Command …` (S-55).
pub(crate) fn script(simple: &Simple) -> Option<String> {
    let (program, arguments) = simple.program()?;
    let text = |words: &[Word]| {
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        texts.join(" ")
    };
    match program.as_str() {
        "sh" | "bash" | "zsh" | "dash" | "ksh" => {
            let at = arguments.iter().position(|word| {
                let flags = word.text.strip_prefix('-').filter(|flags| !flags.starts_with('-'));
                flags.is_some_and(|flags| flags.contains('c'))
            })?;
            // Words before it must be flags, or they are a script's name.
            let flags = arguments.get(..at)?.iter().all(|word| word.text.starts_with(['-', '+']));
            arguments.get(at + 1).filter(|_| flags).map(|word| word.text.clone())
        }
        "find" => {
            let runs = ["-exec", "-execdir", "-ok", "-okdir"];
            let at = arguments.iter().position(|word| runs.contains(&word.text.as_str()))?;
            let rest = arguments.get(at + 1..)?;
            let ends = |word: &Word| matches!(word.text.as_str(), ";" | "\\;" | "+");
            let end = rest.iter().position(ends).unwrap_or(rest.len());
            let raw: Vec<&str> = rest.iter().take(end).map(|word| word.raw.as_str()).collect();
            Some(raw.join(" "))
        }
        "awk" | "gawk" | "mawk" | "nawk" => Some(awk(arguments)),
        "eval" => Some(text(arguments)),
        "cmd" => {
            let at = arguments.iter().position(|word| {
                word.text.eq_ignore_ascii_case("/c") || word.text.eq_ignore_ascii_case("/k")
            })?;
            Some(text(arguments.get(at + 1..)?))
        }
        "pwsh" | "powershell" => {
            let is = |word: &Word, names: &[&str]| {
                names.iter().any(|name| word.text.eq_ignore_ascii_case(name))
            };
            let encoded = ["-encodedcommand", "-enc", "-en", "-ec", "-e", "-encoded"];
            if let Some(at) = arguments.iter().position(|word| is(word, &encoded)) {
                return decoded(&arguments.get(at + 1)?.text);
            }
            let at = arguments.iter().position(|word| is(word, &["-command", "-c"]))?;
            Some(text(arguments.get(at + 1..)?))
        }
        _ => None,
    }
    .filter(|text| !text.is_empty())
}

/// Words that stand before a command and are not part of it.
const RESERVED: [&str; 9] = ["!", "{", "do", "elif", "else", "if", "then", "until", "while"];

/// Shell options of wrappers that take a value (S-55).
fn takes_value(wrapper: &str, option: &str) -> bool {
    matches!(
        (wrapper, option),
        ("sudo", "-u" | "-g" | "-h" | "-p" | "-C")
            | ("env", "-u" | "--unset" | "-C" | "--chdir")
            | ("nice", "-n")
            | ("timeout", "-s" | "--signal" | "-k" | "--kill-after")
            | ("xargs", "-n" | "-I" | "-P" | "-L" | "-d" | "-s" | "-a")
            | ("stdbuf", "-i" | "-o" | "-e")
            | ("exec", "-a")
    )
}

impl Simple {
    /// A command that is not written in a shell.
    pub(crate) fn of(words: Vec<Word>) -> Self {
        Self { words, ..Self::default() }
    }

    /// The index of the word that is the program, wrappers and assignments passed over.
    pub(crate) fn program_at(&self) -> Option<usize> {
        let mut at = 0;
        let mut wrapper: Option<&'static str> = None;
        let mut wait_for_value = false;
        let mut wait_for_duration = false;
        loop {
            let word = self.words.get(at)?;
            let text = word.text.as_str();
            if wait_for_value {
                wait_for_value = false;
            } else if let (Some(wrapper), true) = (wrapper, text.starts_with('-')) {
                if wrapper == "command" {
                    // `command -v x` only asks whether there is one.
                    return None;
                }
                wait_for_value = takes_value(wrapper, text);
            } else if word.assignment().is_some()
                || (RESERVED.contains(&text) && word.raw == text && wrapper.is_none())
            {
            } else if wait_for_duration {
                wait_for_duration = false;
            } else if let Some(found) = wrapper_of(text) {
                wrapper = Some(found);
                wait_for_duration = found == "timeout";
            } else {
                return Some(at);
            }
            at += 1;
        }
    }

    /// The program's base name, without `.exe` and the like, and its arguments.
    pub(crate) fn program(&self) -> Option<(String, &[Word])> {
        let at = self.program_at()?;
        let name = base_name(&self.words.get(at)?.text);
        Some((name, self.words.get(at + 1..).unwrap_or_default()))
    }
}

fn wrapper_of(text: &str) -> Option<&'static str> {
    const WRAPPERS: [&str; 16] = [
        "busybox", "corepack", "doas", "ionice", "unbuffer", "sudo", "nohup", "exec", "timeout",
        "env", "nice", "time", "command", "xargs", "setsid", "stdbuf",
    ];
    let name = base_name(text);
    WRAPPERS.into_iter().find(|wrapper| *wrapper == name)
}

/// The last part of a program's path, without an extension that Windows adds.
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
